"""Whether the runs follow the form of the law: what is left over should not bend, and no rival should fit as well."""

from itertools import combinations_with_replacement

import numpy as np

from nextflop.evidence.runs import Runs
from nextflop.fitting.estimate import prepare
from nextflop.fitting.fit import Fit
from nextflop.judging.verdict import Outcome, Verdict

_UNLIKELY = 0.01
_VISIBLE = 0.5  # of the squares left over, explained by a smooth trend: what an eye sees in a plot of residuals
_TURNS = 500  # of the residuals' signs, for the chance of a trend; resolves 0.01 to a factor of 1.3
_WORSE = 10.0  # likelihood ratio from which a rival is out: "strong" on the scale of Jeffreys


def trend(fit: Fit, runs: Runs) -> Verdict:
    """Whether a smooth function of the inputs is left over in the residuals.

    Squares, cubes and products of the logarithms of the inputs, less what the parameters of the law can mimic, are
    fitted to the residuals; how much they explain is compared with what they explain when residuals are turned about by
    random signs, one for each run, or for each cluster (a score test with the wild bootstrap's reference).

    Args:
        fit: a fit to a table of runs.
        runs: the table that was fitted.
    """
    code, name = "trend", "nothing smooth is left over"
    if fit.method is None:
        return Verdict(code, name, Outcome.unknown, float("nan"), _UNLIKELY, "This fit is not one to a table of runs.")
    table, problem = prepare(type(fit.law), runs, fit.method)
    point = problem.coordinates(fit.law)
    root = np.sqrt(table.weights)
    residuals = problem.residuals(point[None], table.response)[0] * root
    taken = problem.slopes(point)[problem.free] * root
    shapes = _shapes(table.inputs) * root
    own = np.linalg.qr(taken.T)[0]
    left = shapes.T - own @ (own.T @ shapes.T)
    basis, sizes, _ = np.linalg.svd(left, full_matrices=False)
    basis = basis[:, sizes > 1e-6 * max(float(np.linalg.norm(shapes)), 1e-300)]
    if len(residuals) - own.shape[1] - basis.shape[1] < 3 or not basis.shape[1] or not residuals.any():
        says = "Too few runs are left to see a trend beside the parameters."
        return Verdict(code, name, Outcome.unknown, float("nan"), _UNLIKELY, says)
    explained = float(((basis.T @ residuals) ** 2).sum() / (residuals**2).sum())
    signs = np.random.default_rng(fit.seed).choice([-1.0, 1.0], size=(_TURNS, table.clusters))[:, table.groups]
    turned = signs * residuals
    turned -= (turned @ own) @ own.T
    chances = ((turned @ basis) ** 2).sum(axis=1) / (turned**2).sum(axis=1)
    chance = float((1 + (chances >= explained).sum()) / (_TURNS + 1))
    size = float(np.sqrt(np.mean((basis @ (basis.T @ residuals)) ** 2)))
    spelled = f"{size:.2%}" if fit.method.objective.log else f"{size:.3g}"
    if chance > _UNLIKELY:
        says = f"No trend of the residuals with {', '.join(fit.law.inputs)} stands out (p = {chance:.2g})."
        return Verdict(code, name, Outcome.passed, chance, _UNLIKELY, says)
    says = (
        f"A smooth trend of {spelled} with {', '.join(fit.law.inputs)} is left over (p = {chance:.2g}), "
        f"{explained:.0%} of what the law misses: the runs do not follow its form."
    )
    return Verdict(code, name, Outcome.fail if explained > _VISIBLE else Outcome.warn, chance, _UNLIKELY, says)


