"""How far the truth may lie from a law: a smooth random function of the logarithms of the settings.

Every law is an approximation, and its error does not average out over many runs of one region: neighbours share it. A
plan that forgets this buys dozens of cheap runs, or runs at remote corners, and is sure of the target. The error is
taken for a Gaussian process with a correlation of about a decade (Kennedy and O'Hagan 2001,
doi:10.1111/1467-9868.00294), in random cosines (Rahimi and Recht 2007).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nextflop.evidence.runs import Runs

_COSINES = 128
_REACH = float(np.log(10))  # over which misfits are alike: bends of a law take a decade
_LEAST = 3e-3  # of the response: the best form of a field misses its largest runs by so much (arXiv:2506.10972)
_SHARES = (0.0, 0.25, 0.5, 0.75, 0.95)  # of the variance of residuals, that may be smooth


def logs(settings: Runs, inputs: Sequence[str]) -> np.ndarray:
    """Logarithms of the inputs, shape (settings, inputs); an input of 0 counts as a decade below the smallest."""
    columns = []
    for name in inputs:
        column = settings[name]
        positive = column[column > 0]
        least = positive.min() / 10 if positive.size else 1.0
        columns.append(np.log(np.where(column > 0, column, least)))
    return np.stack(columns, axis=1) if columns else np.empty((len(settings), 0))


@dataclass(frozen=True)
class Misfit:
    """A smooth error of a law, and what some runs say of it.

    Attributes:
        inputs: the columns whose logarithms it is a function of.
        origin: from where these are counted, shape (inputs,).
        size: standard deviation before any run, in the unit of the residuals.
        runs: cosines at the runs, shape (runs, cosines).
        root: a root of the covariance of the cosines' amplitudes after the runs, shape (cosines, cosines).
    """

    inputs: tuple[str, ...]
    origin: np.ndarray
    size: float
    runs: np.ndarray
    root: np.ndarray

    @classmethod
    def of(
        cls, runs: np.ndarray, residuals: np.ndarray, scatter: float, unit: float, inputs: Sequence[str]
    ) -> tuple["Misfit", float]:
        """The misfit that the residuals of a fit show, and the noise of single runs that is left.

        The share of the residuals' variance that is smooth is the mean of a few, by their likelihood: where runs are
        too few to tell, half of it.

        Args:
            runs: logarithms of the inputs of the runs, shape (runs, inputs).
            residuals: of the best law, shape (runs,).
            scatter: their standard deviation, enlarged for what was fitted to them.
            unit: the size of the response, or 1 if residuals are of its logarithm.
            inputs: names of the inputs.
        """
        origin = runs.mean(axis=0)
        cosines = _cosines(runs - origin)
        left, values, _ = np.linalg.svd(cosines, full_matrices=False)
        along = left.T @ residuals
        rest = float(max((residuals**2).sum() - (along**2).sum(), 0.0))
        costs = []
        for share in _SHARES:
            variance = scatter**2 * (share * values**2 + 1 - share)
            white = scatter**2 * (1 - share)
            outside = (len(residuals) - len(values)) * np.log(white) + rest / white
            costs.append((np.log(variance) + along**2 / variance).sum() + outside)
        likely = np.exp((min(costs) - np.array(costs)) / 2)
        share = float(likely @ _SHARES / likely.sum())
        size = max(scatter * float(np.sqrt(share)), _LEAST * unit)
        noise = scatter * float(np.sqrt(1 - share))
        precision = cosines.T @ cosines / noise**2 + np.eye(_COSINES) / size**2
        root = np.linalg.inv(np.linalg.cholesky(precision)).T
        return cls(tuple(inputs), origin, size, cosines, root), noise

    def at_runs(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Errors that the law may have had at the runs, shape (count, runs)."""
        return self.size * rng.normal(size=(count, _COSINES)) @ self.runs.T

    def fields(self, settings: Runs) -> np.ndarray:
        """Rows whose products of columns are the covariance of the error at some settings, after the runs."""
        return self.root.T @ _cosines(logs(settings, self.inputs) - self.origin).T


def _cosines(places: np.ndarray) -> np.ndarray:
    """Cosines of random directions and phases, of unit variance in all, shape (places, cosines)."""
    rng = np.random.default_rng(0)
    directions = rng.normal(size=(places.shape[1], _COSINES)) / _REACH
    phases = rng.uniform(0, 2 * np.pi, _COSINES)
    return np.cos(places @ directions + phases) * np.sqrt(2 / _COSINES)
