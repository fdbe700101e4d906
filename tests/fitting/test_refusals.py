"""What cannot be fitted is refused in one sentence; what can be doubted says so."""

from collections.abc import Callable

import numpy as np
import pytest

from nextflop.errors import FitError, InputError
from nextflop.evidence.runs import Runs
from nextflop.fitting import Status, fit
from nextflop.laws import Chinchilla, ZeroInflatedBetaBinomial


def changed(runs: Runs, column: str, row: int, value: float) -> Runs:
    values = runs[column].copy()
    values[row] = value
    return runs.with_columns(**{column: values})


def test_a_missing_column_is_named(noisy: Runs) -> None:
    runs = Runs({name: noisy[name] for name in ("params", "loss")})
    with pytest.raises(InputError, match=r"column 'tokens' is missing .there are params, loss.: add or map it"):
        fit(Chinchilla, runs)


@pytest.mark.parametrize("column", ["params", "tokens", "loss"])
@pytest.mark.parametrize("value", [0.0, -3.0, float("nan"), float("inf")])
def test_a_value_outside_the_domain_is_named_with_its_row(noisy: Runs, column: str, value: float) -> None:
    with pytest.raises(InputError, match=f"column '{column}' has {value:g} in row 5;.*correct the row"):
        fit(Chinchilla, changed(noisy, column, 4, value))


def test_text_in_a_number_is_named(noisy: Runs) -> None:
    with pytest.raises(InputError, match="'loss' holds text, such as 'low'"):
        fit(Chinchilla, noisy.with_columns(loss=np.array(["low"] * len(noisy))))


def test_one_run_only_is_refused(noisy: Runs) -> None:
    with pytest.raises(FitError, match="1 run cannot show how loss scales"):
        fit(Chinchilla, noisy.where(np.array([0])))


def test_fewer_runs_than_parameters_are_refused(noisy: Runs) -> None:
    with pytest.raises(FitError, match=r"4 runs at 4 different settings.*5 free parameters of 'chinchilla'"):
        fit(Chinchilla, noisy.where(np.arange(4)))
    assert fit(Chinchilla, noisy.where(np.arange(4)), pinned={"E": 1.82}, draws=0).runs == 4


def test_repeats_of_a_few_settings_do_not_count_as_more(noisy: Runs) -> None:
    with pytest.raises(FitError, match="40 runs at 4 different settings"):
        fit(Chinchilla, noisy.where(np.repeat(np.arange(4), 10)))


def test_an_input_that_never_varies_is_refused(noisy: Runs) -> None:
    with pytest.raises(FitError, match=r"All 100 runs have params = 1e\+08"):
        fit(Chinchilla, noisy.with_columns(params=np.full(len(noisy), 1e8)))


def test_tokens_in_proportion_to_parameters_are_named_as_what_cannot_be_told_apart(noisy: Runs) -> None:
    runs = noisy.with_columns(tokens=20 * noisy["params"])
    rng = np.random.default_rng(0)
    loss = (1.82 + 478 * runs["params"] ** -0.347 + 2143 * runs["tokens"] ** -0.367) * np.exp(rng.normal(0, 0.005, 100))
    found = fit(Chinchilla, runs.with_columns(loss=loss), draws=50)
    assert found.status is Status.ill_conditioned
    assert any("params and tokens rise together" in note for note in found.notes)


def test_two_sizes_cannot_give_an_exponent_of_size(surface: Callable[..., Runs], truth: Chinchilla) -> None:
    runs = surface(truth, 40)
    runs = runs.with_columns(params=np.where(np.arange(40) % 2 == 0, 1e8, 1e9))
    loss = truth(params=runs["params"], tokens=runs["tokens"])
    found = fit(Chinchilla, runs.with_columns(loss=loss), draws=0)
    assert found.status in (Status.ill_conditioned, Status.max_steps)
    assert any("alpha" in note and "trade off" in note for note in found.notes)


@pytest.mark.parametrize(
    ("pinned", "match"),
    [
        ({"gamma": 1.0}, "no parameter of chinchilla 'gamma'"),
        ({"alpha": -1.0}, "alpha cannot be pinned at -1"),
        ({"A": 0.0}, "A cannot be pinned at 0"),
        ({"E": float("nan")}, "E cannot be pinned at nan"),
        (dict.fromkeys(Chinchilla.parameters, 0.5), "nothing is left to fit"),
    ],
)
def test_a_pin_that_cannot_be_is_refused(noisy: Runs, pinned: dict[str, float], match: str) -> None:
    with pytest.raises(InputError, match=match):
        fit(Chinchilla, noisy, pinned=pinned)


def test_settings_that_cannot_be_are_refused(noisy: Runs) -> None:
    with pytest.raises(InputError, match="draws = -1"):
        fit(Chinchilla, noisy, draws=-1)
    with pytest.raises(InputError, match="level = 90"):
        fit(Chinchilla, noisy, level=90.0)
    with pytest.raises(InputError, match="'weight' has -1 in row 1"):
        fit(Chinchilla, noisy.with_columns(weight=np.full(len(noisy), -1.0)))
    with pytest.raises(FitError, match="weight 0"):
        fit(Chinchilla, noisy.with_columns(weight=np.zeros(len(noisy))))
    with pytest.raises(FitError, match="one cluster only"):
        fit(Chinchilla, noisy.with_columns(run=np.array(["a"] * len(noisy))), cluster="run")


def test_a_law_with_a_fit_of_its_own_says_so() -> None:
    runs = Runs({"samples": np.arange(1.0, 9.0), "coverage": np.linspace(0.1, 0.5, 8)})
    with pytest.raises(InputError, match="'coverage' is not fitted to a table of runs"):
        fit(ZeroInflatedBetaBinomial, runs)


def test_without_draws_there_are_no_intervals(noisy: Runs) -> None:
    found = fit(Chinchilla, noisy, draws=0)
    assert all(np.isnan([interval.low, interval.high]).all() for interval in found.estimate.values())


def test_draws_that_hold_too_few_settings_are_counted_as_failed(noisy: Runs) -> None:
    # Of six runs, six draws hold five or more different ones in 25% of all cases: 5!·S(6,5)·6 / 6⁶ + 6! / 6⁶ = 0.247.
    found = fit(Chinchilla, noisy.where(np.arange(6)), draws=400)
    assert len(found.draws) + found.failed_draws == 400
    assert 0.6 * 400 < found.failed_draws < 0.9 * 400


def test_progress_is_told(noisy: Runs) -> None:
    told: list[tuple[int, int]] = []
    fit(Chinchilla, noisy, draws=600, progress=lambda done, of: told.append((done, of)))
    assert told == [(500, 600), (600, 600)]
