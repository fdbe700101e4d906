"""Flags: each defect, planted by hand, is named with its reason; nothing is dropped."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nextflop.errors import InputError
from nextflop.evidence.quality import CODES, Flag, flags, without
from nextflop.evidence.runs import Runs

INPUTS = ("params", "tokens")


def surface(params: np.ndarray, tokens: np.ndarray) -> np.ndarray:
    """Chinchilla's law as Besiroglu et al. fitted it (arXiv:2404.10102)."""
    return 1.82 + 478 * params**-0.347 + 2143 * tokens**-0.367


def grid(sizes: int = 8, durations: int = 8, noise: float = 0.005, seed: int = 0) -> Runs:
    mesh = np.meshgrid(np.geomspace(1e7, 1e10, sizes), np.geomspace(1e9, 3e11, durations))
    params, tokens = (axis.ravel() for axis in mesh)
    scatter = np.exp(noise * np.random.default_rng(seed).normal(size=params.size))
    return Runs({"params": params, "tokens": tokens, "loss": surface(params, tokens) * scatter})


def curves(noise: float = 0.002) -> Runs:
    """Thirty-six runs of twenty snapshots."""
    final = grid(6, 6)
    share = np.geomspace(0.02, 1, 20)
    params, tokens = np.repeat(final["params"], 20), np.outer(final["tokens"], share).ravel()
    scatter = np.exp(noise * np.random.default_rng(3).normal(size=params.size))
    run = np.repeat(np.arange(36.0), 20)
    return Runs({"run": run, "params": params, "tokens": tokens, "loss": surface(params, tokens) * scatter})


def budgets(centre: float = 1.0, reach: float = 4.0, sizes: int = 9) -> Runs:
    """Five isoFLOP budgets over sizes from optimum · centre / reach to optimum · centre · reach."""
    flop = np.repeat(np.geomspace(1e19, 1e21, 5), sizes)
    best = (0.347 * 478 / (0.367 * 2143)) ** (1 / 0.714) * (flop / 6) ** (0.367 / 0.714)
    params = centre * best * np.tile(np.geomspace(1 / reach, reach, sizes), 5)
    tokens = flop / 6 / params
    return Runs({"params": params, "tokens": tokens, "budget": flop, "loss": surface(params, tokens)})


def changed(runs: Runs, name: str, row: int, value: float) -> Runs:
    column = runs[name].copy()
    column[row] = value
    return runs.with_columns(**{name: column})


def rows(found: tuple[Flag, ...], code: str) -> list[int | None]:
    return [flag.row for flag in found if flag.code == code]


def test_a_clean_grid_has_no_flags() -> None:
    assert flags(grid(), INPUTS) == ()


def test_an_under_tuned_run_is_named_with_its_neighbours() -> None:
    runs = grid()
    (flag,) = flags(changed(runs, "loss", 27, 1.06 * runs["loss"][27]), INPUTS)
    assert (flag.row, flag.code) == (27, "under-tuned")
    assert flag.statistic > flag.threshold > 3
    assert "above the trend of its neighbours" in flag.sentence
    assert any(f"#{row}" in flag.sentence for row in (19, 26, 28, 35))


def test_a_run_that_is_too_good_is_not_flagged() -> None:
    runs = grid()
    assert rows(flags(changed(runs, "loss", 27, 0.9 * runs["loss"][27]), INPUTS), "under-tuned") == []


def test_a_diverged_run_is_named_with_those_it_lost_to() -> None:
    runs = grid()
    found = flags(changed(runs, "loss", 36, 1.5 * runs["loss"][36]), INPUTS)
    assert [(flag.row, flag.code) for flag in found] == [(36, "diverged")]
    assert "#35, #28 and #27" in found[0].sentence or "#28, #35 and #27" in found[0].sentence


@pytest.mark.parametrize("loss", [np.nan, np.inf])
def test_a_run_without_a_finite_loss_has_diverged(loss: float) -> None:
    found = flags(changed(grid(), "loss", 5, loss), INPUTS)
    assert [(flag.row, flag.code, flag.sentence) for flag in found] == [(5, "diverged", "Has no finite loss.")]


