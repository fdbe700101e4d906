"""Is the candidate better than the baseline, and how many times the compute is that worth?

Both recipes are fitted as one law with parameters of their own and, if told so, some in common; the draws are those of
both together. Compute is the input of a law of one resource; for a law of params and tokens it is C = 6ND, which each
recipe spends as is best for it. Spending is taken from the estimates for all draws alike: at the optimum the loss does
not change with the split to first order, so this costs the draws nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import partial

import numpy as np

from nextflop.errors import FitError, InputError
from nextflop.evidence.runs import Runs
from nextflop.fitting.estimate import fit
from nextflop.fitting.fit import Fit, Interval
from nextflop.fitting.objective import Objective, Squares
from nextflop.judging.checks import optimum
from nextflop.judging.comparison import Comparison, Pin, Row, better, distance, ends, reasons, sharing, steady
from nextflop.judging.compute import lower_is_better, path, times
from nextflop.judging.crossing import cross
from nextflop.judging.joint import WHICH, Joint, joint
from nextflop.judging.pairing import CLUSTER, Pairing, pairing
from nextflop.laws.base import Law

_INSIDE = 4  # scales of the table between the smallest and the largest that both measured
_PLACES = 129  # at which the curves are compared for a crossing
_CARRIED = ("weight", "tries", "censored")


def compare(
    law: type[Law],
    baseline: Runs,
    candidate: Runs,
    *,
    share: Collection[str] = (),
    at: Sequence[float] = (),
    objective: Objective | None = None,
    pinned: Mapping[str, float] | None = None,
    reason: str = "",
    metric: str = "",
    pair: str | None = None,
    cluster: str | None = None,
    resampling: str | None = None,
    draws: int = 1000,
    seed: int = 0,
    level: float = 0.9,
    names: tuple[str, str] = ("baseline", "candidate"),
) -> Comparison:
    """Compares two recipes.

    Args:
        law: the family, one of a single input or of params and tokens.
        baseline: the runs of one recipe.
        candidate: those of the other.
        share: parameters that both recipes have in common.
        at: the scales that are asked about beside those measured; the largest decides. By default the largest that
            both measured does.
        objective: by default squares of log residuals, or of residuals where the response may be 0 or negative: their
            wild draws keep every run, and few runs are what there is of most recipes.
        pinned: parameter → the value at which both recipes hold it.
        reason: why.
        metric: what the response measures, for the record of what is pinned.
        pair, cluster: which runs are drawn together, see `nextflop.judging.pairing`.
        resampling, draws, seed, level: as for `fit`.
        names: what to call the recipes.

    Raises:
        InputError: if a table, a parameter or a scale cannot be used.
        FitError: if there are too few runs of a recipe.
    """
    lower = lower_is_better(law)
    targets = _targets(at)
    ranges = [_range(law, runs, name) for runs, name in zip((baseline, candidate), names, strict=True)]
    log = law.lowest >= 0 and bool((baseline[law.response] > 0).all() and (candidate[law.response] > 0).all())
    how = {
        "objective": objective or Squares(log=log and law.highest == np.inf),
        "cluster": CLUSTER,
        "resampling": resampling,
        "reason": reason,
        "seed": seed,
        "level": level,
    }
    matched = pairing(law.inputs, baseline, candidate, pair=pair, cluster=cluster)
    shared = tuple(name for name in law.parameters if name in share)
    both = joint(law, tuple(share))
    for runs, own, name in zip((baseline, candidate), both.own, names, strict=True):
        _enough(law, runs, name, len({*own.values()} - {*shared} - {own[pin] for pin in pinned or {} if pin in own}))
    runs = _join(law, baseline, candidate, matched)
    found = fit(both, runs, draws=draws, pinned=_held(both, pinned), **how)

    low, high = max(a for a, _ in ranges), min(b for _, b in ranges)
    target = max(targets) if targets else high
    places = np.unique([*_stretch(low, high), *targets])
    curves = _Curves(found, min(*places, *(a for a, _ in ranges)), max(*places, *(b for _, b in ranges)))
    beyond = [max(abs(np.log10(np.clip(place, a, b) / place)) for a, b in ranges) for place in places]
    rows = _rows(places, curves, beyond, lower, level)
    decisive = next(row for row in rows if row.compute == target)
    pins = tuple(Pin(name, float(value), metric or law.response, reason) for name, value in (pinned or {}).items())
    line = np.geomspace(places[0], places[-1], _PLACES)
    lead, leads = curves.lead(line, lower)
    crossed = cross(line, lead, leads, names[::-1], high, level)
    verdicts = [
        better(decisive, names, _axis(law), lower),
        _steady(rows, curves, lower, level, names),
        crossed.verdict,
        distance(decisive, high),
    ]
    if shared:
        apart = fit(joint(law), runs, draws=0, pinned=_held(joint(law), pinned), **how)
        verdicts.append(sharing(shared, found, apart))
    if pins:
        verdicts.append(reasons(pins))
    verdicts.append(optimum(found))
    return Comparison(
        law.name, _axis(law), names, lower, rows, target, crossed, matched, shared, pins, found, tuple(verdicts)
    )


class _Curves:
    """Both recipes against compute, of the estimate and of every draw."""

    def __init__(self, found: Fit, low: float, high: float) -> None:
        laws = (found.law, found.laws)
        assert all(isinstance(law, Joint) for law in laws)
        self.sides = [[law.recipe(side) for law in laws if isinstance(law, Joint)] for side in (0, 1)]
        self.paths = [path(estimate, low, high) for estimate, _ in self.sides]

    def at(self, side: int, compute: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The response of a recipe: of the estimate, shape (places,), and of the draws, shape (draws, places)."""
        inputs = self.paths[side](compute)
        estimate, drawn = (np.asarray(law(**inputs)) for law in self.sides[side])
        return estimate, drawn

    def multiplier(self, compute: np.ndarray, lower: bool) -> tuple[np.ndarray, np.ndarray]:
        """How many times this compute the baseline needs for what the candidate does with it; shapes as `at`."""

        def response(law: Law, factor: np.ndarray) -> np.ndarray:
            return np.asarray(law(**self.paths[0](compute * factor)))

        aims = self.at(1, compute)
        with np.errstate(all="ignore"):
            estimate, drawn = (
                times(partial(response, law), aim, lower) for law, aim in zip(self.sides[0], aims, strict=True)
            )
        return estimate, drawn

    def lead(self, compute: np.ndarray, lower: bool) -> tuple[np.ndarray, np.ndarray]:
        """By how much the candidate is better; shapes as `at`."""
        of_baseline, of_candidate = self.at(0, compute), self.at(1, compute)
        gaps = [b - c if lower else c - b for b, c in zip(of_baseline, of_candidate, strict=True)]
        return gaps[0], gaps[1]


