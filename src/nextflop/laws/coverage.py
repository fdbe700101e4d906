"""Coverage against samples: the share of problems solved by at least one of k tries."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from nextflop.laws.base import Law, Parameter, Value

# Stirling's series for log Γ: B_2m / (2m (2m-1)) for m = 1 … 6, the factors of x^-1, x^-3, …, x^-11. From x = 10 on
# the first term left out is below 1e-15.
_STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360)
_SHIFT = 10
_NEVER = 1e-200  # stands for 0 where 0/0 would have a limit


@dataclass(frozen=True)
class ZeroInflatedBetaBinomial(Law):
    r"""Coverage when problems differ in difficulty and some are never solved.

    $$(1-\pi)\left(1-\frac{B(a, b+k)}{B(a, b)}\right), \qquad a = \mu\nu, \; b = (1-\mu)\nu$$

    A share π of the problems is never solved. The success rate of one sample on the others is spread as Beta(a, b), so
    that k samples all miss with the chance of the fraction, which falls as k^-a: the curve rises to 1 - π, not to 1.
    k may be any real number ≥ 0.

    The Beta form is that of Levi (arXiv:2410.16377) and Kazdan et al. (arXiv:2510.05197); that many test sets need the
    atom at zero is the finding of Verine et al. (CTB workshop, ICML 2026).

    Example:
        >>> law = ZeroInflatedBetaBinomial(pi=0.1, mu=0.25, nu=4.0)
        >>> [round(float(law(samples=k)), 4) for k in (1.0, 3.0, 256.0)]
        [0.225, 0.45, 0.8896]
    """

    pi: Value
    mu: Value
    nu: Value

    name = "coverage"
    formula = r"(1-\pi)\left(1-\frac{B(\mu\nu,\,(1-\mu)\nu+k)}{B(\mu\nu,\,(1-\mu)\nu)}\right)"
    reference = "Levi 2024, arXiv:2410.16377; Kazdan et al. 2025, arXiv:2510.05197; atom: Verine et al. 2026"
    inputs = ("samples",)
    response = "coverage"
    zeros = ("samples",)
    highest = 1.0
    parameters = {  # noqa: RUF012 -- declared as a ClassVar in the base
        "pi": Parameter(r"\pi", "", "share of problems never solved", 0.0, 1.0),
        "mu": Parameter(r"\mu", "", "mean success rate of one sample on the other problems", 0.0, 1.0),
        "nu": Parameter(r"\nu", "", "how alike the other problems are: a + b of the Beta distribution", 0.0),
    }

    def __call__(self, **inputs: Value) -> Value:
        """Coverage at `samples` = k, broadcast against the parameters; nan where k is below 0."""
        self.check_inputs(inputs)
        return (1 - self.pi) * _by_beta(inputs["samples"], self.mu, self.nu)


@dataclass(frozen=True)
class BetaBinomial(Law):
    r"""Coverage when problems differ in difficulty and every one is solved in the end.

    $$1-\frac{B(a, b+k)}{B(a, b)}, \qquad a = \mu\nu, \; b = (1-\mu)\nu$$

    `ZeroInflatedBetaBinomial` with π = 0. For large k the misses fall as k^-a.

    Example:
        >>> law = BetaBinomial(mu=0.25, nu=4.0)
        >>> [round(float(law(samples=k)), 4) for k in (1.0, 3.0, 256.0)]
        [0.25, 0.5, 0.9884]
    """

    mu: Value
    nu: Value

    name = "beta-binomial"
    formula = r"1-\frac{B(\mu\nu,\,(1-\mu)\nu+k)}{B(\mu\nu,\,(1-\mu)\nu)}"
    reference = "Levi 2024, arXiv:2410.16377"
    inputs = ("samples",)
    response = "coverage"
    zeros = ("samples",)
    highest = 1.0
    parameters = {  # noqa: RUF012 -- declared as a ClassVar in the base
        "mu": Parameter(r"\mu", "", "mean success rate of one sample", 0.0, 1.0),
        "nu": Parameter(r"\nu", "", "how alike the problems are: a + b of the Beta distribution", 0.0),
    }

    def __call__(self, **inputs: Value) -> Value:
        """Coverage at `samples` = k, broadcast against the parameters; nan where k is below 0."""
        self.check_inputs(inputs)
        return _by_beta(inputs["samples"], self.mu, self.nu)


@dataclass(frozen=True)
class BothInflatedBetaBinomial(Law):
    r"""Coverage when some problems are never solved and some always.

    $$\omega + (1-\pi-\omega)\left(1-\frac{B(a, b+k)}{B(a, b)}\right), \qquad a = \mu\nu, \; b = (1-\mu)\nu$$

    Reinforcement learning moves problems to both ends: what a model can solve it comes to solve in every sample, what
    it could rarely solve it comes to solve in none. A Beta distribution has one tail to spare for each end and bends
    the middle to make room; the two atoms leave it alone.

    Example:
        >>> law = BothInflatedBetaBinomial(pi=0.3, omega=0.4, mu=0.25, nu=4.0)
        >>> [round(float(law(samples=k)), 4) for k in (0.0, 1.0, 3.0, 256.0)]
        [0.0, 0.475, 0.55, 0.6965]
    """

    pi: Value
    omega: Value
    mu: Value
    nu: Value

    name = "coverage-both"
    formula = r"\omega+(1-\pi-\omega)\left(1-\frac{B(\mu\nu,\,(1-\mu)\nu+k)}{B(\mu\nu,\,(1-\mu)\nu)}\right)"
    reference = "nextflop; the Beta-binomial of Levi 2024, arXiv:2410.16377, with an atom at either end"
    inputs = ("samples",)
    response = "coverage"
    zeros = ("samples",)
    highest = 1.0
    parameters = {  # noqa: RUF012 -- declared as a ClassVar in the base
        "pi": Parameter(r"\pi", "", "share of problems never solved", 0.0, 1.0),
        "omega": Parameter(r"\omega", "", "share of problems solved in every sample", 0.0, 1.0),
        "mu": Parameter(r"\mu", "", "mean success rate of one sample on the other problems", 0.0, 1.0),
        "nu": Parameter(r"\nu", "", "how alike the other problems are: a + b of the Beta distribution", 0.0),
    }

    def __call__(self, **inputs: Value) -> Value:
        """Coverage at `samples` = k, broadcast against the parameters; nan where k is below 0."""
        self.check_inputs(inputs)
        spread = (1 - self.pi - self.omega) * _by_beta(inputs["samples"], self.mu, self.nu)
        return spread + self.omega * (np.asarray(inputs["samples"]) > 0)


def _by_beta(samples: Value, mu: Value, nu: Value) -> np.ndarray:
    """Coverage of problems whose success rates are spread as Beta(μν, (1-μ)ν); nan where samples are below 0."""
    k = np.asarray(samples, dtype=np.float64)
    nu = np.maximum(nu, 1e-100)  # ν → 0 is the law of problems that are always or never solved
    a, b = np.asarray(nu * mu), np.asarray(nu * (1 - mu))
    return np.where(k >= 0, -np.expm1(log_all_missed(a, b, np.maximum(k, 0.0))), np.nan)


def log_all_missed(a: Value, b: Value, k: Value) -> np.ndarray:
    """The logarithm of B(a, b+k) / B(a, b), the chance that k samples all miss; broadcasts, accepts complex a and b.

    A difference of four log Γ loses every digit once a or k/b is small. Here Γ is shifted up by ten and Stirling's
    series put in by hand, its second difference in a and k rearranged so that no large numbers are subtracted: the
    relative error stays near 1e-14 for a and k/b of any size.
    """
    b = np.maximum(b, _NEVER)
    hit, miss = np.asarray(0.0), np.asarray(1.0)
    for step in range(_SHIFT):
        x = b + step
        # log Γ(x) = log Γ(x+1) - log x turns the ratio at x into the one at x+1 times 1 - ak / ((x+a)(x+k)).
        once = (a / (x + a)) * (k / (x + k))
        hit, miss = hit + once * (1 - hit), miss * (x / (x + a)) * ((x + a + k) / (x + k))
    x = b + _SHIFT
    once = (a / (x + a)) * (k / (x + k))
    with np.errstate(divide="ignore"):  # where the one is 0 the other is taken
        shifted = np.where(hit.real < 0.5, np.log1p(-hit), np.log(miss))
    leading = (x - 0.5) * np.log1p(-once) + a * np.log1p(k / (x + a)) + k * np.log1p(a / (x + k))
    return np.asarray(shifted - leading - (_tail(x, a) - _tail(x + k, a)))


def _tail(x: Any, a: Any) -> Any:
    """The remainder of Stirling's series at x less that at x + a, by factoring a out of each difference of powers."""
    u, v = 1 / x, 1 / (x + a)
    gap = a * u * v  # u - v
    difference, power, total = gap, v, _STIRLING[0] * gap  # u^m - v^m and v^m, for m = 1
    for factor in _STIRLING[1:]:
        difference, power = u * u * difference + power * (u + v) * gap, power * v * v
        total = total + factor * difference
    return total
