"""The exponentiated power law of coverage against the measured curves of Pythia on MATH."""

import csv
from pathlib import Path

import numpy as np
import pytest

from nextflop.evidence.counts import Counts, pass_at_k
from nextflop.evidence.runs import Runs
from nextflop.fitting import Status, fit
from nextflop.laws import CoveragePower

# 128 problems by 10,000 samples. Size → a and b by least squares of log(-log pass@k) on log k, the same by least
# squares of pass@k, the mean absolute error of the second, and pass@1, 10, 100, 1,000 and 10,000.
RECORD = {
    "70M": ((8.026, 0.194), (8.309, 0.199), 0.0007, (0.0006, 0.0060, 0.0361, 0.1241, 0.2656)),
    "160M": ((6.592, 0.280), (6.175, 0.272), 0.0141, (0.0027, 0.0251, 0.1619, 0.4102, 0.5703)),
    "410M": ((5.524, 0.286), (5.491, 0.287), 0.0082, (0.0062, 0.0517, 0.2272, 0.4818, 0.6562)),
    "1B": ((5.452, 0.315), (5.570, 0.319), 0.0057, (0.0083, 0.0665, 0.2745, 0.5462, 0.7422)),
    "2.8B": ((4.104, 0.336), (4.250, 0.344), 0.0088, (0.0203, 0.1348, 0.4220, 0.6778, 0.8125)),
    "6.9B": ((4.255, 0.348), (4.411, 0.357), 0.0098, (0.0186, 0.1314, 0.4316, 0.6877, 0.8359)),
    "12B": ((4.113, 0.370), (4.245, 0.378), 0.0085, (0.0232, 0.1568, 0.4834, 0.7233, 0.8750)),
}
# 101 whole numbers. Which 101 the record took it does not say; others that are as even move a by 3% and b by 0.005.
K = np.unique(np.rint(np.geomspace(1, 10_000, 123)))
OTHER_K = {"a": 0.045, "b": 0.0065}


@pytest.fixture(scope="module")
def pythia(public_data: Path) -> dict[str, Counts]:
    with (public_data / "pythia-coverage" / "math-counts.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {
        size: Counts(*zip(*[(r["problem"], int(r["samples"]), int(float(r["correct"]))) for r in rows
                            if r["model"] == f"Pythia {size}"], strict=True))
        for size in RECORD
    }  # fmt: skip


def test_one_sample_has_the_coverage_of_its_factor_and_a_decade_lifts_the_logarithm_by_the_exponent() -> None:
    law = CoveragePower(a=4.113, b=0.37)
    assert law(samples=1.0) == pytest.approx(np.exp(-4.113), rel=1e-14)
    nats = -np.log(law(samples=np.array([1.0, 10.0, 100.0])))
    np.testing.assert_allclose(nats[1:] / nats[:-1], 10**-0.37, rtol=1e-12)


@pytest.mark.parametrize("size", RECORD)
def test_pass_at_k_of_pythia_is_that_on_record(pythia: dict[str, Counts], size: str) -> None:
    measured = pass_at_k(pythia[size], np.array([1, 10, 100, 1000, 10_000]))
    np.testing.assert_allclose(measured, RECORD[size][3], atol=5.1e-5)  # the record has four decimals


@pytest.mark.parametrize("size", RECORD)
def test_both_fits_of_pythia_are_those_on_record(pythia: dict[str, Counts], size: str) -> None:
    assert len(K) == 101
    coverage = pass_at_k(pythia[size], K)
    slope, offset = np.polyfit(np.log(K), np.log(-np.log(coverage)), 1)
    found = fit(CoveragePower, Runs({"samples": K, "coverage": coverage}), draws=0)
    assert found.status is Status.converged
    lines, curves, error, _ = RECORD[size]
    for (a, b), ours in ((lines, (np.exp(offset), -slope)), (curves, tuple(found.law.values.values()))):
        assert ours[0] == pytest.approx(a, rel=OTHER_K["a"])
        assert ours[1] == pytest.approx(b, abs=OTHER_K["b"])
    assert np.abs(found.law(samples=K) - coverage).mean() == pytest.approx(error, abs=0.0012)


def test_the_fit_is_the_optimum_that_another_search_finds(pythia: dict[str, Counts]) -> None:
    from scipy.optimize import curve_fit

    coverage = pass_at_k(pythia["12B"], K)
    found = fit(CoveragePower, Runs({"samples": K, "coverage": coverage}), draws=0).law
    other, _ = curve_fit(lambda k, a, b: np.exp(-a * k**-b), K, coverage, p0=(5.0, 0.3), xtol=1e-14, ftol=1e-14)
    np.testing.assert_allclose([found.values["a"], found.values["b"]], other, rtol=1e-5)


def test_a_coverage_of_nought_at_few_samples_is_an_observation() -> None:
    samples = np.array([1.0, 10.0, 100.0, 1e3, 1e4])
    coverage = np.array([0.0, 0.003, 0.06, 0.28, 0.52])
    found = fit(CoveragePower, Runs({"samples": samples, "coverage": coverage}), draws=0)
    assert np.abs(found.law(samples=samples) - coverage).max() < 0.02
