"""Loss of a language model against parameters and tokens, with a data exponent that depends on the parameters."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nextflop.laws.base import Law, Parameter, Value
from nextflop.laws.box_cox import powers
from nextflop.laws.guess import least_squares, polish

_STEEPEST = 2.0  # of q, b and a, where the published ones are between -0.2 and 0.2
_GENTLE = 0.3  # growth at which a search sets out
_FASTEST = 20.0  # logarithm of an exponent with which a few tokens take all away
_ROUNDS = 25  # of steps from every start, so that the basins show


@dataclass(frozen=True)
class Farseer(Law):
    r"""Loss when a model of N parameters sees D tokens, and models of different size learn at a different rate.

    $$L(N, D) = e^{S + s N_q} + e^{Q + B N_b} D^{-e^{E + A N_a}}, \qquad N_q = \frac{N^q - 1}{q}$$

    At every size the loss is an offset and a power law of the tokens; offset, amplitude and exponent are stretched
    exponentials of N. `Chinchilla` has one exponent of D for all sizes; here it falls as models grow, if A is negative.

    The paper writes e^(s N^q + S), which breaks down at q = 0, where s and S go to opposite infinities although the law
    stays as it is; fits to its own runs come to a = 0.01. Here N_q is the logarithm of N at q = 0, and s is the slope
    of the logarithm of the offset at N = 1. `from_published` and `published` convert. Tokens are counted one by one:
    in another unit the amplitude would no longer be a stretched exponential.

    Example:
        The constants that Li et al. give with their runs, of loss in bits per character:

        >>> law = Farseer.from_published(
        ...     s=-0.062465473, q=0.13, S=0.1284880679442551, B=230.73437075885855, b=-0.1729, Q=-1.544209554,
        ...     A=-1.665630816, a=0.0458999999999619, E=3.133347198805445,
        ... )
        >>> round(float(law(params=2.27349504e9, tokens=4.30537310208e11)), 4)
        0.4583
    """

    S: Value
    s: Value
    q: Value
    Q: Value
    B: Value
    b: Value
    E: Value
    A: Value
    a: Value

    name = "farseer"
    formula = (
        r"L(N, D) = e^{S + s N_q} + e^{Q + B N_b} D^{-e^{E + A N_a}}, \; "
        r"N_q = \frac{N^q - 1}{q}, \; N_b = \frac{N^b - 1}{b}, \; N_a = \frac{N^a - 1}{a}"
    )
    reference = "Li et al. 2025, arXiv:2506.10972, in parameters that stay finite where q, b or a is 0"
    inputs = ("params", "tokens")
    response = "loss"
    pure = ("tokens",)
    parameters = {  # noqa: RUF012 -- declared as a ClassVar in the base
        "S": Parameter("S", "", "logarithm of the offset at one parameter"),
        "s": Parameter("s", "", "slope of it there, by the logarithm of parameters"),
        "q": Parameter("q", "", "growth of that slope with parameters", -_STEEPEST, _STEEPEST),
        "Q": Parameter("Q", "", "logarithm of the amplitude at one parameter"),
        "B": Parameter("B", "", "slope of it there"),
        "b": Parameter("b", "", "growth of that slope with parameters", -_STEEPEST, _STEEPEST),
        "E": Parameter("E", "", "logarithm of the exponent of tokens at one parameter"),
        "A": Parameter("A", "", "slope of it there"),
        "a": Parameter("a", "", "growth of that slope with parameters", -_STEEPEST, _STEEPEST),
    }

    def __call__(self, **inputs: Value) -> Any:
        """Loss at `params` (N) and `tokens` (D), broadcast against the parameters."""
        self.check_inputs(inputs)
        offset, fall, _ = self._terms(inputs)
        return offset + fall

    @classmethod
    def from_published(
        cls, s: Value, q: Value, S: Value, B: Value, b: Value, Q: Value, A: Value, a: Value, E: Value
    ) -> "Farseer":
        """The law from the constants of the paper: e^(s N^q + S) + e^(B N^b + Q) D^(-e^(A N^a + E))."""
        return cls(S + s, s * q, q, Q + B, B * b, b, E + A, A * a, a)

    def published(self) -> dict[str, Value]:
        """The constants as the paper writes them; infinite where q, b or a is 0."""
        with np.errstate(divide="ignore", invalid="ignore"):
            s, B, A = (np.divide(*pair) for pair in ((self.s, self.q), (self.B, self.b), (self.A, self.a)))
        rest = {"q": self.q, "S": self.S - s, "b": self.b, "Q": self.Q - B, "a": self.a, "E": self.E - A}
        return {"s": s, "B": B, "A": A, **rest}

    @classmethod
    def search(cls, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """Everything follows from the response, see `starts`."""
        return dict.fromkeys(cls.parameters, np.zeros(1))

    @classmethod
    def starts(cls, response: np.ndarray, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """From laws with offset and amplitude quadratic in log N, which are linear once the exponent of D is chosen.

        The exponent of the tokens is taken as e^(u + v log N) on a grid of u and v; least squares then give offset and
        amplitude at every size, and parabolas through their logarithms a start. There are several basins, of other
        signs of q, b and a, and starts do not show which is deep: from each some steps are made.
        """
        log_params = np.log(inputs["params"])
        grid = np.meshgrid(np.geomspace(0.1, 0.9, 9), np.linspace(-0.3, 0.2, 6))
        rate, drift = (part.ravel()[:, None] for part in grid)
        sizes = np.stack([np.ones_like(log_params), log_params, log_params**2])
        falls = inputs["tokens"] ** (-rate * np.exp(drift * log_params))
        columns = np.concatenate([np.broadcast_to(sizes, (len(rate), *sizes.shape)), sizes * falls[:, None]], axis=1)
        found = least_squares(columns, response, 1 / response)
        size = np.median(response)
        offset = np.log(np.maximum(found[:, :3] @ sizes, 0.02 * size))
        amplitude = np.log(np.maximum(found[:, 3:] @ sizes * falls, 1e-4 * size) / falls)
        straight = np.stack([np.log(rate), drift, np.zeros_like(rate)], axis=-1)[:, 0]
        lines = (_line(sizes, offset), _line(sizes, amplitude), straight)
        points = polish(cls, np.concatenate(lines, axis=1), response, inputs, _ROUNDS)
        return dict(zip(cls.parameters, points.T, strict=True))

    def in_units(self, **units: float) -> "Farseer":
        """Heights and slopes are those at the new unit of parameters; tokens keep theirs."""
        unit = np.float64(units.get("params", 1.0))
        moved = []
        for height, slope, growth in self._lines:
            moved += [height + slope * powers(unit, growth)[0], slope * unit**growth, growth]
        return Farseer(*moved)

    def jacobian(self, **inputs: Value) -> np.ndarray:
        """Derivatives by S, s, q, Q, B, b, E, A, a, shape (..., 9, runs)."""
        offset, fall, rate = self._terms(inputs)
        slopes = []
        for term, (_, slope, growth) in zip((offset, fall, -fall * rate), self._lines, strict=True):
            power, by_growth, _ = powers(inputs["params"], growth)
            slopes += [term, term * power, term * slope * by_growth]
        return np.stack(np.broadcast_arrays(*slopes), axis=-2)

    def curvature(self, weights: np.ndarray, **inputs: Value) -> np.ndarray:
        """Second derivatives summed over the runs with weights, shape (..., 9, 9)."""
        offset, fall, rate = self._terms(inputs)
        pull = -fall * rate  # of the logarithm of the exponent of D
        bends = np.zeros((*weights.shape[:-1], 9, 9))
        inner = []
        for at, term, (_, slope, growth) in zip((0, 3, 6), (offset, fall, pull), self._lines, strict=True):
            power, by_growth, twice = powers(inputs["params"], growth)
            inner.append(np.stack(np.broadcast_arrays(np.ones_like(power), power, slope * by_growth), axis=-2))
            once = (weights * term * by_growth).sum(axis=-1)
            bends[..., at + 1, at + 2] += once
            bends[..., at + 2, at + 1] += once
            bends[..., at + 2, at + 2] += (weights * term * slope * twice).sum(axis=-1)
        for one, other, term in ((0, 0, offset), (1, 1, fall), (1, 2, pull), (2, 2, pull * (1 - rate))):
            block = (inner[one] * (weights * term)[..., None, :]) @ np.swapaxes(inner[other], -1, -2)
            bends[..., 3 * one : 3 * one + 3, 3 * other : 3 * other + 3] += block
            if one != other:
                bends[..., 3 * other : 3 * other + 3, 3 * one : 3 * one + 3] += np.swapaxes(block, -1, -2)
        return bends

    @property
    def _lines(self) -> tuple[tuple[Value, Value, Value], ...]:
        """Height, slope and growth of the slope: of the offset, of the amplitude and of the exponent of D."""
        return (self.S, self.s, self.q), (self.Q, self.B, self.b), (self.E, self.A, self.a)

    def _terms(self, inputs: Mapping[str, Value]) -> tuple[Any, Any, Any]:
        """The offset, what the tokens have left to take away, and its exponent of D times log D."""
        offset, amplitude, rate = (
            height + slope * powers(inputs["params"], growth)[0] for height, slope, growth in self._lines
        )
        rate = np.exp(np.minimum(rate, _FASTEST)) * np.log(inputs["tokens"])
        return np.exp(offset), np.exp(amplitude - rate), rate


def _line(sizes: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Height, slope and growth of the lines through y of shape (points, runs), from parabolas in log N."""
    height, slope, bend = np.linalg.lstsq(sizes.T, y.T, rcond=None)[0]
    # (N^q - 1)/q is log N + q log² N / 2 and more; where the line is level its growth has no meaning.
    growth = np.divide(2 * bend, slope, out=np.zeros_like(slope), where=np.abs(slope) > 1e-6)
    return np.stack([height, slope, np.clip(growth, -_GENTLE, _GENTLE)], axis=1)
