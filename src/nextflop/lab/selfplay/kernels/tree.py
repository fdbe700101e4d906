"""The trees of many games, one simulation after another, up to the positions that the network must be asked for.

An unvisited action of a position counts as much as the mixed value, so among those the likeliest is next, and only the
visited ones need an exponential each (`search.values.following`, which says what is computed).
"""

import math
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float32, Int16, Int64

from nextflop.lab.selfplay.kernels import rules as games
from nextflop.lab.selfplay.kernels.kernel import lean
from nextflop.lab.selfplay.kernels.position import OVER, copy
from nextflop.lab.selfplay.kernels.rules import Rules
from nextflop.lab.selfplay.search.values import LEAST, VALUE_SCALE, VISIT_OFFSET

GONE = -1.0  # likelihood of what is illegal or has a node already
UNREAD = -2  # in the place of the likeliest action, where nobody has come through the node
TINY = float(np.finfo(np.float32).tiny)


class Tree(NamedTuple):
    """Nodes below the roots; those of a game lie together, `simulations` a game.

    Attributes:
        made: nodes of each game.
        slots: the node of each considered action of a root, -1 before its first visit.
        position: the game at the node.
        open: likelihood of every action that has no node yet; `GONE` of the others. Logits where `next` is `UNREAD`.
        next: the likeliest of those, -1 if there is none.
        raw: the network's value, or how the game ended, in the view of the node's mover.
        parent: -1 below the root.
        action: that led here.
        share: the likelihood that the parent gave it.
        visits: to the node.
        total: the sum of the values that they brought, in the view of the parent's mover.
        first: the last made of its children, -1 if there is none.
        later: the child of the same parent that was made before, likewise.
        allowed: what is legal at the node at hand.
    """

    made: Int64[np.ndarray, " games"]
    slots: Int64[np.ndarray, "games considered"]
    position: Int16[np.ndarray, "nodes numbers"]
    open: Float32[np.ndarray, "nodes actions"]
    next: Int64[np.ndarray, " nodes"]
    raw: Float32[np.ndarray, " nodes"]
    parent: Int64[np.ndarray, " nodes"]
    action: Int64[np.ndarray, " nodes"]
    share: Float32[np.ndarray, " nodes"]
    visits: Int64[np.ndarray, " nodes"]
    total: Float32[np.ndarray, " nodes"]
    first: Int64[np.ndarray, " nodes"]
    later: Int64[np.ndarray, " nodes"]
    allowed: Bool[np.ndarray, " actions"]


def plant(rules: Rules, games: int, considered: int, simulations: int) -> Tree:
    """Room for the nodes of so many searches."""
    nodes = games * simulations
    return Tree(
        made=np.zeros(games, np.int64),
        slots=np.full((games, considered), -1, np.int64),
        position=np.empty((nodes, rules.numbers), np.int16),
        open=np.empty((nodes, rules.actions), np.float32),
        next=np.empty(nodes, np.int64),
        raw=np.empty(nodes, np.float32),
        parent=np.empty(nodes, np.int64),
        action=np.empty(nodes, np.int64),
        share=np.empty(nodes, np.float32),
        visits=np.zeros(nodes, np.int64),
        total=np.zeros(nodes, np.float32),
        first=np.full(nodes, -1, np.int64),
        later=np.empty(nodes, np.int64),
        allowed=np.empty(rules.actions, bool),
    )


@lean
def select(tree: Tree, node: int) -> int:
    """The child of a node that is visited next; -1 for the likeliest of the actions that have none yet."""
    child, children, most = tree.first[node], 0, 0
    if child < 0:
        return -1
    rest, low, high, weight, mean = 1.0, np.inf, -np.inf, 0.0, 0.0
    while child >= 0:
        q, share = tree.total[child] / tree.visits[child], max(tree.share[child], TINY)
        low, high, most, children = min(low, q), max(high, q), max(most, tree.visits[child]), children + 1
        weight, mean, rest = weight + share, mean + share * q, rest - share
        child = tree.later[child]
    count, unvisited = tree.visits[node] - 1, tree.next[node]
    mixed = (tree.raw[node] + count * mean / weight) / (count + 1)
    if children < tree.open.shape[1]:  # illegal actions too stand at the mixed value
        low, high = min(low, mixed), max(high, mixed)
    scale = (VISIT_OFFSET + most) * VALUE_SCALE / max(high - low, LEAST)
    new = math.exp(scale * (mixed - high)) if unvisited >= 0 else 0.0
    norm, child = max(rest, 0.0) * new, tree.first[node]
    while child >= 0:
        norm += tree.share[child] * math.exp(scale * (tree.total[child] / tree.visits[child] - high))
        child = tree.later[child]
    best, chosen, action = -np.inf, -1, tree.open.shape[1]
    if unvisited >= 0:
        best, action = tree.open[node, unvisited] * new / norm, unvisited
    child = tree.first[node]
    while child >= 0:
        likely = tree.share[child] * math.exp(scale * (tree.total[child] / tree.visits[child] - high)) / norm
        lag = likely - tree.visits[child] / (count + 1)
        if lag > best or (lag == best and tree.action[child] < action):
            best, chosen, action = lag, child, tree.action[child]
        child = tree.later[child]
    return chosen


