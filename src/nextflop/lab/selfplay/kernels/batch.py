"""The rules for many positions, one after another."""

import numpy as np
from jaxtyping import Bool, Float32, Int16, Int32, Int64

from nextflop.lab.selfplay.kernels import rules as games
from nextflop.lab.selfplay.kernels.kernel import kernel
from nextflop.lab.selfplay.kernels.position import MOVES, OVER, WINNER
from nextflop.lab.selfplay.kernels.rules import Rules


@kernel
def play(rules: Rules, positions: Int16[np.ndarray, "games numbers"], actions: Int64[np.ndarray, " games"]) -> None:
    """Changes every position by an action of its mover."""
    for game in range(actions.size):
        games.play(rules, positions[game], actions[game])


@kernel
def look(
    rules: Rules,
    positions: Int16[np.ndarray, "games numbers"],
    legal: Bool[np.ndarray, "games actions"],
    over: Bool[np.ndarray, " games"],
    outcome: Float32[np.ndarray, " games"],
    mover: Int32[np.ndarray, " games"],
    observed: Float32[np.ndarray, "games planes_cells"],
) -> None:
    """Writes what is to be seen of them (`engines.engine.Look`)."""
    for game in range(over.size):
        position = positions[game]
        games.legal(rules, position, legal[game])
        games.observe(rules, position, observed[game])
        over[game], outcome[game], mover[game] = position[OVER] != 0, position[WINNER], position[MOVES] & 1
