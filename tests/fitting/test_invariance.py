"""What must not matter to a fit: order, units, the scale of the objective; and what must: how many runs there are."""

from collections.abc import Callable

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from nextflop.evidence.runs import Runs
from nextflop.fitting import fit
from nextflop.laws import Chinchilla


def values(law: object) -> np.ndarray:
    return np.array(list(law.values.values()))


def test_the_order_of_the_runs_changes_nothing_not_even_the_draws(noisy: Runs) -> None:
    order = np.random.default_rng(3).permutation(len(noisy))
    one, other = fit(Chinchilla, noisy, draws=100), fit(Chinchilla, noisy.where(order), draws=100)
    assert one.law == other.law
    np.testing.assert_array_equal(one.draws, other.draws)
    np.testing.assert_array_equal(one.residuals[order], other.residuals)


def test_the_seed_decides_the_draws_and_nothing_else(noisy: Runs) -> None:
    one, same, other = (fit(Chinchilla, noisy, draws=50, seed=seed) for seed in (7, 7, 8))
    np.testing.assert_array_equal(one.draws, same.draws)
    assert not np.array_equal(one.draws, other.draws)
    assert one.law == other.law


def test_the_scale_of_the_objective_does_not_move_the_optimum(noisy: Runs) -> None:
    # Weights of 1/n make the sum a mean, on which default tolerances of other tools stop early; 1e6 does the reverse.
    plain = fit(Chinchilla, noisy, draws=0)
    for scale in (1 / len(noisy), 1e6):
        scaled = fit(Chinchilla, noisy.with_columns(weight=np.full(len(noisy), scale)), draws=0)
        # Searches end at a relative offset below 1e-7, so within 1e-7 √n standard errors; that of B is half of B.
        np.testing.assert_allclose(values(scaled.law), values(plain.law), rtol=1e-6)
        assert abs(scaled.objective / scale / plain.objective - 1) < 1e-10


def test_runs_listed_twice_give_the_same_estimate_and_intervals_narrower_by_root_two(noisy: Runs) -> None:
    twice = noisy.where(np.tile(np.arange(len(noisy)), 2))
    one, two = fit(Chinchilla, noisy, draws=1000), fit(Chinchilla, twice, draws=1000)
    np.testing.assert_allclose(values(two.law), values(one.law), rtol=1e-6)
    assert abs(two.objective / one.objective / 2 - 1) < 1e-10
    ratios = [
        (one.estimate[name].high - one.estimate[name].low) / (two.estimate[name].high - two.estimate[name].low)
        for name in ("E", "alpha", "beta")
    ]
    # The width of a 90% percentile interval from 1,000 draws has a standard error of 3%, so their ratio 4.5%; the mean
    # of three that partly move together, 4%. Five of those for a false alarm below one in a million.
    assert abs(np.mean(ratios) - np.sqrt(2)) < 5 * 0.04 * np.sqrt(2)


def test_a_weight_of_two_is_a_run_listed_twice(noisy: Runs) -> None:
    weight = np.ones(len(noisy))
    weight[:10] = 2
    weighed = fit(Chinchilla, noisy.with_columns(weight=weight), draws=0)
    listed = fit(Chinchilla, noisy.where(np.concatenate([np.arange(len(noisy)), np.arange(10)])), draws=0)
    np.testing.assert_allclose(values(weighed.law), values(listed.law), rtol=1e-6)
    assert any("weight" in note for note in weighed.notes)


@settings(max_examples=15, deadline=None)
@given(of_params=st.floats(-12, 12), of_tokens=st.floats(-15, 15))
def test_counting_parameters_and_tokens_in_other_units_rescales_the_amplitudes_and_nothing_else(
    surface: Callable[..., Runs], truth: Chinchilla, of_params: float, of_tokens: float
) -> None:
    runs = surface(truth, 40, 0.005)
    units = {"params": 10**of_params, "tokens": 10**of_tokens}
    plain = fit(Chinchilla, runs, draws=5)
    counted = fit(Chinchilla, runs.with_columns(**{k: runs[k] / unit for k, unit in units.items()}), draws=5)
    # The inputs differ in their last bits only, and so do the paths of the searches.
    np.testing.assert_allclose(values(counted.law), values(plain.law.in_units(**units)), rtol=1e-6)
    np.testing.assert_allclose(counted.draws[:, [0, 3, 4]], plain.draws[:, [0, 3, 4]], rtol=1e-5)
    assert abs(counted.certificate.condition / plain.certificate.condition - 1) < 1e-4


def test_clusters_are_drawn_whole(surface: Callable[..., Runs], truth: Chinchilla) -> None:
    # Ten copies of twelve runs: as runs they look like 120, as clusters they are twelve.
    runs = surface(truth, 12, 0.005)
    copies = runs.where(np.repeat(np.arange(12), 10)).with_columns(run=np.repeat(np.arange(12), 10).astype(str))
    apart, whole = fit(Chinchilla, copies, draws=400), fit(Chinchilla, copies, draws=400, cluster="run")
    wide, narrow = (np.subtract(*fitted.estimate["alpha"][:0:-1]) for fitted in (whole, apart))
    assert wide > 2 * narrow  # √10 times but for the tails
    single = fit(Chinchilla, runs, draws=400)
    np.testing.assert_allclose(np.median(whole.draws[:, 3]), np.median(single.draws[:, 3]), rtol=0.2)
