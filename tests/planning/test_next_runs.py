"""Which runs to make next: what never matters, what always holds, and whether it pays in worlds that are known."""

import csv
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from nextflop.errors import InputError
from nextflop.evidence.runs import Runs
from nextflop.fitting import Squares, fit
from nextflop.laws import Chinchilla, Routing, Skaling
from nextflop.planning.ensemble import ensemble
from nextflop.planning.greedy import greedy
from nextflop.planning.next_runs import NextRuns, choose, next_runs, six_nd
from nextflop.planning.settings import grid

TRUTH = Chinchilla(E=1.8, A=480.0, B=2100.0, alpha=0.35, beta=0.37)
POOL = grid("params=1e7:1e10:7,tokens=1e9:1e11:7", ("params", "tokens"))
TARGET = grid("params=7e9,tokens=1.4e12", ("params", "tokens"))


class Wayward(Chinchilla):
    """A law that has no value at any run."""

    name = "wayward"

    def __call__(self, **inputs):
        return super().__call__(**inputs) * np.nan


def measured(settings: Runs, rng: np.random.Generator, law: Chinchilla = TRUTH, noise: float = 0.003) -> Runs:
    loss = law(params=settings["params"], tokens=settings["tokens"])
    return settings.with_columns(loss=loss * np.exp(noise * rng.normal(size=len(settings))))


@pytest.fixture(scope="module")
def runs() -> Runs:
    """Ten cheap runs off the grid."""
    rng = np.random.default_rng(3)
    some = Runs({"params": 10 ** rng.uniform(7, 8.5, 10), "tokens": 10 ** rng.uniform(9, 10, 10)})
    return measured(some, rng)


@pytest.fixture(scope="module")
def plan(runs: Runs) -> NextRuns:
    return next_runs([Chinchilla, Skaling], runs, POOL, 1e20, targets=TARGET, members=40)


def settings_of(plan: NextRuns, pool: Runs) -> list[tuple[float, ...]]:
    return [tuple(round(float(np.log(pool[name][row])), 6) for name in ("params", "tokens")) for row in plan.rows]


def test_a_plan_stays_within_what_may_be_spent_and_says_why(plan: NextRuns) -> None:
    assert plan.worthwhile
    assert plan.cost.sum() <= 1e20
    np.testing.assert_array_equal(plan.cost, six_nd(POOL)[plan.rows])
    assert len(set(plan.rows.tolist())) == len(plan.rows) == len(plan.why) == len(plan.removed)
    assert 0 < plan.after < plan.before < 0.3
    assert plan.after == pytest.approx(plan.before * np.sqrt(1 - plan.removed.sum()), rel=1e-6)
    assert sum(plan.laws.values()) == pytest.approx(1.0)
    assert any("narrows" in why or "tells" in why for why in plan.why)
    assert plan.to_json()["rows"] == [row + 1 for row in plan.rows]


def test_the_same_call_gives_the_same_plan(runs: Runs, plan: NextRuns) -> None:
    again = next_runs([Chinchilla, Skaling], runs, POOL, 1e20, targets=TARGET, members=40)
    np.testing.assert_array_equal(again.rows, plan.rows)
    np.testing.assert_array_equal(again.removed, plan.removed)


def test_units_never_matter(runs: Runs, plan: NextRuns) -> None:
    def smaller(table: Runs) -> Runs:
        return table.with_columns(params=table["params"] / 1e6, tokens=table["tokens"] / 1e9)

    cost = six_nd(POOL)
    other = next_runs(
        [Chinchilla, Skaling], smaller(runs), smaller(POOL), 1e2, targets=smaller(TARGET), cost=cost / 1e18, members=40
    )
    # Valleys are flat and optima found to a share of themselves: runs of nearly equal worth may change places.
    assert set(other.rows.tolist()) == set(plan.rows.tolist())
    np.testing.assert_allclose(other.removed.sum(), plan.removed.sum(), rtol=0.01)
    twice = runs.with_columns(loss=runs["loss"] / np.log(2))  # bits
    bits = next_runs([Chinchilla, Skaling], twice, POOL, 1e20, targets=TARGET, members=40)
    assert set(bits.rows.tolist()) == set(plan.rows.tolist())


