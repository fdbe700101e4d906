"""Law and runs in, fit out."""

from nextflop.fitting.estimate import fit
from nextflop.fitting.fit import Certificate, Fit, Interval, Status
from nextflop.fitting.objective import Binomial, Huber, Objective, Quantile, Squares
from nextflop.fitting.prediction import Prediction, predict

__all__ = [
    "Binomial",
    "Certificate",
    "Fit",
    "Huber",
    "Interval",
    "Objective",
    "Prediction",
    "Quantile",
    "Squares",
    "Status",
    "fit",
    "predict",
]
