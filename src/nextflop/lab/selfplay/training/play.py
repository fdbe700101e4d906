"""Games of a network against itself, and what is learned from them."""

from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Bool, Float32, Int8

from nextflop.lab.selfplay.engines.engine import Engine, Read
from nextflop.lab.selfplay.recipe import Recipe


class Positions(NamedTuple):
    """Positions to learn from.

    Attributes:
        seen: what the mover sees; the planes of the laboratory's games hold 0 and 1.
        legal: what he may do.
        policy: improved by the search.
        outcome: of the game, in his view.
    """

    seen: Int8[np.ndarray, "rows planes_cells"]
    legal: Bool[np.ndarray, "rows actions"]
    policy: Float32[np.ndarray, "rows actions"]
    outcome: Float32[np.ndarray, " rows"]


class Played(NamedTuple):
    """Some games.

    Attributes:
        positions: all that were searched, in the order of the moves.
        evaluations: positions that the network was asked for.
        reported: means over the positions: "gain" of the improved policy above the network's own, in value; "entropy"
            of the improved policy in nats; "error", root mean square of the network's value against the outcome. And
            "length" of a game in moves, "first_wins" and "draws" as shares of the games.
    """

    positions: Positions
    evaluations: int
    reported: dict[str, float]


def play(engine: Engine[Any], read: Read, recipe: Recipe, rng: np.random.Generator) -> Played:
    """Plays a generation of games to their end.

    Args:
        engine: the rules and the search.
        read: the network.
        recipe: how.
        rng: all chance comes from here.
    """
    games = recipe.games
    batch, outcome, lengths = engine.start(games), np.zeros(games, np.float32), np.zeros(games, int)
    opened = np.arange(games) < round(recipe.opened * games)
    opening = np.where(opened, rng.integers(1, recipe.opening + 1, games) if recipe.opening else 0, 0)
    playing, seen, evaluations, parts = np.arange(games), engine.look(batch), 0, []
    search, move = recipe.every_move, 0
    while True:
        noise = search.noise(rng, seen.legal)
        early = move < opening[playing]
        chosen = np.where(seen.legal, noise, -np.inf).argmax(1)  # at random: noise knows no action
        searched = np.flatnonzero(~early)
        if len(searched):
            some = batch if len(searched) == len(playing) else engine.take(batch, searched)
            found = engine.search(read, some, noise[searched], search)
            if move < recipe.sampled:
                chance = rng.gumbel(size=found.policy.shape)
                with np.errstate(divide="ignore"):
                    chosen[searched] = (np.log(found.policy) + chance).argmax(1)
            else:
                chosen[searched] = found.action
            evaluations += found.evaluations
            parts.append((playing[searched], seen.mover[searched], _told(seen, searched), found))
        batch = engine.play(batch, chosen)
        move, seen = move + 1, engine.look(batch)
        outcome[playing[seen.over]], lengths[playing[seen.over]] = seen.outcome[seen.over], move
        alive = np.flatnonzero(~seen.over)
        if not len(alive):
            break
        if len(alive) < len(playing):
            batch, playing = engine.take(batch, alive), playing[alive]
            seen = seen.take(alive)
    rows = [(seen, legal, found.policy, outcome[who] * (1 - 2 * mover)) for who, mover, (seen, legal), found in parts]
    positions = Positions(*(np.concatenate(column) for column in zip(*rows, strict=True)))
    gain, raw = (np.concatenate([getattr(found, name) for *_, found in parts]) for name in ("gain", "raw"))
    reported = {
        "gain": gain.mean(),
        "entropy": -(positions.policy * np.log(np.maximum(positions.policy, 1e-30))).sum(1).mean(),
        "error": np.sqrt(np.mean((raw - positions.outcome) ** 2)),
        "length": lengths.mean(),
        "first_wins": (outcome > 0).mean(),
        "draws": (outcome == 0).mean(),
    }
    return Played(positions, evaluations, {name: float(value) for name, value in reported.items()})


def _told(seen: Any, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return seen.observed[rows].astype(np.int8), seen.legal[rows]
