"""Powers that pass through the logarithm: the transformation of Box and Cox (1964, J. R. Stat. Soc. B 26, 211)."""

from math import factorial
from typing import Any

import numpy as np

from nextflop.laws.base import Value

_TERMS = 18  # of the series for small exponents: the first one left out is below 1e-16


def powers(x: Value, growth: Value) -> tuple[Any, Any, Any]:
    """(x^g - 1)/g, which is log x at g = 0, and its first two derivatives by g.

    They are log x times ∫ e^(zt) dt from 0 to 1 with z = g log x, log² x times that of t e^(zt), log³ x times that of
    t² e^(zt): by their series for small z, and in closed form elsewhere.
    """
    log_x = np.log(x)
    z = np.asarray(growth * log_x)
    small = np.abs(z) < 1
    near, far = np.where(small, z, 0.0), np.where(small, 1.0, z)
    grown = np.exp(far)
    closed = (
        np.expm1(far) / far,
        ((far - 1) * grown + 1) / far**2,
        (((far - 2) * far + 2) * grown - 2) / far**3,
    )
    found = []
    for order, value in enumerate(closed, start=1):
        series = np.zeros_like(near)
        for index in reversed(range(_TERMS)):
            series = series * near + 1 / (factorial(index) * (index + order))
        found.append(log_x**order * np.where(small, series, value))
    return found[0], found[1], found[2]
