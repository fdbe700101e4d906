"""What a law must beat to be worth its parameters: forecasts that assume next to nothing."""

import numpy as np

from nextflop.evidence.runs import Runs
from nextflop.laws.base import Law


def last_value(law: type[Law], train: Runs, test: Runs, axis: np.ndarray) -> np.ndarray:
    """Nothing changes: the response of the farthest training runs, shape (test runs,).

    Args:
        law: says which column is the response.
        train: the runs that are known.
        test: those that are forecast.
        axis: how far each training run is along the axis of the back-test, shape (training runs,).
    """
    last = train[law.response][axis == axis.max()]
    return np.full(len(test), float(np.median(last)))


def straight_line(law: type[Law], train: Runs, test: Runs) -> np.ndarray:
    """A power law in every input without an offset: least squares of logarithms, shape (test runs,).

    An input that may be 0, or never varies in training, is left out. A response that may be 0 or negative is fitted as
    it is, which makes the line one in the logarithms of the inputs.
    """
    names = [
        name for name in law.inputs if (train[name] > 0).all() and (test[name] > 0).all() and np.ptp(train[name]) > 0
    ]

    def columns(runs: Runs) -> np.ndarray:
        return np.stack([np.ones(len(runs)), *(np.log(runs[name]) for name in names)], axis=1)

    log = bool((train[law.response] > 0).all())
    response = np.log(train[law.response]) if log else train[law.response]
    found = np.linalg.lstsq(columns(train), response, rcond=None)[0]
    line = columns(test) @ found
    return np.exp(np.clip(line, -700, 700)) if log else line
