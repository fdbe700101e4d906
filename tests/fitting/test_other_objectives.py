"""Quantiles, counts, censored runs: objectives beside Huber and squares."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nextflop.errors import FitError, InputError
from nextflop.evidence.runs import Runs
from nextflop.fitting import Binomial, Huber, Objective, Quantile, Squares, fit
from nextflop.fitting.named import NAMED, name_of, named
from nextflop.judging.isoflop import surface_optimum
from nextflop.laws import Chinchilla, Power, Sigmoid


@pytest.mark.parametrize("objective", [Huber(0.3), Squares(log=True), Quantile(0.2, 0.01), Binomial()])
@given(predicted=st.floats(0.05, 0.95), response=st.floats(0.05, 0.95))
def test_the_pull_is_the_derivative_of_the_loss(objective: Objective, predicted: float, response: float) -> None:
    residual = abs(objective.residuals(np.array([predicted]), np.array([response]))[0])
    if min(abs(residual - 0.3), abs(residual - 0.01), residual) < 1e-4:
        return  # a corner, where there is no derivative
    at, there, h = np.array([predicted]), np.array([response]), 1e-6
    pull = objective.pull(at, there)
    up, down = (objective.losses(at + side * h, there) for side in (1, -1))
    np.testing.assert_allclose(pull.slopes, (up - down) / (2 * h), rtol=1e-5, atol=1e-7)
    ends = [objective.pull(at + side * h, there).slopes for side in (1, -1)]
    np.testing.assert_allclose(pull.bends, (ends[0] - ends[1]) / (2 * h), rtol=1e-4, atol=1e-5)
    assert (pull.majorants >= 0).all()


@pytest.mark.parametrize("share", [0.1, 0.5, 0.8])
def test_the_share_of_a_quantile_lies_below_the_law(noisy: Runs, share: float) -> None:
    found = fit(Chinchilla, noisy, objective=Quantile(share), draws=0)
    assert found.certificate.gradient < 1e-6
    # The law goes through about as many runs as it has parameters; of the others the share lies below.
    through = np.abs(found.residuals) < 1e-5
    assert 4 <= through.sum() <= 7
    below = (found.residuals >= 1e-5).sum()
    assert share * 100 - 7 <= below <= share * 100


def test_the_published_headline_is_a_fit_of_least_absolute_deviations(kept_points: Runs) -> None:
    # Besiroglu et al. maximise a Huber likelihood with a free scale, which runs off to 4.7e-6: their delta of 1e-3 is
    # relative to it, so what they minimise is the absolute residual, its corner rounded over 4.7e-9. Printed digits.
    found = fit(Chinchilla, kept_points, objective=Quantile(0.5, delta=4.7e-9), draws=0)
    printed = {"E": 1.81686, "A": 482.00572, "B": 2085.43420, "alpha": 0.34781, "beta": 0.36585}
    for name, value in printed.items():
        assert found.law.values[name] == pytest.approx(value, rel=3e-6 if name != "B" else 1e-6, abs=6e-6)
    gaps = np.abs(found.residuals).sum()
    law = Chinchilla(**printed)
    theirs = np.abs(np.log(law(params=kept_points["params"], tokens=kept_points["tokens"]) / kept_points["loss"])).sum()
    assert gaps < theirs < 1.0002 * gaps  # the digits that were not printed


def test_the_published_envelope_is_within_a_ten_thousandth_of_the_optimum(public_data: Path) -> None:
    # github.com/kyo-takano/chinchilla, README: asymmetric absolute deviations with w = 10, BFGS from 5^5 starts.
    with (public_data / "kyo-chinchilla" / "df.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = {"params": "N", "tokens": "D", "loss": "loss"}
    runs = Runs({name: np.array([float(row[column]) for row in rows]) for name, column in names.items()})
    published = Chinchilla(E=1.70044379, A=185.38809, B=1627.00125, alpha=0.289232654, beta=0.355602093)
    objective = Quantile(1 / 11, log=False)
    found = fit(Chinchilla, runs, objective=objective, draws=0)
    theirs = objective.losses(published(params=runs["params"], tokens=runs["tokens"]), runs["loss"]).sum()
    assert theirs * (1 - 1e-4) < found.objective <= theirs
    for name, value in published.values.items():
        assert found.law.values[name] == pytest.approx(value, rel=0.005)


def test_the_objective_moves_the_optimal_size_more_than_the_bootstrap_says(kept_points: Runs) -> None:
    # At 5.76e23 FLOP, in billions: Huber 73, squares 96 (research by refitting the same 240 points).
    for objective, size, exponent in ((Huber(), 73.2, 0.514), (Squares(), 96.2, 0.545)):
        law = fit(Chinchilla, kept_points, objective=objective, draws=0).law
        assert surface_optimum(law, 5.76e23) / 1e9 == pytest.approx(size, rel=0.005)
        assert law.beta / (law.alpha + law.beta) == pytest.approx(exponent, abs=0.001)


def test_counts_weigh_by_their_tries() -> None:
    # 10 tries against 10,000: the likelihood believes the many. The law is flat where the compute is nought.
    compute = np.array([0.0, 0.0, 10, 20, 40, 80, 160, 320, 640])
    truth = Sigmoid(0.2, 0.7, 60.0, 1.5)(rl_flop=compute)
    share = truth.copy()
    share[0] = 0.9
    tries = np.array([10.0, 1e4, *[1e4] * 7])
    runs = Runs({"rl_flop": compute, "accuracy": share, "tries": tries})
    counted = fit(Sigmoid, runs, objective=Binomial(), draws=0)
    assert counted.law.values["R0"] == pytest.approx(0.2, abs=0.002)
    assert fit(Sigmoid, runs, objective=Squares(), draws=0).law.R0 > 0.35
    with pytest.raises(InputError, match="tries"):
        fit(Sigmoid, Runs({"rl_flop": compute, "accuracy": share}), objective=Binomial())


def test_a_run_that_was_stopped_says_only_that_its_loss_is_at_most_what_it_had_reached() -> None:
    compute = np.geomspace(1e18, 1e22, 20)
    loss = Power(1.7, 2e3, 0.17)(compute=compute) * np.exp(0.002 * np.random.default_rng(0).normal(size=20))
    truth = fit(Power, Runs({"compute": compute, "loss": loss}), draws=0).law
    stopped = loss.copy()
    stopped[[4, 9, 14]] *= 1.2  # these three had a fifth more to go
    censored = np.zeros(20)
    censored[[4, 9, 14]] = -1
    found = fit(Power, Runs({"compute": compute, "loss": stopped, "censored": censored}), draws=50)
    assert found.law.alpha == pytest.approx(truth.alpha, abs=0.01)
    naive = fit(Power, Runs({"compute": compute, "loss": stopped}), draws=0, objective=Squares(log=True)).law
    assert abs(naive.alpha - truth.alpha) > 3 * abs(found.law.alpha - truth.alpha)
    # A bound that the law violates pulls as a measurement does.
    wrong = fit(Power, Runs({"compute": compute, "loss": stopped, "censored": -censored}), draws=0).law
    assert wrong == fit(Power, Runs({"compute": compute, "loss": stopped}), draws=0).law


def test_censoring_is_told_by_three_numbers_and_something_must_be_measured() -> None:
    compute = np.geomspace(1e18, 1e22, 8)
    loss = Power(1.7, 2e3, 0.17)(compute=compute)
    with pytest.raises(InputError, match="-1, 0 or 1"):
        fit(Power, Runs({"compute": compute, "loss": loss, "censored": np.full(8, 2.0)}))
    with pytest.raises(FitError, match="censored"):
        fit(Power, Runs({"compute": compute, "loss": loss, "censored": np.ones(8)}))


@pytest.mark.parametrize("name", [*NAMED, "huber:0.01", "quantile:0.1", "quantile-raw:0.3", "huber-raw:2"])
def test_names_and_objectives_are_inverse(name: str) -> None:
    assert name_of(named(name)) == name


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("hubert", "did you mean 'huber'"),
        ("huber:x", "no number"),
        ("squares:1", "with a number"),
        ("quantile:2", "share"),
    ],
)
def test_a_name_that_means_nothing_is_refused(name: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        named(name)
