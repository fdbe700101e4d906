"""A game so small that everything about it can be enumerated, and a policy that is right about half of the time."""

import os
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import pytest

from nextflop.lab.language.learner import Recipe, supervised_step
from nextflop.lab.language.transformer import Shape, Transformer
from nextflop.lab.learner import Learner, step_key
from nextflop.lab.reasoning.countdown import Countdown
from nextflop.lab.reasoning.teacher import demonstrate

# Programs here run for milliseconds and compile for seconds: less of LLVM's optimisation, the same operations.
jax.config.update("jax_disable_most_optimizations", True)
if jax.__version_info__ < (0, 11):  # XLA ends a process for a flag that it does not know, as a later one may not
    with pytest.MonkeyPatch.context() as patch:  # for this process: what tests start compiles as users do
        patch.setenv("XLA_FLAGS", f"{os.environ.get('XLA_FLAGS', '')} --xla_cpu_use_fusion_emitters=false")
        jax.devices()  # reads the flags


def pytest_configure(config: pytest.Config) -> None:
    """Keeps what was compiled, for the other worker and for the next time: half of what these tests take."""
    if hasattr(config, "cache"):  # not under -p no:cacheprovider
        jax.config.update("jax_compilation_cache_dir", str(config.cache.mkdir("xla")))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
        jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)


class Played(NamedTuple):
    """A game, its hands, and a policy that has seen some demonstrations of it."""

    game: Countdown
    hands: jax.Array
    model: Transformer


def taught(game: Countdown, width: int, steps: int) -> Played:
    hands, recipe = jnp.asarray(game.hands), Recipe(rate=3e-3, warmup=10)
    learner = Learner.init(
        eqx.filter_jit(Transformer.init)(Shape(width, 1, game.vocabulary, game.context), jax.random.key(0)), recipe
    )

    @eqx.filter_jit
    def teach(learner: Learner) -> Learner:
        arrays, static = eqx.partition(learner, eqx.is_array)

        def body(step: jax.Array, arrays: Learner) -> Learner:
            sequences = demonstrate(game, hands, step_key(0, 0, step), 128)
            after, _ = supervised_step(eqx.combine(arrays, static), sequences, game.prompt, recipe)
            return eqx.filter(after, eqx.is_array)

        return eqx.combine(jax.lax.fori_loop(0, steps, body, arrays), static)

    return Played(game, hands, teach(learner).model)


@pytest.fixture(scope="session")
def two_numbers() -> Played:
    """Answers of one step, 4 tokens out of 10."""
    return taught(Countdown(numbers=2, largest=4, highest=5), width=16, steps=30)


@pytest.fixture(scope="session")
def three_numbers() -> Played:
    """Answers of two steps."""
    return taught(Countdown(numbers=3, largest=3, highest=9), width=16, steps=60)
