"""The best learning rate and batch size, as the Step Law has them."""

import numpy as np
import pytest

from nextflop.evidence.runs import Runs
from nextflop.fitting import Squares, Status, fit
from nextflop.laws import BatchSize, LearningRate

# Li et al. (2025), arXiv:2503.04715: fitted to some 3,700 runs.
RATE = LearningRate(c=1.79, p=-0.713, q=0.307)
BATCH = BatchSize(c=0.58, q=0.571)


def test_the_published_constants_give_what_they_give_by_hand() -> None:
    # log10: 0.25285 - 0.713·9 + 0.307·11 = -2.78715, and -0.23657 + 0.571·11 = 6.04443.
    assert RATE(params=1e9, tokens=1e11) == pytest.approx(10**-2.78715, rel=1e-4)
    assert BATCH(tokens=1e11) == pytest.approx(10**6.04443, rel=1e-4)


def test_the_fit_is_the_regression_of_the_logarithms() -> None:
    rng = np.random.default_rng(0)
    params, tokens = 10 ** rng.uniform(7.8, 9.1, 30), 10 ** rng.uniform(9.3, 11, 30)
    rate = RATE(params=params, tokens=tokens) * np.exp(0.1 * rng.normal(size=30))
    found = fit(
        LearningRate,
        Runs({"params": params, "tokens": tokens, "learning_rate": rate}),
        objective=Squares(log=True),
        draws=200,
    )
    columns = np.stack([np.ones(30), np.log(params), np.log(tokens)], axis=1)
    log_c, p, q = np.linalg.lstsq(columns, np.log(rate))[0]
    assert found.status is Status.converged
    assert found.certificate.agreeing == 1
    assert list(found.law.values.values()) == pytest.approx([np.exp(log_c), p, q], rel=1e-6)
    assert abs(p + 0.713) < 5 * found.draws[:, 1].std()


def test_a_batch_law_is_found_again() -> None:
    tokens = np.geomspace(2e9, 1e11, 8)
    found = fit(BatchSize, Runs({"tokens": tokens, "batch_size": BATCH(tokens=tokens)}), draws=0)
    np.testing.assert_allclose(list(found.law.values.values()), [0.58, 0.571], rtol=1e-6)
