"""Saturation of rewritten documents, the rectified law of synthetic tokens, the law of transfer: published points."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nextflop.errors import InputError
from nextflop.evidence.runs import Runs
from nextflop.fitting import fit
from nextflop.fitting.profile import profile
from nextflop.laws import Power, Rectified, SyntheticData, Transfer
from nextflop.laws.data_constrained import repeated

POSITIVE = st.floats(0.01, 100.0)


@given(x=POSITIVE, K=POSITIVE)
def test_first_and_later_rewritings_are_worth_what_the_docstring_says(x: float, K: float) -> None:
    law = SyntheticData(x, K)
    assert law(generations=0.0) == 1.0
    assert (law(generations=1e-7) - 1) / 1e-7 == pytest.approx(x, rel=1e-4, abs=1e-7)
    gains = np.diff(law(generations=np.arange(4.0)))
    np.testing.assert_allclose(gains[1:], gains[:-1] * np.exp(-1 / K), rtol=1e-6, atol=1e-12)
    assert law(generations=1e6) == pytest.approx(1 + x * K)


def test_rewritings_at_the_worth_of_repetition_saturate_as_repetition_does() -> None:
    epochs = np.array([1.0, 2, 4, 16, 100])
    law = SyntheticData(x=1.0, K=15.387756)
    np.testing.assert_allclose(law(generations=epochs - 1), repeated(1.0, epochs, 15.387756), rtol=1e-14)


@given(efficiency=st.floats(1.0, 20.0), saturation=POSITIVE, generations=POSITIVE)
def test_it_passes_through_the_point_that_it_was_given(
    efficiency: float, saturation: float, generations: float
) -> None:
    law = SyntheticData.through(generations=generations, data_efficiency=efficiency, saturation=saturation)
    assert law(generations=generations) == pytest.approx(efficiency, rel=1e-12)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"generations": 0.0}, "generations 0 cannot be used: give a finite number, above 0"),
        ({"saturation": -1.0}, "saturation -1 cannot be used"),
        ({"data_efficiency": 0.9}, "data_efficiency 0.9 cannot be used: give a finite number, 1 or more"),
        ({"data_efficiency": np.inf}, "data_efficiency inf cannot be used"),
    ],
)
def test_a_point_that_cannot_be_is_refused(change: dict[str, float], told: str) -> None:
    with pytest.raises(InputError, match=told):
        SyntheticData.through(**{"generations": 32.0, "data_efficiency": 1.48, "saturation": 8.0} | change)


def test_a_saturation_is_found_where_the_runs_reach_it_and_open_where_they_do_not() -> None:
    # Published at 32 rewritings: 1.80 by joined documents (arXiv:2603.18534); the other points are made.
    rng = np.random.default_rng(0)
    law = SyntheticData.through(generations=32.0, data_efficiency=1.80, saturation=8.0)
    for most, is_open in ((32.0, False), (0.5, True)):
        generations = np.repeat(np.linspace(0.0, most, 9), 3)
        measured = law(generations=generations) * np.exp(0.01 * rng.normal(size=len(generations)))
        runs = Runs({"generations": generations, "data_efficiency": measured})
        found = profile(fit(SyntheticData, runs, draws=0), runs, "K")
        assert found.open_above is is_open
        assert found.interval.low < 8.0
        assert is_open or found.interval.high > 8.0


def test_without_earlier_training_the_rectified_law_is_a_power_law() -> None:
    tokens = np.geomspace(1e6, 1e12, 7)
    law = Rectified(B=300.0, D_l=0.0, beta=0.34, E=0.16)
    np.testing.assert_allclose(law(tokens=tokens), Power(0.16, 300.0, 0.34)(compute=tokens), rtol=1e-13)


def test_the_printed_predictions_of_synthllm_follow_no_one_law_that_keeps_its_size() -> None:
    # Accuracies in per cent at 10B to 4T tokens, arXiv:2503.19551. Each curve alone is met to a point and a half, and
    # the larger model's has the worse asymptote: the curves cross.
    tokens = np.array([10e9, 50e9, 250e9, 300e9, 1e12, 4e12])
    printed = {"3B": [64.6, 74.7, 80.5, 80.9, 83.1, 84.4], "8B": [73.2, 78.6, 81.4, 81.6, 82.6, 83.2]}
    laws = {}
    for size, accuracy in printed.items():
        runs = Runs({"tokens": tokens, "error": 1 - np.array(accuracy) / 100})
        laws[size] = fit(Rectified, runs, pinned={"beta": 0.34}, draws=0).law
        np.testing.assert_allclose(laws[size](tokens=tokens), runs["error"], atol=0.015)
    assert laws["8B"](tokens=10e9) < laws["3B"](tokens=10e9)
    assert laws["8B"](tokens=4e12) > laws["3B"](tokens=4e12)


def test_a_tenfold_of_parameters_is_worth_a_hundredfold_of_tuning_data() -> None:
    # Hernandez et al. (2021), section 1: text to Python, k = 1.9e4, α = 0.18, β = 0.38; β/α is about 2.
    law = Transfer(k=1.9e4, alpha=0.18, beta=0.38)
    assert np.log10(law(tuning_data=1e6, params=1e10) / law(tuning_data=1e6, params=1e9)) == pytest.approx(0.38)
    assert law(tuning_data=1e8, params=1e9) == pytest.approx(law(tuning_data=1e6, params=10 ** (9 + 0.36 / 0.38)))


def test_its_exponents_are_found_again() -> None:
    law = Transfer(k=2.1e5, alpha=0.096, beta=0.38)
    tuning, params = (part.ravel() for part in np.meshgrid(np.geomspace(1e5, 1e8, 4), np.geomspace(1e6, 1e9, 4)))
    columns = {"tuning_data": tuning, "params": params}
    found = fit(Transfer, Runs({**columns, "transferred_data": law(**columns)}), draws=0)
    np.testing.assert_allclose(list(found.law.values.values()), [2.1e5, 0.096, 0.38], rtol=1e-6)
