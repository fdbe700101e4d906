"""Tree search with random games for judgement: the anchors of the ratings, which no training changes.

Upper confidence bounds on trees (Kocsis and Szepesvári 2006, doi:10.1007/11871842_29): one node a simulation, then one
game at random from it. It knows nothing but the rules, and in Go which points a game at random must leave empty to come
to an end (`kernels.go.sensible`); whatever is legal may still be chosen. No game outlasts the longest of its rules.
"""

import math

import numpy as np
from jaxtyping import Int16, Int32

from nextflop.lab.selfplay.kernels import rules as games
from nextflop.lab.selfplay.kernels.kernel import kernel
from nextflop.lab.selfplay.kernels.position import MOVES, OVER, WINNER, copy
from nextflop.lab.selfplay.kernels.rules import Rules


@kernel
def chance(state: np.ndarray, below: int) -> int:
    """A number from 0 up to but not including `below`, and the next state of the generator (SplitMix64)."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    word = state[0]
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    word ^= word >> np.uint64(31)
    return int((word >> np.uint64(32)) * np.uint64(below) >> np.uint64(32))


@kernel
def pick(allowed: np.ndarray, count: int, state: np.ndarray) -> int:
    """One of the allowed actions at random."""
    skip = chance(state, count)
    for action in range(allowed.size):
        if allowed[action]:
            if skip == 0:
                return action
            skip -= 1
    return -1


@kernel
def rollout(rules: Rules, position: Int16[np.ndarray, " numbers"], allowed: np.ndarray, state: np.ndarray) -> int:
    """Plays a position at random to its end: 1 if the first player wins, -1 if the second, 0 for a draw."""
    while not position[OVER]:
        games.play(rules, position, pick(allowed, games.sensible(rules, position, allowed), state))
    return position[WINNER]


@kernel
def uct(rules: Rules, root: Int16[np.ndarray, " numbers"], rollouts: int, explore: float, state: np.ndarray) -> int:
    """The most visited action after so many simulations, among equals the one that won most; at random without any."""
    actions = rules.actions
    allowed = np.empty(actions, np.bool_)
    count = games.legal(rules, root, allowed)
    if rollouts == 0 or count == 1:
        return pick(allowed, count, state)
    child = np.full((rollouts + 1, actions), -1, np.int32)
    visits, total = np.zeros(rollouts + 1, np.int32), np.zeros(rollouts + 1, np.float64)
    positions = np.empty((rollouts + 1, rules.numbers), np.int16)
    path = np.empty(rollouts + 2, np.int32)
    made, scratch = 1, root.copy()
    copy(root, positions[0])
    for _ in range(rollouts):
        node, depth = 0, 0
        path[0] = 0
        while not positions[node, OVER]:
            count = games.legal(rules, positions[node], allowed)
            best, action, ties = -np.inf, -1, 0
            for one in range(actions):
                if not allowed[one]:
                    continue
                next_node = child[node, one]
                if next_node < 0:
                    score = np.inf
                else:
                    # Totals are in the view of who moved into the node.
                    score = total[next_node] / visits[next_node] + explore * math.sqrt(
                        math.log(visits[node]) / visits[next_node]
                    )
                ties = ties + 1 if score == best else 1 if score > best else ties
                if score > best or (score == best and chance(state, ties) == 0):
                    best, action = score, one
            if child[node, action] >= 0:
                node = child[node, action]
                depth += 1
                path[depth] = node
                continue
            copy(positions[node], positions[made])
            games.play(rules, positions[made], int(action))
            child[node, action] = made
            depth += 1
            path[depth] = made
            node, made = made, made + 1
            break
        copy(positions[node], scratch)
        winner = rollout(rules, scratch, allowed, state)
        for step in range(depth + 1):
            one = path[step]
            visits[one] += 1
            total[one] -= winner * (1 - 2 * (positions[one, MOVES] & 1))
    games.legal(rules, root, allowed)
    most, worth, action, ties = 0, 0.0, -1, 0
    for one in range(actions):
        node = child[0, one]
        if node < 0 or visits[node] < most:
            continue
        if visits[node] > most or total[node] > worth:
            most, worth, action, ties = visits[node], total[node], one, 1
        elif total[node] == worth:
            ties += 1
            if chance(state, ties) == 0:
                action = one
    return action


@kernel
def choose(
    rules: Rules,
    positions: Int16[np.ndarray, "games numbers"],
    rollouts: int,
    explore: float,
    seeds: np.ndarray,
    actions: Int32[np.ndarray, " games"],
) -> None:
    """Writes an action for every position, each from its own seed, so that no game hangs on the others."""
    state = np.zeros(1, np.uint64)
    for game in range(actions.size):
        state[0] = seeds[game]
        actions[game] = uct(rules, positions[game], rollouts, explore, state)
