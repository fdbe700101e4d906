"""Whether the inputs were varied apart, so that a law can tell their effects apart."""

from collections.abc import Sequence

import numpy as np

from nextflop.evidence.quality.flag import Flag

INFLATED = 10.0
"""Variance inflation at which textbooks begin to worry: nine tenths of an input's spread follow the other inputs'. The
error of the amplitudes grows without end as a design nears D = kN (Reid 2026, arXiv:2605.08541)."""


def collinear(rows: np.ndarray, logs: np.ndarray, inputs: Sequence[str], recipe: str) -> list[Flag]:
    """One flag of the table, if the inputs of the runs of one recipe change together or one does not change.

    Args:
        rows: their places in the table.
        logs: logarithms of their inputs, shape (runs, inputs).
        inputs: names of the inputs.
        recipe: its name, or nothing where there is one only.
    """
    where = f" of {recipe}" if recipe else ""
    if len(inputs) < 2 or len(rows) < 3:
        return []
    still = np.ptp(logs, axis=0) == 0
    if still.any():
        names = " and ".join(np.asarray(inputs)[still].tolist())
        says = f"The runs{where} all have the same {names}: what it does to the loss cannot be seen."
        return [Flag(None, "collinear", says, np.inf, INFLATED)]
    unit = (logs - logs.mean(axis=0)) / logs.std(axis=0) / np.sqrt(len(rows))
    correlations = unit.T @ unit
    # The inverse of a matrix that is singular to rounding says nothing; its inflation is beyond any threshold.
    inflation = np.linalg.inv(correlations).diagonal() if np.linalg.cond(correlations) < 1e14 else np.full(2, np.inf)
    if inflation.max() < INFLATED:
        return []
    first, second = np.unravel_index(np.abs(np.triu(correlations, 1)).argmax(), correlations.shape)
    power = np.sign(correlations[first, second]) * logs[:, second].std() / logs[:, first].std()
    says = (
        f"In the runs{where} {inputs[second]} goes as {inputs[first]}^{power:.2f} (correlation "
        f"{correlations[first, second]:.3f}): their effects on the loss can hardly be told apart."
    )
    return [Flag(None, "collinear", says, float(inflation.max()), INFLATED)]
