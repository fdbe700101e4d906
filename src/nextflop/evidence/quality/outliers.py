"""Runs whose loss is too high for what was put into them."""

import numpy as np

from nextflop.evidence.quality.flag import Flag, mentioned
from nextflop.evidence.quality.neighbours import Trend, trend

FAR = 0.10
"""A loss 10% above that of runs with less of everything is no accident of a seed, if it is 8 scales of the scatter."""

LEAST = 0.005
"""Half a per cent: what lies closer to the trend is not worth a flag, however small the scatter."""

FALSE_ALARM = 0.05
"""The chance of any "under-tuned" flag in a clean table of one recipe; measured, it is 0.01 to 0.04."""

_SCALES = 8.0
_WITNESSES = 3  # the nearest runs with no more of any input; their median speaks


def not_finite(loss: np.ndarray) -> list[Flag]:
    """Flags the rows without a loss."""
    rows = np.flatnonzero(~np.isfinite(loss))
    return [Flag(int(row), "diverged", "Has no finite loss.", float(loss[row]), FAR) for row in rows]


def outliers(rows: np.ndarray, logs: np.ndarray, loss: np.ndarray) -> list[Flag]:
    """Flags of the runs of one recipe.

    Args:
        rows: their places in the table.
        logs: logarithms of their inputs, of which more is no worse, shape (runs, inputs).
        loss: their losses, above 0.
    """
    log_loss = np.log(loss)
    expected = trend(logs, log_loss)
    diverged = _diverged(rows, logs, log_loss, expected)
    if expected is None:
        return diverged
    return diverged + _under_tuned(rows, expected, {flag.row for flag in diverged})


def _diverged(rows: np.ndarray, logs: np.ndarray, log_loss: np.ndarray, expected: Trend | None) -> list[Flag]:
    """Loss falls with every input, so a run must not lose to runs that had no more of anything."""
    from scipy.spatial import KDTree

    if len(rows) < 2:
        return []
    scatter = 0.0 if expected is None else _SCALES * expected.scale
    threshold = max(FAR, scatter)
    # Thirty-two neighbours hold about eight that are no larger in both of two inputs, save at the low corner.
    near = KDTree(logs).query(logs, min(32, len(rows)))[1]
    lesser = (logs[near] <= logs[:, None]).all(axis=2) & (near != np.arange(len(rows))[:, None])
    witness = lesser & (np.cumsum(lesser, axis=1) <= _WITNESSES)
    heard = witness.any(axis=1)
    testimony = np.where(witness, log_loss[near], np.nan)[heard]
    excess = log_loss[heard] - np.nanmedian(testimony, axis=1)
    return [
        Flag(
            int(rows[run]),
            "diverged",
            f"Lies {100 * np.expm1(above):.3g}% above {mentioned(rows[near[run][witness[run]]])}, "
            "which had no more of any input.",
            float(above),
            threshold,
        )
        for run, above in zip(np.flatnonzero(heard), excess, strict=True)
        if above > threshold
    ]


def _under_tuned(rows: np.ndarray, expected: Trend, known: set[int | None]) -> list[Flag]:
    from scipy.special import stdtrit

    threshold = -float(stdtrit(expected.freedom, FALSE_ALARM / len(rows)))
    chosen = np.flatnonzero((expected.score > threshold) & (expected.excess > LEAST))
    return [
        Flag(
            int(rows[run]),
            "under-tuned",
            f"Lies {100 * np.expm1(expected.excess[run]):.3g}% above the trend of its neighbours, "
            f"nearest {mentioned(rows[expected.neighbours[run]], 4)}: {expected.score[run]:.3g} times their scatter.",
            float(expected.score[run]),
            threshold,
        )
        for run in chosen
        if rows[run] not in known
    ]
