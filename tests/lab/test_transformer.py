"""The network: its parameters, its gradients, what it may see, and generation with a cache."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from nextflop.errors import InputError
from nextflop.lab.language.decode import generate, start
from nextflop.lab.language.learner import Recipe, answer_losses, supervised_step
from nextflop.lab.language.transformer import Cache, Shape, Transformer
from nextflop.lab.learner import Learner, step_key
from nextflop.lab.reasoning.reinforce import surrogate

SHAPE = Shape(width=24, depth=2, vocabulary=11, context=9)
PROMPT = 4


@pytest.fixture(scope="module")
def model() -> Transformer:
    """Random weights, gains and positions well away from their initial values so that each of them matters."""
    leaves, tree = jax.tree.flatten(init(SHAPE, jax.random.key(0)))
    keys = jax.random.split(jax.random.key(1), len(leaves))
    return jax.tree.unflatten(
        tree, [leaf + 0.3 * jax.random.normal(key, leaf.shape) for leaf, key in zip(leaves, keys, strict=True)]
    )


@pytest.fixture(scope="module")
def tokens() -> jax.Array:
    return jax.random.randint(jax.random.key(2), (5, SHAPE.context), 0, SHAPE.vocabulary)


init = eqx.filter_jit(Transformer.init)


@eqx.filter_jit
def logits_of(model: Transformer, tokens: jax.Array) -> jax.Array:
    return model.logits(model.read(tokens)[0])


@pytest.mark.parametrize("size", [(2, 1), (24, 2), (32, 3), (96, 2)])
def test_parameters_by_role_are_those_of_the_arrays(size: tuple[int, int]) -> None:
    shape = Shape(*size, vocabulary=13, context=7)
    model = eqx.filter_eval_shape(Transformer.init, shape, jax.random.key(0))
    arrays = {
        "embedding": [model.embedding],
        "position": [model.position],
        "attention": [w for block in model.blocks for w in (block.qkv, block.out)],
        "mlp": [w for block in model.blocks for w in (block.up, block.down)],
        "norm": [model.norm, *(w for block in model.blocks for w in (block.norm_attention, block.norm_mlp))],
    }
    assert {role: sum(array.size for array in group) for role, group in arrays.items()} == shape.parameters
    assert sum(leaf.size for leaf in jax.tree.leaves(model)) == sum(shape.parameters.values())


def test_there_is_a_head_for_every_32_channels_and_at_least_two() -> None:
    assert [Shape(width, 1, 5, 5).heads for width in (2, 32, 64, 128, 256)] == [2, 2, 2, 4, 8]


@pytest.mark.parametrize("size", [(0, 1), (1, 1), (33, 2), (100, 2), (32, 0), (-32, 2)])
def test_a_size_that_cannot_be_built_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(InputError, match=f"size {size[0]}x{size[1]} cannot be built: give a depth of 1 or more"):
        Shape(*size, vocabulary=5, context=5)


@pytest.mark.parametrize("objective", ["supervised", "surrogate"])
def test_gradients_equal_finite_differences(objective: str) -> None:
    # In float64 a central difference errs by h²/6 of a third derivative up to 1e4 and by 1e-15 / h of rounding: at
    # h = 1e-6 both are about 1e-9.
    with jax.enable_x64(True):
        model = init(SHAPE, jax.random.key(0))
        sequences = jax.random.randint(jax.random.key(2), (3, SHAPE.context + 1), 0, SHAPE.vocabulary)
        weights = jnp.array([0.7, -1.3, 0.4])

        @eqx.filter_jit
        def loss(model: Transformer) -> jax.Array:
            if objective == "surrogate":
                return surrogate(model, sequences, weights, PROMPT)[0]
            return answer_losses(model, sequences, PROMPT).mean()

        gradient = eqx.filter_jit(eqx.filter_grad(loss))(model)
        leaves, tree = jax.tree.flatten(model)
        assert all(leaf.dtype == jnp.float64 for leaf in leaves)
        rng, h = np.random.default_rng(0), 1e-6
        for place, (leaf, slope) in enumerate(zip(leaves, jax.tree.leaves(gradient), strict=True)):
            along = jnp.asarray(rng.normal(size=leaf.shape))
            ends = [
                loss(jax.tree.unflatten(tree, [*leaves[:place], leaf + move * along, *leaves[place + 1 :]]))
                for move in (h, -h)
            ]
            assert float((ends[0] - ends[1]) / (2 * h)) == pytest.approx(
                float((slope * along).sum()), rel=1e-7, abs=2e-8
            )
            assert float(jnp.abs(slope).max()) > 1e-3  # nothing is untouched


def test_a_later_token_never_changes_an_earlier_output(model: Transformer, tokens: jax.Array) -> None:
    before = np.asarray(logits_of(model, tokens))
    for place in range(SHAPE.context):
        other = tokens.at[:, place].set((tokens[:, place] + 1) % SHAPE.vocabulary)
        after = np.asarray(logits_of(model, other))
        np.testing.assert_array_equal(after[:, :place], before[:, :place])
        # Every output from there on sees it.
        assert (np.abs(after - before).max(axis=-1)[:, place:] > 1e-4).all()


def test_reading_token_by_token_equals_reading_at_once(model: Transformer, tokens: jax.Array) -> None:
    batch, time = tokens.shape
    whole, cache_of_whole = eqx.filter_jit(Transformer.read)(model, tokens)
    room = (SHAPE.depth, batch, time + 3, SHAPE.heads, SHAPE.width // SHAPE.heads)
    cache = Cache(jnp.full(room, 50.0), jnp.full(room, -50.0))  # what has not been read yet must not be seen
    read_one = eqx.filter_jit(Transformer.read_one)
    for at in range(time):
        hidden, cache = read_one(model, tokens[:, at], jnp.asarray(at), cache)
        # The same float32 sums in another order: some tens of roundings of 6e-8 of values up to 10.
        np.testing.assert_allclose(hidden, whole[:, at], rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(cache.keys[:, :, :time], cache_of_whole.keys, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(cache.values[:, :, :time], cache_of_whole.values, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("temperature", [1.0, 0.25])
def test_generated_log_probabilities_equal_those_of_a_full_reading(
    model: Transformer, tokens: jax.Array, temperature: float
) -> None:
    length, samples = SHAPE.context + 1 - PROMPT, 3
    rolled = eqx.filter_jit(generate)(model, tokens[:, :PROMPT], jax.random.key(5), length, samples, temperature)
    prompts = jnp.repeat(tokens[:, :PROMPT], samples, axis=0)
    sequences = jnp.concatenate([prompts, rolled.tokens], axis=1)
    expected = -answer_losses(model, sequences, PROMPT)
    np.testing.assert_allclose(rolled.log_probs, expected, rtol=1e-4, atol=1e-4)
    assert len({tuple(row) for row in rolled.tokens.tolist()}) > 5  # samples differ


def test_the_lowest_temperature_takes_the_likeliest_token(model: Transformer, tokens: jax.Array) -> None:
    rolled = eqx.filter_jit(generate)(model, tokens[:, :PROMPT], jax.random.key(5), 4, 2, 1e-6)
    sequences = tokens[:, :PROMPT]
    for _ in range(4):
        sequences = jnp.concatenate([sequences, logits_of(model, sequences)[:, -1:].argmax(axis=-1)], axis=1)
    np.testing.assert_array_equal(rolled.tokens, jnp.repeat(sequences[:, PROMPT:], 2, axis=0))


def test_a_started_reading_has_room_for_what_will_be_generated(model: Transformer, tokens: jax.Array) -> None:
    reading = eqx.filter_eval_shape(start, model, tokens[:, :PROMPT], 6)
    assert reading.cache.keys.shape == (SHAPE.depth, 5, PROMPT - 1 + 6, SHAPE.heads, SHAPE.width // SHAPE.heads)
    assert reading.pending.shape == (5,)


@pytest.mark.parametrize("width", [2, 64])
def test_the_rate_warms_up_and_falls_with_the_width(width: int) -> None:
    # Adam's first steps along an unchanging gradient move every weight by the rate itself, whatever the gradient.
    recipe, shape = Recipe(rate=1e-2, warmup=4, decay=0.0), Shape(width, 1, 5, 4)
    learner = Learner.init(init(shape, jax.random.key(0)), recipe)
    gradient, update = jax.tree.map(jnp.ones_like, learner.model), eqx.filter_jit(Learner.update)
    for step in range(7):
        before = learner.model
        learner = update(learner, gradient, recipe)
        moved = [
            float(jnp.abs(a - b).mean()) for a, b in zip(*map(jax.tree.leaves, (learner.model, before)), strict=True)
        ]
        expected = 1e-2 * 64 / width * min(1, (step + 1) / 4)
        assert moved == pytest.approx([expected] * len(moved), rel=1e-3)  # of float32 differences of weights near 1


def test_training_on_one_batch_learns_it_by_heart(model: Transformer) -> None:
    recipe = Recipe(rate=1e-3, warmup=5)
    sequences = jax.random.randint(jax.random.key(3), (8, SHAPE.context + 1), 0, SHAPE.vocabulary)
    learner, losses = Learner.init(model, recipe), []
    step = eqx.filter_jit(supervised_step)
    for _ in range(60):
        learner, loss = step(learner, sequences, PROMPT, recipe)
        losses.append(float(loss))
    assert losses[0] > np.log(SHAPE.vocabulary) / 2
    assert losses[-1] < 0.2 * losses[0]
    # The loss that a step returns is that of the network before the step.
    assert losses[0] == pytest.approx(float(answer_losses(model, sequences, PROMPT).mean()), rel=1e-5)


def test_keys_differ_by_seed_stream_and_step_and_come_back() -> None:
    places = [(seed, stream, step) for seed in (0, 1, 2) for stream in (0, 1, 2) for step in (0, 1, 2)]
    keys = [tuple(jax.random.key_data(step_key(*place)).tolist()) for place in places]
    assert len(set(keys)) == len(places)
    assert keys == [tuple(jax.random.key_data(step_key(*place)).tolist()) for place in places]
    traced = jax.jit(step_key, static_argnums=(0, 1))(2, 1, 2)
    assert tuple(jax.random.key_data(traced).tolist()) == keys[places.index((2, 1, 2))]
