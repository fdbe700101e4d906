"""Whether a law misses settings that were run several times by more than those runs miss each other."""

import numpy as np

from nextflop.evidence.runs import Runs
from nextflop.fitting.fit import Fit
from nextflop.judging.verdict import Outcome, Verdict

_UNLIKELY = 0.01  # of misses like these under the law, where the verdict turns
_LARGE = 2.0  # times the scatter of replicates: a miss that a reader would see


def lack_of_fit(fit: Fit, runs: Runs) -> Verdict:
    """The F test of the misses at replicated settings against the scatter of the replicates.

    Replicates are runs with equal inputs, as different seeds are. Mean squares of the two kinds are compared as in any
    analysis of variance; a large table rejects every law, so a verdict of failure also needs misses that can be seen.

    Args:
        fit: a fit to a table of runs.
        runs: the table that was fitted.
    """
    code, name = "lack_of_fit", "misses less than seeds do"
    # The same run listed twice is no replicate.
    rows = np.stack([*(runs[column] for column in fit.law.inputs), runs[fit.law.response]])
    first = np.unique(rows, axis=1, return_index=True)[1]
    residuals = fit.residuals[first]
    group = np.unique(rows[:-1, first], axis=1, return_inverse=True)[1].ravel()
    counts = np.bincount(group)
    spare = int((counts - 1).sum())
    freedom = int((counts > 0).sum()) - _free(fit)
    if spare < 2 or freedom < 1:
        says = "Too few settings were run twice to know the scatter of seeds: repeat some runs with other seeds."
        return Verdict(code, name, Outcome.unknown, float("nan"), _UNLIKELY, says)
    means = np.bincount(group, weights=residuals) / counts
    within = float(((residuals - means[group]) ** 2).sum() / spare)
    between = float((counts * means**2).sum() / freedom)
    chance = _tail(between / max(within, 1e-300), freedom, spare)
    scatter, miss = np.sqrt(within), float(np.sqrt(np.average(means**2, weights=counts)))
    spelled = [
        f"{value:.2%}" if fit.method and fit.method.objective.log else f"{value:.3g}" for value in (miss, scatter)
    ]
    says = f"The law misses the settings by {spelled[0]}, where runs at one setting scatter by {spelled[1]}"
    if chance > _UNLIKELY:
        return Verdict(code, name, Outcome.passed, chance, _UNLIKELY, f"{says} (p = {chance:.2g}).")
    outcome = Outcome.fail if miss > _LARGE * scatter else Outcome.warn
    return Verdict(code, name, outcome, chance, _UNLIKELY, f"{says} (p = {chance:.1g}): the form of the law is wrong.")


def _free(fit: Fit) -> int:
    return len(fit.law.parameters) - (len(fit.method.pinned) if fit.method else 0)


def _tail(ratio: float, above: int, below: int) -> float:
    from scipy.special import fdtrc

    return float(fdtrc(above, below, ratio))
