"""What this machine is and how fast it trains, asked of the worker processes that will do the work."""

import os
import platform
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from nextflop.evidence.files import Json

TIMED_STEPS = 8


class Machine(NamedTuple):
    """The machine, in words for the record.

    Attributes:
        processor: the model of the processor.
        cores: cores that this process may use.
        backend: what JAX computes on: "cpu", "gpu" or "tpu".
        device: the accelerator's own name, or the processor's again.
        python, jax: versions.
    """

    processor: str
    cores: int
    backend: str
    device: str
    python: str
    jax: str


def describe(cores: int) -> Machine:
    """Describes the machine; starts JAX, so call it in a worker.

    Args:
        cores: cores of the study's own process; the worker may be pinned to one of them.
    """
    import jax

    processor = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [
            line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")
        ]
        processor = names[0] if names else processor
    return Machine(
        processor=processor,
        cores=cores,
        backend=jax.default_backend(),
        device=jax.devices()[0].device_kind,
        python=platform.python_version(),
        jax=jax.__version__,
    )


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def time_steps(game: Json, sizes: Sequence[tuple[int, int]], batch: int) -> tuple[float, ...]:
    """Seconds of one supervised step of each size, the better of two short series, compilation apart.

    The steps run in the very loop of training: called one by one, they would pay anew for their memory each time.
    """
    import jax
    import jax.numpy as jnp

    from nextflop.lab.language.learner import Recipe, supervised_step
    from nextflop.lab.language.transformer import Shape, Transformer
    from nextflop.lab.learner import Learner, step_key
    from nextflop.lab.loop import steps
    from nextflop.lab.reasoning.countdown import Countdown
    from nextflop.lab.reasoning.teacher import demonstrate

    rules, recipe = Countdown(**game), Recipe(1e-3)
    hands = jnp.asarray(rules.hands)

    def step(learner: Learner, number: jax.Array) -> tuple[Learner, dict[str, jax.Array]]:
        sequences = demonstrate(rules, hands, step_key(0, 1, number), batch)
        learner, loss = supervised_step(learner, sequences, rules.prompt, recipe)
        return learner, {"loss": loss}

    seconds = []
    for width, depth in sizes:
        shape = Shape(width, depth, rules.vocabulary, rules.context)
        learner = Learner.init(Transformer.init(shape, step_key(0, 0, 0)), recipe)
        series = []
        for number in (1, TIMED_STEPS, TIMED_STEPS):
            clock = time.perf_counter()
            learner = jax.block_until_ready(steps(step)(learner, 0, number))[0]
            series.append((time.perf_counter() - clock) / number)
        seconds.append(min(series[1:]))
    return tuple(seconds)
