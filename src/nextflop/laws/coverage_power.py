"""Coverage against samples as an exponentiated power law, for curves of which the counts are not at hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nextflop.laws.base import Law, Parameter, Value
from nextflop.laws.power import STEEPEST


@dataclass(frozen=True)
class CoveragePower(Law):
    r"""Coverage whose negative logarithm falls as a power of the samples.

    $$e^{-a k^{-b}}$$

    Brown et al. write exp(a k^b) with both constants negative. It follows where the success rates p of the problems
    are spread as p^(b-1) near 0 (Schaeffer et al. 2025, arXiv:2502.17578), and it always ends at 1: a share of problems
    that is never solved bends the curve away from it. The points of one curve come from the same samples and are far
    from independent, so least squares on a curve states its errors too small: where there are counts, fit those.

    Example:
        >>> law = CoveragePower(a=4.113, b=0.370)  # Pythia 12B on MATH
        >>> [round(float(law(samples=k)), 4) for k in (1.0, 100.0, 10_000.0)]
        [0.0164, 0.4731, 0.8727]
    """

    a: Value
    b: Value

    name = "coverage-power"
    formula = r"e^{-a k^{-b}}"
    reference = "Brown et al. 2024, arXiv:2407.21787, section 3.1; sign of a and b turned"
    inputs = ("samples",)
    response = "coverage"
    parameters = {  # noqa: RUF012 -- declared as a ClassVar in the base
        "a": Parameter("a", "nats", "negative logarithm of the coverage by one sample", 0.0, log=True),
        "b": Parameter("b", "", "exponent of samples", 0.0, STEEPEST),
    }
    highest = 1.0

    def __call__(self, **inputs: Value) -> Any:
        """Coverage at `samples` = k, broadcast against the parameters."""
        self.check_inputs(inputs)
        return np.exp(-self.a * np.asarray(inputs["samples"], dtype=np.float64) ** -self.b)

    @classmethod
    def basis(cls, exponents: Mapping[str, Value], **inputs: np.ndarray) -> np.ndarray:
        """No parameter enters linearly: no column."""
        return np.empty((len(np.atleast_1d(exponents["b"])), 0, len(inputs["samples"])))

    @classmethod
    def search(cls, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """Coverage in the middle of the curve from nearly 0 to nearly 1, exponents from flat to steep."""
        return {"a": np.geomspace(0.01, 20.0, 24), "b": np.geomspace(0.02, STEEPEST, 20)}

    def in_units(self, **units: float) -> "CoveragePower":
        """The factor takes the unit of samples up; the exponent is as it was."""
        return CoveragePower(self.a * units.get("samples", 1.0) ** -self.b, self.b)
