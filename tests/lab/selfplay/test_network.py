"""What a network counts as, and what a fresh one says."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from nextflop.errors import InputError
from nextflop.lab.selfplay.games.hex import Hex
from nextflop.lab.selfplay.network import KINDS, Network, Shape


def test_parameters_are_those_of_the_plan_for_hex_five() -> None:
    # Two blocks on 5 × 5: worked out by hand for widths 8 to 128.
    counts = [sum(Shape.of(Hex(5), width, 2).parameters.values()) for width in (8, 16, 32, 64, 128)]
    assert counts == [788, 1804, 4604, 13276, 42908]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("width", "depth"), [(1, 0), (6, 1), (16, 3)])
def test_the_count_by_role_is_that_of_the_arrays(kind: str, width: int, depth: int) -> None:
    network = Network.init(Shape.of(Hex(4), width, depth, kind), jax.random.key(0))
    counted = {
        "intake": network.intake,
        "blocks": (network.blocks, network.share),
        "policy": network.policy,
        "value": network.value,
    }
    for role, number in network.shape.parameters.items():
        assert sum(leaf.size for leaf in jax.tree.leaves(counted[role])) == number


@pytest.mark.parametrize("kind", KINDS)
def test_the_flop_are_those_that_the_compiler_counts(kind: str) -> None:
    shape = Shape.of(Hex(11), 32, 2, kind)
    network, seen = Network.init(shape, jax.random.key(0)), jnp.zeros((64, 2, 11, 11))
    cost = jax.jit(lambda seen: network(seen)).lower(seen).compile().cost_analysis()
    assert shape.flop * 64 == pytest.approx(cost["flops"], rel=0.1)


@pytest.mark.parametrize("kind", KINDS)
def test_a_fresh_network_has_no_opinion_and_its_shares_can_learn(kind: str) -> None:
    network = Network.init(Shape.of(Hex(5), 8, 2, kind), jax.random.key(1))
    seen = jax.random.bernoulli(jax.random.key(2), 0.3, (7, 2, 5, 5)).astype(jnp.float32)
    logits, value = network(seen)
    assert logits.shape == (7, 25)
    assert value.shape == (7,)
    assert not np.any(logits)
    assert not np.any(value)

    def loss(network: Network) -> jax.Array:
        logits, value = network(seen)
        return -jax.nn.log_softmax(logits)[:, 3].mean() + ((value - 1) ** 2).mean()

    for _ in range(3):  # heads first, then the shares, then what they let through
        gradient = eqx.filter_grad(loss)(network)
        network = eqx.apply_updates(network, jax.tree.map(lambda part: -0.1 * part, gradient))
    assert all(np.any(leaf) for leaf in jax.tree.leaves(eqx.filter(gradient, eqx.is_array)))
    assert loss(network) < loss(Network.init(network.shape, jax.random.key(1)))


def test_a_shape_that_cannot_be_built_is_refused() -> None:
    for kind, width, depth in (("lstm", 8, 2), ("mlp", 0, 2), ("conv", 8, -1)):
        with pytest.raises(InputError, match="cannot be built"):
            Shape.of(Hex(5), width, depth, kind)
