"""Do small scales put recipes in the order that large ones do, and what does it cost to choose by them?"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np

from nextflop.errors import FitError, InputError
from nextflop.evidence.files import Json
from nextflop.evidence.runs import Runs
from nextflop.fitting.estimate import fit
from nextflop.fitting.fit import Interval
from nextflop.fitting.objective import Objective, Squares
from nextflop.judging.comparison import ends, spelled
from nextflop.judging.compute import compute_range, lower_is_better
from nextflop.judging.curve import read
from nextflop.judging.pairing import CLUSTER, keys, matching_columns
from nextflop.judging.verdict import Outcome, Verdict
from nextflop.laws.base import Law

AGREES, CHEAP = 0.6, 0.025
"""Kendall's tau from which an order counts as carried over, and the regret up to which a choice counts as good."""

_SCALES = 5


class Regime(NamedTuple):
    """What one scale says of the recipes.

    Attributes:
        compute: the scale.
        order: the recipes, best first.
        sure: share of the draws with the same recipe first.
        tau: Kendall's rank correlation with the order at the largest scale.
        regret: how much worse at the largest scale the recipe is that leads here, as a share of the best there.
    """

    compute: float
    order: tuple[str, ...]
    sure: float
    tau: Interval
    regret: Interval

    def to_json(self) -> dict[str, Json]:
        """The regime as JSON."""
        return {
            **self._asdict(),
            "order": list(self.order),
            "tau": self.tau._asdict(),
            "regret": self.regret._asdict(),
        }


@dataclass(frozen=True)
class Transfer:
    """How the order of recipes carries over.

    Attributes:
        recipes: their names.
        regimes: by scale, ascending; the last is the scale that counts.
        paired: whether draws keep the runs of one setting and seed together.
        level: of the intervals.
    """

    recipes: tuple[str, ...]
    regimes: tuple[Regime, ...]
    paired: bool
    level: float

    @property
    def verdict(self) -> Verdict:
        """Whether one may choose at the smallest scale; if not, from which scale on one may."""
        code, name = "rank_transfer", "small scales order as large ones do"
        first, last = self.regimes[0], self.regimes[-1]
        says = (
            f"The order at {first.compute:.3g} has tau {spelled(first.tau)} with that at {last.compute:.3g}, and its "
            f"leader {first.order[0]} is {first.regret.value:.2%} off the best there (at most {first.regret.high:.2%})"
        )
        outcome = _judged(first)
        if outcome is Outcome.passed:
            return Verdict(code, name, outcome, first.tau.value, AGREES, f"{says}: choose at the small scale.")
        good = next((regime for regime in self.regimes[:-1] if _judged(regime) is Outcome.passed), None)
        mend = "choose at the large scale" if good is None else f"choose at {good.compute:.3g} or above"
        return Verdict(code, name, outcome, first.tau.value, AGREES, f"{says}: {mend}.")

    def to_json(self) -> dict[str, Json]:
        """The transfer as JSON."""
        return {
            "recipes": list(self.recipes),
            "regimes": [regime.to_json() for regime in self.regimes],
            "paired": self.paired,
            "level": self.level,
            "verdict": self.verdict.to_json(),
        }


