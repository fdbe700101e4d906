"""Strength at a board game against board size and compute: flat, then a line, then perfect play."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from nextflop.laws.base import Law, Parameter, Value

# Elo on either side of a corner. A search ends where the slope of the objective vanishes, which it need not do at a
# sharp corner: a quarter of the draws of a bootstrap ended at one. Rounded, the corner is off by a quarter of this, a
# fiftieth of what a thousand games tell.
_ROUND = 1.0
_SLOPES = np.geomspace(150.0, 1200.0, 4)  # between them lie all games that have been measured


@dataclass(frozen=True)
class ClampedLine(Law):
    r"""Elo below perfect play of the best agent that a budget trains.

    $$Elo(b, F) = \min(0, \max(i_F \log_{10} F + i_b b + i_0, \; p_b b + p_0))$$

    Until it takes off an agent plays at random, which is farther from perfect play the larger the board; then each
    decade of compute adds i_F. Perfect play costs 10^(-i_b/i_F) times as much a board size, take-off 10^((p_b-i_b)/i_F)
    times, and an agent wins two of three games against one of 10^(-400 log₁₀ 2 / i_F) times its compute.

    Example:
        >>> law = ClampedLine(p_b=-268.0, p_0=575.0, i_F=506.0, i_b=-430.0, i_0=-4399.0)  # Hex
        >>> [round(float(law(board_size=9.0, flop=flop))) for flop in (1e12, 1e15, 1e17)]
        [-1837, -679, 0]
    """

    p_b: Value
    p_0: Value
    i_F: Value
    i_b: Value
    i_0: Value

    name = "clamped-line"
    formula = r"Elo(b, F) = \min(0, \max(i_F \log_{10} F + i_b b + i_0, p_b b + p_0))"
    reference = "Jones 2021, arXiv:2104.03113, section 4; as `Changepoint` of its code"
    inputs = ("board_size", "flop")
    response = "elo"
    parameters = {  # noqa: RUF012 -- declared as a ClassVar in the base
        "p_b": Parameter("p_b", "Elo / board size", "what a larger board adds to random play"),
        "p_0": Parameter("p_0", "Elo", "random play, at board size 0"),
        "i_F": Parameter("i_F", "Elo / decade", "what a decade of compute adds", 0.0),
        "i_b": Parameter("i_b", "Elo / board size", "what a larger board costs at equal compute"),
        "i_0": Parameter("i_0", "Elo", "the line at one FLOP and board size 0"),
    }
    lowest, highest = -np.inf, 0.0

    def __call__(self, **inputs: Value) -> Any:
        """Elo at `board_size` (b) and `flop` (F), broadcast against the parameters; 0 is perfect play."""
        self.check_inputs(inputs)
        plateau, incline = self._pieces(**inputs)
        line = plateau + _ramp(incline - plateau)
        return line - _ramp(line)

    @property
    def perfect_factor(self) -> Value:
        """How many times as much compute perfect play takes on a board one larger."""
        return 10 ** (-np.asarray(self.i_b) / self.i_F)

    @property
    def takeoff_factor(self) -> Value:
        """How many times as much compute it takes there to leave random play."""
        return 10 ** ((np.asarray(self.p_b) - self.i_b) / self.i_F)

    @property
    def distance(self) -> Value:
        """Elo more from random to perfect play there."""
        return -np.asarray(self.p_b)

    @property
    def two_thirds_factor(self) -> Value:
        """Compute with which an agent wins two games of three, times its rival's."""
        return 2 ** (400 / np.asarray(self.i_F))

    def _pieces(self, board_size: Value, flop: Value) -> tuple[Any, Any]:
        plateau = self.p_b * board_size + self.p_0
        return plateau, self.i_F * np.log10(flop) + self.i_b * board_size + self.i_0

    @classmethod
    def search(cls, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """The values at the `nodes`; not all of their combinations make a rise within the runs."""
        return cls.nodes(**inputs)

    @classmethod
    def nodes(cls, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """Take-off and perfect play at places within and about the compute of the smaller and of the larger boards."""
        (small, on_small), (large, on_large) = rises(inputs["board_size"], np.log10(inputs["flop"]))
        pairs = [list(combinations((places[0] - 1, *places, places[-1] + 1), 2)) for places in (on_small, on_large)]
        rows = np.array([(*low, *high, slope) for low in pairs[0] for high in pairs[1] for slope in _SLOPES])
        takeoff, perfect, slope = rows[:, [0, 2]], rows[:, [1, 3]], rows[:, 4]
        start, end = (np.diff(ends, axis=1)[:, 0] / (large - small) for ends in (takeoff, perfect))  # decades a size
        first = slope * (takeoff[:, 0] - perfect[:, 0])  # the plateau of the smallest board
        p_b, i_b = slope * (start - end), -slope * end
        return {
            "p_b": p_b,
            "p_0": first - p_b * small,
            "i_F": slope,
            "i_b": i_b,
            "i_0": -slope * perfect[:, 0] - i_b * small,
        }

    def in_units(self, **units: float) -> "ClampedLine":
        """The terms of the board take its unit up, the offset of the line that of compute."""
        board, decades = units.get("board_size", 1.0), np.log10(units.get("flop", 1.0))
        return ClampedLine(self.p_b * board, self.p_0, self.i_F, self.i_b * board, self.i_0 + self.i_F * decades)

    def jacobian(self, **inputs: Value) -> np.ndarray:
        """Derivatives by p_b, p₀, i_F, i_b, i₀, shape (..., 5, runs)."""
        return self._slopes(inputs)[0]

    def curvature(self, weights: np.ndarray, **inputs: Value) -> np.ndarray:
        """Second derivatives summed over the runs with weights, shape (..., 5, 5): those of the corners."""
        _, of_line, apart, takeoff, perfect = self._slopes(inputs)
        corner = np.einsum("...n,pn,qn->...pq", weights * takeoff, apart, apart)
        return corner - np.einsum("...n,...pn,...qn->...pq", weights * perfect, of_line, of_line, optimize=True)

    def _slopes(self, inputs: Mapping[str, Value]) -> tuple[np.ndarray, ...]:
        """Derivatives of response, line before perfect play, incline less plateau; bends of the two corners."""
        board, decades = np.broadcast_arrays(np.asarray(inputs["board_size"]), np.log10(inputs["flop"]))
        one, none = np.ones_like(decades), np.zeros_like(decades)
        of_plateau = np.stack([board, one, none, none, none])
        apart = np.stack([none, none, decades, board, one]) - of_plateau
        plateau, incline = self._pieces(**inputs)
        gap = incline - plateau
        line = plateau + _ramp(gap)
        of_line = of_plateau + _slope(gap)[..., None, :] * apart
        short = 1 - _slope(line)
        return short[..., None, :] * of_line, of_line, apart, short * _bend(gap), _bend(line)


def rises(board: np.ndarray, log_flop: np.ndarray) -> tuple[tuple[float, np.ndarray], tuple[float, np.ndarray]]:
    """For the third of the runs on the smallest and on the largest boards: mean board, quartiles of the log compute."""
    low, high = np.quantile(board, [1 / 3, 2 / 3])
    small, large = (
        (float(board[group].mean()), np.quantile(log_flop[group], np.linspace(0.0, 1.0, 5)))
        for group in (board <= low, board >= high)
    )
    return small, large


def _ramp(x: Any) -> Any:
    """The larger of x and 0, with its corner rounded by a parabola."""
    return np.where(x > _ROUND, x, np.clip(x + _ROUND, 0.0, 2 * _ROUND) ** 2 / (4 * _ROUND))


def _slope(x: np.ndarray) -> np.ndarray:
    return np.clip((x + _ROUND) / (2 * _ROUND), 0.0, 1.0)


def _bend(x: np.ndarray) -> np.ndarray:
    return (np.abs(x) < _ROUND) / (2 * _ROUND)
