"""Agents measured by perfect play: no league, and no scale that ends."""

from typing import Any

import numpy as np

from nextflop.errors import InputError
from nextflop.lab.selfplay.arena.players import Player
from nextflop.lab.selfplay.engines.engine import Engine, Read
from nextflop.lab.selfplay.exact.labelled import SEED, Labelled


def judge(engine: Engine[Any], player: Player, found: Labelled, seed: int = 0) -> dict[str, float]:
    """How a player fares in positions whose best moves are known.

    Args:
        engine: the compiled one, for which the player was made.
        player: to be judged.
        found: positions of the engine's game.
        seed: of the player's chance.

    Returns:
        "optimal": the share of moves that are as good as the best; "regret": the outcome that a move gives away, mean,
        0 to 2; "optimal_error" and "regret_error": their standard errors over positions; "evaluations" of its network.

    Raises:
        InputError: if the positions are of another game.
    """
    _same(engine, found)
    seeds = np.random.SeedSequence([SEED, seed]).generate_state(len(found.worth), np.uint64)
    actions, asked = player.choose(found.batch, engine.look(found.batch), seeds)
    lost = np.nanmax(found.worth, 1) - found.worth[np.arange(len(actions)), actions]
    return {**_mean("optimal", lost == 0), **_mean("regret", lost), "evaluations": float(asked)}


def value_error(engine: Engine[Any], read: Read, found: Labelled) -> float:
    """Root mean square of a network's values against those of perfect play, where any move leads on from the positions.

    The positions themselves would not do: what is played matters in them, so none is lost, and a network that always
    hopes to win would look well informed.

    Args:
        engine: the compiled one.
        read: the network, as the engine reads it.
        found: positions of the engine's game.

    Raises:
        InputError: if the positions are of another game.
    """
    _same(engine, found)
    rows, actions = np.nonzero(~np.isnan(found.worth))
    after = engine.look(engine.play(engine.take(found.batch, rows), actions))
    values = -read(after.observed)[1]  # in the view of who moved
    misses = (values - found.worth[rows, actions])[~after.over]
    return float(np.sqrt(np.mean(misses**2)))


def _same(engine: Engine[Any], found: Labelled) -> None:
    if engine.game.name != found.game:
        raise InputError(
            f"These positions are of {found.game}, and the engine plays {engine.game.name}: label its own."
        )


def _mean(name: str, values: np.ndarray) -> dict[str, float]:
    values = np.asarray(values, float)
    return {name: float(values.mean()), f"{name}_error": float(values.std(ddof=1) / np.sqrt(len(values)))}
