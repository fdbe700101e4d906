"""Boards of one game together: strength below perfect play against board size and training, as of Jones 2021."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from nextflop.errors import FitError
from nextflop.evidence.files import Json
from nextflop.evidence.runs import Runs
from nextflop.fitting import fit
from nextflop.lab.selfplay.arena.perfect import PERFECT
from nextflop.lab.selfplay.games.named import game_of
from nextflop.laws.clamped_line import ClampedLine
from nextflop.studies.selfplay.measure import ELO, Interval
from nextflop.studies.selfplay.measured_frontier import MeasuredFrontier
from nextflop.studies.selfplay.tables import Board

POINTS = 30  # of a board's frontier, in equal ratios of compute
DRAWS = 50  # a fit each
NEAR = 50.0  # Elo short of perfect play: where it counts as reached
SEED = 0
MAC = 2.0  # FLOP
# Jones 2021, arXiv:2104.03113, by our fit to the published frontiers (`nextflop audit jones`): multiply-adds of the
# networks in self-play, the learner's left out. Boards 3 to 9.
PUBLISHED = ClampedLine(p_b=-268.0, p_0=575.0, i_F=506.0, i_b=-430.0, i_0=-4399.0).in_units(flop=1 / MAC)
"""In FLOP."""

FACTORS = {"perfect": "perfect_factor", "distance": "distance", "two_thirds": "two_thirds_factor"}
"""What follows from a law: as it is told → as `ClampedLine` names it."""


class Rise(NamedTuple):
    """One board's frontier.

    Attributes:
        size: cells along a side.
        flop: of training, shape (points,).
        elo: of the best agent that so much has trained, perfect play at 0, at most that.
        error: standard error of where perfect play stands among the agents.
    """

    size: float
    flop: np.ndarray
    elo: np.ndarray
    error: float


def across(
    boards: Sequence[Board], simulations: float, interval: Interval, draws: int = DRAWS
) -> dict[str, Json] | None:
    """The law over all boards that perfect play was rated on, what it foretells, and what perfect play costs.

    A board's frontier is the running best of its snapshots, means over seeds, at one depth of search. Draws take the
    runs of every board again whole and move perfect play by its error.

    Args:
        boards: the smallest first.
        simulations: of the search at test.
        interval: the value and those of the draws → value, low and high.
        draws: how many.

    Returns:
        None if perfect play was rated on fewer than two boards, or the law has no answer.
    """
    rated = [board for board in boards if board.arena is not None and PERFECT in board.arena.ratings.players]
    if len(rated) < 2:
        return None
    rng = np.random.default_rng(SEED)
    every = [[_rise(board, board.agents, simulations) for board in rated]]
    every += [[_rise(board, _again(board.agents, rng), simulations, rng) for board in rated] for _ in range(draws)]
    try:
        laws = [_law(rises) for rises in every]
    except FitError:
        return None
    return {
        "simulations": simulations,
        "near": NEAR,
        "parameters": {name: interval(np.array([law.values[name] for law in laws])) for name in PUBLISHED.values},
        "published": dict(PUBLISHED.values),
        "factors": {name: interval(np.array([getattr(law, of) for law in laws])) for name, of in FACTORS.items()},
        "published_factors": {name: float(getattr(PUBLISHED, of)) for name, of in FACTORS.items()},
        "scatter": float(np.sqrt(np.mean(_misses(laws[0], every[0]) ** 2))),
        "rises": [{**rise._asdict(), "flop": list(rise.flop), "elo": list(rise.elo)} for rise in every[0]],
        "reached": [_reached(board) for board in rated],
        "held_out": _held_out(every, interval) if len(rated) > 2 else None,
    }


def _rise(board: Board, agents: Runs, simulations: float, rng: np.random.Generator | None = None) -> Rise:
    assert board.arena is not None
    ratings, found = board.arena.ratings, MeasuredFrontier.of(agents, ELO, simulations)
    place = ratings.players.index(PERFECT)
    error = float(ratings.errors[place])
    perfect = float(ratings.elo[place]) + (0.0 if rng is None else error * rng.normal())
    flop = np.geomspace(found.flop[0], found.flop[-1], POINTS)
    best = np.interp(np.log(flop), np.log(found.flop), np.maximum.accumulate(found.strength))
    size = float(game_of(board.game).shape[0])
    return Rise(size, flop, np.minimum(best - perfect, 0.0), error)


def _again(agents: Runs, rng: np.random.Generator) -> Runs:
    """The agents of as many runs, drawn again."""
    runs = np.unique(agents["run"])
    drawn = rng.choice(runs, len(runs))
    rows = np.concatenate([np.flatnonzero(agents["run"] == run) for run in drawn])
    return Runs({name: agents[name][rows] for name in agents.columns})


def _law(rises: Sequence[Rise]) -> ClampedLine:
    table = {
        "board_size": np.concatenate([np.full(POINTS, rise.size) for rise in rises]),
        "flop": np.concatenate([rise.flop for rise in rises]),
        "elo": np.concatenate([rise.elo for rise in rises]),
    }
    law = fit(ClampedLine, Runs(table), draws=0).law
    assert isinstance(law, ClampedLine)
    return law


def _misses(law: ClampedLine, rises: Sequence[Rise]) -> np.ndarray:
    return np.concatenate([law(board_size=rise.size, flop=rise.flop) - rise.elo for rise in rises])


def _held_out(every: Sequence[Sequence[Rise]], interval: Interval) -> dict[str, Json] | None:
    """The largest board foretold from the smaller ones."""
    largest = every[0][-1]
    try:
        laws = [_law(rises[:-1]) for rises in every]
    except FitError:
        return None
    told = np.array([law(board_size=largest.size, flop=largest.flop) for law in laws])
    misses = told[0] - largest.elo
    return {
        "size": largest.size,
        "slope": interval(np.array([float(law.i_F) for law in laws])),
        "bias": float(misses.mean()),
        "error": float(np.sqrt(np.mean(misses**2))),
        "variance": float(np.mean(misses**2) / np.mean(largest.elo**2)),
        "rows": [
            {"flop": float(flop), "measured": float(elo), **interval(column)}
            for flop, elo, column in zip(largest.flop, largest.elo, told.T, strict=True)
        ],
    }


def _reached(board: Board) -> dict[str, Json]:
    """The least training that came near perfect play, for every depth of search; None where none did."""
    assert board.arena is not None
    size, law = float(game_of(board.game).shape[0]), PUBLISHED
    perfect, depths = board.arena.ratings.of(PERFECT), np.unique(board.agents["simulations"])
    least = [float(MeasuredFrontier.of(board.agents, ELO, float(depth)).least(perfect - NEAR)) for depth in depths]
    return {
        "size": size,
        "published": float(10 ** ((-NEAR - law.i_b * size - law.i_0) / law.i_F)),
        "flop": [
            {"simulations": float(depth), "flop": flop if np.isfinite(flop) else None}
            for depth, flop in zip(depths, least, strict=True)
        ],
    }
