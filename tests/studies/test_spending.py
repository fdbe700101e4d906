"""The joint law, the ledger, and where the next FLOP goes, in a world whose laws are known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nextflop.lab.language import flops
from nextflop.lab.language.transformer import Shape
from nextflop.lab.reasoning.countdown import Countdown
from nextflop.laws import Chinchilla, ZeroInflatedBetaBinomial
from nextflop.laws.exponential import ExponentialAccuracy
from nextflop.laws.reinforced import Reinforced
from nextflop.studies.countdown.ledger import Ledger
from nextflop.studies.countdown.spending import AXES, Limits, along, furthest, search, shares
from nextflop.studies.countdown.words import recommend
from nextflop.studies.countdown.world import Point, World

GAME, SIZES, GROUP, QUERIES = Countdown(), [(32, 2), (64, 2), (128, 2)], 16, 1e5
DRAWS = 20


def law_draws(*values: float) -> np.ndarray:
    """The estimate and draws that scatter by a per cent about it, shape (1 + draws, parameters)."""
    rng = np.random.default_rng(0)
    scatter = np.exp(0.01 * rng.standard_normal((DRAWS, len(values))))
    return np.concatenate([np.ones((1, len(values))), scatter]) * np.array(values)


@pytest.fixture(scope="module")
def world() -> World:
    return World(
        loss=Chinchilla.from_draws(law_draws(0.19, 16.0, 200.0, 0.45, 0.45)),
        link=ExponentialAccuracy.from_draws(law_draws(4.5, 8.1)),
        rl=Reinforced(*law_draws(0.4, 5000.0, 0.8, 1.4).T[:, :, None]),
        atom=law_draws(-5.0, 0.5, 2.0),
        alike=law_draws(0.5, 0.6, -1.5),
    )


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return Ledger.of(GAME, SIZES, GROUP, QUERIES)


@pytest.fixture(scope="module")
def start(ledger: Ledger) -> Point:
    return Point(float(ledger.params[1]), 1e7, 0.0, 1.0)


@pytest.fixture(scope="module")
def limits(ledger: Ledger) -> Limits:
    return Limits((float(ledger.params[0]), 4 * float(ledger.params[2])), (1e6, 1e8), 4e5, 256.0)


def test_the_joint_law_is_the_laws_strung_together(world: World) -> None:
    point = Point(np.array([1e5, 4e5]), np.array([1e7, 2e7]), np.array([0.0, 1e5]), np.array([1.0, 40.0]))
    accuracy = world.accuracy(point)
    assert accuracy.shape == (1 + DRAWS, 2)
    for place in range(2):
        n, d, answers, k = (float(values[place]) for values in point)
        loss = 0.19 + 16.0 * n**-0.45 + 200.0 * d**-0.45
        first = 4.5 * np.exp(-8.1 * loss)
        share = 1 / (1 + (5000.0 * first**-0.8 / answers) ** 1.4) if answers else 0.0
        end = first + (first**0.4 - first) * share
        never = 1 / (1 + np.exp(-(-5.0 - 0.5 * np.log(first) + 2.0 * share)))
        alike = np.exp(0.5 - 0.6 * np.log(first) - 1.5 * share)
        law = ZeroInflatedBetaBinomial(never, end / (1 - never), alike)
        assert accuracy[0, place] == pytest.approx(float(law(samples=k)), rel=1e-9)
    one = world.accuracy(point._replace(samples=np.ones(2)))
    assert one[:, 1] == pytest.approx(
        world.rl(start=world.start(point.params, point.tokens), answers=point.answers)[:, 1]
    )


def test_the_ledger_is_exact_at_the_sizes_and_adds_up(ledger: Ledger) -> None:
    for index, (width, depth) in enumerate(SIZES):
        shape = Shape(width, depth, GAME.vocabulary, GAME.context)
        params = float(sum(shape.parameters.values()))
        assert ledger.params[index] == params
        training = flops.train_flop(shape, GAME.context, GAME.answer)
        reading, writing = flops.prompt_flop(shape, GAME.prompt), flops.sample_flop(shape, GAME.prompt, GAME.answer)
        point = Point(params, 3e6, 1e4, 5.0)
        by_hand = {
            "training": training * 3e6 / GAME.context,
            "rl": 1e4 * (reading / GROUP + writing + training),
            "inference": QUERIES * (reading + 5 * writing),
        }
        assert {name: float(flop) for name, flop in ledger.parts(point).items()} == pytest.approx(by_hand)
        assert float(ledger.cost(point)) == pytest.approx(sum(by_hand.values()))
    between = float(np.sqrt(ledger.params[0] * ledger.params[1]))
    assert float(ledger.at("token", between)) == pytest.approx(float(np.sqrt(ledger.token[0] * ledger.token[1])))
    assert (np.diff(ledger.at("token", np.geomspace(1e4, 1e7, 50))) > 0).all()


@settings(max_examples=40, deadline=None)
@given(axis=st.sampled_from(AXES), share=st.floats(1e-3, 30.0))
def test_one_axis_takes_exactly_the_money_or_stops_at_its_limit(
    ledger: Ledger, limits: Limits, start: Point, axis: str, share: float
) -> None:
    cost = float(ledger.cost(start))
    extra = share * cost
    point = along(ledger, limits, start, axis, np.array([extra]))
    if point.known[0]:
        assert float(ledger.cost(point)[0]) == pytest.approx(cost + extra, rel=2e-3)
        changed = [name for name in Point._fields if getattr(point, name)[0] != getattr(start, name)]
        assert changed == [Point._fields[AXES.index(axis)]]
    end = furthest(ledger, limits, start, axis, extra)
    assert end.known
    assert float(ledger.cost(end)) <= (cost + extra) * 1.002
    assert end.params <= limits.params[1] * 1.0001
    assert end.tokens <= limits.tokens[1]
    assert end.answers <= limits.answers
    assert end.samples <= limits.samples


def test_the_best_split_keeps_the_budget_and_beats_every_axis_alone(
    world: World, ledger: Ledger, limits: Limits, start: Point
) -> None:
    cost = float(ledger.cost(start))
    found = [search(world, ledger, limits, budget * cost, start) for budget in (1.5, 3.0)]
    for one, budget in zip(found, (1.5, 3.0), strict=True):
        assert (ledger.cost(one.points) <= budget * cost * (1 + 1e-9)).all()
        for name in Point._fields:
            assert (getattr(one.points, name) >= getattr(start, name) * (1 - 1e-9)).all()
        best = one.values[one.choice.best].mean()
        for axis in AXES:
            alone = world.accuracy(furthest(ledger, limits, start, axis, (budget - 1) * cost))[1:, 0].mean()
            assert best >= alone - 0.01  # the grid is coarse: twelve steps of an axis
        parts = shares(ledger, start, one.points.take(one.choice.best))
        assert parts.sum() == pytest.approx(1.0)
        assert (parts > -1e-9).all()
        assert one.choice.probability.sum() == pytest.approx(1.0)
    assert found[1].values[found[1].choice.best].mean() > found[0].values[found[0].choice.best].mean()


def test_a_plan_from_nothing_is_no_worse_than_one_that_is_bound(
    world: World, ledger: Ledger, limits: Limits, start: Point
) -> None:
    budget = 1.5 * float(ledger.cost(start))
    free, bound = search(world, ledger, limits, budget), search(world, ledger, limits, budget, start)
    assert free.values[free.choice.best].mean() >= bound.values[bound.choice.best].mean() - 0.02


def interval(value: float | None, spread: float = 0.01) -> dict[str, float | None]:
    return {
        "value": value,
        "low": None if value is None else value - spread,
        "high": None if value is None else value + spread,
    }


def said(**changes: object) -> dict:
    """Answers such as a study gives, with some of them changed."""
    gains, chances = (0.02, 0.05, 0.30, 0.20), (0.0, 0.01, 0.95, 0.04)
    axes = [
        {
            "axis": axis,
            "gain": interval(gain),
            "probability_best": chance,
            "probability_best_without_verifier": chance,
            "diminishing": interval(0.5),
        }
        for axis, gain, chance in zip(AXES, gains, chances, strict=True)
    ]
    origin = {"trial": "a", "step": 9}
    answers = {
        "settings": {"seeds": 1},
        "scope": {"queries": 1e6},
        "next": 4e12,
        "start": {"size": [64, 2], "accuracy": interval(0.2)},
        "axes": axes,
        "by_queries": [{"queries": 1e6, "axes": axes}],
        "split": {
            "shares": dict(zip(AXES, map(interval, (0.0, 0.0, 0.1, 0.9)), strict=True)),
            "accuracy": interval(0.6),
            "regret": 0.001,
        },
        "exchange": [
            {
                "size": [64, 2],
                "seed": 0,
                "pass@1_before": 0.2,
                "pass@1_after": 0.5,
                "start": {"origin": origin},
                "crossing": {"samples": interval(6.0)},
                "queries": interval(2e5),
            }
        ],
        "teacher": {"entropy": 0.1939},
        "fits": {"loss": {"estimate": {"E": interval(0.19)}}, "link": {"floor": interval(0.25)}},
        "further": [{"run": "a longer run", "flop": 1e13, "gain": 0.0004}],
    }
    return {**answers, **changes}


def test_the_words_say_what_the_numbers_say() -> None:
    sentences = recommend(said())
    assert sentences[0].startswith("Spend the next 4e12 FLOP on samples and reinforcement learning: ")
    assert "from 20.0% to 60.0% (59.0% to 61.0%)" in sentences[0]
    assert "reinforcement learning is the best of the four with probability 0.95" in sentences[1]
    entropy = next(sentence for sentence in sentences if "0.1939" in sentence)
    assert "0.190 (0.180 to 0.200, which holds it)" in entropy
    assert "0.250 (0.240 to 0.260, which misses it)" in entropy
    assert "a longer run (1e13 FLOP), worth 0.0004" in sentences[-1]


def test_the_words_admit_what_the_data_cannot_tell() -> None:
    unsure = said()
    for axis, chance in zip(unsure["axes"], (0.0, 0.1, 0.5, 0.4), strict=True):
        axis["probability_best"] = chance
    assert (
        "these data cannot tell to which: reinforcement learning is best with probability 0.50" in recommend(unsure)[1]
    )
    unsettled = said(split={**said()["split"], "regret": 0.05})
    assert recommend(unsettled)[0].startswith("These data cannot settle how to divide the next 4e12 FLOP")


def test_what_is_not_known_is_left_unsaid() -> None:
    blank = said()
    blank["exchange"][0]["crossing"]["samples"] = interval(None)
    blank["exchange"][0]["queries"] = interval(None)
    blank["axes"][0]["diminishing"] = interval(None)
    for sentence in recommend(blank):
        assert not {"None", "nan", "inf"} & set(sentence.replace("(", " ").replace(",", " ").split())
    assert any("do not cross within the samples measured" in sentence for sentence in recommend(blank))
