"""Many functions at once, each at its least within a box."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nextflop.planning.ledger.minimise import minimise


def quadratic(centres: np.ndarray, bend: np.ndarray):
    def functions(points: np.ndarray, rows: np.ndarray) -> np.ndarray:
        away = points - centres[rows][:, None]
        return 2.0 + np.einsum("rpi,ij,rpj->rp", away, bend, away)

    return functions


@given(seed=st.integers(0, 2**32 - 1), variables=st.integers(1, 3))
def test_a_quadratic_is_least_at_its_centre_or_where_no_way_in_the_box_leads_down(seed: int, variables: int) -> None:
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(variables, variables))
    bend = root @ root.T + 0.05 * np.eye(variables)
    centres = rng.uniform(-4, 4, (20, variables))
    functions = quadratic(centres, bend)
    found = minimise(functions, rng.uniform(-2, 2, (20, variables)), np.full(variables, -2.0), np.full(variables, 2.0))
    assert found.converged.all()
    inside = (np.abs(centres) < 1.9).all(axis=1)
    np.testing.assert_allclose(found.at[inside], centres[inside], atol=1e-4)
    tried = np.clip(found.at[:, None] + 0.02 * rng.normal(size=(20, 60, variables)), -2, 2)
    assert (functions(tried, np.arange(20)) >= found.value[:, None] - 1e-6).all()


def test_every_row_has_its_own_function_and_a_row_without_values_does_not_stop_the_others() -> None:
    def functions(points: np.ndarray, rows: np.ndarray) -> np.ndarray:
        value = np.cosh(points[..., 0] - rows[:, None])
        return np.where(rows[:, None] == 1, np.inf, value)

    found = minimise(functions, np.zeros((3, 1)), np.array([-5.0]), np.array([5.0]))
    assert found.at[[0, 2], 0] == pytest.approx([0, 2], abs=1e-5)
    assert found.value[1] == np.inf
    assert not found.converged[1]


def test_a_corner_at_a_bound_is_no_obstacle() -> None:
    # The root of the distance to the bound has no end to its slope there, as a penalty for repetition has none.
    def functions(points: np.ndarray, rows: np.ndarray) -> np.ndarray:
        x = points[..., 0]
        return (x - 3) ** 2 * 0.01 + np.sqrt(np.maximum(x, 0))

    found = minimise(functions, np.array([[0.0], [0.4]]), np.array([0.0]), np.array([6.0]))
    assert found.at[:, 0] == pytest.approx([0.0, 0.0], abs=1e-6)
