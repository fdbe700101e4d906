"""The scale on which a series is a line while nothing changes: logarithm, logit, or the values as they are."""

from typing import NamedTuple

import numpy as np

from nextflop.errors import InputError, unknown

NAMES = ("log", "logit", "as-is")
MARGIN = 0.05
"""Share of the range of a benchmark at either end, within which it cannot tell how good a model is."""


class Scale(NamedTuple):
    """A scale.

    Attributes:
        name: "log" for what grows by factors, "logit" for a share between a floor and a ceiling, "as-is" for what has
            been put on a linear scale already, such as an index from item response theory.
        floor: what guessing gives, for "logit".
        ceiling: the best that can be had, for "logit".
    """

    name: str = "log"
    floor: float = 0.0
    ceiling: float = 1.0

    def to(self, values: np.ndarray | float) -> np.ndarray:
        """Values on the scale; `nan` for those that it cannot hold."""
        with np.errstate(all="ignore"):
            if self.name == "log":
                found = np.log(values)
            elif self.name == "logit":
                share = (values - self.floor) / (self.ceiling - self.floor)
                found = np.log(share / (1 - share))
            else:
                found = np.asarray(values, dtype=np.float64)
        return np.where(np.isfinite(found), found, np.nan)

    def back(self, places: np.ndarray | float) -> np.ndarray:
        """Values at places on the scale."""
        if self.name == "as-is":
            return np.asarray(places)
        with np.errstate(over="ignore"):
            if self.name == "log":
                return np.asarray(np.exp(places))
            return np.asarray(self.floor + (self.ceiling - self.floor) / (1 + np.exp(-np.asarray(places))))

    def bounded(self, values: np.ndarray, sides: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Values near the floor or the ceiling of a benchmark turned into bounds.

        A model that solves nearly all items may be any amount better than that; leaving it out would leave out the
        best ones, and reading its score would bend the curve.

        Raises:
            InputError: if a value is above the ceiling.

        Returns:
            The values and the sides, 1 where only "at least" is known, -1 where "at most" is.
        """
        if self.name != "logit":
            return values, sides
        share = (values - self.floor) / (self.ceiling - self.floor)
        if (share > 1).any():
            raise InputError(
                f"The value {values[share > 1][0]:g} is above the ceiling {self.ceiling:g}: give the ceiling in the "
                "unit of the values, or correct the row."
            )
        high, low = share > 1 - MARGIN, share < MARGIN
        edges = self.floor + (self.ceiling - self.floor) * np.array([MARGIN, 1 - MARGIN])
        values = np.where(high, edges[1], np.where(low, edges[0], values))
        return values, np.where(high, 1.0, np.where(low, -1.0, sides))


def scale(name: str, floor: float | None = None, ceiling: float | None = None) -> Scale:
    """A scale by its name.

    Raises:
        InputError: if there is none of that name, or the floor and ceiling cannot be used.
    """
    if name not in NAMES:
        raise unknown("scale", name, NAMES)
    if name != "logit":
        if floor is not None or ceiling is not None:
            raise InputError(f"A floor or a ceiling belongs to the scale logit, not to {name}: take logit or drop it.")
        return Scale(name)
    found = Scale(name, 0.0 if floor is None else floor, 1.0 if ceiling is None else ceiling)
    if not found.floor < found.ceiling:
        raise InputError(f"The floor {found.floor:g} is not below the ceiling {found.ceiling:g}: mend one of them.")
    return found
