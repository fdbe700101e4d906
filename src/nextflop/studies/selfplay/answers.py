"""The answers of a study of self-play, as one JSON value that the page and the command line read."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from nextflop.errors import FitError, InputError
from nextflop.evidence.files import Json, plain
from nextflop.evidence.run import Run
from nextflop.evidence.runs import Runs
from nextflop.fitting import Fit, Squares, fit
from nextflop.judging import Verdict, check
from nextflop.judging.verdict import Outcome
from nextflop.lab.study import Study
from nextflop.laws.self_play import SelfPlay
from nextflop.studies.selfplay.ledger import Ledger, Point, spent
from nextflop.studies.selfplay.spending import AXES, FIELDS, Limits, elo, frontier, furthest, plan
from nextflop.studies.selfplay.tables import Board, boards
from nextflop.studies.selfplay.words import recommend

SEED = 0
DRAWS = 300
LEVEL = 0.9
EVEN = 1.5  # of the dispersion of results, up to which ratings are one scale
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
    agents = main.agents
    law = _fit(agents, DRAWS)
    ledger, limits = Ledger.of(agents, scope.moves), Limits.of(agents)
    middle = agents.where(params=ledger.params[len(ledger.params) // 2])
    start = Point(float(middle["params"][0]), float(middle["positions"].max()), float(study.settings["simulations"]))
    cost = float(ledger.cost(start))
    budget = (1 + NEXT) * cost if scope.budget is None else scope.budget
    if budget <= cost:
        raise InputError(
            f"The budget of {budget:.3g} FLOP does not pay for the middle network and its {scope.moves:.3g} moves, "
            f"which cost {cost:.3g}: give a larger budget or fewer moves."
        )
    whole = plan(law, ledger, limits, budget)
    answers = {
        "study": study.name,
        "version": study.version,
        "settings": dict(study.settings),
        "scope": asdict(scope),
        "machine": dict(study.machine),
        "level": LEVEL,
        "conventions": dict(next(run for run in runs.values() if run.kind == "training").conventions),
        "boards": [_told(board) for board in found],
        "fit": {**law.to_json(), "scatter": _scatter(law, agents), "rows": law.draws[:100]},
        "verdicts": [verdict.to_json() for verdict in (*check(law, agents), one_scale(main))],
        "slope": _slope(law, ledger, agents),
        "exchange": _exchange(law),
        "held_out": _held_out(agents),
        "start": {
            **start._asdict(),
            "cost": cost,
            "training": float(ledger.training(start)),
            "elo": _interval(elo(law, start)[:, 0]),
        },
        "budget": budget,
        "next": budget - cost,
        "limits": limits._asdict(),
        "per_position": ledger.per_position,
        "axes": _axes(law, ledger, limits, start, budget),
        "by_moves": [_at_moves(law, replace(ledger, moves=moves), limits, start) for moves in MOVES],
        "plan": None if whole is None else {**whole.point._asdict(), "elo": _interval(whole.elo)},
        "spent": spent(runs),
        "seconds": _seconds(runs),
    }
    answers = plain(answers)
    return {**answers, "recommendation": recommend(answers)}


def one_scale(board: Board) -> Verdict:
    """Whether one number a player says who wins."""
    outcome = Outcome.passed if board.dispersion < EVEN else Outcome.warn
    sentence = (
        f"Results of matches lie {np.sqrt(board.dispersion):.1f} times as far from what the ratings expect as chance "
        "would have them."
    )
    if outcome is Outcome.warn:
        sentence += " Strength is more than one number here: trust orders and gains more than distances to an anchor."
    return Verdict("one_scale", "one number a player", outcome, board.dispersion, EVEN, sentence)


def _fit(agents: Runs, draws: int) -> Fit:
    """The law of strength; runs of one training are resampled whole, as its snapshots share their fortune."""
    return fit(SelfPlay, agents, objective=Squares(), draws=draws, seed=SEED, cluster="run")


def _residuals(law: Fit, agents: Runs) -> np.ndarray:
    return agents["elo"] - law.law(**{name: agents[name] for name in SelfPlay.inputs})


def _scatter(law: Fit, agents: Runs) -> float:
    return float(np.sqrt(np.mean(_residuals(law, agents) ** 2)))


def _slope(law: Fit, ledger: Ledger, agents: Runs) -> dict[str, Json]:
    """Elo a tenfold of training compute at the best of the measured sizes: where steepest, and over the last decade."""
    sizes = (float(ledger.params[0]), float(ledger.params[-1]))
    flop = np.geomspace(agents["flop"].min(), agents["flop"].max(), 40)
    height = frontier(law, ledger, sizes, flop, TRAINED_AT)
    slopes = np.gradient(height, np.log10(flop), axis=1)
    last = frontier(law, ledger, sizes, np.array([flop[-1] / 10, flop[-1]]), TRAINED_AT)
    return {
        "simulations": TRAINED_AT,
        "steepest": _interval(slopes.max(1)),
        "last": _interval(last[:, 1] - last[:, 0]),
        "flop": flop,
        "elo": height[0],
        **dict(zip(("low", "high"), np.quantile(height[1:], [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0), strict=True)),
    }


def _exchange(law: Fit) -> dict[str, float]:
    """How many times deeper a search is worth ten times the training, by the law and by its draws."""
    own = np.array([float(value) for value in law.law.values.values()])
    every = SelfPlay(*np.vstack([own, law.draws]).T)
    with np.errstate(divide="ignore", over="ignore"):
        return _interval(np.asarray(every.exchange))


def _held_out(agents: Runs) -> dict[str, Json] | None:
    """The end of every run foretold from its beginning: errors in Elo, and how many intervals held."""
    last = {run: agents["step"][agents["run"] == run].max() for run in np.unique(agents["run"])}
    share = agents["step"] / np.array([last[run] for run in agents["run"]])
    seen, ends = agents.where(share <= HELD), agents.where(share == 1)
    try:
        early = _fit(seen, DRAWS)
    except FitError:
        return None
    told = elo(early, Point(*(ends[name] for name in SelfPlay.inputs)))
    rng = np.random.default_rng(SEED)
    noisy = told[1:] + _scatter(early, seen) * rng.normal(size=told[1:].shape)
    low, high = np.quantile(noisy, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    errors = told[0] - ends["elo"]
    return {
        "share": HELD,
        "agents": len(ends),
        "bias": float(errors.mean()),
        "error": float(np.abs(errors).mean()),
        "held": float(((low <= ends["elo"]) & (ends["elo"] <= high)).mean()),
        "width": float((high - low).mean()),
        "rows": [
            {"params": p, "simulations": s, "elo": e, "told": t, "low": one, "high": other}
            for p, s, e, t, one, other in zip(
                ends["params"], ends["simulations"], ends["elo"], told[0], low, high, strict=True
            )
        ],
    }


def _axes(law: Fit, ledger: Ledger, limits: Limits, start: Point, budget: float) -> list[dict[str, Json]]:
    """Every axis alone, with all of the next FLOP or as much of it as the limits allow."""
    ends = [furthest(ledger, limits, start, axis, budget) for axis in AXES]
    before = elo(law, start)[:, 0]
    gains = np.stack([elo(law, end)[:, 0] - before for end in ends])
    best = gains[:, 1:].argmax(0)
    return [
        {
            "axis": axis,
            "from": float(getattr(start, FIELDS[axis])),
            "to": float(getattr(end, FIELDS[axis])),
            "unit": FIELDS[axis],
            "flop": float(ledger.cost(end) - ledger.cost(start)),
            "gain": _interval(gain),
            "probability_best": float((best == place).mean()),
        }
        for place, (axis, end, gain) in enumerate(zip(AXES, ends, gains, strict=True))
    ]


def _at_moves(law: Fit, ledger: Ledger, limits: Limits, start: Point) -> dict[str, Json]:
    """The same start with another number of moves to play: each axis with half more FLOP, and the best agent."""
    budget = (1 + NEXT) * float(ledger.cost(start))
    best = plan(law, ledger, limits, budget)
    return {
        "moves": ledger.moves,
        "budget": budget,
        "axes": {axis["axis"]: axis["probability_best"] for axis in _axes(law, ledger, limits, start, budget)},
        "plan": None if best is None else {**best.point._asdict(), "elo": _interval(best.elo)},
    }


def _told(board: Board) -> dict[str, Json]:
    ratings = board.ratings
    anchors = [name for name in ratings.players if "/" not in name]
    places = sorted((ratings.of(name), name) for name in anchors)
    return {
        "game": dict(board.game),
        "anchors": [
            {"name": name, "elo": value, "error": float(ratings.errors[ratings.players.index(name)])}
            for value, name in places
        ],
        "first_move": {"elo": ratings.first_move, "error": ratings.first_move_error},
        "games": board.games,
        "split": board.split,
        "dispersion": board.dispersion,
        "agents": [
            {name: (str if name == "run" else float)(board.agents[name][row]) for name in board.agents.columns}
            for row in range(len(board.agents))
        ],
    }


def _interval(values: np.ndarray) -> dict[str, float]:
    """The law's own value first, then those of its draws."""
    low, high = np.nanquantile(values[1:], [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return {"value": float(values[0]), "low": float(low), "high": float(high)}


def _seconds(runs: Mapping[str, Run]) -> dict[str, float]:
    total: dict[str, float] = {}
    for run in runs.values():
        seconds = run.quantities.get("seconds", 0.0)
        total[run.kind] = total.get(run.kind, 0.0) + seconds
    return total
