"""What to expect of larger runs, with the uncertainty of parameters, laws and single runs apart."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from nextflop.errors import InputError
from nextflop.evidence.files import Json
from nextflop.evidence.runs import Runs
from nextflop.fitting.prediction import Spread, beyond, columns
from nextflop.judging.choice import Choice
from nextflop.laws.base import Value


@dataclass(frozen=True)
class Forecast:
    """The response at some inputs; every array has the shape of the inputs.

    The intervals contain one another. Each is that of Student's t with the choice's degrees of freedom, in logarithms,
    with standard deviations that were widened by what the held-out runs showed.

    Attributes:
        value: the weighted mean of the laws, of logarithms.
        low, high: with the uncertainty of the parameters alone, if the mean of the laws is right.
        law_low, law_high: with that of the law too; where the response itself should be.
        run_low, run_high: with the scatter of single runs too; where one more run should be.
        spread: the three standard deviations of the logarithm, widened by `Choice.widening`.
        beyond: input → decades outside the range of the runs, 0 inside.
        level: the level of the intervals.
    """

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    law_low: np.ndarray
    law_high: np.ndarray
    run_low: np.ndarray
    run_high: np.ndarray
    spread: Spread
    beyond: Mapping[str, np.ndarray]
    level: float

    def to_json(self) -> dict[str, Json]:
        """The forecast as JSON."""
        return {**vars(self), "spread": self.spread._asdict(), "beyond": dict(self.beyond)}


def forecast(choice: Choice, level: float = 0.9, **inputs: Value) -> Forecast:
    """Foretells the response by all laws of a choice.

    Args:
        choice: from `choose`.
        level: level of the intervals.
        inputs: the laws' inputs, numbers or arrays that broadcast.

    Raises:
        InputError: if an input is missing, unknown or outside the domain of the laws, or the level is no level.
    """
    if not 0 < level < 1:
        raise InputError(f"level = {level}: give a level between 0 and 1.")
    from scipy.stats import t

    law = choice.ensemble.members[0].fitted.law
    given = columns(law, inputs)
    shape = next(iter(given.values())).shape
    middle, bare = choice.ensemble.log_forecast(Runs({name: column.ravel() for name, column in given.items()}))
    spread = Spread(*((choice.widening * part).reshape(shape) for part in bare))
    middle = middle.reshape(shape)
    reach = float(t.ppf((1 + level) / 2, choice.freedom))
    halves = (spread.parameter, np.hypot(spread.parameter, spread.law), spread.total)
    with np.errstate(over="ignore"):
        ends = [np.asarray(np.exp(middle + side * reach * half)) for half in halves for side in (-1, 1)]
    return Forecast(
        np.asarray(np.exp(middle)),
        *ends,
        spread=spread,
        beyond={name: beyond(column, *choice.ranges[name]) for name, column in given.items()},
        level=level,
    )