def _rows(places: np.ndarray, curves: _Curves, beyond: Sequence[float], lower: bool, level: float) -> tuple[Row, ...]:
    of_baseline, of_candidate = curves.at(0, places), curves.at(1, places)
    apart = tuple(c - b for b, c in zip(of_baseline, of_candidate, strict=True))
    parts = (of_baseline, of_candidate, apart, curves.multiplier(places, lower))
    columns = [(value, *ends(drawn, level)) for value, drawn in parts]
    good = apart[1] < 0 if lower else apart[1] > 0
    ahead = good.mean(axis=0) if len(good) else np.full(len(places), np.nan)
    return tuple(
        Row(
            float(place),
            *(Interval(*(float(part[index]) for part in column)) for column in columns),
            ahead=float(ahead[index]),
            beyond=float(beyond[index]),
        )
        for index, place in enumerate(places)
    )


def _steady(rows: Sequence[Row], curves: _Curves, lower: bool, level: float, names: tuple[str, str]):
    ends_of = np.array([rows[0].compute, rows[-1].compute])
    value, drawn = curves.multiplier(ends_of, lower)
    with np.errstate(all="ignore"):
        growth = Interval(float(value[1] / value[0]), *map(float, ends(drawn[:, 1] / drawn[:, 0], level)))
    return steady((rows[0], rows[-1]), growth, names)


def _join(law: type[Law], baseline: Runs, candidate: Runs, matched: Pairing) -> Runs:
    tables = (baseline, candidate)
    names = [*law.inputs, law.response, *(name for name in _CARRIED if any(name in table for table in tables))]
    fill = {"weight": 1.0, "censored": 0.0}
    columns = {
        name: np.concatenate(
            [table[name] if name in table or name not in fill else np.full(len(table), fill[name]) for table in tables]
        )
        for name in names
    }
    which = np.repeat([0.0, 1.0], [len(baseline), len(candidate)])
    return Runs({**columns, WHICH: which, CLUSTER: np.concatenate(matched.labels)})


def _held(both: type[Joint], pinned: Mapping[str, float] | None) -> dict[str, float]:
    return {own.get(name, name): value for name, value in (pinned or {}).items() for own in both.own}


def _enough(law: type[Law], runs: Runs, name: str, free: int) -> None:
    settings = len(np.unique(np.stack([runs[column] for column in law.inputs]), axis=1).T)
    if settings <= free:
        raise FitError(
            f"{len(runs)} runs of {name} at {settings} different settings of {', '.join(law.inputs)} cannot show how "
            f"far to believe {free} parameters of its own: add runs, or share or pin parameters."
        )


def _targets(at: Sequence[float]) -> list[float]:
    for scale in at:
        if not 0 < scale < np.inf:
            raise InputError(f"The scale {scale:g} cannot be asked about: give a finite amount above 0.")
    return sorted({float(scale) for scale in at})


def _range(law: type[Law], runs: Runs, name: str) -> tuple[float, float]:
    """The smallest and the largest compute of a table."""
    for column in (*law.inputs, law.response):
        if column not in runs:
            raise InputError(
                f"The table of {name} has no column {column!r} (there are {', '.join(runs.columns)}): add or map it."
            )
    if len(law.inputs) == 1:
        scale = runs[law.inputs[0]]
    else:
        path(law(**dict.fromkeys(law.parameters, 0.5)), 1e18, 1e20)  # refuses what has no axis of compute
        scale = 6 * runs["params"] * runs["tokens"]
    if len(runs) == 0 or scale.dtype.kind != "f" or not (np.isfinite(scale) & (scale > 0)).all():
        raise InputError(f"Every run of {name} needs a compute that is a finite number above 0: correct its table.")
    return float(scale.min()), float(scale.max())


def _stretch(low: float, high: float) -> np.ndarray:
    """Scales that both measured; without such, the ends of the gap between the two."""
    return np.geomspace(low, high, _INSIDE) if low < high else np.unique([low, high])


def _axis(law: type[Law]) -> str:
    return law.inputs[0] if len(law.inputs) == 1 else "flop"
