"""The law of routed models against the runs of the paper."""

import csv
from pathlib import Path

import numpy as np
import pytest

from nextflop.evidence.runs import Runs
from nextflop.fitting import Squares, Status, fit
from nextflop.laws import Routing

# Clark et al. (2022), table 3.
TABLE = {
    "S-BASE": Routing(a=-0.082, b=-0.108, c=0.009, d=1.104, E_start=1.847, E_max=314.478),
    "RL-R": Routing(a=-0.083, b=-0.126, c=0.012, d=1.111, E_start=1.880, E_max=469.982),
    "HASH": Routing(a=-0.087, b=-0.136, c=0.012, d=1.157, E_start=4.175, E_max=477.741),
}


def read(path: Path) -> Runs:
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    columns = {"params": "dense_parameter_count", "experts": "num_experts", "loss": "loss_validation"}
    return Runs({name: np.array([float(row[column]) for row in rows]) for name, column in columns.items()})


@pytest.fixture(scope="module")
def small(public_data: Path) -> Runs:
    """The 193 runs of all three routers up to 370 million parameters, unlabelled."""
    return read(public_data / "scalebench" / "moe_scaling_law.train.csv")


@pytest.fixture(scope="module")
def large(public_data: Path) -> Runs:
    """The 28 runs of 1.3 billion parameters."""
    return read(public_data / "scalebench" / "moe_scaling_law.test.csv")


def predicted(law: Routing, runs: Runs) -> np.ndarray:
    return np.asarray(law(params=runs["params"], experts=runs["experts"]))


def spread(law: Routing, runs: Runs) -> float:
    return float(np.sqrt(np.mean(np.log(predicted(law, runs) / runs["loss"]) ** 2)))


def test_a_dense_model_counts_as_so_many_experts_and_many_count_as_so_many_at_most() -> None:
    law = TABLE["S-BASE"]
    for experts, counted in ((1.0, 1.847), (1e12, 314.478)):
        line = -0.082 * 9 - 0.108 * np.log10(counted) + 0.009 * 9 * np.log10(counted) + 1.104
        assert law(params=1e9, experts=experts) == pytest.approx(10**line, rel=1e-9)


def test_experts_are_worth_nothing_at_the_size_where_their_exponent_vanishes() -> None:
    law = TABLE["S-BASE"]
    end = 10 ** (0.108 / 0.009)
    assert law(params=end, experts=512.0) == pytest.approx(law(params=end, experts=1.0), rel=1e-12)
    assert law(params=end / 10, experts=512.0) < law(params=end / 10, experts=1.0)


def test_a_start_above_the_end_has_no_value() -> None:
    assert np.isnan(Routing(-0.08, -0.1, 0.01, 1.1, 20.0, 10.0)(params=1e9, experts=8.0))


@pytest.mark.parametrize("router", TABLE)
def test_the_published_constants_describe_the_published_runs(router: str, small: Runs, large: Runs) -> None:
    # The runs of the other two routers are among them, and those of 1.3 billion parameters too: 2 to 3%.
    assert spread(TABLE[router], small) < 0.03
    assert spread(TABLE[router], large) < 0.03


def test_the_fit_to_all_routers_lies_among_their_constants(small: Runs, large: Runs) -> None:
    found = fit(Routing, small, objective=Squares(log=True), draws=0)
    assert found.status is Status.converged
    assert found.certificate.agreeing > 0.9
    assert spread(found.law, small) < min(spread(law, small) for law in TABLE.values())
    assert spread(found.law, small) == pytest.approx(0.0201, abs=1e-4)
    law = found.law.values
    assert law["a"] == pytest.approx(-0.0845, abs=0.006)
    assert law["c"] == pytest.approx(0.0105, abs=0.003)
    assert 314 < law["E_max"] < 478
    # At 1.3 billion, 3.6 times the largest of the fit.
    gap = predicted(found.law, large) - large["loss"]
    assert 1 - (gap**2).sum() / ((large["loss"] - large["loss"].mean()) ** 2).sum() == pytest.approx(0.703, abs=0.005)


def test_it_is_found_again_from_points_without_noise() -> None:
    truth = TABLE["HASH"]
    params, experts = (part.ravel() for part in np.meshgrid(np.geomspace(1.5e7, 1.3e9, 6), 2.0 ** np.arange(0, 10)))
    runs = Runs({"params": params, "experts": experts, "loss": truth(params=params, experts=experts)})
    found = fit(Routing, runs, objective=Squares(log=True), draws=0)
    np.testing.assert_allclose(list(found.law.values.values()), list(truth.values.values()), rtol=1e-4)
