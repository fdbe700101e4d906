"""How far each of several fits is believed: by the runs at hand, by runs held out, and not by one stray run."""

from dataclasses import replace

import numpy as np
import pytest

from nextflop.errors import InputError
from nextflop.evidence.runs import Runs
from nextflop.fitting import Squares, fit
from nextflop.fitting.fit import Fit
from nextflop.judging.credence import akaike, credence
from nextflop.judging.weights import weigh
from nextflop.laws import Chinchilla, Kaplan, Law, Skaling, tie

TRUTH = Chinchilla(E=1.82, A=478.0, B=2143.0, alpha=0.347, beta=0.367)
BENT = Skaling(E=1.7, A=25.0, R=5.0, alpha=0.9, beta=0.95, k=0.35)


def made(law: Law, count: int = 40, noise: float = 0.004, seed: int = 0) -> Runs:
    rng = np.random.default_rng(seed)
    params, tokens = 10 ** rng.uniform(7.5, 9.5, count), 10 ** rng.uniform(8.5, 11, count)
    loss = np.asarray(law(params=params, tokens=tokens)) * np.exp(noise * rng.normal(size=count))
    return Runs({"params": params, "tokens": tokens, "loss": loss})


def fits(runs: Runs, *laws: type[Law]) -> list[Fit]:
    return [fit(law, runs, draws=0) for law in laws]


def test_a_form_that_the_runs_rule_out_has_next_to_nothing() -> None:
    found = akaike(fits(made(BENT), Chinchilla, Skaling))
    assert sum(found.values()) == pytest.approx(1)
    assert found["skaling"] > 0.95


def test_of_two_forms_that_hold_the_one_with_fewer_parameters_counts_for_more() -> None:
    # A parameter too many has a weight above a half where chi-squared of one degree of freedom is above 2.6, one time
    # in nine: three or more in six tables come twice in a hundred.
    wins = [akaike(fits(made(TRUTH, seed=seed), Chinchilla, Skaling))["chinchilla"] > 0.5 for seed in range(6)]
    assert sum(wins) >= 4


def test_one_stray_run_does_not_decide() -> None:
    runs = made(BENT)
    strayed = runs["loss"].copy()
    strayed[3] *= 1.3
    found = akaike(fits(runs.with_columns(loss=strayed), Chinchilla, Skaling))
    assert found["skaling"] > 0.9


def test_held_out_runs_count_by_half() -> None:
    runs = made(BENT)
    some = fits(runs, Chinchilla, Skaling)
    held_out = weigh(runs, (Chinchilla, Skaling), axes=["flop"])
    both, own = credence(some, held_out), akaike(some)
    for name, share in held_out.shares.items():
        assert both[name] == pytest.approx((own[name] + share) / 2)
    assert credence(some) == own


def test_too_few_runs_for_a_law_leave_it_nothing() -> None:
    runs = made(TRUTH, 7)
    found = akaike(fits(runs, tie(Chinchilla, beta="alpha"), Skaling))
    assert found["skaling"] == 0.0


def test_fits_that_cannot_be_compared_are_refused() -> None:
    runs = made(TRUTH)
    one, other = fits(runs, Chinchilla, Kaplan)
    with pytest.raises(InputError, match="no fit to believe"):
        akaike([])
    with pytest.raises(InputError, match="Two laws are called chinchilla"):
        akaike([one, one])
    with pytest.raises(InputError, match="not one to the same table"):
        akaike([one, replace(other, runs_digest="else")])
    with pytest.raises(InputError, match="takes logarithms"):
        akaike([one, fit(Kaplan, runs, objective=Squares(), draws=0)])
    with pytest.raises(InputError, match="weigh the laws that are believed"):
        credence([one, other], weigh(runs, (Chinchilla,)))
