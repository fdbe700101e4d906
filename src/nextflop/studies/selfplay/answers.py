"""The answers of a study of self-play, as one JSON value that the page and the command line read."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from nextflop.errors import FitError, InputError
from nextflop.evidence.files import Json, plain
from nextflop.evidence.run import Run
from nextflop.evidence.runs import Runs
from nextflop.fitting import Fit, fit
from nextflop.judging import check
from nextflop.lab.study import Study
from nextflop.laws.base import Value
from nextflop.studies.selfplay.across import across
from nextflop.studies.selfplay.alphas import alphas
from nextflop.studies.selfplay.intrinsic import Family, intrinsic
from nextflop.studies.selfplay.ledger import Ledger, Point, spent
from nextflop.studies.selfplay.measure import MEASURES, REGRET, Measure
from nextflop.studies.selfplay.recipes import recipes
from nextflop.studies.selfplay.sizes import exponents, progress
from nextflop.studies.selfplay.spending import (
    AXES,
    FIELDS,
    Limits,
    Strength,
    frontier,
    furthest,
    own_and_draws,
    plan,
    strength_by,
)
from nextflop.studies.selfplay.tables import Arena, Board, Perfect, boards
from nextflop.studies.selfplay.verdicts import judge
from nextflop.studies.selfplay.words import recommend

SEED = 0
DRAWS = 300
LEVEL = 0.9
TRAINED_AT = 16.0  # simulations at which slopes are told, those of self-play by default
HELD = 0.35  # of a run's generations: what comes later is foretold from what came before
NEXT = 0.5  # the next FLOP, if no budget is given: half of what the point of departure has cost
MOVES = tuple(10.0**power for power in range(2, 11))


@dataclass(frozen=True)
class Scope:
    """What to plan for.

    Attributes:
        moves: that the agent will play in its life.
        budget: total FLOP, training and play; by default half more than the point of departure costs.
    """

    moves: float = 1e6
    budget: float | None = None


class _Case(NamedTuple):
    """What strength a point has, how it is told, what it costs, and how far a plan may go."""

    strength: Strength
    measure: Measure
    ledger: Ledger
    limits: Limits

    def plan(self, budget: float) -> dict[str, Json] | None:
        found = plan(self.strength, self.ledger, self.limits, budget)
        if found is None:
            return None
        return {**found.point._asdict(), "strength": _interval(self.measure.level(found.strength))}


def answer(study: Study, root: Path, scope: Scope) -> dict[str, Json]:
    """Rates the agents of a finished study, fits their strength and says where the next FLOP should go.

    The point of departure is the middle network at the end of its training, with the search of self-play.

    Raises:
        FitError: if the law has no answer.
        InputError: if the budget does not pay for the point of departure.
    """
    runs = study.runs(root)
    found = boards(runs, root)
    main = found[-1]
    agents, measure = main.agents, MEASURES[study.settings["measure"]]
    known = _known(main, measure)
    law = _fit(agents, measure, known)
    ledger = Ledger.of(agents, scope.moves)
    case = _Case(strength_by(law, measure), measure, ledger, Limits.of(agents))
    middle = agents.where(params=ledger.params[len(ledger.params) // 2])
    start = Point(float(middle["params"][0]), float(middle["positions"].max()), float(study.settings["simulations"][0]))
    cost = float(ledger.cost(start))
    budget = (1 + NEXT) * cost if scope.budget is None else scope.budget
    if budget <= cost:
        raise InputError(
            f"The budget of {budget:.3g} FLOP does not pay for the middle network and its {scope.moves:.3g} moves, "
            f"which cost {cost:.3g}: give a larger budget or fewer moves."
        )
    steepest, last = _slope(case, agents)
    family = Family.of(law, measure, ledger, agents, TRAINED_AT)
    answers = {
        "study": study.name,
        "version": study.version,
        "settings": dict(study.settings),
        "scope": asdict(scope),
        "machine": dict(study.machine),
        "level": LEVEL,
        "measure": measure.name,
        "conventions": dict(next(run for run in runs.values() if run.kind == "training").conventions),
        "boards": [_told(board) for board in found],
        "fit": {**law.to_json(), "scatter": _scatter(law, agents, measure), "rows": law.draws[:100]},
        "verdicts": [verdict.to_json() for verdict in (*check(law, agents), *judge(main, runs, measure, TRAINED_AT))],
        "slope": {
            "simulations": TRAINED_AT,
            "steepest": _interval(measure.gain(steepest)),
            "last": _interval(measure.gain(last)),
        },
        "exchange": _exchange(law, measure, last),
        "sizes": {
            "optimal": _of_draws(law, measure, "size_exponent"),
            "exponents": exponents(agents, measure, DRAWS, _interval),
        },
        "alphas": None
        if measure is REGRET or main.arena is None
        else alphas(agents, main.arena.bayeselo, case.strength, ledger, TRAINED_AT, DRAWS, _interval),
        "intrinsic": intrinsic(family, agents, measure, _interval),
        "recipes": recipes(main, family, measure, LEVEL),
        "held_out": _held_out(agents, measure, known),
        "across": across(found, TRAINED_AT, _interval),
        "start": {
            **start._asdict(),
            "cost": cost,
            "training": float(ledger.training(start)),
            "strength": _interval(measure.level(case.strength(start)[:, 0])),
        },
        "budget": budget,
        "next": budget - cost,
        "limits": case.limits._asdict(),
        "per_position": ledger.per_position,
        "axes": _axes(case, start, budget),
        "by_moves": [_at_moves(case._replace(ledger=replace(ledger, moves=moves)), start) for moves in MOVES],
        "plan": case.plan(budget),
        "spent": spent(runs),
        "seconds": _seconds(runs),
    }
    answers = plain(answers)
    return {**answers, "recommendation": recommend(answers)}


def _known(board: Board, measure: Measure) -> dict[str, float]:
    """Parameters that are measured and not fitted: without a plan regret is that of random play in these positions."""
    return {"R_0": board.perfect.anchors[0]["regret"]} if measure is REGRET and board.perfect is not None else {}


def _fit(agents: Runs, measure: Measure, known: Mapping[str, float]) -> Fit:
    """The law of strength; runs of one training are resampled whole, as its snapshots share their fortune.

    Raises:
        FitError: if there is no optimum, or none for any draw.
    """
    found = fit(measure.law, agents, objective=measure.objective, pinned=known, draws=DRAWS, seed=SEED, cluster="run")
    if not len(found.draws):
        raise FitError(
            f"{measure.law.name} has no answer for any draw of these {len(agents)} agents: they hardly gain strength. "
            "Give more --minutes."
        )
    return found


def _scatter(law: Fit, agents: Runs, measure: Measure) -> float:
    """Of the agents about the law, on the scale on which gains add up."""
    told = measure.rise(law.law(**{name: agents[name] for name in law.law.inputs}))
    return float(np.sqrt(np.mean((measure.of(agents) - told) ** 2)))


def _slope(case: _Case, agents: Runs) -> tuple[np.ndarray, np.ndarray]:
    """The gain of ten times the training compute at the best of the measured sizes: steepest, and the last decade.

    Both by the law and by its draws, on the scale on which gains add up.
    """
    sizes = (float(case.ledger.params[0]), float(case.ledger.params[-1]))
    flop = np.geomspace(agents["flop"].min(), agents["flop"].max(), 40)
    height = frontier(case.strength, case.ledger, sizes, flop, TRAINED_AT)
    slopes = np.gradient(height, np.log10(flop), axis=1)
    last = frontier(case.strength, case.ledger, sizes, np.array([flop[-1] / 10, flop[-1]]), TRAINED_AT)
    return slopes.max(1), last[:, 1] - last[:, 0]


def _exchange(law: Fit, measure: Measure, last: np.ndarray) -> dict[str, float]:
    """How many times deeper a search is worth the last decade of training; in Elo every decade is worth the same."""
    if measure is not REGRET:
        return _of_draws(law, measure, "exchange")
    gamma = np.append(law.law.values["gamma"], law.draws[:, list(law.law.values).index("gamma")])
    with np.errstate(divide="ignore", over="ignore"):
        return _interval(10 ** (last / gamma))


def _of_draws(law: Fit, measure: Measure, name: str) -> dict[str, float]:
    """A property of the law, and of its draws."""
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        return _interval(np.ravel(getattr(own_and_draws(law, measure), name)))


def _held_out(agents: Runs, measure: Measure, known: Mapping[str, float]) -> dict[str, Json] | None:
    """The end of every run foretold from its beginning: how far it is missed, and how many intervals held."""
    share = progress(agents)
    seen, ends = agents.where(share <= HELD), agents.where(share == 1)
    try:
        early = _fit(seen, measure, known)
    except FitError:
        return None
    told = strength_by(early, measure)(Point(*(ends[name] for name in measure.law.inputs)))
    noise = np.random.default_rng(SEED).normal(size=told[1:].shape)
    low, high = np.quantile(
        told[1:] + _scatter(early, seen, measure) * noise, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0
    )
    truth = measure.of(ends)
    errors = told[0] - truth
    rows = zip(ends["params"], ends["simulations"], *map(measure.level, (truth, told[0], low, high)), strict=True)
    return {
        "share": HELD,
        "agents": len(ends),
        "bias": float(errors.mean()),
        "error": float(np.abs(errors).mean()),
        "held": float(((low <= truth) & (truth <= high)).mean()),
        "width": float((high - low).mean()),
        "rows": [
            dict(
                zip(
                    ("params", "simulations", "measured", "value", "low", "high"),
                    (*row[:4], *sorted(row[4:])),
                    strict=True,
                )
            )
            for row in rows
        ],
    }


def _axes(case: _Case, start: Point, budget: float) -> list[dict[str, Json]]:
    """Every axis alone, with all of the next FLOP or as much of it as the limits allow."""
    ends = [furthest(case.ledger, case.limits, start, axis, budget) for axis in AXES]
    before = case.strength(start)[:, 0]
    gains = np.stack([case.strength(end)[:, 0] - before for end in ends])
    best = gains[:, 1:].argmax(0)
    return [
        {
            "axis": axis,
            "from": float(getattr(start, FIELDS[axis])),
            "to": float(getattr(end, FIELDS[axis])),
            "unit": FIELDS[axis],
            "flop": float(case.ledger.cost(end) - case.ledger.cost(start)),
            "gain": _interval(case.measure.gain(gain)),
            "probability_best": float((best == place).mean()),
        }
        for place, (axis, end, gain) in enumerate(zip(AXES, ends, gains, strict=True))
    ]


def _at_moves(case: _Case, start: Point) -> dict[str, Json]:
    """The same start with another number of moves to play: each axis with half more FLOP, and the best agent."""
    budget = (1 + NEXT) * float(case.ledger.cost(start))
    chances = {axis["axis"]: axis["probability_best"] for axis in _axes(case, start, budget)}
    return {"moves": case.ledger.moves, "budget": budget, "axes": chances, "plan": case.plan(budget)}


def _told(board: Board) -> dict[str, Json]:
    return {
        "game": dict(board.game),
        "arena": None if board.arena is None else _told_arena(board.arena),
        "perfect": None if board.perfect is None else _told_perfect(board.perfect),
        "agents": _rows(board.agents),
        "varied": _rows(board.varied),
    }


def _rows(agents: Runs) -> list[dict[str, Json]]:
    kinds = {name: str if name == "run" else float for name in agents.columns}
    return [{name: kind(agents[name][row]) for name, kind in kinds.items()} for row in range(len(agents))]


def _told_arena(arena: Arena) -> dict[str, Json]:
    ratings = arena.ratings
    places = sorted((ratings.of(name), name) for name in ratings.players if "/" not in name)
    return {
        "anchors": [
            {"name": name, "elo": value, "error": float(ratings.errors[ratings.players.index(name)])}
            for value, name in places
        ],
        "first_move": {"elo": ratings.first_move, "error": ratings.first_move_error},
        "games": arena.games,
        "split": arena.split,
        "dispersion": arena.dispersion,
    }


def _told_perfect(perfect: Perfect) -> dict[str, Json]:
    return {"labels": perfect.labels, "anchors": [dict(anchor) for anchor in perfect.anchors]}


def _interval(values: Value) -> dict[str, float]:
    """The law's own value first, then those of its draws."""
    values = np.asarray(values)
    low, high = np.nanquantile(values[1:], [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return {"value": float(values[0]), "low": float(low), "high": float(high)}


def _seconds(runs: Mapping[str, Run]) -> dict[str, float]:
    total: dict[str, float] = {}
    for run in runs.values():
        seconds = run.quantities.get("seconds", 0.0)
        total[run.kind] = total.get(run.kind, 0.0) + seconds
    return total
