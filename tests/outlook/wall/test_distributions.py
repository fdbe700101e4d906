"""Shapes of belief: their quantiles are the ends that were given, and what cannot be is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri

from nextflop.errors import InputError
from nextflop.outlook.wall.distributions import Fixed, Remainder, between

SCORES = ndtri(np.linspace(0.0005, 0.9995, 1000))


@given(
    low=st.floats(1e-6, 1e15),
    factor=st.floats(1.001, 1e6),
    level=st.floats(0.05, 0.999),
    shape=st.sampled_from(["log-normal", "normal"]),
)
def test_the_ends_of_an_interval_are_its_quantiles(low: float, factor: float, level: float, shape: str) -> None:
    belief = between("x", low, low * factor, level, shape)
    ends = belief(ndtri(np.array([(1 - level) / 2, (1 + level) / 2])))
    np.testing.assert_allclose(ends, [low, low * factor], rtol=1e-9, atol=1e-9 * low * factor)
    assert (np.diff(belief(SCORES)) > 0).all()


def test_a_log_normal_number_has_its_median_at_the_geometric_mean() -> None:
    assert between("x", 75e9, 1e12)(np.zeros(1))[0] == pytest.approx(np.sqrt(75e9 * 1e12))


def test_a_uniform_number_stays_within_its_ends() -> None:
    values = between("x", -1, 3, shape="uniform")(SCORES)
    assert values.min() > -1
    assert values.max() < 3
    assert values.mean() == pytest.approx(1, abs=1e-6)


def test_what_is_left_of_a_whole_is_a_log_normal_given_the_bound() -> None:
    belief = between("x", 1, 4, 0.95, "remainder", whole=6, least=1)
    assert isinstance(belief, Remainder)
    values = belief(np.random.default_rng(0).standard_normal(200_000))
    drawn = 6 - between("y", 1, 4)(np.random.default_rng(1).standard_normal(400_000))
    kept = drawn[drawn > 1]
    np.testing.assert_allclose(np.quantile(values, (0.05, 0.5, 0.95)), np.quantile(kept, (0.05, 0.5, 0.95)), rtol=0.01)
    assert values.min() > 1
    assert belief.cut == pytest.approx(1 - len(kept) / len(drawn), abs=5e-4)


def test_a_known_number_is_itself() -> None:
    assert Fixed(2.5)(SCORES).tolist() == [2.5] * 1000
    assert str(Fixed(2.5)) == "2.5"
    assert str(between("x", 0.1, 0.4)) == "0.1 to 0.4 (95%, log-normal)"


@pytest.mark.parametrize(
    ("ends", "more", "says"),
    [
        ((0.4, 0.1), {}, "The interval of x, 0.4 to 0.1, is reversed"),
        ((0.4, 0.4), {}, "has no width"),
        ((np.nan, 1), {}, "is not finite"),
        ((-1, 1), {}, "begins at -1: a log-normal number is above 0"),
        ((1, 2), {"level": 1.0}, "The level of x is 1"),
        ((1, 2), {"shape": "beta"}, "There is no shape 'beta'"),
        ((1, 2), {"shape": "remainder"}, "has no 'whole'"),
        ((1, 2), {"shape": "remainder", "whole": 1, "least": 2}, "is not below its whole"),
    ],
)
def test_what_cannot_be_is_refused(ends: tuple[float, float], more: dict, says: str) -> None:
    with pytest.raises(InputError, match=says):
        between("x", *ends, **more)