def rivals(fit: Fit, runs: Runs) -> Verdict:
    """For a law of one input with an offset: whether curves that are no power laws fit these runs as well.

    Rivals of as many parameters are a parabola in the logarithm of the input and an exponential approach to an offset;
    of fewer, a straight line in the logarithm. They are compared by the normal likelihood of the residuals, penalised
    for parameters and few runs (AICc, Hurvich and Tsai 1989). A power law that cannot be told from a parabola must not
    be extrapolated as one.

    Args:
        fit: a fit of a law of one input.
        runs: the table that was fitted.
    """
    code, name = "rivals", "no other curve fits as well"
    log = fit.method is not None and fit.method.objective.log
    x, y = np.log(np.maximum(runs[fit.law.inputs[0]], 1e-300)), runs[fit.law.response]
    aim = np.log(y) if log else y
    free = len(fit.law.parameters) - (len(fit.method.pinned) if fit.method else 0)
    own = _evidence(float((fit.residuals**2).sum()), len(x), free)
    found = {
        "a straight line in the logarithm": _evidence(_squares(np.vander(x, 2), y, aim, log), len(x), 2),
        "a parabola in the logarithm": _evidence(_squares(np.vander(x, 3), y, aim, log), len(x), 3),
        "an exponential approach": _evidence(_exponential(np.exp(x - x.max()), y, aim, log), len(x), 3),
    }
    best = min(found, key=found.__getitem__)
    ratio = float(np.exp(np.clip((found[best] - own) / 2, -700, 700)))
    if not np.isfinite(own) or len(x) < free + 3:
        says = f"{len(x)} runs are too few to tell one curve of {free} parameters from another."
        return Verdict(code, name, Outcome.unknown, float("nan"), _WORSE, says)
    if ratio > _WORSE:
        says = f"The runs prefer the law {ratio:.3g} times over the best other curve, {best}."
        return Verdict(code, name, Outcome.passed, ratio, _WORSE, says)
    if ratio > 1 / _WORSE:
        says = f"{best[0].upper()}{best[1:]} fits these runs as well (likelihood ratio {ratio:.2g}): whether this is a "
        says += "power law cannot be told, and far away the two part."
        return Verdict(code, name, Outcome.warn, ratio, _WORSE, says)
    says = f"{best[0].upper()}{best[1:]} fits these runs {1 / ratio:.3g} times better: this is not a power law."
    return Verdict(code, name, Outcome.fail, ratio, _WORSE, says)


def _shapes(inputs: object) -> np.ndarray:
    """Squares, cubes and products of the standardised logarithms, shape (shapes, runs)."""
    logs = []
    for column in dict(inputs).values():  # type: ignore[call-overload]
        positive = np.log(np.where(column > 0, column, column[column > 0].min()))
        logs.append((positive - positive.mean()) / (positive.std() or 1.0))
    powers = [list(combinations_with_replacement(logs, degree)) for degree in (2, 3)]
    return np.stack([np.prod(factors, axis=0) for group in powers for factors in group])


def _squares(columns: np.ndarray, y: np.ndarray, aim: np.ndarray, log: bool) -> float:
    """Least squares of the response by some columns, in the unit of the residuals."""
    weight = 1 / y if log else np.ones_like(y)  # d log y = dy / y
    line = columns @ np.linalg.lstsq(columns * weight[:, None], y * weight, rcond=None)[0]
    return float(((np.log(np.maximum(line, 1e-300)) - aim if log else line - aim) ** 2).sum())


def _exponential(x: np.ndarray, y: np.ndarray, aim: np.ndarray, log: bool) -> float:
    rates = np.geomspace(0.3, 30 / max(float(x.min()), 1e-12), 60)
    return min(_squares(np.stack([np.ones_like(x), np.exp(-rate * x)], axis=1), y, aim, log) for rate in rates)


def _evidence(squares: float, runs: int, parameters: int) -> float:
    """AICc of a normal model with its own scale; infinite where it is not defined."""
    count = parameters + 1
    if runs <= count + 1:
        return float("inf")
    return runs * float(np.log(max(squares, 1e-300) / runs)) + 2 * count + 2 * count * (count + 1) / (runs - count - 1)
