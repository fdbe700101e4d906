"""The ledger and the plan of a study of self-play, and the ratings that they rest on."""

import numpy as np
import pytest

from nextflop.evidence.runs import Runs
from nextflop.fitting import fit
from nextflop.fitting.ratings import Ratings
from nextflop.laws.game_regret import GameRegret
from nextflop.laws.self_play import SelfPlay
from nextflop.studies.selfplay.answers import _exchange, _known
from nextflop.studies.selfplay.ledger import Ledger, Point
from nextflop.studies.selfplay.measure import ELO, REGRET, Measure
from nextflop.studies.selfplay.sizes import exponents, no_weaker
from nextflop.studies.selfplay.spending import AXES, FIELDS, Limits, frontier, furthest, plan, strength_by
from nextflop.studies.selfplay.tables import Arena, Board, Perfect, _dispersion, _rate
from nextflop.studies.selfplay.verdicts import within_ladder

TRUTH = SelfPlay(E_0=200.0, H=1300.0, A=800.0, B=4e4, alpha=0.8, beta=0.8, gamma=0.3)
REGRETS = GameRegret(R_0=0.6, A=800.0, B=4e4, alpha=0.8, beta=0.8, gamma=0.3)
LEDGER = Ledger(np.array([1e3, 1e4, 1e5]), np.array([2e3, 2e4, 2e5]), 28.0, 1e5)
LIMITS = Limits(1e3, 1e6, 1e8, 2560.0)


def agents(measure: Measure = ELO) -> Runs:
    """As a study has them, with ten Elo of noise, or ten per cent."""
    rng = np.random.default_rng(0)
    params, positions, depth = (
        part.ravel() for part in np.meshgrid([1e3, 4e3, 1.6e4, 6.4e4], np.geomspace(1e4, 3e6, 6), [1.0, 4, 16, 64, 256])
    )
    noise, truth = rng.normal(size=params.size), TRUTH if measure is ELO else REGRETS
    strength = truth(params=params, positions=positions, simulations=depth)
    return Runs(
        {
            "params": params,
            "positions": positions,
            "simulations": depth,
            measure.name: strength + 10 * noise if measure is ELO else strength * np.exp(0.1 * noise),
            "flop_each": 2 * params,
            "flop": 28.0 * positions * 2 * params,
        }
    )


@pytest.fixture(scope="module", params=[ELO, REGRET], ids=lambda measure: measure.name)
def measure(request):
    return request.param


@pytest.fixture(scope="module")
def law(measure):
    return fit(measure.law, agents(measure), objective=measure.objective, draws=50, seed=0)


@pytest.fixture(scope="module")
def strength(law, measure):
    return strength_by(law, measure)


def test_the_law_is_found_again_and_the_exchange_with_it(law, measure) -> None:
    made = TRUTH if measure is ELO else REGRETS
    truth = np.array([float(value) for value in made.values.values()])
    low, high = np.quantile(law.draws, [0.005, 0.995], axis=0)
    assert ((low <= truth) & (truth <= high)).all()
    assert law.law.exchange == pytest.approx(made.exchange, rel=0.25)


def test_runs_that_only_show_a_power_give_no_regret_beyond_the_worst() -> None:
    # Far below its ceiling the law tells R_0 times A and B alone: only the bound keeps R_0 among outcomes.
    few = agents(REGRET)
    shown = few["positions"] ** -0.4 * few["simulations"] ** -0.2 * few["params"] ** -0.1
    power = Runs({**{name: few[name] for name in REGRET.law.inputs}, "regret": 60 * shown})
    found = fit(REGRET.law, power, objective=REGRET.objective, draws=50, seed=0)
    assert power["regret"].max() < 2
    assert found.law.R_0 <= 2
    assert (found.draws[:, 0] <= 2).all()


def test_search_divides_the_regret_of_weak_and_strong_alike_and_play_without_a_plan_gives_away_the_ceiling() -> None:
    params, positions = np.array([1.0, 1e3, 1e6]), np.array([1.0, 1e5, 1e8])
    shallow, deep = (REGRETS(params=params, positions=positions, simulations=depth) for depth in (1.0, 100.0))
    np.testing.assert_allclose(shallow / deep, 100**0.3)
    assert shallow[0] == pytest.approx(0.6, rel=1e-4)
    assert shallow[2] == pytest.approx(0.6 * (800 * 1e6**-0.8 + 4e4 * 1e8**-0.8), rel=0.03)


