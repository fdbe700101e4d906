"""A model of the data wall: inputs with their sources, a stock, and one or more accounts of demand.

Both sides are products. What is used of a text grows from an amount at a date, times inputs to some power, by trends:

    side(y) = series(y)^a · Π input_i^p_i · Π trend_j^(y − at)

so that log10 of a side is a straight line between the years in which a trend ends or a series has a value.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np

from nextflop.evidence.files import Json, digest
from nextflop.outlook.wall.distributions import Distribution, Fixed, half

GRADES: Mapping[str, str] = {
    "read": "read in the source or its code",
    "computed": "computed from the named data",
    "second-hand": "read in a public text about the source",
    "memory": "from memory, not checked",
    "assumed": "an assumption, not a measurement",
    "given": "given by the user",
}
"""How far an input may be believed: grade → what it means."""


@dataclass(frozen=True)
class Input:
    """A number that enters a model.

    Attributes:
        name: in the model.
        meaning: in words.
        unit: of its values.
        belief: what is known of it.
        source: where that comes from.
        date: when it was true or published, as a year with a fraction; `nan` where that has no meaning.
        grade: a key of `GRADES`.
        licence: of the figure, where it is not a fact free to be quoted.
        why: what is to be said about it; empty if nothing.
        asked: what the user must give, where the model has no value of its own; empty otherwise.
    """

    name: str
    meaning: str
    unit: str
    belief: Distribution
    source: str
    date: float
    grade: str
    licence: str = ""
    why: str = ""
    asked: str = ""

    def to_json(self) -> dict[str, Json]:
        """The input as JSON."""
        belief = {"shape": type(self.belief).__name__, **vars(self.belief)}
        return {**vars(self), "belief": {key: value for key, value in belief.items() if not key.startswith("_")}}


@dataclass(frozen=True)
class Series:
    """A projection by years: log10 with a median and an interval, split normal, one score for a whole path.

    Attributes:
        name, meaning, unit, source, date, grade: as of `Input`.
        years: increasing, shape (years,).
        median, low, high: log10, of the same shape.
        level: of the interval.
    """

    name: str
    meaning: str
    unit: str
    years: np.ndarray
    median: np.ndarray
    low: np.ndarray
    high: np.ndarray
    level: float
    source: str
    date: float
    grade: str

    def __call__(self, scores: np.ndarray) -> np.ndarray:
        """Log10 at the years, shape (draws, years): a path keeps its place in the interval."""
        reach = scores[:, None] / half(self.level)
        return self.median + np.where(reach > 0, reach * (self.high - self.median), reach * (self.median - self.low))

    def to_json(self) -> dict[str, Json]:
        """The series as JSON."""
        return dict(vars(self))


class Trend(NamedTuple):
    """A steady change: the input that gives its pace, whether in times or in orders of magnitude a year, its end."""

    input: str
    orders: bool
    until: float = np.inf


@dataclass(frozen=True)
class Side:
    """The stock, or one account of demand.

    Attributes:
        name: in the model.
        at: the year for which the factors hold.
        factors: input → the power with which it enters.
        trends: what changes from that year on, and before it likewise.
        series: the name of a series, and the power with which it enters; None without.
        weight: the share of draws that follow this account.
    """

    name: str
    at: float
    factors: Mapping[str, float]
    trends: tuple[Trend, ...] = ()
    series: tuple[str, float] | None = None
    weight: float = 1.0

    @property
    def uses(self) -> tuple[str, ...]:
        """The names of all inputs and of the series that enter."""
        return (*self.factors, *(trend.input for trend in self.trends), *((self.series[0],) if self.series else ()))

    def to_json(self) -> dict[str, Json]:
        """The side as JSON."""
        trends = [
            {"input": trend.input, "unit": "orders a year" if trend.orders else "times a year", "until": trend.until}
            for trend in self.trends
        ]
        return {**vars(self), "trends": trends}


class Record(NamedTuple):
    """The training set of a released model, to be drawn beside the paths: name, date, tokens, source, grade."""

    name: str
    date: float
    tokens: float
    source: str
    grade: str


@dataclass(frozen=True)
class Model:
    """When does the demand of the largest training runs pass the effective stock?

    Attributes:
        name: how it is called.
        title: what it is, in words.
        domain: of which text.
        runs: whose demand it is, in words.
        inputs: by name.
        series: by name.
        stock: the supply side.
        demands: the accounts of demand; each draw follows one of them.
        correlations: pairs of inputs → correlation of their scores.
        start, horizon: the years between which a first passage is looked for.
        largest: the input that holds the size of the largest run; empty if there is none.
        notes: what is to be said with every answer.
        records: released models.
    """

    name: str
    title: str
    domain: str
    inputs: Mapping[str, Input]
    series: Mapping[str, Series]
    stock: Side
    demands: tuple[Side, ...]
    correlations: Mapping[tuple[str, str], float] = field(default_factory=dict)
    start: float = 2024.0
    horizon: float = 2100.0
    largest: str = ""
    runs: str = "the largest runs"
    notes: tuple[str, ...] = ()
    records: tuple[Record, ...] = ()

    @property
    def uncertain(self) -> tuple[str, ...]:
        """The inputs and series that are not held to be known, in the order of the model."""
        return (*(name for name, one in self.inputs.items() if not isinstance(one.belief, Fixed)), *self.series)

    @property
    def doubtful(self) -> tuple[Input, ...]:
        """The inputs that were quoted from memory."""
        return tuple(one for one in self.inputs.values() if one.grade == "memory")

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all that decides the answer."""
        return digest(self.to_json())

    def to_json(self) -> dict[str, Json]:
        """The model as JSON."""
        return {
            "name": self.name,
            "title": self.title,
            "domain": self.domain,
            "runs": self.runs,
            "start": self.start,
            "horizon": self.horizon,
            "inputs": {name: one.to_json() for name, one in self.inputs.items()},
            "series": {name: one.to_json() for name, one in self.series.items()},
            "stock": self.stock.to_json(),
            "demands": [side.to_json() for side in self.demands],
            "correlations": [{"between": list(pair), "value": value} for pair, value in self.correlations.items()],
            "notes": list(self.notes),
            "records": [record._asdict() for record in self.records],
        }
