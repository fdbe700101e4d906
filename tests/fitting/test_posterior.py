"""Draws from the posterior: where they agree with the bootstrap, where they are refused, whether they calibrate."""

import sys

import numpy as np
import pytest
from scipy.stats import chi2

from nextflop.errors import FitError, InputError
from nextflop.evidence.runs import Runs
from nextflop.fitting import Squares, fit, predict
from nextflop.fitting.ensemble import split_rhat
from nextflop.laws import Chinchilla, Power, PurePower

COMPUTE = np.geomspace(1e18, 1e22, 16)


def ladder(law: Power | PurePower, scatter: float, seed: int) -> Runs:
    noise = np.random.default_rng(seed).normal(size=len(COMPUTE))
    return Runs({"compute": COMPUTE, "loss": law(compute=COMPUTE) * np.exp(scatter * noise)})


def test_chains_that_agree_have_a_ratio_of_one_and_those_that_do_not_a_larger_one() -> None:
    chains = np.random.default_rng(0).normal(size=(4, 2000))
    assert split_rhat(chains) == pytest.approx(1.0, abs=0.005)
    assert split_rhat(chains + np.array([[0.0], [0], [0], [1]])) > 1.1  # one elsewhere
    assert split_rhat(chains * np.array([[1.0], [1], [1], [3]])) > 1.1  # one wider, about the same centre
    assert split_rhat(chains + np.linspace(0, 3, 2000)) > 1.1  # all still on their way
    assert split_rhat(np.ones((4, 100))) == np.inf


def test_without_the_sampler_the_reader_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch, noisy: Runs) -> None:
    from nextflop.fitting.posterior import posterior

    monkeypatch.setitem(sys.modules, "emcee", None)
    with pytest.raises(InputError, match=r"pip install 'nextflop\[bayes\]'"):
        posterior(Chinchilla, noisy)


def test_settings_that_cannot_be_are_refused(noisy: Runs) -> None:
    from nextflop.fitting.posterior import posterior

    with pytest.raises(InputError, match="did you mean 'normal'"):
        posterior(Chinchilla, noisy, likelihood="norml")
    with pytest.raises(InputError, match="draws = 0"):
        posterior(Chinchilla, noisy, draws=0)
    exact = ladder(Power(1.7, 2e3, 0.17), 0.0, 0)
    with pytest.raises(FitError, match="meets every run exactly"):
        posterior(Power, exact)
    with pytest.raises(FitError, match="Censored runs"):
        posterior(Chinchilla, noisy.with_columns(censored=np.arange(len(noisy)) % 7 == 0))


class TestDrawn:
    """What needs the sampler itself."""

    @pytest.fixture(autouse=True)
    def _sampler(self) -> None:
        pytest.importorskip("emcee")

    def test_on_a_well_determined_problem_it_agrees_with_the_bootstrap(self, noisy: Runs) -> None:
        from nextflop.fitting.posterior import posterior

        drawn = posterior(Chinchilla, noisy)
        wild = fit(Chinchilla, noisy, objective=Squares(log=True))
        assert drawn.law == wild.law
        assert drawn.draws.shape == (1000, 5)
        for name, (value, low, high) in drawn.estimate.items():
            other = wild.estimate[name]
            # Ends from 1,000 draws, or as many effective ones, are good to 5% of the width each; the bootstrap's
            # restored residuals make it a few per cent wider.
            assert high - low == pytest.approx(other.high - other.low, rel=0.25)
            assert abs((low + high) / 2 - (other.low + other.high) / 2) < 0.15 * (other.high - other.low)
            assert low < value < high
        assert drawn.scale.low < 0.005 < drawn.scale.high
        assert max(drawn.rhat.values()) < 1.02
        assert min(drawn.effective.values()) > 400
        ahead = predict(drawn, params=1e11, tokens=1e12)
        assert ahead.low < ahead.value < ahead.high
        told = drawn.to_json()["posterior"]
        assert told["likelihood"] == "normal residuals of the logarithm of loss, scale unknown"
        assert set(told["priors"]) == {*Chinchilla.parameters, "σ"}
        assert told["priors"]["alpha"] == "flat from 0 to 3"

    def test_the_seed_decides_the_draws_and_pins_stay(self) -> None:
        from nextflop.fitting.posterior import posterior

        runs = ladder(Power(1.7, 2e3, 0.17), 0.004, 1)
        one, two = (posterior(Power, runs, pinned={"E": 1.7}, likelihood="laplace", draws=50) for _ in range(2))
        np.testing.assert_array_equal(one.draws, two.draws)
        assert (one.draws[:, 0] == 1.7).all()
        assert set(one.rhat) == {"A", "alpha", "σ"}
        assert "Laplace residuals" in one.notes[-1]

    def test_chains_that_have_not_met_are_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from nextflop.fitting import ensemble
        from nextflop.fitting.posterior import posterior

        monkeypatch.setattr(ensemble, "STEPS", 30)
        monkeypatch.setattr(ensemble, "_BLOCK", 30)
        with pytest.raises(FitError, match=r"have not mixed after .* steps .split R-hat of"):
            posterior(Power, ladder(Power(1.7, 2e3, 0.17), 0.01, 2))

    def test_with_known_curvature_it_is_the_posterior_of_the_textbook(self) -> None:
        # The pure power law is a straight line in logarithms, where under these priors the slope is Student's t about
        # least squares, with n - 2 degrees of freedom.
        from scipy.stats import t

        from nextflop.fitting.posterior import posterior

        runs = ladder(PurePower(30.0, 0.05), 0.01, 3)
        drawn = posterior(PurePower, runs, draws=4000)
        x, y = np.log(COMPUTE) - np.log(COMPUTE).mean(), np.log(runs["loss"])
        slope = (x @ y) / (x @ x)
        rest = y - y.mean() - slope * x
        error = np.sqrt(rest @ rest / (len(x) - 2) / (x @ x))
        for level in (0.05, 0.25, 0.5, 0.75, 0.95):
            expected = -slope + error * t.ppf(level, len(x) - 2)
            # Some 3,000 effective draws: a quantile in the tails is good to 0.04 standard errors; four of those.
            assert np.quantile(drawn.draws[:, 1], level) == pytest.approx(expected, abs=0.16 * error)

    @pytest.mark.slow
    def test_simulated_truths_fall_anywhere_among_the_draws(self) -> None:
        # Simulation-based calibration (Talts et al. 2018, arXiv:1804.06788) within a narrow part of the flat priors,
        # where the runs decide: ranks of truths drawn there are uniform but for the edges of the part.
        from nextflop.fitting.posterior import posterior

        rng, ranks = np.random.default_rng(5), []
        for seed in range(120):
            law = PurePower(float(np.exp(rng.uniform(3, 4))), float(rng.uniform(0.04, 0.08)))
            drawn = posterior(PurePower, ladder(law, 0.01, seed), draws=99, seed=seed)
            ranks.append((drawn.draws < np.array([law.beta, law.c])).sum(axis=0))
        for column in np.array(ranks).T:
            counts = np.bincount(column * 10 // 100, minlength=10)
            assert ((counts - 12) ** 2 / 12).sum() < chi2.ppf(1 - 1e-4, 9)
