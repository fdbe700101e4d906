"""Strength at a board game against board size and compute: a smooth rise from random to perfect play."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nextflop.laws.base import Law, Parameter, Value
from nextflop.laws.clamped_line import rises

_FARTHEST = 500.0  # exp of it is finite, and 1 plus it is itself


@dataclass(frozen=True)
class LogSigmoid(Law):
    r"""Elo below perfect play as a sigmoid of the logarithm of compute.

    $$Elo(b, F) = H h \left(\frac{1}{1 + e^{-(\log_{10} F - c)/h}} - 1\right)$$
    $$h = s_b b + s_0, \quad c = c_b b + c_0$$

    The rounded sibling of `ClampedLine`, with as many parameters. Random play is H h below perfect play, the middle of
    the rise is at 10^c FLOP and has a slope of H/4 Elo a decade on every board.

    Example:
        >>> law = LogSigmoid(H=2400.0, s_b=0.11, s_0=-0.2, c_b=0.6, c_0=9.0)
        >>> [round(float(law(board_size=9.0, flop=flop)), 1) for flop in (1e12, 10**14.4, 1e17)]
        [-1809.3, -948.0, -68.0]
    """

    H: Value
    s_b: Value
    s_0: Value
    c_b: Value
    c_0: Value

    name = "log-sigmoid"
    formula = (
        r"Elo(b, F) = H h (\frac{1}{1 + e^{-(\log_{10} F - c)/h}} - 1), \qquad h = s_b b + s_0, \qquad c = c_b b + c_0"
    )
    reference = "Jones 2021, arXiv:2104.03113; `Sigmoid` of its code, which the paper does not use"
    inputs = ("board_size", "flop")
    response = "elo"
    parameters = {  # noqa: RUF012 -- declared as a ClassVar in the base
        "H": Parameter("H", "Elo / decade", "four times the slope in the middle", 0.0),
        "s_b": Parameter("s_b", "decades / board size", "how the rise grows with the board"),
        "s_0": Parameter("s_0", "decades", "width of the rise, at board size 0"),
        "c_b": Parameter("c_b", "decades / board size", "how the middle moves with the board"),
        "c_0": Parameter("c_0", "decades of FLOP", "middle of the rise, at board size 0"),
    }
    linear = ("H",)
    lowest, highest = -np.inf, 0.0

    def __call__(self, **inputs: Value) -> Any:
        """Elo at `board_size` (b) and `flop` (F), broadcast against the parameters; nan where h ≤ 0."""
        self.check_inputs(inputs)
        return -self.H * _short(inputs, self.s_b, self.s_0, self.c_b, self.c_0)

    @classmethod
    def basis(cls, exponents: Mapping[str, Value], **inputs: np.ndarray) -> np.ndarray:
        """The column of the Elo that are missing, a unit of H, with their sign."""
        return -_short(inputs, *(exponents[name] for name in ("s_b", "s_0", "c_b", "c_0")))[..., None, :]

    @classmethod
    def search(cls, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """The values at the `nodes`; not all of their combinations make a rise within the runs."""
        return cls.nodes(**inputs)

    @classmethod
    def nodes(cls, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """Five middles and widths of the rise each, on the smaller and on the larger boards."""
        (small, on_small), (large, on_large) = rises(inputs["board_size"], np.log10(inputs["flop"]))
        widths = np.geomspace(0.1, 2.0, 5)
        points = [axis.ravel() for axis in np.meshgrid(widths, widths, on_small, on_large)]
        slopes = [(points[at + 1] - points[at]) / (large - small) for at in (0, 2)]
        return {
            "s_b": slopes[0],
            "s_0": points[0] - slopes[0] * small,
            "c_b": slopes[1],
            "c_0": points[2] - slopes[1] * small,
        }

    def in_units(self, **units: float) -> "LogSigmoid":
        """The terms of the board take its unit up, the middle that of compute."""
        board, decades = units.get("board_size", 1.0), np.log10(units.get("flop", 1.0))
        return LogSigmoid(self.H, self.s_b * board, self.s_0, self.c_b * board, self.c_0 - decades)

    def jacobian(self, **inputs: Value) -> np.ndarray:
        """Derivatives by H, s_b, s₀, c_b, c₀, shape (..., 5, runs)."""
        board, z, risen = self._places(inputs)
        bell = risen * (1 - risen)
        by_width, width = 1 - risen + bell * z, self.s_b * board + self.s_0
        slopes = -self.H * np.stack([by_width * board, by_width, bell * board, bell])
        return np.concatenate([-(width * (1 - risen))[None], slopes]).swapaxes(0, -2)

    def curvature(self, weights: np.ndarray, **inputs: Value) -> np.ndarray:
        """Second derivatives summed over the runs with weights, shape (..., 5, 5)."""
        board, z, risen = self._places(inputs)
        bend = risen * (1 - risen) * (1 - 2 * risen) / (self.s_b * board + self.s_0)
        along = np.stack([z * board, z, np.broadcast_to(board, z.shape), np.ones_like(z)])
        bends = np.zeros((*np.broadcast_shapes(weights.shape, z.shape)[:-1], 5, 5))
        bends[..., 1:, 1:] = np.einsum("...n,p...n,q...n->...pq", self.H * weights * bend, along, along)
        bends[..., 0, 1:] = np.einsum("...n,...pn->...p", weights, self.jacobian(**inputs)[..., 1:, :]) / self.H
        bends[..., 1:, 0] = bends[..., 0, 1:]
        return bends

    def _places(self, inputs: Mapping[str, Value]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Board size, distance from the middle in widths, and the sigmoid of it."""
        from scipy.special import expit

        board = np.asarray(inputs["board_size"], dtype=np.float64)
        z = (np.log10(inputs["flop"]) - (self.c_b * board + self.c_0)) / (self.s_b * board + self.s_0)
        return board, z, expit(z)


def _short(inputs: Mapping[str, Value], s_b: Value, s_0: Value, c_b: Value, c_0: Value) -> np.ndarray:
    """H (1 - σ), what is missing to perfect play a unit of H; accepts complex parameters."""
    board = np.asarray(inputs["board_size"], dtype=np.float64)
    width = np.asarray(s_b * board + s_0)
    with np.errstate(divide="ignore", invalid="ignore"):
        power = (np.log10(inputs["flop"]) - (c_b * board + c_0)) / width
        short = width / (1 + np.exp(np.where(power.real > _FARTHEST, _FARTHEST, power)))
        return np.where(width.real > 0, short, np.nan)
