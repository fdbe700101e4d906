"""Which runs to make next: those that would tell most about the target for what they cost.

Laws, their optima and their parameters are all unknown, so the plan does not linearise one law at one optimum. It draws
an ensemble (`nextflop.planning.ensemble`). Where the members disagree about a candidate in the way in which they
disagree about the target, running the candidate settles the target. A smooth misfit, which no law explains, makes
neighbours of the target worth more than its law says, and keeps the plan from trusting remote corners
(`nextflop.planning.misfit`): it is the floor of exploration.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nextflop.errors import FitError, InputError
from nextflop.evidence.files import Json
from nextflop.evidence.runs import Runs
from nextflop.judging.isoflop import surface_optimum
from nextflop.laws.base import Law
from nextflop.planning.ensemble import FEWEST, Ensemble, ensemble, inputs_of
from nextflop.planning.greedy import Picked, deviations, greedy
from nextflop.planning.misfit import logs
from nextflop.planning.reasons import followed, reasons
from nextflop.planning.spread import spread_out

LEAST = 1e-3
"""Share of what is not known that a run must remove to be worth making."""

LITTLE = 0.05
"""Share of what is not known that all runs together must remove for the plan to be worth its cost."""

_SD_LOG = "standard deviation of the target, as a share of the response"
_SD = "standard deviation of the target"
_REGRET = "expected loss above the optimum, for not knowing how to split the budget"
_POINTS = 201  # sizes at which the members' losses are compared for a decision
_MARGIN = np.log(10)  # how far beyond the members' optima sizes are compared
_EQUAL = 1e-6  # of a setting: what was typed with six digits is the same


@dataclass(frozen=True)
class NextRuns:
    """Runs worth making, in the order in which they are worth it.

    Attributes:
        rows: their places among the candidates, shape (chosen,).
        cost: of each.
        removed: share of the target's variance, or of the decision's regret, that each is expected to remove, given
            those before it; nan where the runs are too few to know.
        why: of each, in words.
        measure: what `before` and `after` are, in words.
        before: what is not known now; nan where the runs are too few to know.
        after: the same when all have been made, as expected now.
        laws: law → weight in the ensemble; empty where the runs are too few for any.
        noise: standard deviation of a single run as the plan sees it; nan likewise.
        open: how many candidates could be paid and had not been run.
    """

    rows: np.ndarray
    cost: np.ndarray
    removed: np.ndarray
    why: tuple[str, ...]
    measure: str
    before: float
    after: float
    laws: Mapping[str, float]
    noise: float
    open: int

    @property
    def worthwhile(self) -> bool:
        """Whether the runs would change the answer; where there is no law to ask, any run does."""
        return len(self.rows) > 0 and not self.after > (1 - LITTLE) * self.before

    def to_json(self) -> dict[str, Json]:
        """The plan as JSON; rows are counted from 1."""
        rows = [int(row) + 1 for row in self.rows]
        return {**vars(self), "rows": rows, "laws": dict(self.laws), "worthwhile": self.worthwhile}


def next_runs(
    laws: Sequence[type[Law]],
    runs: Runs | None,
    candidates: Runs,
    spend: float,
    *,
    cost: np.ndarray | None = None,
    targets: Runs | None = None,
    budget: float | None = None,
    most: int | None = None,
    replicates: bool = False,
    least: float = LEAST,
    members: int = 200,
    seed: int = 0,
) -> NextRuns:
    """Chooses the runs to make next, for the prediction of some targets or for the split of a budget.

    Args:
        laws: the families that may hold.
        runs: what has been run, with the laws' inputs and response as columns; None if nothing has.
        candidates: settings that could be run, with the laws' inputs as columns.
        spend: what may be spent, in the unit of the costs.
        cost: of each candidate, shape (candidates,); 6 params tokens if not given.
        targets: settings whose response is wanted.
        budget: training FLOP that will be split between params and tokens; instead of targets.
        most: choose so many at most, to see their results before the others are chosen.
        replicates: whether a candidate may be chosen again, or although it has been run.
        least: the share of the variance then left that a run must remove to be worth making.
        members: of the ensemble.
        seed: of its noise.

    Returns:
        The plan; empty if no run that can be paid would change the answer.

    Raises:
        InputError: if costs are not positive, nothing can be paid, a column is missing, every target has been run, or
            targets and budget are both given or both not.
        FitError: if no law has a value at the candidates and targets.
    """
    if (targets is None) == (budget is None):
        raise InputError("A plan is for targets or for a budget that will be split: give one of the two.")
    if not laws:
        raise InputError("A plan needs laws that may hold: name at least one.")
    if not (least > 0 if replicates else least >= 0):
        raise InputError(f"least = {least}: give a share of 0 or more, above 0 if runs may be repeated without end.")
    inputs = inputs_of(laws)
    for what, table in (("candidates", candidates), ("targets", targets)):
        if table is not None:
            _check(what, table, laws)
    if budget is not None and (set(inputs) != {"params", "tokens"} or laws[0].response != "loss" or not budget > 0):
        raise InputError("A budget above 0 is split by laws of the loss of params and tokens: give targets instead.")
    cost = six_nd(candidates) if cost is None else np.asarray(cost, dtype=np.float64)
    if cost.shape != (len(candidates),) or not (np.isfinite(cost) & (cost > 0)).all():
        raise InputError("Every candidate needs a cost above 0: correct the costs.")
    if not (np.isfinite(spend) and spend > 0) or cost.min() > spend:
        raise InputError(f"The cheapest candidate costs {cost.min():.3g} and {spend:.3g} may be spent: raise that.")
    made = logs(runs, inputs) if runs is not None and len(runs) else np.empty((0, len(inputs)))
    if targets is not None and len(made) and _among(logs(targets, inputs), made).all():
        raise InputError("Every target is among the runs, so its response is known: give targets that are not.")
    places = logs(candidates, inputs)
    open_ = np.flatnonzero((cost <= spend) & (replicates | ~_among(places, made)))
    if not replicates:
        open_ = _once(places, cost, open_)
    there = candidates.where(open_)
    if not len(open_):
        return NextRuns(open_, cost[open_], np.empty(0), (), _SD, np.nan, np.nan, {}, np.nan, 0)
    try:
        if runs is None:
            raise FitError("Nothing has been run.")
        drawn = ensemble(laws, runs, _both(there, targets or there, inputs), members=members, seed=seed)
    except FitError as error:
        return _begin(laws, places, open_, cost, spend, made, most, str(error))
    if targets is not None:
        picked = choose(drawn, there, targets, cost[open_], spend, most=most, least=least, again=replicates)
        before, after = (float(np.sqrt(part / len(targets))) for part in (picked.before, picked.after))
        measure = _SD_LOG if drawn.log else _SD
    else:
        assert budget is not None
        picked, before, after = _decide(drawn, there, budget, cost[open_], spend, most, least, replicates)
        measure = _REGRET
    rows, why = open_[picked.rows], reasons(drawn, picked)
    return NextRuns(
        rows, cost[rows], picked.removed, why, measure, before, after, drawn.weights, drawn.noise, len(open_)
    )


def choose(
    drawn: Ensemble,
    candidates: Runs,
    targets: Runs,
    cost: np.ndarray,
    spend: float,
    *,
    pause: float = np.inf,
    most: int | None = None,
    least: float = 0.0,
    again: bool = False,
) -> Picked:
    """The runs that tell most about some targets, under a given ensemble.

    Args:
        drawn: the ensemble.
        candidates: settings that could be run.
        targets: settings whose response is wanted.
        cost, spend, pause, most, least, again: as for `nextflop.planning.greedy.greedy`, with `spend` its budget.
    """
    smooth = drawn.misfit.fields(targets)
    fields = _fields(drawn, candidates, drawn.predict(targets), smooth)
    size, aims = len(candidates), len(targets)
    return greedy(fields, size, aims, drawn.noise, cost, spend, pause=pause, most=most, least=least, again=again)


def six_nd(settings: Runs) -> np.ndarray:
    """The usual cost: 6 params tokens, or the compute itself.

    Raises:
        InputError: if the settings have neither.
    """
    if {"params", "tokens"} <= set(settings.columns):
        return 6 * settings["params"] * settings["tokens"]
    if "compute" in settings:
        return settings["compute"]
    raise InputError("The candidates have no params and tokens to cost them by: give the cost of each.")


def _fields(drawn: Ensemble, candidates: Runs, aims: np.ndarray, smooth: np.ndarray) -> np.ndarray:
    """The fields of candidates, aims and whatever explains the choice.

    Args:
        drawn: the ensemble.
        candidates: settings that could be run.
        aims: what the members say of what is wanted, shape (members, aims).
        smooth: fields of the misfit there, shape (cosines, aims).
    """
    told = np.concatenate([drawn.predict(candidates), aims], axis=1)
    good = np.isfinite(told).all(axis=1)
    if good.sum() < 2:
        raise FitError("No law has a value at every candidate and target: look for extreme settings.")
    others = followed(drawn)
    members = np.concatenate([deviations(told[good]), others[good] / np.sqrt(good.sum() - 1)], axis=1)
    beside = np.zeros((len(smooth), others.shape[1]))
    return np.concatenate([members, np.concatenate([drawn.misfit.fields(candidates), smooth, beside], axis=1)])


def _decide(
    drawn: Ensemble,
    candidates: Runs,
    budget: float,
    cost: np.ndarray,
    spend: float,
    most: int | None,
    least: float,
    again: bool,
) -> tuple[Picked, float, float]:
    """The choice for the split of a budget, and the regret of the best compromise before and after it.

    Near its optimum a member's loss is a parabola in the logarithm of the size, so the regret is half the curvature
    times the variance of the members' optima: what removes that variance removes the regret.
    """
    best = np.log(np.concatenate([np.atleast_1d(surface_optimum(law, budget)).ravel() for law in drawn.laws]))
    params = np.exp(np.linspace(best.min() - _MARGIN, best.max() + _MARGIN, _POINTS))
    loss = drawn.predict(Runs({"params": params, "tokens": budget / 6 / params}))
    loss = np.exp(loss) if drawn.log else loss
    loss = np.where(np.isfinite(loss), loss, np.nanmax(np.where(np.isfinite(loss), loss, np.nan)))
    before = float((loss - loss.min(axis=1, keepdims=True)).mean(axis=0).min())
    fields = _fields(drawn, candidates, best[:, None], np.zeros((len(drawn.misfit.root), 1)))
    picked = greedy(fields, len(candidates), 1, drawn.noise, cost, spend, most=most, least=least, again=again)
    return picked, before, before * picked.after / picked.before if picked.before > 0 else before


def _begin(
    laws: Sequence[type[Law]],
    places: np.ndarray,
    open_: np.ndarray,
    cost: np.ndarray,
    spend: float,
    made: np.ndarray,
    most: int | None,
    says: str,
) -> NextRuns:
    """The plan where the runs are too few for any law: as many as the simplest law needs, and one to test it."""
    few = max(FEWEST, min(len(law.parameters) for law in laws) + 1)
    count = min(few if most is None else most, len(open_))
    rows = open_[spread_out(places[open_], cost[open_], spend, count, made)]
    why = ("is far from the other runs, while there is no law to plan by",) * len(rows)
    unknown = np.full(len(rows), np.nan)
    return NextRuns(rows, cost[rows], unknown, why, f"{_SD}; {says}", np.nan, np.nan, {}, np.nan, len(open_))


def _check(what: str, table: Runs, laws: Sequence[type[Law]]) -> None:
    if len(table) == 0:
        raise InputError(f"There are no {what}: give at least one setting.")
    for name in inputs_of(laws):
        if name not in table:
            raise InputError(f"The {what} have no column {name!r} (there are {', '.join(table.columns)}): add it.")
        column = table[name]
        zero = all(name in law.zeros for law in laws if name in law.inputs)
        bad = ~np.isfinite(column) | ((column < 0) if zero else (column <= 0))
        if bad.any():
            row = int(bad.argmax())
            expected = "of 0 or more" if zero else "above 0"
            raise InputError(
                f"The {what} have {name} = {column[row]:g} in row {row + 1}: give a finite number {expected}."
            )


def _among(places: np.ndarray, made: np.ndarray) -> np.ndarray:
    """Which places have been run, to rounding, shape (places,)."""
    found = np.zeros(len(places), dtype=bool)
    for row in made:
        found |= (np.abs(places - row) < _EQUAL).all(axis=1)
    return found


def _once(places: np.ndarray, cost: np.ndarray, open_: np.ndarray) -> np.ndarray:
    """Of equal places the cheapest, in the order in which they were given."""
    by_cost = open_[np.argsort(cost[open_], kind="stable")]
    rounded = np.round((places[by_cost] - places.mean(axis=0)) / _EQUAL)
    return np.sort(by_cost[np.unique(rounded, axis=0, return_index=True)[1]])


def _both(some: Runs, more: Runs, names: Sequence[str]) -> Runs:
    return Runs({name: np.concatenate([some[name], more[name]]) for name in names})
