"""PUCT, the search of AlphaZero: the child with the largest sum of value and share of the prior, one visit at a time.

Silver et al. 2018 (A general reinforcement learning algorithm that masters chess, shogi, and Go through self-play,
doi:10.1126/science.aar6404), as in the pseudocode published with it: with N visits to a node, the one that made it
among them, and n to a child of prior p and value q, the next visit goes to the largest

    (q + 1) / 2 + (c_init + log((N + c_base + 1) / c_base)) √N p / (n + 1),

an action that was never tried counting as lost. Values are from -1 to 1 here and 0 to 1 there, so they are halved. One
simulation needs what the last has found: games are searched beside one another, but none ahead of itself.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from nextflop.lab.selfplay.games.game import Game
from nextflop.lab.selfplay.search.gumbel import LOW, Evaluate, Searched
from nextflop.lab.selfplay.search.regularised import regularised, strength
from nextflop.lab.selfplay.search.search import Search
from nextflop.lab.selfplay.search.values import estimates

Some = Array | np.ndarray


class Conclusion(NamedTuple):
    """What follows from the visits, as NumPy or JAX has the arrays; the fields are those of `engines.engine.Found`."""

    action: Int[Some, " games"]
    policy: Float[Some, "games actions"]
    prior: Float[Some, "games actions"]
    visits: Float[Some, "games actions"]
    value: Float[Some, " games"]
    gain: Float[Some, " games"]
    raw: Float[Some, " games"]


def priors(logits: Float[Some, "*batch actions"], legal: Bool[Some, "*batch actions"]) -> Float[Some, "*batch actions"]:
    """The network's policy over the legal actions; nothing is certain where there are none."""
    xp = logits.__array_namespace__()
    shown = xp.where(legal, logits, LOW)
    odds = xp.exp(shown - shown.max(-1, keepdims=True)) * legal
    return odds / xp.maximum(odds.sum(-1, keepdims=True), 1.0)


def conclude(
    search: Search,
    legal: Bool[Some, "games actions"],
    prior: Float[Some, "games actions"],
    rooted: Float[Some, "games actions"],
    raw: Float[Some, " games"],
    visits: Float[Some, "games actions"],
    total: Float[Some, "games actions"],
) -> Conclusion:
    """Policy and action from the visits of the root.

    The policy of "puct" is the share of the visits, and its action the most visited, among equals the one worth most;
    that of "regularised" is what those visits approach, and its action the likeliest.

    Args:
        search: how the positions were searched.
        legal: what the mover may do.
        prior: the network's policy.
        rooted: the same with the noise that it was searched with.
        raw: the network's values.
        visits: to each action.
        total: the sums of the values that they brought.
    """
    xp, count = visits.__array_namespace__(), visits.sum(-1)
    q = total / xp.maximum(visits, 1.0)
    if search.kind == "regularised":
        weight = strength(constant(search, 1 + count), count, legal.sum(-1)).astype(prior.dtype)
        policy = regularised(rooted, xp.where(visits > 0, (q + 1) / 2, 0.0), weight[:, None])
        action = policy.argmax(-1)
    else:
        policy = visits / count[:, None]
        action = xp.where(visits == visits.max(-1, keepdims=True), q, -xp.inf).argmax(-1)
    gain = ((policy - prior) * estimates(prior, raw, visits, total)).sum(-1)
    return Conclusion(action.astype(xp.int32), policy, prior, visits, (raw + total.sum(-1)) / (1 + count), gain, raw)


def constant(search: Search, visits: Float[Some, "*batch"]) -> Float[Some, "*batch"]:
    """The c of a node, which rises slowly with the visits to it."""
    return search.init + visits.__array_namespace__().log((visits + search.base + 1) / search.base)


class _Nodes(NamedTuple):
    """The trees: arrays (games, 1 + simulations, ...), the root of each game first."""

    state: Any
    over: Bool[Array, "games nodes"]
    prior: Float[Array, "games nodes actions"]
    legal: Bool[Array, "games nodes actions"]
    value: Float[Array, "games nodes"]
    child: Int[Array, "games nodes actions"]
    visits: Float[Array, "games nodes actions"]
    total: Float[Array, "games nodes actions"]
    parent: Int[Array, "games nodes"]
    action: Int[Array, "games nodes"]