def test_a_snapshot_without_a_loss_is_flagged_and_the_run_is_judged_by_the_last_that_has_one() -> None:
    runs = curves()
    found = flags(changed(changed(runs, "loss", 299, np.nan), "loss", 285, np.nan), INPUTS, curve="run")
    assert rows(found, "diverged") == [285, 299]
    assert rows(found, "under-tuned") == []


def test_a_curve_that_turns_up_for_good_is_flagged_from_there() -> None:
    runs = curves()
    loss = runs["loss"].copy()
    loss[55:60] *= 1.4  # the last five snapshots of run 2
    loss[70] *= 1.4  # a spike of run 3 that recovers
    found = flags(runs.with_columns(loss=loss), INPUTS, curve="run")
    turned = [flag for flag in found if flag.code == "diverged" and "risen for good" in flag.sentence]
    assert [flag.row for flag in turned] == [55, 56, 57, 58, 59]
    assert "at #54" in turned[0].sentence


def test_a_curve_that_ends_high_within_its_noise_has_not_turned() -> None:
    assert rows(flags(curves(noise=0.08), INPUTS, curve="run"), "diverged") == []


def test_a_run_that_falls_short_is_flagged_in_every_snapshot() -> None:
    runs = curves()
    loss = runs["loss"].copy()
    loss[280:300] *= 1.3
    found = flags(runs.with_columns(loss=loss), INPUTS, curve="run")
    assert set(rows(found, "under-tuned")) | set(rows(found, "diverged")) == set(range(280, 300))


def test_snapshots_of_the_first_tenth_of_a_run_are_early() -> None:
    runs = curves()
    expected = np.flatnonzero(np.tile(np.geomspace(0.02, 1, 20) < 0.1, 36))
    assert rows(flags(runs, INPUTS, curve="run"), "early") == expected.tolist()


def test_the_published_cut_needs_no_curve() -> None:
    runs = curves()
    early = flags(runs, INPUTS, early_before=1e10)
    assert rows(early, "early") == np.flatnonzero(runs["tokens"] < 1e10).tolist()


def test_copies_are_flagged_and_the_first_is_not() -> None:
    runs = grid()
    doubled = runs.where(np.array([*range(64), 10, 10, 3]))
    found = flags(doubled, INPUTS)
    assert [(flag.row, flag.sentence) for flag in found] == [
        (64, "Equals #10 in every column."),
        (65, "Equals #10 in every column."),
        (66, "Equals #3 in every column."),
    ]


def test_an_equal_loss_at_nearly_equal_settings_is_a_copy() -> None:
    doubled = grid().where(np.array([*range(64), 10]))
    near = changed(doubled, "params", 64, 1.004 * doubled["params"][64])
    (flag,) = flags(near, INPUTS)
    assert (flag.row, flag.code) == (64, "duplicate")
    assert "loss of #10" in flag.sentence
    assert flag.statistic == pytest.approx(np.log(1.004))
    assert flags(changed(near, "loss", 64, near["loss"][10] * (1 + 1e-9)), INPUTS) == ()


def test_of_several_near_copies_the_first_is_the_original() -> None:
    runs = grid().where(np.array([*range(64), 10, 10]))
    stretched = runs.with_columns(params=runs["params"] * np.repeat([1, 1.003, 0.998], [64, 1, 1]))
    found = flags(stretched, INPUTS)
    assert [(flag.row, "#10" in flag.sentence) for flag in found] == [(64, True), (65, True)]


def test_a_copy_is_found_past_a_run_of_equal_loss_that_lies_between() -> None:
    runs = grid().where(np.array([*range(64), 10, 50]))
    params = runs["params"].copy()
    params[64], params[65] = 1.004 * params[10], 1.002 * params[10]
    between = runs.with_columns(params=params, loss=np.append(runs["loss"][:65], runs["loss"][10]))
    assert rows(flags(between, INPUTS), "duplicate") == [64]


