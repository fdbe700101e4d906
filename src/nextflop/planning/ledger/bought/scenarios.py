"""Scenarios: which rows of different laws go together.

A bootstrap draw of one fit says nothing of the draws of another fit to other runs, so each is drawn on its own: a
scenario takes from every law the row that stands at its place when the rows are lined up by belief, the places a fixed
permutation of evenly spaced ones. Fits that were bootstrapped together share a label, and with it the permutation, so
that draw i of one meets draw i of the other and what they have in common cancels.
"""

import zlib

import numpy as np

from nextflop.planning.ledger.pooled import believed

SCENARIOS = 1000
LOSS = "loss"
"""The label of the laws of the loss."""


def places(label: str, number: int = SCENARIOS) -> np.ndarray:
    """Places between 0 and 1, the same for the same label, shape (number,)."""
    order = np.random.default_rng(zlib.crc32(label.encode())).permutation(number)
    return (order + 0.5) / number


def rows(shares: np.ndarray, label: str, number: int = SCENARIOS) -> np.ndarray:
    """The row of a pool in every scenario, each as often as it is believed in, shape (number,).

    Args:
        shares: belief in each row.
        label: of what was drawn together.
        number: of scenarios.
    """
    return believed(shares, places(label, number))
