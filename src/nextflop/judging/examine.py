"""Everything that can be asked of a fit, asked at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from nextflop.errors import FitError
from nextflop.evidence.files import Json
from nextflop.evidence.quality import Flag, flags, without
from nextflop.evidence.runs import Runs
from nextflop.fitting.estimate import fit as fit_again
from nextflop.fitting.fit import Fit
from nextflop.fitting.profile import Profile
from nextflop.judging.backtest import Backtest, backtest, usual_axis
from nextflop.judging.checks import check, lowest
from nextflop.judging.identifiability import identifiability, profiles
from nextflop.judging.isoflop import IsoFlop, against_surface, isoflop, surface_optimum
from nextflop.judging.multiverse import OBJECTIVES, Multiverse, multiverse
from nextflop.judging.replicates import lack_of_fit
from nextflop.judging.shape import rivals, trend
from nextflop.judging.verdict import Outcome, Verdict
from nextflop.laws import LAWS, Law
from nextflop.quantities import show

DOUBTED = ("duplicate", "diverged", "under-tuned")
"""The flags whose runs an answer is also given without."""

_AHEAD = 10.0  # times the farthest run: where a decision is asked for if no budget is given
_RIVALS: Mapping[tuple[str, ...], tuple[str, ...]] = {
    ("params", "tokens"): ("chinchilla", "skaling", "kaplan"),
    ("compute",): ("power", "shifted-power", "bounded-power"),
}
"""Inputs of a loss → the laws that the multiverse tries; the laws of other inputs are tried alone."""

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Examination:
    """What was asked of a fit, and the answers; what does not apply is None or empty.

    Attributes:
        verdicts: every check, in the order in which a reader should meet them.
        flags: runs to doubt.
        without: the fit without the runs flagged as duplicate, diverged or under-tuned; None if there are none.
        profiles: of every free parameter.
        backtest: along the axis of the largest runs.
        multiverse: of the decision.
        isoflop: parabolas over budgets.
    """

    verdicts: tuple[Verdict, ...]
    flags: tuple[Flag, ...]
    without: Fit | None
    profiles: tuple[Profile, ...]
    backtest: Backtest | None
    multiverse: Multiverse | None
    isoflop: IsoFlop | None

    @property
    def believed(self) -> bool:
        """Whether no check failed."""
        return not any(verdict.outcome is Outcome.fail for verdict in self.verdicts)

    def to_json(self) -> dict[str, Json]:
        """The examination as JSON."""
        return {
            "believed": self.believed,
            "verdicts": [verdict.to_json() for verdict in self.verdicts],
            "flags": [flag.to_json() for flag in self.flags],
            "without_flagged": None if self.without is None else self.without.to_json(),
            "profiles": [one.to_json() for one in self.profiles],
            "backtest": None if self.backtest is None else self.backtest.to_json(),
            "multiverse": None if self.multiverse is None else self.multiverse.to_json(),
            "isoflop": None if self.isoflop is None else self.isoflop.to_json(),
        }


def examine(
    fit: Fit,
    runs: Runs,
    *,
    axis: str | None = None,
    budget: float | None = None,
    curve: str | None = None,
    progress: Progress | None = None,
) -> Examination:
    """Asks of a fit everything that can be asked.

    Args:
        fit: a fit to a table of runs.
        runs: the table that was fitted.
        axis: along which larger runs are held out; by default training FLOP if params and tokens are known, else the
            first input.
        budget: FLOP at which the multiverse asks for the best size; by default ten times the largest run's.
        curve: the column of the run, if rows are snapshots.
        progress: called with what is done next.

    Raises:
        InputError: if the runs are not those that were fitted.
        FitError: if a check cannot be made for a reason that concerns the fit as a whole.
    """
    say = progress or (lambda step: None)
    law = type(fit.law)
    say("the fit")
    verdicts = [*check(fit, runs), trend(fit, runs), lack_of_fit(fit, runs)]
    ground = lowest(fit, runs)
    if ground is not None:
        verdicts.insert(1, ground)
    if len(law.inputs) == 1 and "E" in law.parameters:
        verdicts.append(rivals(fit, runs))
    say("the runs")
    doubts = _flags(law, runs, curve)
    clean = without(runs, doubts, DOUBTED)
    less = _fit_like(fit, clean) if 1 < len(clean) < len(runs) else None
    if less is not None:
        verdicts.append(_with_and_without(fit, less, len(runs) - len(clean)))
    say("the profile of every parameter")
    ends = profiles(fit, runs)
    verdicts.append(identifiability(ends))
    parabolas = None
    if _sized(law):
        parabolas = _parabolas(runs)
        if parabolas is not None:
            verdicts.append(against_surface(parabolas, fit.law, runs))
    say("what it would have foretold")
    past = _backtest(fit, runs, axis or usual_axis(law, runs.columns))
    if past is not None:
        verdicts += past.verdicts
    say("other ways to ask")
    ways = _multiverse(fit, runs, clean, budget)
    if ways is not None:
        verdicts.append(ways.verdict)
    return Examination(tuple(verdicts), doubts, less, ends, past, ways, parabolas)


def _flags(law: type[Law], runs: Runs, curve: str | None) -> tuple[Flag, ...]:
    inputs = [name for name in law.inputs if name not in law.pure and (runs[name] > 0).all()]
    if law.response != "loss" or not inputs or not (runs["loss"] > 0).all():
        return ()
    progress = "tokens" if "tokens" in runs else inputs[0]
    budget = "budget" if "budget" in runs and "params" in runs else None
    return flags(runs, inputs, curve=curve, progress=progress, budget=budget)


def _fit_like(fit: Fit, runs: Runs) -> Fit | None:
    method = fit.method
    if method is None:
        return None
    try:
        return fit_again(
            type(fit.law),
            runs,
            objective=method.objective,
            draws=len(fit.draws),
            seed=fit.seed,
            cluster=method.cluster,
            resampling=method.resampling,
            pinned=method.pinned,
            level=fit.level,
        )
    except FitError:
        return None


def _with_and_without(fit: Fit, less: Fit, number: int) -> Verdict:
    """Whether the doubtful runs move an estimate out of the interval that the others give."""
    code, name = "flagged", "doubtful runs do not decide"
    moves = {}
    for parameter, (value, low, high) in less.estimate.items():
        there = float(fit.law.values[parameter])
        reach = (high - value) if there > value else (value - low)
        moves[parameter] = abs(there - value) / reach if reach > 0 else 0.0
    worst = max(moves, key=moves.__getitem__)
    values = f"{worst} from {float(fit.law.values[worst]):.3g} to {less.estimate[worst].value:.3g}"
    which = f"{number} runs" if number > 1 else "one run"
    says = f"Without the {which} flagged as duplicate, diverged or under-tuned, {values}"
    inside = moves[worst] <= 1
    tail = "inside the interval of the others." if inside else "beyond the interval of the others: look at them."
    return Verdict(code, name, Outcome.passed if inside else Outcome.warn, moves[worst], 1.0, f"{says}: {tail}")


def _parabolas(runs: Runs) -> IsoFlop | None:
    try:
        return isoflop(runs)
    except FitError:
        return None


def _backtest(fit: Fit, runs: Runs, axis: str) -> Backtest | None:
    if fit.method is None:
        return None
    try:
        return backtest(
            type(fit.law),
            runs,
            axis,
            objective=fit.method.objective,
            pinned=fit.method.pinned,
            cluster=fit.method.cluster,
            seed=fit.seed,
            level=fit.level,
        )
    except FitError:
        return None


def _multiverse(fit: Fit, runs: Runs, clean: Runs, budget: float | None) -> Multiverse | None:
    law, method = type(fit.law), fit.method
    if law.response != "loss" or method is None or method.pinned:
        return None
    tables = {"all runs": runs}
    if len(clean) < len(runs):
        tables["without flagged runs"] = clean
    highest = max(1, round(0.02 * len(runs)))
    kept = np.sort(np.argsort(runs["loss"], kind="stable")[:-highest])
    tables["without the highest loss" if highest == 1 else f"without the {highest} highest losses"] = runs.where(kept)
    laws = [LAWS[name] for name in _RIVALS.get(law.inputs, ()) if name in LAWS]
    if law not in laws:
        laws = [law, *laws]
    objectives = OBJECTIVES if method.objective in OBJECTIVES else (method.objective, *OBJECTIVES)
    spent = budget or _AHEAD * float((6 * runs["params"] * runs["tokens"]).max()) if _sized(law) else 0.0
    there = {name: np.array([float(runs[name].max()) * (1.0 if name in law.pure else _AHEAD)]) for name in law.inputs}
    return multiverse(
        f"the best size at {show(spent, 'FLOP')}" if _sized(law) else f"the loss {_AHEAD:g} times beyond the runs",
        (lambda law: surface_optimum(law, spent)) if _sized(law) else (lambda law: law(**there)),
        laws,
        tables,
        objectives=objectives,
        cluster=method.cluster,
    )


def _sized(law: type[Law]) -> bool:
    """Whether the law trades parameters against tokens, and nothing else."""
    return set(law.inputs) == {"params", "tokens"} and law.response == "loss"