def test_the_order_of_candidates_and_runs_does_not_matter(runs: Runs) -> None:
    rng = np.random.default_rng(0)
    mixed, shuffled = POOL.where(rng.permutation(len(POOL))), runs.where(rng.permutation(len(runs)))
    plan = next_runs([Chinchilla], runs, POOL, 1e20, targets=TARGET, members=40)
    other = next_runs([Chinchilla], shuffled, mixed, 1e20, targets=TARGET, members=40)
    assert settings_of(other, mixed) == settings_of(plan, POOL)
    np.testing.assert_allclose(other.removed, plan.removed, rtol=0.01, atol=1e-4)


def test_of_equal_settings_the_cheapest_is_taken(runs: Runs, plan: NextRuns) -> None:
    double = Runs({name: np.tile(POOL[name], 2) for name in ("params", "tokens")})
    cost = np.concatenate([2 * six_nd(POOL), six_nd(POOL)])
    other = next_runs([Chinchilla, Skaling], runs, double, 1e20, targets=TARGET, cost=cost, members=40)
    assert (other.rows >= len(POOL)).all()
    np.testing.assert_array_equal(other.rows - len(POOL), plan.rows)


def test_what_has_been_run_is_not_proposed_again_unless_replicates_are_allowed(runs: Runs) -> None:
    few = runs.where(np.arange(4)).with_columns(loss=np.zeros(4))
    pool = Runs({name: few[name] * (1 + 1e-9) for name in ("params", "tokens")})
    empty = next_runs([Chinchilla], runs, pool, 1e20, targets=TARGET, members=40)
    assert not empty.worthwhile
    assert empty.open == 0
    again = next_runs([Chinchilla], runs, pool, 1e20, targets=TARGET, members=40, replicates=True, most=6)
    assert again.worthwhile
    assert again.open == 4
    assert len(again.rows) > len(set(again.rows.tolist()))


def test_round_by_round_is_the_beginning_of_the_batch(runs: Runs, plan: NextRuns) -> None:
    first = next_runs([Chinchilla, Skaling], runs, POOL, 1e20, targets=TARGET, members=40, most=2)
    np.testing.assert_array_equal(first.rows, plan.rows[:2])


def test_nothing_run_yet_is_a_place_to_begin(runs: Runs) -> None:
    for few in (None, runs.where(np.arange(2))):
        begin = next_runs([Chinchilla], few, POOL, 1e20, targets=TARGET)
        assert len(begin.rows) == 6
        assert begin.cost.sum() <= 1e20
        assert np.isnan(begin.removed).all()
        assert np.isnan(begin.before)
        assert begin.laws == {}
    assert next_runs([Chinchilla], None, POOL, 1e20, targets=TARGET).rows[0] == six_nd(POOL).argmin()


def test_runs_that_are_all_of_one_size_still_get_a_plan(runs: Runs) -> None:
    flat = measured(grid("params=1e8,tokens=1e9:1e10:8", ("params", "tokens")), np.random.default_rng(0))
    plan = next_runs([Chinchilla, Skaling], flat, POOL, 1e20, targets=TARGET, members=40)
    assert plan.worthwhile
    assert len(set(POOL["params"][plan.rows])) > 1


def test_a_law_that_cannot_be_fitted_is_left_out(runs: Runs) -> None:
    plan = next_runs([Chinchilla, Wayward], runs, POOL, 1e20, targets=TARGET, members=40)
    assert plan.worthwhile
    assert plan.laws == {"chinchilla": 1.0}


