"""The ledger's FLOP against the compiler's own count.

The compiler counts what the ledger leaves out by convention: normalisation, softmax, the loss, the optimiser. Those
cost a fixed number of operations for a channel, a score or a parameter, so their share falls as 1/width. At 32
channels, the smallest default size, it is 3% of a reading, a prompt and a generated token and 4 to 5% of a step; the
margins below leave a third on top. The ledger may never exceed the compiler: what it counts is really computed.
"""

from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
import pytest

from nextflop.lab.language import flops
from nextflop.lab.language.decode import start
from nextflop.lab.language.learner import Recipe, supervised_step
from nextflop.lab.language.transformer import Cache, Shape, Transformer
from nextflop.lab.learner import Learner
from nextflop.lab.reasoning.countdown import Countdown

GAME = Countdown()
SIZES = [(32, 2), (64, 2), (128, 2)]
BATCH = 64


def compiled_flop(function: Callable[..., object], *arguments: object) -> float:
    return eqx.filter_jit(function).lower(*arguments).compile().compiled.cost_analysis()["flops"]


def shaped(width: int, depth: int) -> tuple[Shape, Transformer]:
    shape = Shape(width, depth, GAME.vocabulary, GAME.context)
    return shape, Transformer.init(shape, jax.random.key(0))


def agrees(ledger: float, compiler: float, width: int, at_32: float) -> bool:
    return 0 <= compiler / ledger - 1 < at_32 * 32 / width


@pytest.mark.parametrize("size", SIZES)
def test_a_forward_pass(size: tuple[int, int]) -> None:
    shape, model = shaped(*size)
    tokens = jnp.zeros((BATCH, GAME.context), dtype=jnp.int32)
    compiler = compiled_flop(lambda model, tokens: model.logits(model.read(tokens)[0]), model, tokens)
    assert agrees(BATCH * flops.read_flop(shape, GAME.context), compiler, size[0], at_32=0.04)


@pytest.mark.parametrize("size", SIZES)
def test_a_supervised_step(size: tuple[int, int]) -> None:
    shape, model = shaped(*size)
    recipe = Recipe(1e-3)
    sequences = jnp.zeros((BATCH, GAME.context + 1), dtype=jnp.int32)
    compiler = compiled_flop(
        lambda learner, sequences: supervised_step(learner, sequences, GAME.prompt, recipe),
        Learner.init(model, recipe),
        sequences,
    )
    assert agrees(BATCH * flops.train_flop(shape, GAME.context, GAME.answer), compiler, size[0], at_32=0.065)


@pytest.mark.parametrize("size", SIZES)
def test_a_prompt_and_a_generated_token(size: tuple[int, int]) -> None:
    shape, model = shaped(*size)
    prompts = jnp.zeros((BATCH, GAME.prompt), dtype=jnp.int32)
    compiler = compiled_flop(lambda model, prompts: start(model, prompts, GAME.answer), model, prompts)
    assert agrees(BATCH * flops.prompt_flop(shape, GAME.prompt), compiler, size[0], at_32=0.04)

    # The compiler counts the body of a loop once, whatever its number of turns; so one turn is what is compared.
    room = (shape.depth, BATCH, GAME.prompt - 1 + GAME.answer, shape.heads, shape.width // shape.heads)
    cache = Cache(jnp.zeros(room), jnp.zeros(room))

    def one(model: Transformer, token: jax.Array, cache: Cache) -> tuple[jax.Array, Cache]:
        hidden, cache = model.read_one(token, jnp.asarray(GAME.prompt), cache)
        return model.logits(hidden), cache

    compiler = compiled_flop(one, model, prompts[:, 0], cache)
    ledger = BATCH * flops.sample_flop(shape, GAME.prompt, GAME.answer) / GAME.answer
    assert agrees(ledger, compiler, size[0], at_32=0.04)


def test_the_ledger_adds_up() -> None:
    shape = Shape(*SIZES[1], GAME.vocabulary, GAME.context)
    weights = shape.parameters["attention"] + shape.parameters["mlp"]
    # 2 FLOP a weight and token, an output matrix, and two products of width 64 with each of 16 positions in 2 layers.
    expected = GAME.context * (2 * weights + 2 * 2 * 16 * 64 * 2 + 2 * shape.parameters["embedding"])
    assert GAME.context == 16
    assert flops.read_flop(shape, GAME.context) == expected
    assert flops.train_flop(shape, 16, 12) == 3 * flops.read_flop(shape, 16, predicted=12)
    assert flops.sample_flop(shape, 5, 24) == pytest.approx(2 * (flops.sample_flop(shape, 5, 12)), rel=0.1)
