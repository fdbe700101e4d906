"""The answers of the study, as one JSON value that the page and the command line read."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from nextflop.errors import InputError
from nextflop.evidence.files import Json, plain
from nextflop.evidence.run import Run
from nextflop.evidence.runs import Runs
from nextflop.fitting.fit import Interval
from nextflop.lab.reasoning.countdown import Countdown
from nextflop.lab.reasoning.study import GROUP
from nextflop.lab.study import Study
from nextflop.studies.countdown import tables
from nextflop.studies.countdown.exchange import coverage, exchange
from nextflop.studies.countdown.fits import Fits, fit_all, numbers
from nextflop.studies.countdown.further import candidates, further
from nextflop.studies.countdown.ledger import Ledger, spent
from nextflop.studies.countdown.spending import AXES, BEYOND, Limits, Search, along, furthest, search, shares
from nextflop.studies.countdown.words import recommend
from nextflop.studies.countdown.world import Point, World, build
from nextflop.studies.kept import kept_numbers

SEED = 0
PLAN_DRAWS = 400
LEVEL = 0.9
NEXT = 0.5  # the next FLOP, if no budget is given: half of what the point of departure has cost
QUERIES = tuple(10.0**power for power in np.arange(3, 9.5, 0.5))  # at which the axes are compared again
CURVE = np.geomspace(0.02, 3.0, 25)  # extra spending in the figure, in units of what the point has cost


@dataclass(frozen=True)
class Scope:
    """What to plan for.

    Attributes:
        queries: problems that the model will be asked in its life.
        budget: total FLOP, training and inference; by default half more than the point of departure costs.
    """

    queries: float = 1e6
    budget: float | None = None


def answer(study: Study, root: Path, scope: Scope) -> dict[str, Json]:
    """Fits the laws of a finished study and says where the next FLOP should go.

    The point of departure is the middle network at the end of its supervised training, with no reinforcement learning
    and one sample a query.

    Raises:
        FitError: if a law has no answer.
        InputError: if the budget does not pay for the point of departure.
    """
    runs = study.runs(root)
    game = Countdown(numbers=study.settings["numbers"])
    sizes = [tuple(size) for size in study.settings["sizes"]]
    fresh, reinforced, sampled = tables.fresh(runs), tables.reinforced(runs), tables.sampled(runs, root)
    fits = fit_all(fresh, reinforced, sampled, SEED)
    world = build(fits.loss, fits.link, fits.rl, sampled, fits.coverage, PLAN_DRAWS, SEED)
    ledger = Ledger.of(game, sizes, GROUP, scope.queries)
    middle = fresh.where(params=ledger.params[len(sizes) // 2])
    start = Point(*map(float, (middle["params"][0], middle["tokens"].max(), 0.0, 1.0)))
    cost = float(ledger.cost(start))
    budget = (1 + NEXT) * cost if scope.budget is None else scope.budget
    if budget <= cost:
        raise InputError(
            f"The budget of {budget:.3g} FLOP does not pay for the middle network and its {scope.queries:.3g} queries, "
            f"which cost {cost:.3g}: give a larger budget or fewer queries."
        )
    limits = Limits(
        params=(float(ledger.params[0]), float(ledger.params[-1]) * BEYOND),
        tokens=(float(fresh["tokens"].min()), float(fresh["tokens"].max()) * BEYOND),
        answers=float(reinforced["answers"].max()) * BEYOND,
        samples=float(min(np.min(one.counts.samples) for one in sampled)),
    )
    step = search(world, ledger, limits, budget, start)
    whole = search(world, ledger, limits, budget)
    axes = _axes(world, ledger, limits, start, budget - cost)
    teacher = next(run for run in runs.values() if run.kind == "teacher")
    tried = candidates(world, ledger, fits.loss, start, float(ledger.params[-1]), float(reinforced["answers"].max()))
    answers = {
        "study": study.name,
        "version": study.version,
        "settings": dict(study.settings),
        "scope": asdict(scope),
        "machine": dict(study.machine),
        "level": LEVEL,
        "conventions": dict(teacher.conventions),
        "teacher": dict(teacher.quantities),
        "fits": _fits(fits, runs),
        "coverage": coverage(sampled, fits.coverage, SEED),
        "exchange": exchange(sampled, SEED),
        "data": tables.arms(runs),
        "start": {
            **_point(start),
            "size": list(sizes[len(sizes) // 2]),
            "cost": cost,
            "parts": {name: float(value) for name, value in ledger.parts(start).items()},
            "accuracy": _interval(world.accuracy(start)[:, 0])._asdict(),
        },
        "budget": budget,
        "next": budget - cost,
        "limits": asdict(limits),
        "axes": axes,
        "curves": [_curve(world, ledger, limits, start, axis, cost) for axis in AXES],
        "by_queries": [
            _at_queries(world, replace(ledger, queries=queries), limits, start, budget - cost) for queries in QUERIES
        ],
        "split": _split(step, ledger, start, world),
        "plan": _plan(whole, ledger, world, limits, fresh, reinforced),
        "further": further(world, tried, step, _speed(runs)),
        "spent": spent(runs),
        "seconds": _seconds(runs),
    }
    answers = plain(answers)  # what is not known is null, as the reader of the file will see it
    return {**answers, "recommendation": recommend(answers)}


def _axes(world: World, ledger: Ledger, limits: Limits, start: Point, extra: float) -> list[dict[str, Json]]:
    """Every axis alone: what the next FLOP gains there, now and later, and how often it is the best."""
    before = world.accuracy(start)[:, 0]
    ends = [furthest(ledger, limits, start, axis, extra) for axis in AXES]
    little = [furthest(ledger, limits, start, axis, 0.1 * extra) for axis in AXES]
    gains, first = (np.stack([world.accuracy(end)[:, 0] - before for end in some]) for some in (ends, little))
    used = [float(ledger.cost(end) - ledger.cost(start)) for end in ends]
    used_first = [float(ledger.cost(end) - ledger.cost(start)) for end in little]
    rates = [_ratio(gained, flop) for gained, flop in zip(first, used_first, strict=True)]
    winners = gains[:, 1:].argmax(axis=0)
    field = dict(zip(AXES, Point._fields, strict=True))
    return [
        {
            "axis": axis,
            "from": float(getattr(start, field[axis])),
            "to": float(getattr(ends[index], field[axis])),
            "unit": field[axis],
            "flop": used[index],
            "gain": _interval(gains[index])._asdict(),
            "per_flop": _interval(rates[index])._asdict(),
            # The return on the last part of the money against that on the first tenth: 1 if it does not diminish.
            "diminishing": _interval(
                _ratio(gains[index] - first[index], used[index] - used_first[index], rates[index])
            )._asdict(),
            "probability_best": float((winners == index).mean()),
        }
        for index, axis in enumerate(AXES)
    ]


def _at_queries(world: World, ledger: Ledger, limits: Limits, start: Point, extra: float) -> dict[str, Json]:
    """The same next FLOP, if the model is asked another number of queries; with a verifier at inference and without.

    Without a verifier a second sample is worth nothing, and three axes are left.
    """
    before = world.accuracy(start)[:, 0]
    gains = np.stack([world.accuracy(furthest(ledger, limits, start, axis, extra))[:, 0] - before for axis in AXES])
    winners, without = gains[:, 1:].argmax(axis=0), gains[:3, 1:].argmax(axis=0)
    return {
        "queries": ledger.queries,
        "axes": [
            {
                "axis": axis,
                "gain": _interval(gains[index])._asdict(),
                "probability_best": float((winners == index).mean()),
                "probability_best_without_verifier": float((without == index).mean()),
            }
            for index, axis in enumerate(AXES)
        ],
    }


def _ratio(gained: np.ndarray, *by: float | np.ndarray) -> np.ndarray:
    """Divides by several amounts in turn; nan where one of them is nought."""
    for amount in by:
        gained = np.divide(gained, amount, out=np.full_like(gained, np.nan), where=np.asarray(amount) != 0)
    return gained


def _curve(world: World, ledger: Ledger, limits: Limits, start: Point, axis: str, cost: float) -> dict[str, Json]:
    """Accuracy against total FLOP along one axis, from the point of departure on."""
    points = along(ledger, limits, start, axis, np.concatenate([[0.0], CURVE * cost]))
    points = points.take(points.known)
    accuracy = world.accuracy(points)
    low, high = np.quantile(accuracy[1:], [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return {
        "axis": axis,
        "flop": ledger.cost(points),
        "accuracy": accuracy[0],
        "low": low,
        "high": high,
        "level": getattr(points, dict(zip(AXES, Point._fields, strict=True))[axis]),
    }


def _split(found: Search, ledger: Ledger, start: Point, world: World) -> dict[str, Json]:
    """The best division of the next FLOP, from the point of departure, nothing taken away."""
    best = found.points.take(found.choice.best)
    drawn = shares(ledger, start, found.points.take(found.favourites))
    mean = shares(ledger, start, best)
    return {
        "shares": {
            axis: {
                "value": float(mean[index]),
                "low": float(np.quantile(drawn[index], (1 - LEVEL) / 2)),
                "high": float(np.quantile(drawn[index], (1 + LEVEL) / 2)),
            }
            for index, axis in enumerate(AXES)
        },
        "point": _point(best),
        "accuracy": _interval(world.accuracy(best)[:, 0])._asdict(),
        "regret": found.choice.regret,
    }


def _plan(
    found: Search, ledger: Ledger, world: World, limits: Limits, fresh: Runs, reinforced: Runs
) -> dict[str, Json]:
    """The best use of the whole budget from nothing, and how far beyond the measurements it lies."""
    best = found.points.take(found.choice.best)
    tried = {
        "params": (fresh["params"].min(), fresh["params"].max()),
        "tokens": (fresh["tokens"].min(), fresh["tokens"].max()),
        "answers": (0.0, reinforced["answers"].max()),
    }
    beyond = {
        name: float(max(0.0, np.log10(max(getattr(best, name), 1e-9) / high))) for name, (_, high) in tried.items()
    }
    drawn = found.points.take(found.favourites)
    return {
        "point": _point(best),
        "intervals": {
            name: {"low": float(np.quantile(values, 0.05)), "high": float(np.quantile(values, 0.95))}
            for name, values in drawn._asdict().items()
        },
        "parts": {name: float(value) for name, value in ledger.parts(best).items()},
        "accuracy": _interval(world.accuracy(best)[:, 0])._asdict(),
        "beyond": beyond,
        "regret": found.choice.regret,
    }


def _fits(fits: Fits, runs: Mapping[str, Run]) -> dict[str, Json]:
    return {
        "loss": numbers(fits.loss),
        "loss_all": fits.loss_all.to_json(),
        "link": {**numbers(fits.link), "floor": _interval(_floor(fits))._asdict()},
        "rl": numbers(fits.rl),
        "curves": [
            {
                "trial": trial,
                "label": runs[trial].name,
                "size": list(runs[trial].config["size"]),
                "seed": runs[trial].seed,
                "start": dict(runs[trial].config["start"]),
                **fit.to_json(),
            }
            for trial, fit in fits.curves.items()
        ],
        "verdicts": {
            name: [verdict.to_json() for verdict in some]
            for name, some in {**fits.verdicts, "runs": (kept_numbers(runs, "step"),)}.items()
        },
    }


def _floor(fits: Fits) -> np.ndarray:
    """The loss at which the accuracy law reaches 1, ln K / γ: the estimate and the draws."""
    estimate = np.array([list(fits.link.law.values.values())], dtype=np.float64)
    amplitude, gamma = np.concatenate([estimate, fits.link.draws]).T
    return np.log(amplitude) / gamma


def _interval(draws: np.ndarray) -> Interval:
    """The estimate, which comes first, with the central interval of the draws."""
    low, high = np.quantile(draws[1:], [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(draws[0]), float(low), float(high))


def _point(point: Point) -> dict[str, float]:
    return {name: float(value) for name, value in point._asdict().items()}


def _speed(runs: Mapping[str, Run]) -> float:
    """FLOP a second of training, per process."""
    trained = [run.quantities for run in runs.values() if run.kind == "supervised"]
    return sum(q["flop"] for q in trained) / sum(q["seconds"] for q in trained)


def _seconds(runs: Mapping[str, Run]) -> dict[str, float]:
    """Process-seconds of training by kind of run."""
    total: dict[str, float] = {}
    for run in runs.values():
        total[run.kind] = total.get(run.kind, 0.0) + run.quantities.get("seconds", 0.0)
    return total
