"""What the public runs with repeated data say, and what they do not: the figures on record for rival laws of them.

Objectives, held-out errors and epochs were found by another optimiser from 16 to 24 random starts a fit.
"""

import csv
from pathlib import Path

import numpy as np
import pytest

from nextflop.evidence.runs import Runs
from nextflop.fitting import Huber, fit
from nextflop.fitting.profile import profile
from nextflop.laws import Chinchilla, DataConstrained, Law, OverfitPenalty

PUBLISHED = DataConstrained(
    E=np.exp(0.6254804),
    A=np.exp(6.255414),
    B=np.exp(7.3049974),
    alpha=0.3526596,
    beta=0.3526596,
    R_D=15.387756,
    R_N=5.309743,
)
BASE = {name: float(PUBLISHED.values[name]) for name in ("E", "A", "B", "alpha", "beta")}
BUDGET, UNIQUE = 1e22, 25e9


@pytest.fixture(scope="module")
def all_runs(public_data: Path) -> Runs:
    with (public_data / "datablations" / "data_constrained_runs.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = {"params": "params", "tokens": "tokens", "unique_tokens": "unique_tokens", "loss": "val_loss"}
    columns = {name: np.array([float(row[column]) for row in rows]) for name, column in names.items()}
    return Runs(columns | {"published": np.array([float(row["in_published_fit"]) for row in rows])})


@pytest.fixture(scope="module")
def runs(all_runs: Runs) -> Runs:
    return all_runs.where(np.flatnonzero(all_runs["published"] == 1))


def best(law: Law, budget: float = BUDGET, unique: float = UNIQUE) -> tuple[float, float, float]:
    """Parameters, epochs and loss of the best split of a budget, by a fine grid in the logarithm of the size."""
    params = np.geomspace(1e8, 1e12, 200_001)
    tokens = budget / 6 / params
    given = {"params": params, "tokens": tokens, "unique_tokens": np.full_like(params, unique)}
    loss = np.asarray(law(**{name: given[name] for name in law.inputs}))
    at = int(loss.argmin())
    return float(params[at]), float(tokens[at] / unique), float(loss[at])


def test_the_published_law_reads_the_data_nine_and_a_half_times() -> None:
    params, epochs, _ = best(PUBLISHED)
    assert params == pytest.approx(7022364735.879969, rel=1e-3)
    assert epochs == pytest.approx(9.49347821910203, rel=1e-3)


def test_without_decay_the_published_coefficients_explain_less_than_half(runs: Runs) -> None:
    law = Chinchilla(**BASE)
    missed = law(params=runs["params"], tokens=runs["tokens"]) - runs["loss"]
    explained = 1 - (missed**2).sum() / ((runs["loss"] - runs["loss"].mean()) ** 2).sum()
    assert explained == pytest.approx(0.4451684378759986, abs=1e-14)


def test_the_decay_of_repeated_data_has_no_upper_end_in_its_own_runs(runs: Runs) -> None:
    found = fit(DataConstrained, runs, pinned=BASE, reason="as published", draws=0)
    assert found.objective <= 0.0158074 * 1.0002
    along = profile(found, runs, "R_D", values=np.array([2, 5, 10, 15.387756, 30, 95, 1e3, 1e4]))
    objectives = found.objective * (1 + along.rise)
    np.testing.assert_allclose(1e6 * objectives, [17225, 16160, 15910, 15826, 15821, 15805, 15878, 15917], rtol=1.5e-3)
    assert objectives[-1] < 1.008 * found.objective
    whole = profile(found, runs, "R_D")
    assert whole.open_above
    assert not whole.open_below
    assert "no upper end" in whole.sentence


@pytest.mark.parametrize(
    ("law", "every", "epochs", "compute", "data"),
    [
        (DataConstrained, False, 3.8, 0.0504, 0.0026),
        (DataConstrained, True, 17.0, 0.0388, 0.0236),
        (OverfitPenalty, False, 6.8, 0.0170, 0.0333),
        (OverfitPenalty, True, 8.2, 0.0143, 0.0312),
    ],
)
def test_whether_to_buy_compute_or_data_depends_on_the_law(
    all_runs: Runs, runs: Runs, law: type[Law], every: bool, epochs: float, compute: float, data: float
) -> None:
    found = fit(law, all_runs if every else runs, draws=0).law
    _, read, loss = best(found)
    assert read == pytest.approx(epochs, abs=0.06)
    assert loss - best(found, budget=2 * BUDGET)[2] == pytest.approx(compute, abs=1e-4)
    assert loss - best(found, unique=2 * UNIQUE)[2] == pytest.approx(data, abs=1e-4)


@pytest.mark.parametrize(
    ("column", "limit", "errors"),
    [
        ("params", 1e9, (0.042, 0.058, 0.036)),
        ("epochs", 8.0, (0.089, 0.126, 0.098)),
        ("unique_tokens", 1e9, (0.179, 0.113, 0.064)),
    ],
)
def test_held_out_errors_of_the_rivals_are_those_on_record(
    runs: Runs, column: str, limit: float, errors: tuple[float, float, float]
) -> None:
    place = runs["tokens"] / runs["unique_tokens"] if column == "epochs" else runs[column]
    below = place < limit if column == "params" else place <= limit
    train, test = runs.where(np.flatnonzero(below)), runs.where(np.flatnonzero(~below))
    for law, error in zip((Chinchilla, DataConstrained, OverfitPenalty), errors, strict=True):
        found = fit(law, train, objective=Huber(), draws=0).law
        told = np.asarray(found(**{name: test[name] for name in law.inputs}))
        assert np.abs(np.log(told / test["loss"])).mean() == pytest.approx(error, abs=0.003)