def test_in_regret_the_exchange_is_with_the_last_decade_and_the_ceiling_is_that_of_random_play() -> None:
    random = {"name": "random", "regret": 0.6}
    known = _known(Board({}, None, Perfect(1000, (random,)), agents(REGRET)), REGRET)
    assert known == {"R_0": 0.6}
    assert _known(Board({}, None, Perfect(1000, (random,)), agents()), ELO) == {}
    found = fit(REGRET.law, agents(REGRET), objective=REGRET.objective, pinned=known, draws=20, seed=0)
    told = _exchange(found, REGRET, np.full(21, np.log10(1.5)))
    one = {"params": 1e4, "positions": 1e5}
    assert found.law(**one, simulations=4.0) == pytest.approx(1.5 * found.law(**one, simulations=4.0 * told["value"]))
    assert told["low"] < told["value"] < told["high"]


def test_the_exchange_divides_what_is_left_as_the_training_does() -> None:
    # k times deeper undoes as much as ten times the compute does at the best size: the closed form against a search.
    def best(flop: float) -> float:
        sizes = np.geomspace(1e2, 1e8, 4000)
        return float(TRUTH.undone(params=sizes, positions=flop / sizes, simulations=1.0).min())

    assert TRUTH.exchange**TRUTH.gamma == pytest.approx(best(1e10) / best(1e11), rel=1e-3)


def test_the_ledger_counts_training_and_every_evaluation_of_a_move() -> None:
    point = Point(1e4, 1e6, 16.0)
    assert LEDGER.training(point) == pytest.approx(28e6 * 2e4)
    assert LEDGER.playing(point) == pytest.approx(1e5 * 17 * 2e4)
    assert LEDGER.playing(point._replace(simulations=1.0)) == pytest.approx(1e5 * 2e4)
    assert LEDGER.cost(point) == pytest.approx(LEDGER.training(point) + LEDGER.playing(point))
    assert LEDGER.evaluation(1e6) == pytest.approx(2e6)
    of = Ledger.of(agents(), 1e5)
    assert of.per_position == pytest.approx(28.0)
    np.testing.assert_allclose(of.flop_each, 2 * of.params)


@pytest.mark.parametrize("axis", AXES)
def test_an_axis_spends_the_budget_or_ends_at_its_limit(axis: str) -> None:
    start = Point(1e4, 1e6, 16.0)
    for factor in (1.01, 1.5, 1e6):
        budget = factor * float(LEDGER.cost(start))
        end = furthest(LEDGER, LIMITS, start, axis, budget)
        field = FIELDS[axis]
        assert end._replace(**{field: 0.0}) == start._replace(**{field: 0.0})
        at_limit = getattr(end, field) == pytest.approx(getattr(LIMITS, field), rel=1e-6)
        assert at_limit or float(LEDGER.cost(end)) == pytest.approx(budget, rel=1e-6)


def test_the_plan_spends_no_more_and_is_as_good_as_any_agent_for_the_budget(strength) -> None:
    budget = 3 * float(LEDGER.cost(Point(1e4, 1e6, 16.0)))
    best = plan(strength, LEDGER, LIMITS, budget)
    assert best is not None
    assert float(LEDGER.cost(best.point)) <= budget * (1 + 1e-9)
    rng = np.random.default_rng(1)
    depth = np.rint(10 ** rng.uniform(0, 3, 500))
    size = 10 ** rng.uniform(3, 6, 500)
    positions = (budget - LEDGER.playing(Point(size, 1.0, depth))) / (28.0 * LEDGER.evaluation(size))
    fair = positions > 0
    others = strength(Point(size[fair], np.minimum(positions[fair], LIMITS.positions), depth[fair]))[1:].mean(0)
    assert best.strength[1:].mean() >= others.max() - 0.003 * np.ptp(others)
    more = plan(strength, LEDGER, LIMITS, 2 * budget)
    assert more is not None
    assert more.strength[1:].mean() >= best.strength[1:].mean()
    assert plan(strength, LEDGER, LIMITS, 1.0) is None


def test_more_training_never_makes_the_frontier_weaker(strength) -> None:
    heights = frontier(strength, LEDGER, (1e3, 1e5), np.geomspace(1e9, 1e14, 20), 16.0)
    assert heights.shape == (51, 20)
    assert (np.diff(heights, axis=1) >= -1e-9).all()


