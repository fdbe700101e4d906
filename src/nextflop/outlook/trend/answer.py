"""The answer about a series: paces, whether it slowed under every reading, what is foretold, and what is said of it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from nextflop.evidence.dates import show_date
from nextflop.evidence.files import Json
from nextflop.judging.verdict import Outcome, Verdict
from nextflop.outlook.trend.change import Change
from nextflop.outlook.trend.frontier import Quarter
from nextflop.outlook.trend.project import Ahead, Reached
from nextflop.outlook.trend.readings import CENSORED, Read
from nextflop.outlook.trend.series import Series
from nextflop.outlook.trend.sought import Sought
from nextflop.outlook.trend.windows import Window
from nextflop.outlook.trend.words import doublings, unscaled


@dataclass(frozen=True, eq=False)
class Trend:
    """A series against time.

    Paces are steps on the scale a year, in the direction of progress.

    Attributes:
        series: what was read.
        start, since, until: where the trend begins, from where on slowing is asked about, and until when the series
            was watched; decimal years.
        rows: places of the frontier rows in the series, from the start on.
        used: the points that the answer rests on.
        windows: paces, the first from start to the end.
        readings: name → the pace before and after `since`, with what was not disclosed read in that way.
        sought: a change of pace anywhere.
        quarters: disclosure by quarter, of groups at the frontier.
        silent: rows of such groups without a value, from the start on.
        rivals: which rows of the series are of groups at the frontier.
        band: the line at dates from the start on.
        projections: the line and a single point at the dates asked for.
        reached: when the line reaches the levels asked for.
        level, alarm, power, draws, seed: as given.
        verdicts: `slowdown`, `break`, `dependence`, `disclosure`, `ceiling`, where they apply.
    """

    series: Series
    start: float
    since: float
    until: float
    rows: np.ndarray
    used: Read
    windows: tuple[Window, ...]
    readings: Mapping[str, Change | None]
    sought: Sought | None
    quarters: tuple[Quarter, ...]
    silent: int
    rivals: np.ndarray
    band: tuple[Ahead, ...]
    projections: tuple[Ahead, ...]
    reached: tuple[Reached, ...]
    level: float
    alarm: float
    power: float
    draws: int
    seed: int
    verdicts: tuple[Verdict, ...]

    @property
    def change(self) -> Change | None:
        """The pace before and after `since`, missing rows read as unknown."""
        return self.readings[CENSORED]

    @property
    def slowing(self) -> bool:
        """Whether slowing is seen."""
        return self.verdicts[0].outcome is Outcome.fail

    def value(self, there: Ahead) -> dict[str, Json]:
        """A place of the line as values, in the unit of the series."""
        line, point = (unscaled(self.series.scale, self.series.sign, part) for part in (there.line, there.point))
        return {"date": show_date(there.date), "line": line, "point": point, "beyond": there.beyond}

    def to_json(self) -> dict[str, Json]:
        """The whole as JSON; dates are ISO, but for those that may never come, which are decimal years or null."""
        series, scale = self.series, self.series.scale
        points = self.used.points
        log = scale.name == "log"
        return {
            "slowing": self.slowing,
            "series": {
                **{name: getattr(series, name) for name in ("name", "title", "unit", "meaning", "falls")},
                "scale": scale._asdict(),
                "rule": str(series.rule),
                "source": series.source,
                "version": series.version,
                "notes": series.notes,
                "rows": len(series),
                "values": int(series.known.sum()),
            },
            "start": show_date(self.start),
            "since": show_date(self.since),
            "until": show_date(self.until),
            "points": [
                {
                    "date": show_date(float(date)),
                    "low": float(scale.back(series.sign * low)),
                    "high": float(scale.back(series.sign * high)),
                    "name": None if row < 0 or series.labels is None else str(series.labels[row]),
                }
                for date, low, high, row in zip(points.dates, points.low, points.high, self.used.rows, strict=True)
            ],
            "windows": [
                {
                    **one.to_json(),
                    "start": show_date(one.start),
                    "end": show_date(one.end),
                    **({"doubling_days": _doublings(series, one)} if log else {}),
                }
                for one in self.windows
            ],
            "readings": {name: None if one is None else one.to_json() for name, one in self.readings.items()},
            "break": None if self.sought is None else self.sought.to_json(),
            "disclosure": [one._asdict() for one in self.quarters],
            "silent": self.silent,
            "projections": [_named(self.value(one)) for one in self.projections],
            "reached": [{**one.to_json(), "level": float(scale.back(series.sign * one.level))} for one in self.reached],
            "settings": {name: getattr(self, name) for name in ("level", "alarm", "power", "draws", "seed")},
            "verdicts": [verdict.to_json() for verdict in self.verdicts],
        }


def _doublings(series: Series, one: Window) -> dict[str, Json]:
    signed = {name: getattr(one, name) for name in ("pace", "plain", "robust")}
    if series.falls:
        signed = {name: type(pace)(-pace.value, -pace.high, -pace.low) for name, pace in signed.items()}
    return {name: doublings(pace)._asdict() for name, pace in signed.items()}


def _named(value: dict[str, Json]) -> dict[str, Json]:
    return {**value, "line": value["line"]._asdict(), "point": value["point"]._asdict()}
