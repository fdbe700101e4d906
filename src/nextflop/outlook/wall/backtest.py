"""Would the way in which demand is foretold have foretold the record of a year later?"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.stats import binom

from nextflop.errors import StoreError
from nextflop.evidence.files import Json
from nextflop.evidence.runs import Runs
from nextflop.fitting.fit import Interval
from nextflop.judging.verdict import Outcome, Verdict
from nextflop.outlook.wall.distributions import LogNormal, Normal
from nextflop.outlook.wall.growth import Slope, Supply, language_models, large, of_text_alone, slope, slopes, supply

CUTS = (2019, 2020, 2021, 2022, 2023, 2024)
"""Years before which models are fitted; the record foretold is that of the end of the year."""

_LEVEL = 0.8
_SPREAD = 45 / 24  # how the model of 2025 doubts its start: the ends of a 95% interval
_DRAWS = 20_000
_LOW = 0.05
_PACE = 5.0  # years over which the record's own pace is taken


class Foretold(NamedTuple):
    """A record a year ahead.

    Attributes:
        cut: models released before this year were known.
        models: as many of them gave the growth.
        growth: orders of magnitude a year, 95% interval.
        record: the largest training set before the cut.
        low, median, high: what the largest a year later would be, with its 80% interval.
        came: the largest a year later.
        share: of the forecast that lies below what came.
    """

    cut: int
    models: int
    growth: Interval
    record: float
    low: float
    median: float
    high: float
    came: float
    share: float


@dataclass(frozen=True)
class WallBacktest:
    """What public tables say of the demand that the models assume, and of the supply.

    Attributes:
        slopes: the growth of training sets, fitted.
        foretold: the record a year after each cut.
        pace: how fast the record itself grew in the last five years of the table, in orders of magnitude a year.
        miss: of the foretold records, in orders of magnitude, root mean square.
        supply: what Common Crawl has found by and by; empty where that table is absent.
        verdict: `wall_backtest`, whether as many records fell within the 80% intervals as should.
    """

    slopes: tuple[Slope, ...]
    foretold: tuple[Foretold, ...]
    pace: float
    miss: float
    supply: tuple[Supply, ...]
    verdict: Verdict

    def to_json(self) -> dict[str, Json]:
        """All of it as JSON."""
        return {
            "growth": [{**one._asdict(), "orders": one.orders._asdict()} for one in self.slopes],
            "record_pace": self.pace,
            "record_miss": self.miss,
            "foretold": [{**one._asdict(), "growth": one.growth._asdict()} for one in self.foretold],
            "supply": [one._asdict() for one in self.supply],
            "verdict": self.verdict.to_json(),
        }


def backtest(*, online: bool = False) -> WallBacktest:
    """Fits the growth of training sets to the models before each cut and foretells the record of a year later.

    The growth is that of the ten largest models by compute, the start the record so far, as in the model of 2025.
    Records are those of models of text alone.

    Args:
        online: whether tables that are not on this machine may be downloaded.

    Raises:
        StoreError: if they are not here and may not or cannot be downloaded.
    """
    models = language_models(online=online)
    every = language_models(compute=False, online=online)
    text = every.where(np.flatnonzero(of_text_alone(every)))
    foretold = tuple(_foretold(models, text, cut) for cut in CUTS)
    try:
        found = supply(online=online)
    except StoreError:  # derived, so that there is nothing to download
        found = ()
    last = float(text["year"].max())
    rise = np.log10(_record(text, np.inf) / _record(text, last - _PACE))
    miss = float(np.sqrt(np.mean([np.log10(one.came / one.median) ** 2 for one in foretold])))
    fitted = slopes(online=online)
    verdict = _verdict(foretold, miss, fitted[1].orders.value)
    return WallBacktest(fitted, foretold, float(rise) / _PACE, miss, found, verdict)


def _record(runs: Runs, before: float | int) -> float:
    return float(runs["points"][runs["year"] < before].max())


def _foretold(models: Runs, text: Runs, cut: int) -> Foretold:
    known = models.where(np.flatnonzero(models["year"] < cut))
    rows = large(known)
    growth = slope(known["year"][rows], known["points"][rows], draws=1000)
    record, came = _record(text, cut), _record(text, cut + 1)
    rng = np.random.default_rng([0, cut])
    half = np.sqrt(_SPREAD)
    begin = LogNormal(record / half, record * half, 0.95)(rng.standard_normal(_DRAWS))
    told = np.log10(begin) + Normal(growth.low, growth.high, 0.95)(rng.standard_normal(_DRAWS))
    low, median, high = (10 ** np.quantile(told, ((1 - _LEVEL) / 2, 0.5, (1 + _LEVEL) / 2))).tolist()
    return Foretold(cut, len(rows), growth, record, low, median, high, came, float((told < np.log10(came)).mean()))


def _verdict(foretold: tuple[Foretold, ...], miss: float, pace: float) -> Verdict:
    """Whether the intervals hold as many records as they should.

    Which way they miss is not judged: steady growth with as much scatter often misses from one side.
    """
    inside = sum(one.low <= one.came <= one.high for one in foretold)
    below = sum(one.came < one.low for one in foretold)
    chance = float(binom.cdf(inside, len(foretold), _LEVEL))
    said = (
        f"Of {len(foretold)} records a year ahead, {inside} fell within the {_LEVEL:.0%} interval, {below} below it "
        f"and {len(foretold) - inside - below} above; the typical miss is {miss:.2f} orders of magnitude."
    )
    if chance >= _LOW:
        return Verdict("wall_backtest", "forecasts of past records", Outcome.passed, chance, _LOW, said)
    more = (
        f" Intervals that hold {_LEVEL:.0%} would do as badly with probability {chance:.2g}: records move in jumps "
        f"that a start and a slope do not know of. Read dates as less certain by that, {miss / pace:.1f} years at the "
        "fitted growth."
    )
    return Verdict("wall_backtest", "forecasts of past records", Outcome.warn, chance, _LOW, said + more)