def test_a_gain_is_told_as_a_difference_of_elo_or_as_what_regret_is_divided_by() -> None:
    told = {"value": 64.0, "low": 37.0, "high": 85.0}
    assert ELO.say_gain(told) == "+64 Elo (+37 to +85)"
    regret = np.array([0.2, 0.05])
    gain = float(np.diff(REGRET.rise(regret))[0])
    assert REGRET.gain(gain) == pytest.approx(4)
    np.testing.assert_allclose(REGRET.level(REGRET.rise(regret)), regret)
    assert REGRET.say_apart(gain) == "a factor of 4.00"


def matches(strength: dict[str, float], spread: float, seed: int) -> list[dict]:
    """Every pair over fifty openings; with a spread the odds of a pair hang on more than two numbers."""
    rng, lines = np.random.default_rng(seed), []
    names = sorted(strength)
    for place, one in enumerate(names):
        for other in names[place + 1 :]:
            turn = spread * rng.normal()
            gap = (strength[one] - strength[other] + turn) * np.log(10) / 400
            first, second = (rng.binomial(50, 1 / (1 + np.exp(-gap - side))) for side in (0.2, -0.2))
            lines.append({"player": one, "opponent": other, "first": first, "second": second, "games": 100})
    return lines


def test_results_of_one_scale_have_the_variance_of_chance_and_others_more() -> None:
    strength = {"random": 0.0, **{f"p{number}": 60.0 * number for number in range(1, 14)}}
    even, odd = (
        [_dispersion(lines, _rate(lines)) for lines in (matches(strength, spread, seed) for seed in range(8))]
        for spread in (0.0, 150.0)
    )
    # 182 results less 14 numbers: the ratio has a standard deviation of 0.11, the mean of eight one of 0.04.
    assert abs(np.mean(even) - 1) < 0.2
    assert min(odd) > 1.5
    rated = _rate(matches(strength, 0.0, 0))
    assert rated.of("p13") == pytest.approx(780, abs=90)
    assert rated.first_move == pytest.approx(0.2 * 400 / np.log(10), abs=20)


@pytest.mark.parametrize("measure", [ELO, REGRET], ids=lambda measure: measure.name)
def test_inverse_scaling_is_told_and_chance_is_not_taken_for_it(measure) -> None:
    def ends(strength: list[float], seed: int) -> Runs:
        """Three runs of each of five sizes with a scatter of 20 Elo, or of a twentieth of a decade."""
        rng = np.random.default_rng(seed)
        row, part = np.repeat(np.arange(5), 3), measure.decade / 20
        height = measure.level(measure.decade * (1 + np.array(strength)[row]) + part * rng.normal(size=15))
        errors = part * (np.log(10) * height if measure is REGRET else 1.0) / 2
        names = ("params", measure.name, measure.errors)
        return Runs(
            {
                **dict(zip(names, (10.0 ** (3 + row / 2), height, errors * np.ones(15)), strict=True)),
                "run": np.array([f"r{number}" for number in range(15)]),
                "step": np.ones(15),
                "simulations": np.full(15, 16.0),
            }
        )

    rising, falling = [0.0, 0.3, 0.6, 0.7, 0.7], [0.0, 0.3, 0.6, 0.5, 0.2]
    sound = [no_weaker(ends(rising, seed), measure, 16.0).outcome.name for seed in range(40)]
    assert sound.count("warn") <= 6  # at a rate of 5%, seven of forty come once in 400 times
    told = no_weaker(ends(falling, 0), measure, 16.0)
    assert told.outcome.name == "warn"
    assert "100,000 parameters are weaker than 10,000" in told.sentence
    (row,) = exponents(ends([0.0, 0.2, 0.4, 0.6, 0.8], 1), measure, 200, lambda values: {"value": float(values[0])})
    assert row["exponent"]["value"] == pytest.approx(0.4, abs=0.06)


@pytest.mark.parametrize(("anchors", "code", "share"), [(("uct-1000",), "warn", 2 / 3), (("perfect",), "pass", 0.0)])
def test_agents_above_all_anchors_are_told_unless_the_strongest_is_perfect_play(anchors, code, share) -> None:
    players = ("a/1@1", "a/2@1", "a/3@1", "random", *anchors)
    elo, error = np.array([900.0, 1100.0, 1200.0, 0.0, 1000.0]), 30.0
    ratings = Ratings(players, elo, np.diag(np.full(5, error**2)), 0.0, 1.0, 100.0)
    verdict = within_ladder(Arena(ratings, ratings, 100.0, 0.5, 1.0))
    assert verdict.outcome.value == code
    assert verdict.statistic == pytest.approx(share)
