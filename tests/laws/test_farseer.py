"""Farseer: its published constants and errors, and what its parameters keep where the paper's go to infinity."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nextflop.evidence.runs import Runs
from nextflop.fitting import Huber, Status, fit
from nextflop.laws import Chinchilla, Farseer, Law

# The constants that come with the runs in github.com/PlanarG/active-sl, benchmark/dataset/farseer_scaling_law/laws.py.
CONSTANTS = {
    "s": -0.062465473,
    "q": 0.13,
    "S": 0.1284880679442551,
    "B": 230.73437075885855,
    "b": -0.1729,
    "Q": -1.544209554,
    "A": -1.665630816,
    "a": 0.0458999999999619,
    "E": 3.133347198805445,
}
PUBLISHED = Farseer.from_published(**CONSTANTS)


def read(public_data: Path, part: str) -> Runs:
    """The 404 runs that were fitted, or the 7 larger ones that were held out."""
    with (public_data / "scalebench" / f"farseer_scaling_law.{part}.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    params, tokens, loss = (np.array([float(row[name]) for row in rows]) for name in ("N", "D", "loss"))
    return Runs({"params": params, "tokens": tokens, "loss": loss})


def error(law: Law, runs: Runs) -> float:
    """Mean relative error, in per cent."""
    predicted = law(params=runs["params"], tokens=runs["tokens"])
    return float(100 * np.mean(np.abs(predicted / runs["loss"] - 1)))


def test_it_is_the_formula_of_the_paper() -> None:
    params, tokens = np.geomspace(1e8, 1e10, 5), np.geomspace(1e9, 1e12, 5)
    c = CONSTANTS
    offset = np.exp(c["s"] * params ** c["q"] + c["S"])
    fall = np.exp(c["B"] * params ** c["b"] + c["Q"]) * tokens ** -np.exp(c["A"] * params ** c["a"] + c["E"])
    # The exponents inside are differences of numbers near 1e3.
    np.testing.assert_allclose(PUBLISHED(params=params, tokens=tokens), offset + fall, rtol=1e-11)


def test_the_published_constants_come_back() -> None:
    found = PUBLISHED.published()
    assert {name: found[name] for name in CONSTANTS} == pytest.approx(CONSTANTS, rel=1e-10)


@given(
    growth=st.one_of(st.floats(-2.0, 2.0), st.floats(-1e-3, 1e-3), st.just(0.0)),
    log_params=st.floats(np.log(1e-3), np.log(1e13)),
)
def test_nothing_breaks_where_an_inner_exponent_is_nought(growth: float, log_params: float) -> None:
    # With s alone the law is exp(s (N^q - 1)/q) + e^Q D^-1, and the first term has a power law as its limit.
    params = float(np.exp(log_params))
    law = Farseer(S=0.0, s=1e-3, q=growth, Q=-5.0, B=0.0, b=0.0, E=0.0, A=0.0, a=0.0)
    power = np.expm1(growth * log_params) / growth if abs(growth) > 1e-12 else log_params
    if power > 5e5:
        return  # the offset itself is beyond float64
    assert law(params=params, tokens=10.0) == pytest.approx(np.exp(1e-3 * power) + np.exp(-5.0) / 10, rel=1e-9)


def test_its_derivatives_pass_through_the_place_where_the_series_hands_over() -> None:
    # z = q log N crosses 1 between these sizes, for one positive and one negative inner exponent.
    params, tokens = np.exp(np.linspace(18, 22, 9)), np.full(9, 1e10)
    law = Farseer(S=0.6, s=-0.04, q=0.05, Q=110.0, B=-16.0, b=-0.14, E=1.24, A=-0.09, a=-0.05)
    slopes = law.jacobian(params=params, tokens=tokens)
    for row, (name, value) in zip(slopes, law.values.items(), strict=True):
        ends = [Farseer(**{**law.values, name: value * (1 + h)})(params=params, tokens=tokens) for h in (1e-6, -1e-6)]
        np.testing.assert_allclose(row * value, (ends[0] - ends[1]) / 2e-6, rtol=1e-5, atol=1e-9)


def test_published_errors_are_met_at_the_published_constants(public_data: Path) -> None:
    # On record: 0.226% on the 404 runs, 0.476% on the 7 larger ones.
    assert error(PUBLISHED, read(public_data, "train")) == pytest.approx(0.226, abs=0.0005)
    assert error(PUBLISHED, read(public_data, "test")) == pytest.approx(0.476, abs=0.0005)


def test_the_optimum_on_the_published_runs_is_below_the_published_constants(public_data: Path) -> None:
    train, test = read(public_data, "train"), read(public_data, "test")
    published = PUBLISHED(params=train["params"], tokens=train["tokens"])
    assert Huber().losses(published, train["loss"]).sum() == pytest.approx(7.4077e-4, rel=1e-4)
    found = fit(Farseer, train, draws=100)
    assert found.status is Status.converged
    assert found.objective == pytest.approx(3.8873e-4, rel=1e-4)  # the same from every start that gets below 4.5e-4
    assert error(found.law, train) == pytest.approx(0.138, abs=0.001)
    assert error(found.law, test) == pytest.approx(0.380, abs=0.005)
    # Why the paper's parameters will not do: a, which divides there, is nought as far as these runs can tell.
    assert found.estimate["a"].low < 0 < found.estimate["a"].high


def test_on_the_same_runs_chinchilla_misses_the_larger_ones_by_three_per_cent(public_data: Path) -> None:
    found = fit(Chinchilla, read(public_data, "train"), draws=0)
    assert error(found.law, read(public_data, "test")) == pytest.approx(2.99, abs=0.02)