def test_losses_rounded_to_two_digits_make_no_copies_of_neighbours() -> None:
    rng = np.random.default_rng(4)
    params, tokens = 1e8 * np.exp(rng.uniform(0, 1, 200)), 1e10 * np.exp(rng.uniform(0, 1, 200))
    loss = np.round(surface(params, tokens), 1)
    assert rows(flags(Runs({"params": params, "tokens": tokens, "loss": loss}), INPUTS), "duplicate") == []


def test_seeds_of_one_setting_are_not_copies() -> None:
    runs = grid(3, 3, noise=0.0)
    noise = np.exp(0.005 * np.random.default_rng(0).normal(size=36))
    seeds = runs.where(np.repeat(np.arange(9), 4))
    found = flags(seeds.with_columns(loss=seeds["loss"] * noise), INPUTS)
    assert rows(found, "duplicate") == []


def test_a_collinear_design_is_a_flag_of_the_table() -> None:
    params = np.geomspace(1e7, 1e10, 20)
    tokens = 20 * params
    (flag,) = flags(Runs({"params": params, "tokens": tokens, "loss": surface(params, tokens)}), INPUTS)
    assert (flag.row, flag.code) == (None, "collinear")
    assert "tokens goes as params^1.00" in flag.sentence
    assert flag.statistic > 1e6


def test_an_input_that_never_changes_is_named() -> None:
    runs = grid().with_columns(tokens=np.full(64, 1e10))
    (flag,) = [flag for flag in flags(runs, INPUTS) if flag.code == "collinear"]
    assert "all have the same tokens" in flag.sentence


def test_budgets_that_are_centred_and_wide_enough_have_no_flags() -> None:
    assert flags(budgets(), INPUTS, budget="budget") == ()


def test_a_minimum_at_the_edge_of_its_sizes_is_a_flag_of_every_run_of_the_budget() -> None:
    found = flags(budgets(centre=8), INPUTS, budget="budget")
    assert rows(found, "edge") == list(range(45))
    assert "lowest loss at the smallest of 9 sizes" in found[0].sentence


def test_five_sizes_are_too_few_and_a_repeated_size_counts_once() -> None:
    found = flags(budgets(sizes=5), INPUTS, budget="budget")
    assert rows(found, "few-sizes") == list(range(25))
    doubled = budgets(sizes=5).where(np.repeat(np.arange(25), 2))
    other_seed = doubled.with_columns(loss=doubled["loss"] * np.tile([1.0, 1.001], 25))
    found = flags(other_seed, INPUTS, budget="budget")
    assert rows(found, "few-sizes") == list(range(50))
    assert {(flag.statistic, flag.threshold) for flag in found if flag.code == "few-sizes"} == {(5.0, 6.0)}


def test_a_run_far_from_the_best_size_of_its_budget_is_off_centre() -> None:
    found = flags(budgets(reach=14), INPUTS, budget="budget")
    assert rows(found, "off-centre") == [9 * budget + end for budget in range(5) for end in (0, 8)]
    assert "14 times smaller" in found[0].sentence


def test_losses_that_do_not_bend_are_flat() -> None:
    runs = budgets()
    level = 2.5 * np.exp(0.003 * np.random.default_rng(1).normal(size=45))
    found = flags(runs.with_columns(loss=level), INPUTS, budget="budget")
    assert len(rows(found, "flat")) + len(rows(found, "edge")) == 45
    assert rows(found, "flat")


def test_recipes_are_judged_apart() -> None:
    one, other = grid(seed=1), grid(seed=2)
    both = Runs(
        {
            **{name: np.concatenate([one[name], other[name]]) for name in INPUTS},
            "loss": np.concatenate([one["loss"], 1.4 * other["loss"]]),
            "recipe": np.repeat(["a", "b"], 64),
        }
    )
    assert flags(both, INPUTS, group="recipe") == ()
    assert len(flags(both.where(np.arange(70)), INPUTS)) >= 6


