"""Intrinsic performance of agents made from a known law, against its closed form."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nextflop.evidence.runs import Runs
from nextflop.fitting import fit
from nextflop.laws.game_regret import GameRegret
from nextflop.laws.self_play import SelfPlay
from nextflop.studies.selfplay.intrinsic import Family, intrinsic
from nextflop.studies.selfplay.intrinsic_words import say_flop, say_intrinsic, say_seen, say_share
from nextflop.studies.selfplay.ledger import Ledger, Point
from nextflop.studies.selfplay.measure import ELO, REGRET, Measure
from nextflop.studies.selfplay.measured_frontier import MeasuredFrontier

LEFT = {"A": 100.0, "B": 400.0, "alpha": 0.7, "beta": 0.5, "gamma": 0.3}
LAWS = {ELO: {"E_0": 200.0, "H": 1300.0}, REGRET: {"R_0": 0.6}}
PER_POSITION, DEPTH = 28.0, 16.0
SIZES = 10.0 ** np.arange(3.0, 5.5, 0.5)
LEDGER = Ledger(SIZES, 2 * SIZES, PER_POSITION, 1e5)


def law(measure: Measure, rows: int = 3) -> SelfPlay | GameRegret:
    """The truth as a fit tells it: the law, and draws that are the law too."""
    values = np.array([float(value) for value in measure.law(**LAWS[measure], **LEFT).values.values()])
    return measure.law.from_draws(np.tile(values, (rows, 1)))


def family(measure: Measure = ELO, reach: tuple[float, float] = (1e8, 1e16)) -> Family:
    """Of sizes so many that the best is among them to a hair."""
    return Family(law(measure), LEDGER, np.union1d(np.geomspace(1e1, 1e9, 2000), SIZES), DEPTH, reach)


def analytic(left: float) -> tuple[float, float, float]:
    """Compute, parameters and positions of the cheapest agent that leaves so much undone: Lagrange by hand."""
    A, B, alpha, beta, _ = LEFT.values()
    params = (A * (alpha + beta) / (beta * left)) ** (1 / alpha)
    positions = (B * (alpha + beta) / (alpha * left)) ** (1 / beta)
    return PER_POSITION * 2 * params * positions, params, positions


def agents(measure: Measure = ELO, spread: float = 0.0) -> Runs:
    """Two seeds of five sizes with six snapshots, at five depths."""
    rng = np.random.default_rng(0)
    seed, params, step, depth = (
        part.ravel() for part in np.meshgrid([0.0, 1.0], SIZES, np.arange(6.0), [1.0, 4.0, 16.0, 64.0, 256.0])
    )
    positions = 1e5 * 4.0**step
    strength = measure.rise(measure.law(**LAWS[measure], **LEFT)(params=params, positions=positions, simulations=depth))
    return Runs(
        {
            "run": np.array([f"{int(s)}-{int(p)}" for s, p in zip(seed, params, strict=True)]),
            "seed": seed,
            "params": params,
            "step": step,
            "positions": positions,
            "simulations": depth,
            "flop": PER_POSITION * positions * 2 * params,
            measure.name: measure.level(strength + spread * measure.decade * rng.normal(size=len(seed))),
        }
    )


def interval(values: np.ndarray) -> dict[str, float]:
    return {"value": float(values[0]), "low": float(values[1:].min()), "high": float(values[1:].max())}


@pytest.mark.parametrize("measure", [ELO, REGRET], ids=lambda measure: measure.name)
def test_intrinsic_performance_is_the_compute_of_the_best_split_in_closed_form(measure) -> None:
    params, positions = np.array([1e3, 1e4, 1e5, 1e5]), np.array([1e7, 1e6, 1e5, 1e8])
    left = LEFT["A"] * params**-0.7 + LEFT["B"] * positions**-0.5
    truth = np.array([analytic(value)[0] for value in left])
    found = family(measure).of_agents(Point(params, positions, DEPTH))
    assert found.shape == (3, 4)
    np.testing.assert_allclose(found, np.tile(truth, (3, 1)), rtol=1e-4)
    # Hilton et al.: I^-β' is a multiple of what is left undone, with 1/β' = 1/α + 1/β.
    power = 1 / (1 / 0.7 + 1 / 0.5)
    np.testing.assert_allclose(found[0] ** -power / left, truth[0] ** -power / left[0], rtol=1e-4)


@pytest.mark.parametrize("measure", [ELO, REGRET], ids=lambda measure: measure.name)
def test_a_compute_efficient_agent_is_worth_what_it_cost(measure) -> None:
    for left in (0.05, 0.3, 2.0):
        flop, params, positions = analytic(left)
        agent = Point(params, positions, DEPTH)
        assert LEDGER.training(agent) == pytest.approx(flop)
        assert family(measure).of_agents(agent)[0, 0] == pytest.approx(flop, rel=1e-4)


@given(
    size=st.sampled_from(list(SIZES)),
    positions=st.floats(1e4, 1e9),
    measure=st.sampled_from([ELO, REGRET]),
    alpha=st.floats(0.2, 1.5),
    beta=st.floats(0.2, 1.5),
)
@settings(deadline=None)
def test_no_agent_of_the_law_is_worth_more_than_it_cost(size, positions, measure, alpha, beta) -> None:
    own = {**LEFT, "alpha": alpha, "beta": beta}
    made = measure.law.from_draws(np.array([list((LAWS[measure] | own).values())]))
    few = Family(made, LEDGER, np.union1d(np.geomspace(1e3, 1e6, 20), SIZES), DEPTH, (1.0, 1e20))
    agent = Point(size, positions, DEPTH)
    assert few.of_agents(agent)[0, 0] <= LEDGER.training(agent) * (1 + 1e-6)


@pytest.mark.parametrize("measure", [ELO, REGRET], ids=lambda measure: measure.name)
def test_of_a_fit_it_is_found_with_an_interval_and_no_draw_is_worth_more_than_it_cost(measure) -> None:
    made = agents(measure, spread=0.02)
    found = fit(measure.law, made, objective=measure.objective, draws=30, seed=0, cluster="run")
    fitted = Family.of(found, measure, LEDGER, made, DEPTH)
    assert fitted.reach == pytest.approx((made["flop"].min() / 10, made["flop"].max() * 10))
    assert fitted.params.min() == pytest.approx(SIZES[0])
    assert fitted.params.max() == pytest.approx(10 * SIZES[-1])
    ends = Point(SIZES, np.full(5, 1e5 * 4.0**5), DEPTH)
    worth, cost = fitted.of_agents(ends), LEDGER.training(ends)
    assert worth.shape == (31, 5)
    assert (worth <= cost * (1 + 1e-9)).all()
    own = found.law  # whose cheapest agents have sizes of the study, which any grid would miss by a little
    best = (own.beta * own.B / (own.alpha * own.A * SIZES**-own.alpha)) ** (1 / own.beta)
    efficient = Point(SIZES, best, DEPTH)
    np.testing.assert_allclose(fitted.of_agents(efficient)[0], LEDGER.training(efficient), rtol=1e-9)
    truth = family(measure).of_agents(ends)[0]
    np.testing.assert_allclose(worth[0], truth, rtol=0.25)
    assert ((worth[1:].min(0) < truth * 1.01) & (truth * 0.99 < worth[1:].max(0))).all()


@given(positions=st.floats(1e4, 1e9), size=st.floats(1e2, 1e6))
@settings(deadline=None)
def test_it_does_not_hang_on_the_measure(positions, size) -> None:
    agent = Point(size, positions, DEPTH)
    by_elo, by_regret = (family(measure).of_agents(agent)[0, 0] for measure in (ELO, REGRET))
    assert by_elo == pytest.approx(by_regret, rel=1e-6)


def test_on_the_measured_frontier_the_scale_of_strength_does_not_matter() -> None:
    frontier = MeasuredFrontier.of(agents(REGRET), REGRET, DEPTH)
    again = frontier._replace(strength=-REGRET.level(frontier.strength))  # regret itself, upside down
    first = frontier.least(frontier.strength)
    best = np.isclose(first, frontier.flop)  # between them a scale is needed
    assert best.sum() >= 5
    np.testing.assert_allclose(again.least(again.strength)[best], first[best])
    np.testing.assert_allclose(again.least(again.strength), first, rtol=0.1)


def test_strength_beyond_the_law_or_the_runs_has_no_number() -> None:
    made = family()
    assert np.isinf(made.least(np.array([[1500.0, 1501.0, 2000.0]]))).all()
    assert (made.least(np.array([[200.0, 100.0]])) == 0).all()
    assert np.isinf(family(REGRET).least(np.array([[0.0]]))).all()
    assert (family(REGRET).least(np.array([[0.6, 1.9]])) == 0).all()  # random play without a search
    narrow = family(reach=(1e12, 1e14))
    told = intrinsic(narrow, agents(), ELO, interval)
    least, most = told["sizes"][0]["performance"], told["sizes"][-1]["performance"]
    assert least == {"value": None, "low": None, "high": None, "beyond": "below"}
    assert most == {"value": None, "low": None, "high": None, "beyond": "above"}
    assert told["sizes"][-1]["efficiency"]["beyond"] == "above"
    assert told["search"][-1]["times"] == {"value": None, "low": None, "high": None}
    assert say_flop(least, told["reach"]) == "below 1e12 FLOP"
    assert say_flop(most, told["reach"]) == "above 1e14 FLOP"


@pytest.mark.parametrize("nothing", ["A", "B", "alpha", "beta"])
def test_a_draw_that_lacks_a_part_of_the_law_breaks_nothing(nothing) -> None:
    rows = np.array([list((LAWS[ELO] | LEFT).values()), list((LAWS[ELO] | LEFT | {nothing: 0.0}).values())])
    few = family()._replace(law=SelfPlay.from_draws(rows))
    told = intrinsic(few, agents(), ELO, interval)
    assert all(size["performance"]["value"] > 0 for size in told["sizes"])
    assert not np.isnan(few.of_agents(Point(SIZES, 1e6, DEPTH))).any()
    assert say_intrinsic({"intrinsic": told})


def test_an_end_of_an_interval_outside_the_reach_is_said_to_be_so() -> None:
    told = {"value": 3e11, "low": 1e11, "high": None, "beyond": None}
    reach = {"low": 1e8, "high": 1e12}
    assert say_flop(told, reach) == "3e11 FLOP (1e11 to above 1e12)"
    size = {"spent": 2e12, "efficiency": {"value": 0.15, "low": None, "high": 0.4, "beyond": None}}
    assert say_share(size, {"low": 1e11, "high": 1e13}) == "15% (below 5% to 40%)"


@pytest.mark.parametrize("measure", [ELO, REGRET], ids=lambda measure: measure.name)
def test_a_study_tells_sizes_search_exponents_and_the_frontier_without_the_law(measure) -> None:
    told = intrinsic(family(measure), agents(measure), measure, interval)
    for size in told["sizes"]:
        left = LEFT["A"] * size["params"] ** -0.7 + LEFT["B"] * size["positions"] ** -0.5
        assert size["performance"]["value"] == pytest.approx(analytic(left)[0], rel=1e-4)
        assert size["efficiency"]["value"] == pytest.approx(analytic(left)[0] / size["spent"], rel=1e-4)
        assert size["spent"] == pytest.approx(PER_POSITION * 2 * size["params"] * 1.024e8)
    assert told["exponents"]["params"]["value"] == pytest.approx(1 + 0.7 / 0.5)
    assert told["exponents"]["positions"]["value"] == pytest.approx(1 + 0.5 / 0.7)
    worth = [row["times"]["value"] for row in told["search"]]
    if measure is ELO:  # there a search divides all that is undone, in regret what is left of the rise
        power = 0.3 * (1 / 0.7 + 1 / 0.5)
        np.testing.assert_allclose(worth, (np.array([1, 4, 16, 64, 256]) / 16) ** power, rtol=1e-3)
    assert worth[2] == pytest.approx(1.0)
    assert (np.diff(worth) > 0).all()
    check = told["without_law"]
    assert check["snapshots"] == 30
    assert check["compared"] >= 20
    assert 1 <= check["ratio"] < 1.3  # five sizes have no better agent than all sizes
    assert 1 <= check["apart"] < 1.3
    best = max(told["sizes"], key=lambda size: size["efficiency"]["value"])
    said = say_intrinsic({"intrinsic": told})
    assert f"{best['params'] / 1e3:.3g}k parameters make the most of theirs" in said
    assert say_flop(told["sizes"][2]["performance"], told["reach"]) in said


def test_the_measured_frontier_is_of_means_and_no_lower_after_more_training() -> None:
    made = agents(spread=0.05)
    frontier = MeasuredFrontier.of(made, ELO, DEPTH)
    assert (np.diff(frontier.flop) >= 0).all()
    one = made.where(simulations=DEPTH, params=float(SIZES[1]), step=3.0)
    assert len(one) == 2
    assert one["elo"].mean() == pytest.approx(
        frontier.strength[(frontier.params == SIZES[1]) & np.isclose(frontier.positions, 6.4e6)][0]
    )
    least = frontier.least(frontier.strength)
    assert (least <= frontier.flop * (1 + 1e-9)).all()
    assert frontier.least(frontier.strength.max() + 1) == np.inf
    assert frontier.least(frontier.strength[0] - 1) == 0
    assert say_seen({"value": None, "beyond": "above"}) == "stronger than all"
