"""One law for two recipes: two laws beside each other, what they may share, and how they are drawn."""

import numpy as np
import pytest

from nextflop.errors import InputError
from nextflop.evidence.runs import Runs
from nextflop.fitting import Squares, fit
from nextflop.fitting.bootstrap import resample
from nextflop.fitting.table import read
from nextflop.judging.joint import WHICH, joint
from nextflop.laws import Chinchilla, Law, Power

PARAMS, TOKENS = 10 ** np.random.default_rng(0).uniform((7.5, 9), (10, 11.5), (60, 2)).T
SIDE = np.arange(60) % 2.0
COLUMNS = {"params": PARAMS, "tokens": TOKENS, WHICH: SIDE}
ONE = Chinchilla(E=1.8, A=480.0, B=2100.0, alpha=0.35, beta=0.37)
OTHER = Chinchilla(E=1.8, A=400.0, B=2500.0, alpha=0.35, beta=0.38)
BOTH = joint(Chinchilla, ("E", "alpha"))
LAW = BOTH(
    E=1.8,
    alpha=0.35,
    A_baseline=480.0,
    B_baseline=2100.0,
    beta_baseline=0.37,
    A_candidate=400.0,
    B_candidate=2500.0,
    beta_candidate=0.38,
)


def test_it_is_either_law_for_the_runs_of_either_recipe() -> None:
    assert LAW.recipe(0) == ONE
    assert LAW.recipe(1) == OTHER
    expected = np.where(SIDE > 0, OTHER(params=PARAMS, tokens=TOKENS), ONE(params=PARAMS, tokens=TOKENS))
    np.testing.assert_array_equal(LAW(**COLUMNS), expected)
    moved = LAW.in_units(params=1e9, tokens=1e6)
    scaled = moved(params=PARAMS / 1e9, tokens=TOKENS / 1e6, **{WHICH: SIDE})
    np.testing.assert_allclose(scaled, expected, rtol=1e-13)


def test_its_derivatives_are_those_of_its_formula() -> None:
    slopes = LAW.jacobian(**COLUMNS)
    for index, (name, value) in enumerate(LAW.values.items()):
        step = 1e-6 * float(value)
        ends = [BOTH(**{**LAW.values, name: value + s * step})(**COLUMNS) for s in (1, -1)]
        np.testing.assert_allclose(slopes[index], (ends[0] - ends[1]) / (2 * step), rtol=1e-6, atol=1e-12)
    weights = np.sin(np.arange(60.0))
    by_difference = Law.curvature(LAW, weights, **COLUMNS)
    np.testing.assert_allclose(LAW.curvature(weights, **COLUMNS), by_difference, rtol=1e-6, atol=1e-8)


def test_with_nothing_in_common_it_is_two_fits_in_one() -> None:
    loss = LAW(**COLUMNS) * np.exp(0.003 * np.random.default_rng(1).normal(size=60))
    runs = Runs({**COLUMNS, "loss": loss})
    squares = Squares(log=True)
    both = fit(joint(Chinchilla), runs, objective=squares, draws=0)
    apart = [fit(Chinchilla, runs.where(side == SIDE), objective=squares, draws=0) for side in (0, 1)]
    assert both.objective == pytest.approx(apart[0].objective + apart[1].objective, rel=1e-8)
    for side in (0, 1):
        found = both.law.recipe(side)
        for name, value in apart[side].law.values.items():
            assert found.values[name] == pytest.approx(value, rel=1e-5)


def test_what_they_share_costs_fit_and_parameters() -> None:
    loss = LAW(**COLUMNS) * np.exp(0.003 * np.random.default_rng(1).normal(size=60))
    runs = Runs({**COLUMNS, "loss": loss})
    objectives = [
        fit(joint(Chinchilla, share), runs, objective=Squares(log=True), draws=0).objective
        for share in ((), ("E",), ("E", "alpha"), ("E", "alpha", "beta"))
    ]
    assert objectives == sorted(objectives)


def test_an_amplitude_cannot_be_shared_without_its_exponent() -> None:
    with pytest.raises(InputError, match="A of 'power' cannot be shared alone"):
        joint(Power, ("A",))
    assert joint(Power, ("A", "alpha")) is joint(Power, ["alpha", "A"])
    with pytest.raises(InputError, match=r"no parameter of power 'aplha'.*did you mean 'alpha'"):
        joint(Power, ("aplha",))


def test_every_draw_has_as_many_runs_of_either_recipe_as_the_data() -> None:
    compute = np.geomspace(1e18, 1e21, 11)
    which = np.array([0.0] * 7 + [1.0] * 4)
    label = np.array([f"{i}" for i in range(7)] + ["0", "1", "x", "y"])  # two of the four have a partner
    runs = Runs({"compute": compute, "loss": 3 * compute**-0.05, WHICH: which, "cluster": label})
    table = read(joint(Power), runs, Squares(log=True), "cluster")
    drawn = resample(table, 200, 0)
    side = table.inputs[WHICH]
    paired = np.isin(table.groups, table.groups[side == 1]) & np.isin(table.groups, table.groups[side == 0])
    for rows, count in (((side == 0) & paired, 2), ((side == 0) & ~paired, 5), ((side == 1) & ~paired, 2)):
        np.testing.assert_array_equal(drawn[:, rows].sum(axis=1), count)
    # Partners come together.
    for group in np.unique(table.groups[paired]):
        first, second = drawn[:, table.groups == group].T
        np.testing.assert_array_equal(first, second)


def test_draws_too_poor_in_runs_of_one_recipe_are_left_out() -> None:
    compute = np.tile(np.geomspace(1e18, 1e21, 4), 2)
    which = np.repeat([0.0, 1.0], 4)
    noise = 0.003 * np.random.default_rng(0).normal(size=8)
    runs = Runs({"compute": compute, "loss": (1.7 + 100 * compute**-0.1) * np.exp(noise), WHICH: which})
    found = fit(joint(Power), runs, objective=Squares(log=True), resampling="pairs", draws=300)
    # Four drawn of four runs are three or four different ones, as three parameters need, with chance 0.66; of both
    # recipes with 0.43.
    assert 0.35 < len(found.draws) / 300 < 0.5
