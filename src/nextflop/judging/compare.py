"""Is the candidate better than the baseline, and how many times the compute is that worth?

Both recipes are fitted as one law with parameters of their own and, if told so, some in common; the draws are those of
both together. Compute is the input of a law of one resource; for a law of params and tokens it is C = 6ND, which each
recipe spends as is best for it. Spending is taken from the estimates for all draws alike: at the optimum the loss does
not change with the split to first order, so this costs the draws nothing.
"""

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from nextflop.errors import FitError, InputError
from nextflop.evidence.runs import Runs
from nextflop.fitting.estimate import fit
from nextflop.fitting.objective import Objective, Squares
from nextflop.judging import comparison_verdicts as ask
from nextflop.judging.checks import optimum
from nextflop.judging.comparison import Comparison, Pin, expanded
from nextflop.judging.compute import compute_range, lower_is_better
from nextflop.judging.crossing import cross
from nextflop.judging.joint import WHICH, Joint, joint
from nextflop.judging.pairing import CLUSTER, Pairing, pairing
from nextflop.judging.recipe_curves import Curves, growth, rows_of
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
    ranges = [compute_range(law, runs, name) for runs, name in zip((baseline, candidate), names, strict=True)]
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
    own = [len({*side.values()} - {*shared} - {side.get(pin, pin) for pin in pinned or {}}) for side in both.own]
    for runs, name, free in zip((baseline, candidate), names, own, strict=True):
        _enough(law, runs, name, free)
    runs = _join(law, baseline, candidate, matched)
    found = fit(both, runs, draws=draws, pinned=_held(both, pinned), **how)

    low, high = max(a for a, _ in ranges), min(b for _, b in ranges)
    target = max(targets) if targets else high
    places = np.unique([*_stretch(low, high), *targets])
    curves = Curves(found, min(*places, *(a for a, _ in ranges)), max(*places, *(b for _, b in ranges)))
    beyond = [max(abs(np.log10(np.clip(place, a, b) / place)) for a, b in ranges) for place in places]
    spare = min(matched.matched + alone - free for alone, free in zip(matched.alone, own, strict=True))
    tails = expanded(level, spare) if matched.by else level
    rows = rows_of(places, curves, beyond, lower, tails)
    decisive = next(row for row in rows if row.compute == target)
    pins = tuple(Pin(name, float(value), metric or law.response, reason) for name, value in (pinned or {}).items())
    line = np.geomspace(places[0], places[-1], _PLACES)
    lead, leads = curves.lead(line, lower)
    crossed = cross(line, lead, leads, names[::-1], high, level)
    grown = growth(curves, rows[0].compute, rows[-1].compute, lower, tails)
    verdicts = [
        ask.better(decisive, names, _axis(law), lower),
        ask.steady((rows[0], rows[-1]), grown, names),
        crossed.verdict,
        ask.distance(decisive, high),
        ask.size(matched),
    ]
    if shared:
        apart = fit(joint(law), runs, draws=0, pinned=_held(joint(law), pinned), **how)
        verdicts.append(ask.sharing(shared, found, apart))
    if pins:
        verdicts.append(ask.reasons(pins))
    verdicts.append(optimum(found))
    return Comparison(
        law.name, _axis(law), names, lower, rows, target, crossed, matched, shared, pins, found, tuple(verdicts)
    )


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


def _stretch(low: float, high: float) -> np.ndarray:
    """Scales that both measured; without such, the ends of the gap between the two."""
    return np.geomspace(low, high, _INSIDE) if low < high else np.unique([low, high])


def _axis(law: type[Law]) -> str:
    return law.inputs[0] if len(law.inputs) == 1 else "flop"
