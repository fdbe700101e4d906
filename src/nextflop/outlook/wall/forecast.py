"""When does the demand of the largest training runs pass the effective stock of text?"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from nextflop.errors import InputError
from nextflop.evidence.files import Json
from nextflop.outlook.wall.after import after
from nextflop.outlook.wall.draw import Sides, accounts, scores, sides
from nextflop.outlook.wall.drivers import Driver, drivers
from nextflop.outlook.wall.load import Setting, load
from nextflop.outlook.wall.model import Model, Record
from nextflop.outlook.wall.passage import Passage, passage
from nextflop.outlook.wall.paths import first_passage

DRAWS = 100_000
LEVEL = 0.8
SHARES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
"""Quantiles of the paths that are kept for drawing."""

_FEWEST = 100
_PATHS = 10_000  # draws behind the quantiles of the paths
_BEYOND = 1.5  # years for which the paths are shown after most have passed
_LONGEST = 25.0  # years that are shown at most
_SHOWN = 81  # years at which the paths are shown
_SINGLE = 40  # whole paths that are kept for drawing


class Fan(NamedTuple):
    """What the paths look like.

    Attributes:
        years: shape (years,).
        demand, stock: tokens, quantiles at `SHARES`, shape (shares, years).
        single_demand, single_stock: some whole paths of the same draws, shape (paths, years).
    """

    years: np.ndarray
    demand: np.ndarray
    stock: np.ndarray
    single_demand: np.ndarray
    single_stock: np.ndarray


class Placed(NamedTuple):
    """A released model against the demand that was foretold for its date: the share of paths below it."""

    record: Record
    account: str
    share: float


@dataclass(frozen=True)
class Wall:
    """A forecast over a date: when demand first passes the effective stock.

    Attributes:
        model: what was asked, with all assumptions.
        passage: the dates.
        accounts: by name, the dates of the draws that follow one account of demand; the whole where there is one.
        tokens: 5%, 50% and 95% of what the run that passes would read, of the draws that pass after the start.
        fan: the paths for drawing.
        drivers: what moves the date, the greatest first.
        placed: models released after the start, against what was foretold of them.
        level: of the intervals.
        draws, seed: of the simulation.
    """

    model: Model
    passage: Passage
    accounts: Mapping[str, Passage]
    tokens: tuple[float, float, float]
    fan: Fan
    drivers: tuple[Driver, ...]
    placed: tuple[Placed, ...]
    level: float
    draws: int
    seed: int

    @property
    def median(self) -> float:
        """The date before which half of the draws pass; the start means then or before, infinity after the horizon."""
        return self.passage.median

    @property
    def interval(self) -> tuple[float, float]:
        """The ends of the central interval of the date."""
        return self.passage.interval(self.level)

    def before(self, year: float | int) -> float:
        """The probability that demand passes the stock before a date.

        Raises:
            InputError: if the date is not between the start and the horizon of the model.
        """
        return self.passage.before(year).value

    def to_json(self) -> dict[str, Json]:
        """The forecast as JSON, with the model, its sources and its digest; the paths as quantiles."""
        years = np.arange(np.floor(self.model.start) + 1, np.floor(self.model.start) + 16)
        years = years[years <= self.model.horizon]
        fan = {"years": self.fan.years, "shares": list(SHARES), "demand": self.fan.demand, "stock": self.fan.stock}
        return {
            "model": self.model.name,
            "title": self.model.title,
            "domain": self.model.domain,
            **self.passage.to_json(self.level),
            "before": {f"{year:g}": self.before(float(year)) for year in years},
            "accounts": {name: one.to_json(self.level) for name, one in self.accounts.items()},
            "tokens": dict(zip(("low", "median", "high"), self.tokens, strict=True)),
            "drivers": [driver._asdict() for driver in self.drivers],
            "after": [one.to_json() for one in after()],
            "records": [
                {"name": one.record.name, "account": one.account, "share_below": one.share} for one in self.placed
            ],
            "notes": list(self.model.notes),
            "from_memory": [one.name for one in self.model.doubtful],
            "assumptions": self.model.to_json(),
            "digest": self.model.digest,
            "draws": self.draws,
            "seed": self.seed,
            "paths": fan,
        }


def wall(
    model: str | Path | Model = "restart-2025",
    settings: Mapping[str, Setting] | None = None,
    *,
    start: str | None = None,
    correlations: Mapping[tuple[str, str], float | int] | None = None,
    draws: int = DRAWS,
    seed: int = 0,
    level: float | int = LEVEL,
) -> Wall:
    """Foretells when the demand of the largest training runs passes the effective stock.

    Every draw is a whole path of demand and a whole path of the stock; its date is the first crossing of the two, in
    continuous time.

    Args:
        model: the name of a model that comes with the package, the path of a TOML file, or a loaded model.
        settings: input → what is believed of it instead: a number, two ends, or text such as `0.1..0.4@90%`.
        start: the size of the largest run and when it was released, such as `36T@2025.33` or `24T..45T@2025-05`.
        correlations: pairs of inputs → correlation of their scores.
        draws: paths.
        seed: of the draws; models that share an input share its draws.
        level: of the intervals.

    Raises:
        InputError: if the model or what replaces its inputs cannot be used.
        StoreError: if a file cannot be read.

    Example:
        >>> import nextflop as nf
        >>> found = nf.wall("restart-2025", {"repetition": 1}, draws=10_000)
        >>> round(found.median), round(found.before(2028), 1)
        (2027, 0.9)
    """
    if draws < _FEWEST:
        raise InputError(f"draws = {draws}: give {_FEWEST} or more.")
    if not 0 < level < 1:
        raise InputError(f"level = {level}: give a level between 0 and 1, such as 0.8.")
    if seed < 0:
        raise InputError(f"seed = {seed}: give 0 or more.")
    if isinstance(model, Model):
        if settings or start or correlations:
            raise InputError("A loaded model is taken as it is: give settings where it is loaded.")
        asked = model
    else:
        asked = load(model, settings, start, correlations)
    drawn = scores(asked, draws, seed)
    account = accounts(asked, draws, seed)
    found = sides(asked, drawn, account)
    dates = first_passage(found.demand, found.stock)
    whole = passage(dates, asked.start, asked.horizon)
    return Wall(
        model=asked,
        passage=whole,
        accounts={
            side.name: passage(dates[account == index], asked.start, asked.horizon)
            for index, side in enumerate(asked.demands)
        },
        tokens=_tokens(found, dates, asked.start),
        fan=_fan(asked, found, whole),
        drivers=drivers(asked, drawn, account, level),
        placed=tuple(_placed(asked, found)),
        level=level,
        draws=draws,
        seed=seed,
    )


def _tokens(found: Sides, dates: np.ndarray, start: float) -> tuple[float, float, float]:
    later = np.where(dates > start, dates, np.inf)
    reached = found.demand.on(later)
    reached = reached[np.isfinite(reached)]
    if not len(reached):
        return np.nan, np.nan, np.nan
    low, middle, high = 10 ** np.quantile(reached, (0.05, 0.5, 0.95))
    return float(low), float(middle), float(high)


def _fan(model: Model, found: Sides, whole: Passage) -> Fan:
    late = whole.quantile(0.9)
    last = min(model.horizon, model.start + _LONGEST, (late if np.isfinite(late) else model.horizon) + _BEYOND)
    years = np.linspace(model.start, max(last, model.start + 3.0), _SHOWN)
    parts = []
    for paths in (found.demand, found.stock):
        some = paths._replace(values=paths.values[:_PATHS]).at(years)
        parts.append((10 ** np.quantile(some, SHARES, axis=0), 10 ** some[:_SINGLE]))
    (demand, single_demand), (stock, single_stock) = parts
    return Fan(years, demand, stock, single_demand, single_stock)


def _placed(model: Model, found: Sides) -> list[Placed]:
    placed = []
    for record in model.records:
        if not model.start < record.date <= model.horizon:
            continue
        told = found.demand.at(np.array([record.date]))[:, 0]
        for index, side in enumerate(model.demands):
            share = float((told[found.account == index] < np.log10(record.tokens)).mean())
            placed.append(Placed(record, side.name, share))
    return placed