def test_a_decision_that_is_known_needs_no_run() -> None:
    rng = np.random.default_rng(1)
    known = measured(grid("params=1e7:1e11:15,tokens=1e8:1e12:15", ("params", "tokens")), rng, noise=1e-4)
    sure = next_runs([Chinchilla], known, POOL, 1e20, budget=1e21, members=40, least=0.02)
    assert sure.before < 1e-4
    few = next_runs([Chinchilla], known.where(np.arange(0, 225, 16)), POOL, 1e20, budget=5e24, members=40)
    assert few.measure.startswith("expected loss")
    assert few.after < few.before


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"cost": -np.ones(len(POOL))}, "cost above 0"),
        ({"cost": np.full(len(POOL), np.nan)}, "cost above 0"),
        ({"cost": np.ones(3)}, "cost above 0"),
        ({"spend": 1e10}, "cheapest candidate costs 6e"),
        ({"spend": np.nan}, "may be spent"),
        ({"targets": None}, "give one of the two"),
        ({"budget": 1e23}, "give one of the two"),
        ({"laws": []}, "name at least one"),
        ({"least": -0.1}, "0 or more"),
        ({"least": 0.0, "replicates": True}, "above 0 if runs may be repeated"),
        ({"members": 3}, "shows no spread"),
        ({"laws": [Chinchilla, Routing]}, "no column 'experts'"),
        ({"candidates": Runs({"params": np.array([1e8])})}, "no column 'tokens'"),
        ({"candidates": Runs({"params": np.array([1e8]), "tokens": np.array([-1.0])})}, "tokens = -1 in row 1"),
        ({"candidates": Runs({"params": np.empty(0), "tokens": np.empty(0)})}, "no candidates"),
    ],
)
def test_what_cannot_be_planned_is_wrong_use(runs: Runs, change: dict, says: str) -> None:
    given = {"laws": [Chinchilla], "runs": runs, "candidates": POOL, "spend": 1e20, "targets": TARGET} | change
    with pytest.raises(InputError, match=says):
        next_runs(given.pop("laws"), given.pop("runs"), given.pop("candidates"), given.pop("spend"), **given)


def test_a_target_that_has_been_run_is_refused(runs: Runs) -> None:
    known = Runs({name: runs[name][:2] for name in ("params", "tokens")})
    with pytest.raises(InputError, match="Every target is among the runs"):
        next_runs([Chinchilla], runs, POOL, 1e20, targets=known)


def world(seed: int) -> tuple[list[float], float]:
    """A world of its own exponents and pool: errors at the target of the plan, random and cheapest, and the promise.

    Each has a twentieth of what the pool costs, beside six cheap runs. The plan looks at the results three times.
    """
    rng = np.random.default_rng(seed)
    law = Chinchilla(1.8, 480.0, 2100.0, rng.uniform(0.28, 0.4), rng.uniform(0.28, 0.4))
    pool = Runs({"params": 10 ** rng.uniform(7, 9.5, 100), "tokens": 10 ** rng.uniform(8.5, 11, 100)})
    results, cost = measured(pool, rng, law), six_nd(pool)
    order = np.argsort(cost, kind="stable")
    start, budget = order[[0, 3, 6, 9, 12, 15]].tolist(), 0.05 * cost.sum()
    far = grid("params=7e10,tokens=1.4e12", ("params", "tokens"))
    truth = np.log(float(law(params=7e10, tokens=1.4e12)))

    def error(rows: list[int]) -> float:
        found = fit(Chinchilla, results.where(np.array(rows)), objective=Squares(log=True), draws=0).law
        return abs(float(np.log(found(params=7e10, tokens=1.4e12))) - truth)

    chosen, left, promised = list(start), budget, np.nan
    for looks in (3, 2, 1):
        known = results.where(np.array(chosen))
        plan = next_runs([Chinchilla], known, pool, left, targets=far, members=40, seed=seed, least=0.0)
        now = plan.rows[np.cumsum(plan.cost) - plan.cost < left / looks].tolist()
        chosen, left, promised = chosen + now, left - cost[now].sum(), plan.after
    errors = [error(chosen)]
    for others in (rng.permutation(100), order):
        rows, left = list(start), budget
        for row in others:
            if row not in rows and cost[row] <= left:
                rows.append(int(row))
                left -= cost[row]
        errors.append(error(rows))
    return errors, promised


