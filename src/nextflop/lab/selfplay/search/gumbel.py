"""Gumbel search: sequential halving over sampled root actions, each phase searched in few steps.

The search is that of Danihelka et al. 2022 (Policy improvement by planning with Gumbel, ICLR), with the set of the root
fixed when a phase begins, as published. What is searched at once are the pairs of a game and one of its considered
actions: their subtrees do not meet. A step's pairs lie in one queue that is worked off in parts of one size, so that
games with few legal actions, which need more steps of fewer pairs, cost no more than their simulations.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from nextflop.lab.selfplay.games.game import Game
from nextflop.lab.selfplay.search.halving import schedule
from nextflop.lab.selfplay.search.values import completed, following

Evaluate = Callable[[Float[Array, "rows planes height width"]], tuple[Array, Array]]
"""Observations → logits of shape (rows, actions) and values of shape (rows,), both in the mover's view."""

_LOW = -1e9  # logit of an illegal action


class Searched(NamedTuple):
    """What a search found, for a batch of games.

    Attributes:
        action: to play, shape (games,).
        policy: improved, to learn from; shape (games, actions).
        visits: to every action, likewise.
        value: of the position, mean over its visits; shape (games,).
        evaluations: positions that the network was asked for, those of queues that were not full included.
    """

    action: Int[Array, " games"]
    policy: Float[Array, "games actions"]
    visits: Float[Array, "games actions"]
    value: Float[Array, " games"]
    evaluations: Int[Array, ""]


class _Nodes(NamedTuple):
    """Positions below the root, and one more that takes what is written for nobody: arrays (nodes + 1, ...)."""

    state: Any
    over: Bool[Array, " nodes"]
    logits: Float[Array, "nodes actions"]
    value: Float[Array, " nodes"]
    child: Int[Array, "nodes actions"]
    visits: Float[Array, "nodes actions"]
    total: Float[Array, "nodes actions"]
    parent: Int[Array, " nodes"]
    action: Int[Array, " nodes"]


class _Slots(NamedTuple):
    """The considered actions of all games, and one more for nobody: arrays (games × considered + 1,)."""

    child: Int[Array, " slots"]
    visits: Float[Array, " slots"]
    total: Float[Array, " slots"]


