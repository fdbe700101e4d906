"""What other recipes are worth, of agents made from a known law: how many times their compute the study's own needs."""

import numpy as np
import pytest

from nextflop.evidence.runs import Runs
from nextflop.report.recipe_tables import recipe_tables
from nextflop.studies.selfplay.measure import ELO, REGRET, Measure
from nextflop.studies.selfplay.recipes import recipes, say_recipe, say_recipes, say_times
from nextflop.studies.selfplay.tables import Board

from .test_intrinsic import DEPTH, LAWS, LEFT, PER_POSITION, SIZES, agents, family

MIDDLE = float(SIZES[2])
LUCK = 0.05  # decades of compute, the standard deviation of a run


def strength(measure: Measure, params: np.ndarray, flop: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """What the law has of so much compute."""
    law = measure.law(**LAWS[measure], **LEFT)
    return law(params=params, positions=flop / (PER_POSITION * 2 * params), simulations=depth)


def lucky(runs: Runs, measure: Measure, rng: np.random.Generator, worth: float = 1.0) -> Runs:
    """The agents, as strong as if each run had had so many times its compute, and its own luck."""
    each = {run: worth * 10 ** (LUCK * rng.normal()) for run in np.unique(runs["run"])}
    flop = runs["flop"] * np.array([each[run] for run in runs["run"]])
    return runs.with_columns(**{measure.name: strength(measure, runs["params"], flop, runs["simulations"])})


def board(measure: Measure, worth: dict[tuple[float, float], float], seed: int = 0, seeds: int = 2) -> Board:
    """The study's own agents, searched 16 and learned from 4 times, beside the middle network by other recipes."""
    rng, own = np.random.default_rng(seed), agents(measure)
    own = own.where(own["seed"] < seeds)
    full = len(own)
    own = own.with_columns(searched=np.full(full, 16.0), reuse=np.full(full, 4.0))
    middle = own.where(params=MIDDLE)
    others = [
        lucky(
            middle.with_columns(
                searched=np.full(len(middle), searched),
                reuse=np.full(len(middle), reuse),
                run=np.array([f"{searched}-{reuse}-{run}" for run in middle["run"]]),
            ),
            measure,
            rng,
            times,
        )
        for (searched, reuse), times in worth.items()
    ]
    varied = Runs({name: np.concatenate([one[name] for one in others]) for name in middle.columns})
    return Board({"name": "hex", "size": 5}, None, None, lucky(own, measure, rng), varied)


@pytest.mark.parametrize("measure", [ELO, REGRET], ids=lambda measure: measure.name)
def test_a_recipe_is_worth_as_many_times_its_compute_as_it_was_made_with(measure) -> None:
    made = {(4.0, 4.0): 0.3, (64.0, 4.0): 1.0, (16.0, 1.0): 3.0}
    rows = recipes(board(measure, made), family(measure), measure, 0.9)
    assert [(row["simulations"], row["reuse"]) for row in rows] == [(16.0, 4.0), *made]
    for row, truth in zip(rows[1:], made.values(), strict=True):
        assert row["times"]["value"] == pytest.approx(truth, rel=0.3)
        assert row["times"]["low"] < row["times"]["value"] < row["times"]["high"]
        flop = np.array([row["flop"], row["flop"] * truth])
        middle, deep = np.full(2, MIDDLE), np.full(2, DEPTH)
        before, after = measure.rise(strength(measure, middle, flop, deep))
        assert np.sign(row["gain"]["value"] - measure.gain(0.0)) == np.sign(after - before) or truth == 1.0
        assert row["gain"]["low"] < row["gain"]["value"] < row["gain"]["high"]
    assert rows[0]["times"] is rows[0]["gain"] is None
    strongest = rows[0]["ends"][-1]
    assert strongest["simulations"] == 256.0
    flop = np.array([rows[0]["flop"]])
    best = strength(measure, np.array([MIDDLE]), flop, np.array([256.0]))
    assert strongest["strength"] == pytest.approx(float(best[0]), rel=0.1)


@pytest.mark.parametrize("seeds", [1, 2])
def test_nine_of_ten_intervals_hold_the_truth(seeds: int) -> None:
    """400 studies: a share of 0.9 lies within 0.9 ± 0.05 but for 1 time in 1,000."""
    held = 0
    for seed in range(400):
        rows = recipes(board(ELO, {(16.0, 1.0): 2.0}, seed, seeds), family(ELO), ELO, 0.9)
        held += rows[1]["times"]["low"] <= 2.0 <= rows[1]["times"]["high"]
    assert held / 400 == pytest.approx(0.9, abs=0.05)


def test_the_gain_is_that_of_the_law_at_the_same_compute() -> None:
    """Without luck, every snapshot stands where the law has it with twice the compute."""
    made = board(ELO, {(16.0, 1.0): 1.0})
    both = [
        agents.with_columns(elo=strength(ELO, agents["params"], times * agents["flop"], agents["simulations"]))
        for agents, times in ((made.agents, 1.0), (made.varied, 2.0))
    ]
    rows = recipes(made._replace(agents=both[0], varied=both[1]), family(), ELO, 0.9)
    judged = both[1].where(simulations=DEPTH, run=both[1]["run"][0])
    gains = judged["elo"] - strength(ELO, judged["params"], judged["flop"], judged["simulations"])
    assert rows[1]["gain"]["value"] == pytest.approx(np.median(gains), rel=1e-6)
    assert rows[1]["times"]["value"] == pytest.approx(2.0, rel=1e-6)


def test_where_the_law_ends_no_number_is_told() -> None:
    """Networks stronger than any training makes the study's own of their size."""
    made = board(ELO, {(64.0, 4.0): 1.0})
    perfect = made.varied.with_columns(elo=np.full(len(made.varied), 1499.0))
    rows = recipes(made._replace(varied=perfect), family(), ELO, 0.9)
    assert rows[1]["times"] is None
    assert rows[1]["gain"]["value"] > 0
    assert say_times(rows[1]) == "beyond what the law can tell"


def test_a_study_of_one_recipe_says_nothing_of_others() -> None:
    assert recipes(board(ELO, {(64.0, 4.0): 1.0})._replace(varied=Runs({})), family(), ELO, 0.9) == []
    assert say_recipes([], ELO) == []
    assert recipe_tables({"recipes": []}) is None


def test_recipes_are_named_by_what_they_change() -> None:
    found = board(ELO, {(4.0, 4.0): 0.3, (16.0, 1.0): 3.0})
    rows = recipes(found, family(), ELO, 0.9)
    assert [say_recipe(row, rows) for row in rows] == [
        "16 simulations in training, reuse 4",
        "4 simulations in training",
        "reuse 1",
    ]
    (sentence,) = say_recipes(rows, ELO)
    assert sentence.startswith("Beside 16 simulations in training, reuse 4, other recipes bring")
    told = [
        {name: column[row] for name, column in agents.columns.items()}
        for agents in (found.agents, found.varied)
        for row in range(len(agents))
    ]
    answers = {
        "recipes": rows,
        "measure": "elo",
        "slope": {"simulations": DEPTH},
        "boards": [{"agents": told[: len(found.agents)], "varied": told[len(found.agents) :]}],
    }
    table = recipe_tables(answers)
    assert [row["name"] for row in table["rows"]] == [say_recipe(row, rows) for row in rows]
    assert table["depths"] == ["Policy alone", "16", "256"]
    assert [len(row["ends"]) for row in table["rows"]] == [3, 3, 3]
    assert table["picture"].svg.count("of training") >= 2