def test_it_pays_in_worlds_that_are_known() -> None:
    """Twenty-four worlds in which the law is known, the kindest there is to cheap runs.

    Against random the root mean square error is below 0.75 times; were they equally good, a ratio as low as that would
    come in about one series in twelve (the ratio of 24 squared normal errors to 24 others is below 0.56 in 0.085 of
    all). Against the cheapest, which buy twice as many runs, it is no worse than a tenth.
    """
    found = [world(seed) for seed in range(24)]
    plan, random, cheapest = np.sqrt(np.mean(np.square([errors for errors, _ in found]), axis=0))
    assert plan < 0.75 * random
    assert plan < 1.1 * cheapest
    # What was promised came about, and more: that the law is exact cannot be known from six runs.
    assert plan < 1.5 * np.sqrt(np.mean(np.square([promised for _, promised in found])))


def test_greedy_removes_what_a_gaussian_says() -> None:
    rng = np.random.default_rng(0)
    fields = rng.normal(size=(30, 12)) / np.sqrt(30)
    covariance, noise = fields.T @ fields, 0.3
    cost = rng.uniform(1, 2, 9)
    picked = greedy(fields, 9, 2, noise, cost, 6.0)
    rows, aims = picked.rows, [9, 10]
    known = covariance[np.ix_(rows, rows)] + noise**2 * np.eye(len(rows))
    cross = covariance[np.ix_(rows, aims)]
    after = covariance[np.ix_(aims, aims)] - cross.T @ np.linalg.solve(known, cross)
    assert picked.before == pytest.approx(np.trace(covariance[np.ix_(aims, aims)]))
    assert picked.after == pytest.approx(np.trace(after))
    assert picked.removed.sum() == pytest.approx(1 - picked.after / picked.before)
    assert picked.settled.shape == (len(rows), 1)
    assert picked.settled.sum() <= 1


@pytest.mark.parametrize("seed", range(20))
def test_a_dearer_candidate_of_the_same_information_is_never_preferred(seed: int) -> None:
    rng = np.random.default_rng(seed)
    fields = rng.normal(size=(20, 7))
    twin = int(rng.integers(6))
    both = np.concatenate([fields[:, :6], fields[:, [twin]], fields[:, 6:]], axis=1)
    cost = rng.uniform(0.5, 2, 6)
    dear = np.append(cost, cost[twin] * rng.uniform(1.01, 3))
    rows = greedy(both, 7, 1, 0.5, dear, 4.0).rows.tolist()
    assert 6 not in rows or twin in rows[: rows.index(6)]


def test_farseer_is_foretold_to_a_per_cent_for_a_twentieth_of_its_cost(public_data: Path) -> None:
    """From the 20 cheapest of the 404 runs, 5% of their cost spent at once in three looks; ScaleBench's target."""
    table = {}
    for part in ("train", "test"):
        with (public_data / "scalebench" / f"farseer_scaling_law.{part}.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        columns = {"params": "N", "tokens": "D", "loss": "loss"}
        table[part] = Runs({name: np.array([float(row[column]) for row in rows]) for name, column in columns.items()})
    pool, target = table["train"], table["test"]
    cost = six_nd(pool)
    chosen = np.argsort(cost, kind="stable")[:20]
    errors, promised = [], []
    for looks in (3, 2, 1):
        rest = np.setdiff1d(np.arange(len(pool)), chosen)
        both = Runs({name: np.concatenate([pool[name], target[name]]) for name in pool.columns})
        drawn = ensemble([Chinchilla, Skaling], pool.where(chosen), both, members=40)
        gaps = np.median(drawn.predict(target), axis=0) - np.log(target["loss"])
        errors.append(float(np.sqrt(np.mean(gaps**2))))
        left = 0.05 * cost.sum() - cost[chosen].sum()
        picked = choose(drawn, pool.where(rest), target, cost[rest], left, pause=left / looks)
        promised.append(np.sqrt([picked.before / 7, picked.after / 7]))
        chosen = np.concatenate([chosen, rest[picked.rows]])
    assert cost[chosen].sum() <= 0.05 * cost.sum()
    # From 5.5% to less than 1.2%; the Farseer law misses these runs by 0.5% when it is fitted to the whole pool.
    assert errors[0] == pytest.approx(0.055, rel=0.1)
    assert max(errors[1:]) < 0.012
    found = [later[0] / sooner[1] for sooner, later in pairwise(promised)]
    assert max(found) < 3  # of the standard deviation that was promised
    assert max(error / before for error, (before, _) in zip(errors, promised, strict=True)) < 3
