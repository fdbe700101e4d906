"""PUCT in the trees of `kernels.tree` (`search.puct` says what is computed): the root is a node like all others."""

import math

import numpy as np
from jaxtyping import Float32, Int16, Int64

from nextflop.lab.selfplay.kernels import rules as games
from nextflop.lab.selfplay.kernels.kernel import lean
from nextflop.lab.selfplay.kernels.position import OVER
from nextflop.lab.selfplay.kernels.rules import Rules
from nextflop.lab.selfplay.kernels.tree import Tree, expand, plant, settled


def rooted(
    rules: Rules,
    positions: Int16[np.ndarray, "games numbers"],
    prior: Float32[np.ndarray, "games actions"],
    raw: Float32[np.ndarray, " games"],
    simulations: int,
) -> Tree:
    """Trees of a root each, visited once, with room for the simulations; what is illegal has the prior `GONE`."""
    tree = plant(rules, len(positions), 0, 1 + simulations)
    roots = slice(None, None, 1 + simulations)
    tree.made[:] = 1
    tree.position[roots], tree.open[roots], tree.next[roots] = positions, prior, prior.argmax(1)
    tree.raw[roots], tree.parent[roots], tree.visits[roots] = raw, -1, 1
    return tree


@lean
def select(tree: Tree, node: int, init: float, base: float) -> int:
    """The child of a node that is visited next; -1 for the likeliest of the actions that have none yet."""
    count, unvisited, child = tree.visits[node], tree.next[node], tree.first[node]
    if child < 0:
        return -1
    bound = (init + math.log((count + base + 1) / base)) * math.sqrt(count)
    best, chosen, action = -np.inf, -1, tree.open.shape[1]
    if unvisited >= 0:  # counts as lost
        best, action = bound * tree.open[node, unvisited], unvisited
    while child >= 0:
        visits = tree.visits[child]
        score = (tree.total[child] / visits + 1) / 2 + bound * tree.share[child] / (visits + 1)
        if score > best or (score == best and tree.action[child] < action):
            best, chosen, action = score, child, tree.action[child]
        child = tree.later[child]
    return chosen


@lean
def visit(rules: Rules, tree: Tree, game: int, root: int, init: float, base: float) -> int:
    """One simulation: the new node that the network must be asked for, or -1."""
    node = root
    while not tree.position[node, OVER]:
        child = select(tree, node, init, base)
        if child < 0:
            node = expand(rules, tree, game, node)
            break
        node = child
    return settled(tree, node)


@lean
def collect(
    rules: Rules,
    tree: Tree,
    first: int,
    last: int,
    init: float,
    base: float,
    nodes: Int64[np.ndarray, " rows"],
    seen: Float32[np.ndarray, "rows planes_cells"],
) -> int:
    """Simulations of some games, each up to a position that the network must be asked for or to its last one.

    Returns:
        How many positions are queued, one of a game; none when all is done.
    """
    queued, size = 0, tree.open.shape[0] // tree.made.size
    for game in range(first, last):
        root = game * size
        while tree.visits[root] < size:  # its own visit and the simulations
            node = visit(rules, tree, game, root, init, base)
            if node >= 0:
                nodes[queued] = node
                games.observe(rules, tree.position[node], seen[queued])
                queued += 1
                break
    return queued


@lean
def tally(
    tree: Tree, visits: Float32[np.ndarray, "games actions"], total: Float32[np.ndarray, "games actions"]
) -> None:
    """Writes the visits to the actions of the roots, and the values that they brought."""
    for game in range(tree.made.size):
        child = tree.first[game * (tree.open.shape[0] // tree.made.size)]
        while child >= 0:
            visits[game, tree.action[child]], total[game, tree.action[child]] = tree.visits[child], tree.total[child]
            child = tree.later[child]
