"""Strength of players from the games they won: the model of Bradley and Terry with a worth for moving first."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nextflop.errors import FitError, InputError
from nextflop.evidence.files import Json

ELO = 400 / np.log(10)
"""Elo a unit of the logarithm of the odds: 400 Elo are odds of ten to one."""

_STEPS = 100
_STRIDE = 2.0  # longest step of a rating, in log odds
_DONE = 1e-8  # of a log odds; the next step would be its square


@dataclass(frozen=True)
class Ratings:
    """Ratings in Elo, the reference at 0.

    Attributes:
        players: names, in alphabetical order.
        elo: shape (players,).
        covariance: of `elo`, from the curvature of the likelihood as if games were independent; 0 for the reference;
            shape (players, players).
        first_move: what moving first is worth, in Elo; 0 if it was left out.
        first_move_error: its standard error.
        games: how many were played.
    """

    players: tuple[str, ...]
    elo: np.ndarray
    covariance: np.ndarray
    first_move: float
    first_move_error: float
    games: float

    @property
    def errors(self) -> np.ndarray:
        """Standard errors of the distances to the reference, shape (players,)."""
        return np.sqrt(np.maximum(self.covariance.diagonal(), 0.0))

    def of(self, player: str) -> float:
        """The rating of one player in Elo."""
        return float(self.elo[self.players.index(player)])

    def to_json(self) -> dict[str, Json]:
        """The ratings as JSON."""
        rows = zip(self.players, self.elo, self.errors, strict=True)
        return {
            "players": [{"name": name, "elo": float(elo), "error": float(error)} for name, elo, error in rows],
            "first_move": {"elo": self.first_move, "error": self.first_move_error},
            "games": self.games,
        }


def rate(
    first: Sequence[str],
    second: Sequence[str],
    first_wins: np.ndarray,
    second_wins: np.ndarray,
    *,
    reference: str | None = None,
    first_move: float | None = None,
    draw: float = 0.0,
) -> Ratings:
    """Ratings of greatest likelihood.

    P(first beats second) = σ(θ_first - θ_second + γ), with γ the worth of the first move (Bradley and Terry 1952,
    doi:10.1093/biomet/39.3-4.324; Davidson and Beaver 1977, doi:10.2307/2529465). Leaving γ out squeezes ratings where
    the first move is worth much. Draws may be given as half a win to either side: the model has none. One that has
    them takes δ > 0 off the log odds of either side, P(first beats second) = σ(θ_first - θ_second + γ - δ) and
    P(second beats first) = σ(θ_second - θ_first - γ - δ), also of games of which none was drawn.

    Args:
        first: who moved first, a name a row; a row may hold many games.
        second: who moved second.
        first_wins: games that the first mover won, shape (rows,).
        second_wins: games that the second mover won, shape (rows,).
        reference: the player at 0; by default the first in the alphabet.
        first_move: what moving first is worth in Elo, where that is not to be found from the games; 0 leaves it out.
        draw: δ in Elo.

    Raises:
        InputError: if rows are ragged, counts are negative or not finite, or the reference did not play.
        FitError: if some players won all, or lost all, of their games against the rest: their ratings are infinite.
    """
    players = tuple(sorted({*first, *second}))
    place = {name: index for index, name in enumerate(players)}
    if reference is not None and reference not in place:
        raise InputError(f"The reference {reference!r} has not played: choose one of {', '.join(players[:20])}.")
    wins = np.stack([np.asarray(first_wins, dtype=np.float64), np.asarray(second_wins, dtype=np.float64)])
    if not len(first) == len(second) == wins.shape[1] or not (np.isfinite(wins) & (wins >= 0)).all():
        raise InputError("Every row needs two players and two numbers of wins, 0 or more: correct the table.")
    one, other = np.array([place[name] for name in first]), np.array([place[name] for name in second])
    _check_connected(players, one, other, wins)
    design = np.zeros((len(one), len(players) + 1))
    rows = np.arange(len(one))
    design[rows, one] += 1
    design[rows, other] -= 1
    design[:, -1] = 1.0
    zero = place[reference] if reference is not None else 0
    free = np.arange(len(players) + 1) != zero
    free[-1] = first_move is None
    given = 0.0 if first_move is None else first_move
    point, curvature = _climb(design[:, free], wins, given / ELO, draw / ELO)
    values, covariance = np.zeros(len(free)), np.zeros((len(free), len(free)))
    values[-1] = given
    values[free] = point * ELO
    covariance[np.ix_(free, free)] = np.linalg.inv(curvature) * ELO**2
    return Ratings(
        players,
        values[:-1],
        covariance[:-1, :-1],
        float(values[-1]),
        float(np.sqrt(covariance[-1, -1])),
        float(wins.sum()),
    )


def _climb(design: np.ndarray, wins: np.ndarray, given: float, draw: float) -> tuple[np.ndarray, np.ndarray]:
    """The optimum of the log likelihood, which is concave, by Newton's steps, and its curvature there."""
    point = np.zeros(design.shape[1])
    for _ in range(_STEPS):
        ahead = design @ point + given
        # The chance that the other side takes what this one has won, draws among it.
        missed, missed_second = (1 / (1 + np.exp(sign * ahead - draw)) for sign in (1, -1))
        curved = wins[0] * missed * (1 - missed) + wins[1] * missed_second * (1 - missed_second)
        curvature = (design * curved[:, None]).T @ design
        step = np.linalg.solve(curvature, design.T @ (wins[0] * missed - wins[1] * missed_second))
        point = point + np.clip(step, -_STRIDE, _STRIDE)
        if np.abs(step).max() < _DONE:
            return point, curvature
    raise FitError("The ratings did not settle: some players hardly ever win against the rest.")


def _check_connected(players: tuple[str, ...], one: np.ndarray, other: np.ndarray, wins: np.ndarray) -> None:
    """Raises `FitError` unless every player can be reached from every other by a chain of wins (Ford 1957)."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    winners, losers = np.concatenate([one, other]), np.concatenate([other, one])
    beat = np.concatenate(list(wins)) > 0
    links = coo_array((np.ones(int(beat.sum())), (winners[beat], losers[beat])), shape=(len(players),) * 2)
    count, label = connected_components(links, connection="strong")
    if count > 1:
        smallest = min(range(count), key=lambda group: (label == group).sum())
        named = ", ".join(np.array(players)[label == smallest][:5])
        raise FitError(
            f"{named} won or lost every game against the others, so the distance has no end: play more games, or give "
            "either side half a win."
        )