def test_the_table_without_flagged_runs_keeps_the_others_in_order() -> None:
    runs = grid()
    found = flags(changed(runs, "loss", 27, 9.0).where(np.array([*range(64), 10])), INPUTS)
    doubted = changed(runs, "loss", 27, 9.0).where(np.array([*range(64), 10]))
    assert len(without(doubted, found)) == 63
    assert without(doubted, found, ["duplicate"]) == changed(runs, "loss", 27, 9.0)
    assert without(doubted, found, []) == doubted
    with pytest.raises(InputError, match=r"no flag 'duplicated'.*did you mean 'duplicate'"):
        without(doubted, found, ["duplicated"])


def test_a_flag_of_the_whole_table_removes_nothing() -> None:
    runs = grid(2, 2)
    assert without(runs, [Flag(None, "collinear", "", 20.0, 10.0)]) == runs


def test_what_cannot_be_compared_is_refused_with_the_run() -> None:
    runs = grid()
    with pytest.raises(InputError, match="tokens of run #3 is 0"):
        flags(changed(runs, "tokens", 3, 0.0), INPUTS)
    with pytest.raises(InputError, match=r"loss of run #4 is -1.*1 - accuracy"):
        flags(changed(runs, "loss", 4, -1.0), INPUTS)
    with pytest.raises(InputError, match="no column 'unique'"):
        flags(runs, ("params", "unique"))
    with pytest.raises(InputError, match="budget of run #0 is nan"):
        flags(runs.with_columns(budget=np.full(64, np.nan)), INPUTS, budget="budget")
    with pytest.raises(InputError, match="'when' holds text"):
        flags(runs.with_columns(when=np.full(64, "late")), INPUTS, progress="when", early_before=1e9)
    with pytest.raises(InputError, match="'tokens' holds text"):
        flags(runs.with_columns(tokens=np.full(64, "many")), INPUTS)


@pytest.mark.parametrize("number", range(9))
def test_a_few_runs_are_no_trouble(number: int) -> None:
    runs = grid(3, 3).where(np.arange(number))
    assert {flag.code for flag in flags(runs, INPUTS)} <= {"collinear"}


@given(order=st.permutations(range(66)), scale=st.floats(1e-3, 1e3))
def test_neither_the_order_nor_the_unit_changes_what_is_flagged(order: list[int], scale: float) -> None:
    runs = grid().where(np.array([*range(64), 10, 11]))
    runs = changed(changed(runs, "loss", 27, 1.1 * runs["loss"][27]), "loss", 50, 5.0)
    found = {(flag.row, flag.code) for flag in flags(runs, INPUTS)}
    moved = runs.where(np.array(order)).with_columns(params=scale * runs["params"][order])
    again = {(order[flag.row], flag.code) for flag in flags(moved, INPUTS) if flag.row is not None}
    # Of two equal rows the one that comes first is kept.
    twins = {64: 10, 65: 11, 10: 10, 11: 11}
    assert {(twins.get(row, row), code) for row, code in again} == {(twins.get(row, row), code) for row, code in found}


def test_every_code_is_explained_and_every_flag_goes_to_json() -> None:
    flag = Flag(3, "edge", "Says so.", 0.0, 1.0)
    assert flag.code in CODES
    assert flag.to_json() == {"row": 3, "code": "edge", "sentence": "Says so.", "statistic": 0.0, "threshold": 1.0}


def test_ten_thousand_runs_make_no_table_of_all_pairs() -> None:
    rng = np.random.default_rng(0)
    params, tokens = 10 ** rng.uniform(7.5, 10, 10_000), 10 ** rng.uniform(9, 11.5, 10_000)
    runs = Runs(
        {
            "params": params,
            "tokens": tokens,
            "loss": surface(params, tokens) * np.exp(0.005 * rng.normal(size=10_000)),
            "run": np.repeat(np.arange(1000.0), 10),
            "budget": np.repeat(np.arange(1.0, 501), 20),
        }
    )
    flags(grid(), INPUTS)  # imports SciPy
    tracemalloc.start()
    flags(runs, INPUTS, budget="budget")
    flags(runs, INPUTS, curve="run")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100e6  # all pairs as numbers would be 800 MB
