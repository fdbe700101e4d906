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
from nextflop.lab.selfplay.search.values import completed, estimates, following

Evaluate = Callable[[Float[Array, "rows planes height width"]], tuple[Array, Array]]
"""Observations → logits of shape (rows, actions) and values of shape (rows,), both in the mover's view."""

LOW = -1e9
"""Logit of an illegal action."""


class Searched(NamedTuple):
    """What a search found, for a batch of games.

    Attributes:
        action: to play, shape (games,).
        policy: improved, to learn from; shape (games, actions).
        prior: the network's own policy over the legal actions, likewise.
        visits: to every action, likewise.
        value: of the position, mean over its visits; shape (games,).
        gain: what the improved policy expects above the prior, by the search's values of actions; likewise.
        raw: the network's own value of the position; likewise.
        evaluations: positions that the network was asked for, those of queues that were not full included.
    """

    action: Int[Array, " games"]
    policy: Float[Array, "games actions"]
    prior: Float[Array, "games actions"]
    visits: Float[Array, "games actions"]
    value: Float[Array, " games"]
    gain: Float[Array, " games"]
    raw: Float[Array, " games"]
    evaluations: Int[Array, ""]


class _Nodes(NamedTuple):
    """Positions below the root, in the order in which they were searched: arrays (nodes, ...).

    A part writes its positions one after another, also those that turn out to be known or to be nobody's: what lies
    together is written at once. The last place takes what is written for nobody.
    """

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


def search_gumbel(
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
    logits = jnp.where(legal, logits - logits.max(-1, keepdims=True), LOW)
    chosen = jax.lax.top_k(jnp.where(legal, gumbel + logits, -jnp.inf), considered)[1]
    number = jnp.minimum(legal.sum(-1), considered)
    width, begins = (jnp.asarray(column)[number] for column in table)
    rows = jnp.arange(games)[:, None]
    part, steps = min(part, games * considered), width.shape[1]
    nobody = games * simulations + steps * part

    def spread(slots: _Slots) -> tuple[Array, Array]:
        """Visits and totals of all actions."""
        visits, total = (
            jnp.zeros((games, actions)).at[rows, chosen].set(one[:-1].reshape(games, considered))
            for one in (slots.visits, slots.total)
        )
        return visits, total

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
        slot = (rows * considered + order).reshape(-1)
        ends = -(-active.size // part) * part
        queue = jnp.nonzero(active, size=ends, fill_value=active.size)[0]
        slot = jnp.append(slot, games * considered)

        def work(carry: tuple[Array, _Nodes, _Slots]) -> tuple[Array, _Nodes, _Slots]:
            done, nodes, slots = carry
            pairs = jax.lax.dynamic_slice(queue, (done,), (part,))
            return done + part, *visit(nodes, slots, slot[pairs], made + done)

        done, nodes, slots = jax.lax.while_loop(
            lambda carry: carry[0] < active.sum(), work, (jnp.asarray(0), nodes, slots)
        )
        return place + 1, order, nodes, slots, made + done

    def visit(nodes: _Nodes, slots: _Slots, slot: Array, first: Array) -> tuple[_Nodes, _Slots]:
        """One simulation for every pair; the first new node's place is given."""
        real = slot < games * considered
        owner = jnp.minimum(slot // considered, games - 1)
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
        fresh, root, new = first + jnp.arange(part), at < 0, real & (below < 0)
        leaf = jnp.where(below >= 0, below, fresh)
        parent = jax.tree.map(
            lambda top, later: jnp.where(root.reshape(-1, *[1] * (top.ndim - 1)), top[owner], later[at]),
            states,
            nodes.state,
        )
        state = jax.vmap(game.play)(parent, action)
        over, can = jax.vmap(game.over)(state), jax.vmap(game.legal)(state)
        guess, value = evaluate(jax.vmap(game.observe)(state))
        sign = 1 - 2 * jax.vmap(game.mover)(state)
        value = jnp.where(over, jax.vmap(game.outcome)(state) * sign, value)

        def written(old: Array, new: Array) -> Array:
            return jax.lax.dynamic_update_slice_in_dim(old, new.astype(old.dtype), first, 0)

        nodes = nodes._replace(
            state=jax.tree.map(written, nodes.state, state),
            over=written(nodes.over, over),
            logits=written(nodes.logits, jnp.where(can, guess, LOW)),
            value=written(nodes.value, value),
            parent=written(nodes.parent, jnp.where(new, at, -1)),
            action=written(nodes.action, action),
            child=nodes.child.at[jnp.where(new & ~root, at, nobody), action].set(leaf),
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
            child=slots.child.at[jnp.where(new & root, slot, games * considered)].set(leaf),
            visits=slots.visits.at[slot].add(1.0),
            total=slots.total.at[slot].add(-worth),
        )
        return nodes._replace(visits=visits, total=total), slots

    nodes = _empty(states, nobody + 1, actions)
    slots = _Slots(
        jnp.full(games * considered + 1, -1), jnp.zeros(games * considered + 1), jnp.zeros(games * considered + 1)
    )
    order = jnp.broadcast_to(jnp.arange(considered), (games, considered))
    _, _, _, slots, made = jax.lax.while_loop(
        lambda carry: (carry[0] < steps) & (width[:, jnp.minimum(carry[0], steps - 1)] > 0).any(),
        step,
        (jnp.asarray(0), order, nodes, slots, jnp.asarray(0)),
    )
    visits, total = spread(slots)
    final = jnp.where(visits == visits.max(-1, keepdims=True), scores(slots), -jnp.inf)
    policy, prior = jax.nn.softmax(logits + completed(logits, raw, visits, total)), jax.nn.softmax(logits)
    gain = ((policy - prior) * estimates(prior, raw, visits, total)).sum(-1)
    value = (raw + total.sum(-1)) / (1 + visits.sum(-1))
    return Searched(final.argmax(-1).astype(jnp.int32), policy, prior, visits, value, gain, raw, games + made)


def _empty(states: Any, nodes: int, actions: int) -> _Nodes:
    none = jnp.zeros((nodes, actions))
    return _Nodes(
        jax.tree.map(lambda leaf: jnp.zeros((nodes, *leaf.shape[1:]), leaf.dtype), states),
        jnp.zeros(nodes, bool),
        none,
        jnp.zeros(nodes),
        jnp.full((nodes, actions), -1),
        none,
        none,
        jnp.full(nodes, -1),
        jnp.zeros(nodes, jnp.int32),
    )
