"""Data efficiency against rewritings of the same documents: what synthetic text from a fixed source adds."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from nextflop.errors import InputError
from nextflop.laws.base import Law, Parameter, Value
from nextflop.laws.guess import least_squares


@dataclass(frozen=True)
class SyntheticData(Law):
    r"""How many times the real text a corpus is worth once every document has been rewritten g times.

    $$M(g) = 1 + x K \left(1 - e^{-g/K}\right)$$

    Of U real tokens come x U K (1 - e^{-g/K}) effective ones: the first rewriting of a document is worth x of the
    original, each later one e^{-1/K} of the one before it, all of them together x K. A source that grows, new documents
    for every rewriting, is the limit of a large K, where M = 1 + x g.

    This is a proposal to be fitted to one's own runs. One measurement determines x K (1 - e^{-g/K}) and not its parts;
    `through` gives the law for a saturation that is assumed.

    Example:
        The data efficiencies 1.48 and 1.80 that were published for 32 rewritings of a document, arXiv:2603.18534,
        rephrased one by one and joined to long documents, if a document were spent after 8:

        >>> rephrased = SyntheticData.through(generations=32.0, data_efficiency=1.48, saturation=8.0)
        >>> joined = SyntheticData.through(generations=32.0, data_efficiency=1.80, saturation=8.0)
        >>> [round(float(law(generations=4.0)), 3) for law in (rephrased, joined)]
        [1.192, 1.321]
    """

    x: Value
    K: Value

    name = "synthetic-data"
    formula = r"M(g) = 1 + x K \left(1 - e^{-g/K}\right)"
    reference = "this project's proposal; with x = 1 the saturation of Muennighoff et al. 2023, arXiv:2305.16264, eq. 5"
    inputs = ("generations",)
    response = "data_efficiency"
    zeros = ("generations",)
    parameters = {  # noqa: RUF012 -- declared as a ClassVar in the base
        "x": Parameter("x", "real tokens per token", "worth of the first rewriting of a document", 0.0, log=True),
        "K": Parameter("K", "rewritings", "rewritings after which a document is spent", 0.0, log=True),
    }

    def __call__(self, **inputs: Value) -> Any:
        """Data efficiency at `generations` (g), broadcast against the parameters."""
        self.check_inputs(inputs)
        return 1 + self.x * rewritten(self.K, inputs["generations"])

    @classmethod
    def through(cls, *, generations: float, data_efficiency: float, saturation: float) -> "SyntheticData":
        """The law that passes through one measurement, for an assumed saturation.

        Args:
            generations: rewritings of each document in that measurement.
            data_efficiency: how many times the real text they made the corpus worth, 1 or more.
            saturation: K, in rewritings.

        Raises:
            InputError: if a number is out of its range.
        """
        for name, value, least in (
            ("generations", generations, 0.0),
            ("saturation", saturation, 0.0),
            ("data_efficiency", data_efficiency, np.nextafter(1.0, 0.0)),
        ):
            if not least < value < np.inf:
                at_least = "1 or more" if name == "data_efficiency" else "above 0"
                raise InputError(f"{name} {value:g} cannot be used: give a finite number, {at_least}.")
        return cls(x=(data_efficiency - 1) / float(rewritten(saturation, generations)), K=saturation)

    @classmethod
    def search(cls, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """K from a tenth of the fewest rewritings to ten times the most; x follows from the response, see `starts`."""
        seen = inputs["generations"][inputs["generations"] > 0]
        ends = (seen.min() / 10, seen.max() * 10) if len(seen) else (0.1, 10.0)
        return {"x": np.ones(1), "K": np.geomspace(*ends, 40)}

    @classmethod
    def starts(cls, response: np.ndarray, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """For each K the x of least squares, in which the gain is linear."""
        nodes = cls.nodes(**inputs)
        columns = rewritten(nodes["K"][:, None], inputs["generations"])
        found = least_squares(columns[:, None, :], response - 1, 1 / response)[:, 0]
        return nodes | {"x": np.maximum(found, 1e-6)}

    def in_units(self, **units: float) -> "SyntheticData":
        """The worth x is that of one new unit of rewritings, and K is counted in it."""
        unit = units.get("generations", 1.0)
        return SyntheticData(self.x * unit, self.K / unit)

    def jacobian(self, **inputs: Value) -> np.ndarray:
        """Derivatives by x, K, shape (..., 2, runs)."""
        passed = np.asarray(inputs["generations"]) / self.K
        by_saturation = self.x * (-np.expm1(-passed) - passed * np.exp(-passed))
        return np.stack([rewritten(self.K, inputs["generations"]), by_saturation], axis=-2)

    def curvature(self, weights: np.ndarray, **inputs: Value) -> np.ndarray:
        """Second derivatives summed over the runs with weights, shape (..., 2, 2)."""
        passed = np.asarray(inputs["generations"]) / self.K
        left = np.exp(-passed)
        mixed = (weights * (-np.expm1(-passed) - passed * left)).sum(axis=-1)
        twice = (-weights * self.x * passed**2 * left / self.K).sum(axis=-1)
        return np.stack([np.stack([0 * mixed, mixed], axis=-1), np.stack([mixed, twice], axis=-1)], axis=-2)


def rewritten(saturation: Value, generations: Value) -> Any:
    """K (1 - e^{-g/K})."""
    saturation = np.asarray(saturation)
    return -saturation * np.expm1(-np.asarray(generations) / saturation)