def rank_transfer(
    law: type[Law],
    recipes: Mapping[str, Runs],
    *,
    to: float | None = None,
    objective: Objective | None = None,
    pinned: Mapping[str, float] | None = None,
    draws: int = 1000,
    seed: int = 0,
    level: float = 0.9,
) -> Transfer:
    """Orders recipes at several scales, each by a law fitted to its runs.

    Args:
        law: the family, one of a single input or of params and tokens.
        recipes: name → runs; three or more.
        to: the scale that counts; by default the largest that all measured.
        objective: by default squares of log residuals, or of residuals where the response may be 0 or negative.
        pinned, draws, seed, level: as for `fit`.

    Raises:
        InputError: if there are fewer than three recipes, or a table cannot be used.
        FitError: if a recipe has too few runs, or all recipes have no scale in common.
    """
    if len(recipes) < 3:
        raise InputError(f"{len(recipes)} recipes have no order worth the name: give three or more.")
    lower = lower_is_better(law)
    names = tuple(recipes)
    ranges = [compute_range(law, runs, name) for name, runs in recipes.items()]
    low, high = max(a for a, _ in ranges), min(b for _, b in ranges)
    if low >= high:
        raise FitError(f"The recipes {', '.join(names)} were measured at no common scale: add runs.")
    end = high if to is None else to
    places = np.unique([*np.geomspace(low, high, _SCALES), end])
    places = places[places <= end]
    by = matching_columns(law.inputs, tuple(recipes.values()))
    labels = keys(tuple(recipes.values()), by)
    paired = all(np.array_equal(np.unique(label), np.unique(labels[0])) for label in labels)
    curves = []
    for index, (name, runs) in enumerate(recipes.items()):
        log = law.lowest >= 0 and law.highest == np.inf and bool((runs[law.response] > 0).all())
        try:
            found = fit(
                law,
                runs.with_columns(**{CLUSTER: labels[index]}) if paired else runs,
                objective=objective or Squares(log=log),
                pinned=pinned,
                draws=draws,
                seed=seed if paired else seed + index,  # equal clusters and one seed make equal draws
                cluster=CLUSTER if paired else None,
                level=level,
            )
        except FitError as error:
            raise FitError(f"{name}: {error}") from None
        curves.append(read(found, places))
    common = min(len(drawn) for _, drawn in curves)
    estimate = np.stack([value for value, _ in curves])
    drawn = np.stack([part[:common] for _, part in curves], axis=1)
    return Transfer(names, _regimes(names, places, estimate, drawn, lower, level), paired, level)


def _regimes(
    names: tuple[str, ...], places: np.ndarray, estimate: np.ndarray, drawn: np.ndarray, lower: bool, level: float
) -> tuple[Regime, ...]:
    """One a scale, from responses of shape (recipes, places) and (draws, recipes, places)."""
    sign = 1.0 if lower else -1.0
    tau, taus = _tau(estimate), _tau(drawn)
    regret, regrets = _regret(sign * estimate, estimate), _regret(sign * drawn, drawn)
    order = np.argsort(sign * estimate, axis=0, kind="stable")
    first = (sign * drawn).argmin(axis=1)
    found = []
    for index, place in enumerate(places):
        sure = float((first[:, index] == order[0, index]).mean()) if len(drawn) else np.nan
        parts = ((tau, taus), (regret, regrets))
        both = [Interval(float(v[index]), *map(float, ends(d[:, index], level))) for v, d in parts]
        found.append(Regime(float(place), tuple(names[k] for k in order[:, index]), sure, both[0], both[1]))
    return tuple(found)


def _tau(response: np.ndarray) -> np.ndarray:
    """Kendall's tau of each scale with the last, shape (..., places), from responses (..., recipes, places)."""
    signs = np.stack(
        [np.sign(response[..., one, :] - response[..., other, :]) for one, other in combinations(_count(response), 2)]
    )
    return np.asarray((signs * signs[..., -1:]).mean(axis=0))


def _regret(bad: np.ndarray, response: np.ndarray) -> np.ndarray:
    """How much worse at the last scale the leader of each is, as a share of the best response there."""
    leader = bad.argmin(axis=-2)
    last = bad[..., -1]
    chosen = np.take_along_axis(last, leader, axis=-1)
    best = last.min(axis=-1, keepdims=True)
    size = np.abs(np.take_along_axis(response[..., -1], last.argmin(axis=-1)[..., None], axis=-1))
    return np.asarray((chosen - best) / size)


def _count(response: np.ndarray) -> range:
    return range(response.shape[-2])


def _judged(regime: Regime) -> Outcome:
    if regime.tau.low >= AGREES and regime.regret.high <= CHEAP:
        return Outcome.passed
    if regime.tau.high < AGREES or regime.regret.low > CHEAP:
        return Outcome.fail
    return Outcome.unknown
