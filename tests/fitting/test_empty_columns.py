"""A term that the runs never show: a law with one is fitted without it, and without a warning."""

import numpy as np
import pytest

from nextflop.evidence.runs import Runs
from nextflop.fitting import fit
from nextflop.fitting.quick import swift
from nextflop.laws import Chinchilla, OverfitPenalty


def test_runs_that_repeat_nothing_leave_the_penalty_out(noisy: Runs) -> None:
    # The column of the penalty is 0 in every run.
    runs = noisy.with_columns(unique_tokens=noisy["tokens"])
    plain = fit(Chinchilla, noisy, draws=0)
    assert fit(OverfitPenalty, runs, draws=0).objective == pytest.approx(plain.objective, rel=1e-6)
    said = swift(OverfitPenalty, runs).log_response(runs)
    np.testing.assert_allclose(said, np.log(plain.law(params=runs["params"], tokens=runs["tokens"])), atol=1e-4)
