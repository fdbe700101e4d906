"""Law and runs in, fit out."""

from nextflop.fitting.estimate import fit
from nextflop.fitting.fit import Certificate, Fit, Interval, Status
from nextflop.fitting.objective import Huber, Objective, Squares
from nextflop.fitting.prediction import Prediction, predict

__all__ = ["Certificate", "Fit", "Huber", "Interval", "Objective", "Prediction", "Squares", "Status", "fit", "predict"]
