"""What the snapshots of one run say: a curve that turned up, and snapshots from before the run had settled."""

import numpy as np

from nextflop.evidence.quality.flag import Flag
from nextflop.evidence.quality.outliers import FAR

EARLY = 0.1
"""The first tenth of a run's training: warm-up and the first steep fall, which no law of the final loss describes."""

_SCALES = 8.0


def turned_up(rows: np.ndarray, loss: np.ndarray) -> list[Flag]:
    """Flags the snapshots of one run from where its loss rises for good.

    Args:
        rows: their places in the table, in the order of training.
        loss: their losses, above 0.
    """
    if len(rows) < 3:
        return []
    curve = np.log(loss)
    # Second differences hold the noise of the curve and little of its fall; their variance is six times a point's.
    noise = 1.4826 * np.median(np.abs(np.diff(curve, 2))) / np.sqrt(6)
    threshold = max(FAR, _SCALES * float(noise))
    above = curve - curve.min()
    lowest = int(curve.argmin())
    turned = int(np.flatnonzero(above <= threshold).max()) + 1
    return [
        Flag(
            int(row),
            "diverged",
            f"Its curve had fallen to {np.exp(curve[lowest]):.4g} at #{rows[lowest]} and has risen for good: "
            f"{100 * np.expm1(rise):.3g}% above here.",
            float(rise),
            threshold,
        )
        for row, rise in zip(rows[turned:], above[turned:], strict=True)
    ]


def early(rows: np.ndarray, progress: np.ndarray, share: float, cut: float | None) -> list[Flag]:
    """Flags the snapshots of one run from the first part of its training.

    Args:
        rows: their places in the table.
        progress: how far the run had come, such as tokens seen.
        share: of the run's last progress, below which a snapshot is early.
        cut: progress below which a snapshot is early, instead of the share.
    """
    done, limit = (progress / progress.max(), share) if cut is None else (progress, cut)
    what = f"in the first {100 * share:.3g}% of its run" if cut is None else f"before {cut:.3g}"
    return [
        Flag(int(rows[i]), "early", f"Was taken at {progress[i]:.3g}, {what}.", float(done[i]), limit)
        for i in np.flatnonzero(done < limit)
    ]
