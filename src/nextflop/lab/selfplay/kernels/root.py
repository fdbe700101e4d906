"""What happens at the roots: which actions are considered, in which order they are visited, and what comes of it."""

import math
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float32, Int16, Int32, Int64

from nextflop.lab.selfplay.kernels import rules as games
from nextflop.lab.selfplay.kernels.kernel import lean
from nextflop.lab.selfplay.kernels.rules import Rules
from nextflop.lab.selfplay.kernels.tree import TINY, Tree, visit
from nextflop.lab.selfplay.search.values import LEAST, VALUE_SCALE, VISIT_OFFSET


class Roots(NamedTuple):
    """The positions that are searched.

    Attributes:
        position: the games.
        logits: of the network, the largest of a legal action at 0.
        prior: the likelihoods that they stand for.
        allowed: what is legal.
        raw: the network's values.
        gumbel: noise.
        chosen: the considered actions, the best first.
        number: how many of them there are.
        order: the slots of the considered actions, those that stay in the race first.
        values, q, scores: of the actions of the game at hand (`completed`, `rank`).
    """

    position: Int16[np.ndarray, "games numbers"]
    logits: Float32[np.ndarray, "games actions"]
    prior: Float32[np.ndarray, "games actions"]
    allowed: Bool[np.ndarray, "games actions"]
    raw: Float32[np.ndarray, " games"]
    gumbel: Float32[np.ndarray, "games actions"]
    chosen: Int64[np.ndarray, "games considered"]
    number: Int64[np.ndarray, " games"]
    order: Int64[np.ndarray, "games considered"]
    values: Float32[np.ndarray, " actions"]
    q: Float32[np.ndarray, " actions"]
    scores: Float32[np.ndarray, " actions"]


@lean
def choose(roots: Roots) -> None:
    """Samples the considered actions: those of the largest sums of noise and logit."""
    scores = roots.scores
    for game in range(roots.number.size):
        for action in range(scores.size):
            scores[action] = roots.gumbel[game, action] + roots.logits[game, action]
        for slot in range(roots.chosen.shape[1]):
            best, place = -np.inf, -1
            for action in range(scores.size):
                if roots.allowed[game, action] and scores[action] > best:
                    best, place = scores[action], action
            if place < 0:
                break
            roots.chosen[game, slot], roots.order[game, slot] = place, slot
            roots.number[game] += 1
            scores[place] = -np.inf


@lean
def completed(roots: Roots, tree: Tree, game: int) -> int:
    """Writes the values of all actions, rescaled and plain (`search.values`), and returns the most visits of one."""
    weight, mean, count, most, q = 0.0, 0.0, 0, 0, roots.q
    for slot in range(roots.number[game]):
        node = tree.slots[game, slot]
        if node >= 0:
            share = max(roots.prior[game, roots.chosen[game, slot]], TINY)
            weight, mean = weight + share, mean + share * tree.total[node] / tree.visits[node]
            count, most = count + tree.visits[node], max(most, tree.visits[node])
    q[:] = (roots.raw[game] + (count * mean / weight if count else 0.0)) / (count + 1)
    for slot in range(roots.number[game]):
        node = tree.slots[game, slot]
        if node >= 0:
            q[roots.chosen[game, slot]] = tree.total[node] / tree.visits[node]
    low = high = q[0]
    for action in range(q.size):
        low, high = min(low, q[action]), max(high, q[action])
    scale = (VISIT_OFFSET + most) * VALUE_SCALE / max(high - low, LEAST)
    for action in range(q.size):
        roots.values[action] = scale * (q[action] - low)
    return most


@lean
def rank(roots: Roots, tree: Tree, game: int) -> None:
    """Orders the slots of a game: the most visited first, and among those the best."""
    most, number, score = completed(roots, tree, game), roots.number[game], roots.scores
    for slot in range(number):
        node, action = tree.slots[game, slot], roots.chosen[game, slot]
        score[slot] = -np.inf
        if (tree.visits[node] if node >= 0 else 0) == most:
            score[slot] = roots.gumbel[game, action] + roots.logits[game, action] + roots.values[action]
    for place in range(number):
        best = -1
        for slot in range(number):
            if not math.isnan(score[slot]) and (best < 0 or score[slot] > score[best]):
                best = slot
        roots.order[game, place], score[best] = best, np.nan


@lean
def collect(
    rules: Rules,
    roots: Roots,
    tree: Tree,
    width: Int32[np.ndarray, " considered_and_none"],
    begins: Bool[np.ndarray, " considered_and_none"],
    cursor: Int64[np.ndarray, " two"],
    nodes: Int64[np.ndarray, " rows"],
    seen: Float32[np.ndarray, "rows planes_cells"],
) -> int:
    """Visits of one step, from the game and the place in its order that `cursor` names, until the queue is full.

    Returns:
        How many positions are queued; the cursor stands behind the last visit.
    """
    queued, game, place = 0, cursor[0], cursor[1]
    while game < roots.number.size:
        number = roots.number[game]
        if begins[number] and place == 0:
            rank(roots, tree, game)
        while place < width[number] and queued < nodes.size:
            slot = roots.order[game, place]
            node = visit(rules, tree, game, slot, roots.position[game], roots.chosen[game, slot])
            if node >= 0:
                nodes[queued] = node
                games.observe(rules, tree.position[node], seen[queued])
                queued += 1
            place += 1
        if place < width[number]:
            break
        game, place = game + 1, 0
    cursor[0], cursor[1] = game, place
    return queued


@lean
def conclude(
    roots: Roots,
    tree: Tree,
    action: Int32[np.ndarray, " games"],
    policy: Float32[np.ndarray, "games actions"],
    visits: Float32[np.ndarray, "games actions"],
    value: Float32[np.ndarray, " games"],
    gain: Float32[np.ndarray, " games"],
) -> None:
    """Writes what the searches found (`engines.engine.Found`)."""
    values, q = roots.values, roots.q
    for game in range(action.size):
        most, total, count = completed(roots, tree, game), 0.0, 0
        best, top, norm = -np.inf, -np.inf, 0.0
        for slot in range(roots.number[game]):
            node = tree.slots[game, slot]
            if node >= 0:
                visits[game, roots.chosen[game, slot]] = tree.visits[node]
                total, count = total + tree.total[node], count + tree.visits[node]
        for one in range(values.size):
            if not roots.allowed[game, one]:
                continue
            improved = roots.logits[game, one] + values[one]
            top = max(top, improved)
            score = roots.gumbel[game, one] + improved
            if visits[game, one] == most and score > best:
                best, action[game] = score, one
        for one in range(values.size):
            if roots.allowed[game, one]:
                policy[game, one] = math.exp(roots.logits[game, one] + values[one] - top)
                norm += policy[game, one]
        gain[game] = 0.0
        for one in range(values.size):
            policy[game, one] /= norm
            gain[game] += (policy[game, one] - roots.prior[game, one]) * q[one]
        value[game] = (roots.raw[game] + total) / (1 + count)