def search(
    game: Game[Any],
    evaluate: Evaluate,
    states: Any,
    gumbel: Float[Array, "games actions"],
    simulations: int,
    considered: int = 16,
    part: int = 1024,
) -> Searched:
    """Searches from a batch of positions; those of games that are over cost nothing and mean nothing.

    Args:
        game: the rules; players take turns.
        evaluate: the network.
        states: positions, arrays with the games in front.
        gumbel: noise that samples the considered actions; zeros for play without chance.
        simulations: for each game.
        considered: actions at the root, at most.
        part: pairs that are searched at once.
    """
    games, actions = gumbel.shape
    considered = min(considered, actions, simulations)
    table, legal = schedule(simulations, considered), jax.vmap(game.legal)(states)
    logits, raw = evaluate(jax.vmap(game.observe)(states))
    logits = jnp.where(legal, logits - logits.max(-1, keepdims=True), _LOW)
    chosen = jax.lax.top_k(jnp.where(legal, gumbel + logits, -jnp.inf), considered)[1]
    number = jnp.minimum(legal.sum(-1), considered)
    width, begins, before = (jnp.asarray(column)[number] for column in table)
    rows = jnp.arange(games)[:, None]
    part = min(part, games * considered)

    def spread(slots: _Slots) -> tuple[Array, Array]:
        """Visits and totals of all actions."""
        return tuple(
            jnp.zeros((games, actions)).at[rows, chosen].set(one[:-1].reshape(games, considered))
            for one in (slots.visits, slots.total)
        )

    def scores(slots: _Slots) -> Array:
        return jnp.where(legal, gumbel + logits + completed(logits, raw, *spread(slots)), -jnp.inf)

    def ranked(slots: _Slots) -> Array:
        """Slots, the most visited first and among those the best."""
        visits = slots.visits[:-1].reshape(games, considered)
        score = jnp.where(visits == visits.max(-1, keepdims=True), scores(slots)[rows, chosen], -jnp.inf)
        return jnp.argsort(-score, axis=-1)

    def step(carry: tuple[Array, Array, _Nodes, _Slots, Array]) -> tuple[Array, Array, _Nodes, _Slots, Array]:
        place, order, nodes, slots, made = carry
        order = jnp.where(begins[:, place, None], ranked(slots), order)
        active = (jnp.arange(considered) < width[:, place, None]).reshape(-1)
        fresh = rows * simulations + before[:, place, None] + jnp.arange(considered)
        slot = (rows * considered + order).reshape(-1)
        ends = -(-active.size // part) * part
        queue = jnp.nonzero(active, size=ends, fill_value=active.size)[0]
        slot = jnp.append(slot, games * considered)
        fresh = jnp.append(fresh.reshape(-1), games * simulations)

        def work(carry: tuple[Array, _Nodes, _Slots]) -> tuple[Array, _Nodes, _Slots]:
            done, nodes, slots = carry
            pairs = jax.lax.dynamic_slice(queue, (done,), (part,))
            return done + part, *visit(nodes, slots, slot[pairs], fresh[pairs])

        done, nodes, slots = jax.lax.while_loop(lambda carry: carry[0] < active.sum(), work, (0, nodes, slots))
        return place + 1, order, nodes, slots, made + done

    def visit(nodes: _Nodes, slots: _Slots, slot: Array, fresh: Array) -> tuple[_Nodes, _Slots]:
        """One simulation for every pair."""
        real = slot < games * considered
        owner = jnp.minimum(slot // considered, games - 1)
        nobody = games * simulations
        at, action = jnp.full_like(slot, -1), chosen[owner, jnp.minimum(slot % considered, considered - 1)]
        below = jnp.where(real, slots.child[slot], -1)

        def inside(below: Array) -> Array:
            return (below >= 0) & ~nodes.over[below]

        def descend(carry: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
            at, action, below = carry
            going = inside(below)
            at = jnp.where(going, below, at)
            lag = following(nodes.logits[at], nodes.value[at], nodes.visits[at], nodes.total[at])
            action = jnp.where(going, lag.argmax(-1), action)
            return at, action, jnp.where(going, nodes.child[at, action], below)

        at, action, below = jax.lax.while_loop(
            lambda carry: inside(carry[2]).any(), descend, (at, action.astype(jnp.int32), below)
        )
        # A game that is over is visited again as it is; anything else is a new node.
        known = below >= 0
        leaf = jnp.where(known, below, jnp.where(real, fresh, nobody))
        root = at < 0
        parent = jax.tree.map(
            lambda first, later: jnp.where(root.reshape(-1, *[1] * (first.ndim - 1)), first[owner], later[at]),
            states,
            nodes.state,
        )
        state = jax.vmap(game.play)(parent, action)
        over, can = jax.vmap(game.over)(state), jax.vmap(game.legal)(state)
        guess, value = evaluate(jax.vmap(game.observe)(state))
        sign = 1 - 2 * jax.vmap(game.mover)(state)
        value = jnp.where(over, jax.vmap(game.outcome)(state) * sign, value)
        target = jnp.where(known, nobody, leaf)
        nodes = nodes._replace(
            state=jax.tree.map(lambda old, new: old.at[target].set(new), nodes.state, state),
            over=nodes.over.at[target].set(over),
            logits=nodes.logits.at[target].set(jnp.where(can, guess, _LOW)),
            value=nodes.value.at[target].set(value),
            parent=nodes.parent.at[target].set(at).at[nobody].set(-1),
            action=nodes.action.at[target].set(action),
            child=nodes.child.at[jnp.where(root, nobody, at), action].set(leaf),
        )
        worth = nodes.value[leaf]

        def back(carry: tuple[Array, Array, Array, Array]) -> tuple[Array, Array, Array, Array]:
            node, worth, visits, total = carry
            above, action = nodes.parent[node], nodes.action[node]
            going = above >= 0
            place = jnp.where(going, above, nobody)
            worth = jnp.where(going, -worth, worth)
            return (
                jnp.where(going, above, node),
                worth,
                visits.at[place, action].add(jnp.where(going, 1.0, 0.0)),
                total.at[place, action].add(jnp.where(going, worth, 0.0)),
            )

        _, worth, visits, total = jax.lax.while_loop(
            lambda carry: (nodes.parent[carry[0]] >= 0).any(), back, (leaf, worth, nodes.visits, nodes.total)
        )
        slots = _Slots(
            child=slots.child.at[jnp.where(root, slot, games * considered)].set(leaf),
            visits=slots.visits.at[slot].add(1.0),
            total=slots.total.at[slot].add(-worth),
        )
        return nodes._replace(visits=visits, total=total), slots

    nodes = _empty(states, games * simulations, actions)
    slots = _Slots(
        jnp.full(games * considered + 1, -1), jnp.zeros(games * considered + 1), jnp.zeros(games * considered + 1)
    )
    order = jnp.broadcast_to(jnp.arange(considered), (games, considered))
    steps = width.shape[1]
    _, _, _, slots, made = jax.lax.while_loop(
        lambda carry: (carry[0] < steps) & (width[:, jnp.minimum(carry[0], steps - 1)] > 0).any(),
        step,
        (0, order, nodes, slots, jnp.asarray(games)),
    )
    visits, total = spread(slots)
    final = jnp.where(visits == visits.max(-1, keepdims=True), scores(slots), -jnp.inf)
    policy = jax.nn.softmax(logits + completed(logits, raw, visits, total))
    value = (raw + total.sum(-1)) / (1 + visits.sum(-1))
    return Searched(final.argmax(-1).astype(jnp.int32), policy, visits, value, made)


def _empty(states: Any, nodes: int, actions: int) -> _Nodes:
    rows = nodes + 1
    none = jnp.zeros((rows, actions))
    return _Nodes(
        jax.tree.map(lambda leaf: jnp.zeros((rows, *leaf.shape[1:]), leaf.dtype), states),
        jnp.zeros(rows, bool),
        none,
        jnp.zeros(rows),
        jnp.full((rows, actions), -1),
        none,
        none,
        jnp.full(rows, -1),
        jnp.zeros(rows, jnp.int32),
    )