def search_puct(
    game: Game[Any], evaluate: Evaluate, states: Any, noise: Float[Array, "games actions"], search: Search
) -> Searched:
    """Searches from a batch of positions; those of games that are over mean nothing.

    Args:
        game: the rules; players take turns.
        evaluate: the network.
        states: positions, arrays with the games in front.
        noise: of the roots, as `Search.noise` gives it; zeros for play without chance.
        search: how.
    """
    games, actions = noise.shape
    rows, size = jnp.arange(games), 1 + search.simulations

    def asked(states: Any) -> tuple[Array, Array, Array, Array]:
        """Whether games are over, what is legal, priors and values."""
        logits, value = evaluate(jax.vmap(game.observe)(states))
        over, legal = jax.vmap(game.over)(states), jax.vmap(game.legal)(states)
        ended = jax.vmap(game.outcome)(states) * (1 - 2 * jax.vmap(game.mover)(states))
        return over, legal, jnp.asarray(priors(logits, legal)), jnp.where(over, ended, value)

    def written(nodes: _Nodes, place: Any, states: Any) -> _Nodes:
        """The trees with one more node each."""
        over, legal, prior, value = asked(states)
        return nodes._replace(
            state=jax.tree.map(lambda old, new: old.at[:, place].set(new), nodes.state, states),
            over=nodes.over.at[:, place].set(over),
            legal=nodes.legal.at[:, place].set(legal),
            prior=nodes.prior.at[:, place].set(prior),
            value=nodes.value.at[:, place].set(value),
        )

    def best(nodes: _Nodes, at: Array) -> Array:
        visits, total = nodes.visits[rows, at], nodes.total[rows, at]
        count = 1 + visits.sum(-1, keepdims=True)
        worth = jnp.where(visits > 0, (total / jnp.maximum(visits, 1.0) + 1) / 2, 0.0)
        score = worth + constant(search, count) * jnp.sqrt(count) * nodes.prior[rows, at] / (visits + 1)
        return jnp.where(nodes.legal[rows, at], score, -jnp.inf).argmax(-1).astype(jnp.int32)

    def visit(place: Array, nodes: _Nodes) -> _Nodes:
        """One simulation of every game."""

        def inside(below: Array) -> Array:
            return (below >= 0) & ~nodes.over[rows, below]

        def descend(carry: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
            at, action, below = carry
            going = inside(below)
            at = jnp.where(going, below, at)
            action = jnp.where(going, best(nodes, at), action)
            return at, action, jnp.where(going, nodes.child[rows, at, action], below)

        root = jnp.zeros_like(rows)
        action = best(nodes, root)
        at, action, below = jax.lax.while_loop(
            lambda carry: inside(carry[2]).any(), descend, (root, action, nodes.child[rows, root, action])
        )
        # A game that is over is visited again as it is; its place in this simulation stays nobody's child.
        leaf = jnp.where(below >= 0, below, place)
        parent = jax.tree.map(lambda one: one[rows, at], nodes.state)
        nodes = written(nodes, place, jax.vmap(game.play)(parent, action))
        nodes = nodes._replace(
            child=nodes.child.at[rows, at, action].set(leaf),
            parent=nodes.parent.at[:, place].set(at),
            action=nodes.action.at[:, place].set(action),
        )

        def back(carry: tuple[Array, Array, Array, Array]) -> tuple[Array, Array, Array, Array]:
            node, worth, visits, total = carry
            above, action, going = nodes.parent[rows, node], nodes.action[rows, node], node > 0
            worth = jnp.where(going, -worth, worth)
            return (
                jnp.where(going, above, 0),
                worth,
                visits.at[rows, above, action].add(jnp.where(going, 1.0, 0.0)),
                total.at[rows, above, action].add(jnp.where(going, worth, 0.0)),
            )

        _, _, visits, total = jax.lax.while_loop(
            lambda carry: (carry[0] > 0).any(), back, (leaf, nodes.value[rows, leaf], nodes.visits, nodes.total)
        )
        return nodes._replace(visits=visits, total=total)

    none = jnp.zeros((games, size, actions))
    nodes = _Nodes(
        jax.tree.map(lambda leaf: jnp.zeros((games, size, *leaf.shape[1:]), leaf.dtype), states),
        jnp.zeros((games, size), bool),
        none,
        none.astype(bool),
        jnp.zeros((games, size)),
        jnp.full((games, size, actions), -1, jnp.int32),
        none,
        none,
        jnp.zeros((games, size), jnp.int32),
        jnp.zeros((games, size), jnp.int32),
    )
    nodes = written(nodes, 0, states)
    legal, prior = nodes.legal[:, 0], nodes.prior[:, 0]
    rooted = search.rooted(prior, noise)
    nodes = nodes._replace(prior=nodes.prior.at[:, 0].set(rooted))
    nodes = jax.lax.fori_loop(1, size, visit, nodes)
    found = conclude(search, legal, prior, rooted, nodes.value[:, 0], nodes.visits[:, 0], nodes.total[:, 0])
    return Searched(**found._asdict(), evaluations=jnp.asarray(games * size))
