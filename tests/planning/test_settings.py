"""Grids and costs as a person writes them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nextflop.errors import InputError
from nextflop.planning.settings import cost, grid

NAMES = ("params", "tokens")


def test_a_grid_is_every_combination_evenly_in_the_logarithm() -> None:
    found = grid("tokens=1B:100B:3, params=10M", NAMES)
    np.testing.assert_allclose(found["tokens"], [1e9, 1e10, 1e11])
    np.testing.assert_allclose(found["params"], [1e7, 1e7, 1e7])
    assert len(grid("params=1e7:1e10:8,tokens=1e9:1e11:5", NAMES)) == 40


@given(low=st.floats(1e-3, 1e12), factor=st.floats(1.001, 1e6), count=st.integers(2, 50))
def test_its_ends_are_those_that_were_written(low: float, factor: float, count: int) -> None:
    axis = grid(f"params={low!r}:{low * factor!r}:{count}", ("params",))["params"]
    assert len(axis) == count
    np.testing.assert_allclose(axis[[0, -1]], [low, low * factor], rtol=1e-12)
    assert (np.diff(axis) > 0).all()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("params=1e7:1e10:8", "does not say what tokens should be"),
        ("params=1e7:1e10,tokens=1", "low:high:count"),
        ("params=1e10:1e7:8,tokens=1", "lower end first"),
        ("params=1e7:1e10:1,tokens=1", "2 or more"),
        ("params=1e7:1e10:x,tokens=1", "'x' values"),
        ("params=-1:1e10:3,tokens=1", "not positive"),
        ("params=1e7:1e10:3,steps=1", "no input 'steps'"),
        ("params=1,params=2,tokens=1", "twice"),
        ("params=1e7:1e10:1000,tokens=1e9:1e10:1000", "make it coarser"),
        ("params=1e7:1e10:99999999999,tokens=1", "make the grid coarser"),
        ("params", "no part of a grid"),
    ],
)
def test_what_is_no_grid_is_refused(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        grid(text, NAMES)


def test_a_cost_is_a_product_of_columns_and_numbers() -> None:
    settings = grid("params=10:1000:3,tokens=5", NAMES)
    np.testing.assert_allclose(cost("6*params*tokens", settings), [300, 3000, 30000])
    np.testing.assert_allclose(cost("params", settings), settings["params"])
    for wrong in ("6**params", "", "gpus", "0*params"):
        with pytest.raises(InputError):
            cost(wrong, settings)


def test_a_setting_of_more_unique_tokens_than_tokens_is_left_out_and_said() -> None:
    axes = ("params", "tokens", "unique_tokens")
    found = grid("params=1e9,tokens=1e9:1e11:3,unique_tokens=1e9:1e11:3", axes)
    pairs = set(zip(found["tokens"].round(), found["unique_tokens"].round(), strict=True))
    assert pairs == {(1e9, 1e9), (1e10, 1e9), (1e10, 1e10), (1e11, 1e9), (1e11, 1e10), (1e11, 1e11)}
    assert found.notes == ("3 of 9 settings of the grid have more unique tokens than tokens and are left out.",)
    assert not grid("params=1e9,tokens=1e11,unique_tokens=1e9:1e11:3", axes).notes
    with pytest.raises(InputError, match="Every setting"):
        grid("params=1e9,tokens=1e9,unique_tokens=1e10", axes)