@lean
def grow(rules: Rules, tree: Tree, game: int, parent: int, before: Int16[np.ndarray, " numbers"], action: int) -> int:
    """A new node: the position after an action, which the parent no longer has open."""
    node = game * (tree.open.shape[0] // tree.made.size) + tree.made[game]
    tree.made[game] += 1
    position = tree.position[node]
    copy(before, position)
    games.play(rules, position, action)
    tree.parent[node], tree.action[node] = parent, action
    if parent >= 0:
        tree.share[node], tree.later[node], tree.first[parent] = tree.open[parent, action], tree.first[parent], node
        tree.open[parent, action] = GONE
        tree.next[parent] = likeliest(tree.open[parent])
    if position[OVER]:
        tree.raw[node] = games.outcome(position)
    return node


@lean
def expand(rules: Rules, tree: Tree, game: int, node: int) -> int:
    """A new node: the position after the likeliest action of a node that has none yet."""
    if tree.next[node] == UNREAD:
        understand(rules, tree, node)
    return grow(rules, tree, game, node, tree.position[node], tree.next[node])


@lean
def understand(rules: Rules, tree: Tree, node: int) -> None:
    """Makes likelihoods of a node's logits; most nodes are never come through, and need none."""
    allowed, shares, top, norm = tree.allowed, tree.open[node], np.float32(-np.inf), np.float32(0.0)
    games.legal(rules, tree.position[node], allowed)
    for action in range(shares.size):
        if allowed[action]:
            top = max(top, shares[action])
    for action in range(shares.size):
        shares[action] = math.exp(shares[action] - top) if allowed[action] else GONE
        norm += max(shares[action], np.float32(0.0))
    for action in range(shares.size):
        if allowed[action]:
            shares[action] /= norm
    tree.next[node] = likeliest(shares)


@lean
def likeliest(shares: Float32[np.ndarray, " actions"]) -> int:
    """The action of the largest share, -1 if all are gone."""
    best, place = GONE, -1
    for action in range(shares.size):
        if shares[action] > best:
            best, place = shares[action], action
    return place


@lean
def back(tree: Tree, node: int) -> None:
    """Counts a visit to a node, and to all above it."""
    worth = tree.raw[node]
    while node >= 0:
        worth = -worth
        tree.visits[node] += 1
        tree.total[node] += worth
        node = tree.parent[node]


@lean
def settled(tree: Tree, node: int) -> int:
    """The node that a simulation ends at if the network must be asked for it; -1 if it is over: a visit as it is."""
    if tree.position[node, OVER]:
        back(tree, node)
        return -1
    return node


@lean
def visit(rules: Rules, tree: Tree, game: int, slot: int, root: Int16[np.ndarray, " numbers"], action: int) -> int:
    """One simulation below an action of the root: the new node that the network must be asked for, or -1."""
    node = tree.slots[game, slot]
    if node < 0:
        node = tree.slots[game, slot] = grow(rules, tree, game, node, root, action)
    else:
        while not tree.position[node, OVER]:
            child = select(tree, node)
            if child < 0:
                node = expand(rules, tree, game, node)
                break
            node = child
    return settled(tree, node)


@lean
def absorb(
    tree: Tree,
    nodes: Int64[np.ndarray, " rows"],
    logits: Float32[np.ndarray, "rows actions"],
    values: Float32[np.ndarray, " rows"],
) -> None:
    """Gives new nodes what the network says, and counts the visits."""
    for row in range(nodes.size):
        node = nodes[row]
        for action in range(logits.shape[1]):
            tree.open[node, action] = logits[row, action]
        tree.next[node], tree.raw[node] = UNREAD, values[row]
        back(tree, node)


@lean
def mask(logits: Float32[np.ndarray, "rows actions"], allowed: Bool[np.ndarray, "rows actions"], low: float) -> None:
    """Moves the largest logit of a legal action to 0 and puts those of illegal ones at `low`."""
    for row in range(logits.shape[0]):
        top = np.float32(-np.inf)
        for action in range(logits.shape[1]):
            if allowed[row, action]:
                top = max(top, logits[row, action])
        for action in range(logits.shape[1]):
            logits[row, action] = logits[row, action] - top if allowed[row, action] else np.float32(low)
