"""What of the published model can be derived again from its own inputs, and what cannot.

Nothing is tuned: where an input is lost or the code has a defect, the figure differs, and the row says by how much.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from scipy.stats import lognorm

from nextflop.errors import StoreError
from nextflop.evidence.files import Json
from nextflop.fitting.fit import Interval
from nextflop.outlook.wall.distributions import Remainder, half
from nextflop.outlook.wall.draw import accounts, dates, scores, sides
from nextflop.outlook.wall.growth import history
from nextflop.outlook.wall.load import load
from nextflop.outlook.wall.model import Model
from nextflop.outlook.wall.passage import Passage, passage

_TEXT = "arXiv:2211.04325v2"
_NONE = Interval(np.nan, np.nan, np.nan)
_AMOUNT = 0.1  # published amounts are rounded to two digits
_ORDERS = 0.02
_GRID = np.linspace(2024, 2048, 100)  # the years of the published code
_LEFT_OUT = ("quality", "repetition")


class Row(NamedTuple):
    """One figure, as published and as derived again.

    Attributes:
        quantity: what it is.
        unit: "tokens", "FLOP", "orders a year" or "year".
        published, found: medians with intervals; `nan` where nothing is published, or an end is not.
        level: of the intervals.
        agrees: whether the medians do, a year meaning any time in it; None where nothing is published.
        source: where the published figure stands.
        remark: why the two differ, if they do.
    """

    quantity: str
    unit: str
    published: Interval
    found: Interval
    level: float
    agrees: bool | None
    source: str
    remark: str = ""

    def to_json(self) -> dict[str, Json]:
        """The row as JSON."""
        return {**self._asdict(), "published": self.published._asdict(), "found": self.found._asdict()}


class Reproduction(NamedTuple):
    """All rows, and sentences on what is wrong or undecided in the published code."""

    rows: tuple[Row, ...]
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Json]:
        """All of it as JSON."""
        return {"rows": [row.to_json() for row in self.rows], "notes": list(self.notes)}


def reproduce(draws: int = 100_000, seed: int = 0) -> Reproduction:
    """Derives the figures of Villalobos et al. (2024) again from the inputs of their paper and code."""
    model = load("published")
    whole, alone = _dated(model, draws, seed)
    five, hundred = (_dated(load(f"published-{times}x"), draws, seed)[0] for times in (5, 100))
    tokens = _tokens(model, draws, seed)
    lost = "compute draws lost, see below"
    rows = (
        _row("Text of the indexed web", "tokens", (510e12, 130e12, 2100e12), _raw(model, draws, seed), 0.95, "table 1"),
        _row("Effective stock", "tokens", (300e12, 100e12, 1000e12), _stock(model, draws, seed), 0.9, "summary page"),
        _row("Growth of training sets", "orders a year", (0.38, 0.27, 0.48), _growth(model), 0.95, "section 2.4"),
        _row("Date, history of training sets alone", "year", None, _span(alone["history"]), 0.8, ""),
        _row("Date, projection of compute alone", "year", None, _span(alone["compute"]), 0.8, "", lost),
        _row("Date, both in equal parts", "year", (2028.0, 2026.0, 2032.0), _span(whole), 0.8, "section 2.5", lost),
        _row("Tokens of the run that passes", "tokens", (4e14, np.nan, np.nan), tokens, 0.9, "figure 1", "as the date"),
        _row(
            "Compute of that run",
            "FLOP",
            (5e28, np.nan, np.nan),
            Interval(*(0.3 * np.array(tokens) ** 2).tolist()),
            0.9,
            "section 2.5",
            "6 D² / 20; it goes with the square of the tokens",
        ),
        _row("Date, overtrained 5 times", "year", (2027.0, np.nan, np.nan), _span(five), 0.8, "summary page", lost),
        _row(
            "Date, overtrained 100 times", "year", (2025.0, np.nan, np.nan), _span(hundred), 0.8, "summary page", lost
        ),
    )
    return Reproduction(rows, _notes(model, whole, draws, seed))


def _row(
    quantity: str,
    unit: str,
    published: tuple[float, float, float] | None,
    found: Interval,
    level: float,
    place: str,
    remark: str = "",
) -> Row:
    if published is None:
        return Row(quantity, unit, _NONE, found, level, None, "not published", remark)
    said = Interval(*map(float, published))
    if unit == "year":
        agrees = said.value <= found.value < said.value + 1
    elif unit == "orders a year":
        agrees = abs(found.value - said.value) <= _ORDERS
    else:
        agrees = abs(found.value / said.value - 1) <= _AMOUNT
    return Row(quantity, unit, said, found, level, bool(agrees), f"{_TEXT}, {place}", "" if agrees else remark)


def _dated(model: Model, draws: int, seed: int) -> tuple[Passage, Mapping[str, Passage]]:
    account = accounts(model, draws, seed)
    found = dates(model, scores(model, draws, seed), account)
    alone = {
        side.name: passage(found[account == index], model.start, model.horizon)
        for index, side in enumerate(model.demands)
    }
    return passage(found, model.start, model.horizon), alone


def _span(found: Passage) -> Interval:
    return Interval(found.median, *found.interval(0.8))


def _quantiles(log10: np.ndarray, level: float) -> Interval:
    low, middle, high = 10 ** np.quantile(log10, ((1 - level) / 2, 0.5, (1 + level) / 2))
    return Interval(float(middle), float(low), float(high))


def _raw(model: Model, draws: int, seed: int) -> Interval:
    """The stock at the start without the cut for quality and without repetition."""
    drawn = scores(model, draws, seed)
    parts = [
        power * np.log10(model.inputs[name].belief(drawn[name]))
        for name, power in model.stock.factors.items()
        if name not in _LEFT_OUT
    ]
    return _quantiles(np.sum(parts, axis=0), 0.95)


def _stock(model: Model, draws: int, seed: int) -> Interval:
    found = sides(model, scores(model, draws, seed), accounts(model, draws, seed))
    return _quantiles(found.stock.at(np.array([model.start]))[:, 0], 0.9)


def _growth(model: Model) -> Interval:
    """Fitted to the data where they are on this machine, and else as the model holds it."""
    try:
        return history().orders
    except StoreError:
        middle, low, high = model.inputs["growth"].belief(np.array([0.0, -half(0.95), half(0.95)])).tolist()
        return Interval(middle, low, high)


def _tokens(model: Model, draws: int, seed: int) -> Interval:
    account = accounts(model, draws, seed)
    drawn = scores(model, draws, seed)
    reached = sides(model, drawn, account).demand.on(dates(model, drawn, account))
    return _quantiles(reached[np.isfinite(reached)], 0.9)


def _notes(model: Model, whole: Passage, draws: int, seed: int) -> tuple[str, ...]:
    left = _GRID[np.searchsorted(_GRID, whole.quantile(0.5), side="right") - 1]
    token = model.inputs["bytes_per_token"].belief
    assert isinstance(token, Remainder)
    spread = np.log(token.high / token.low) / 2 / half(token.level)
    negative = float(lognorm.sf(token.whole, spread, scale=np.sqrt(token.low * token.high)))
    other = _dated(load("published", {"pages": (100e9, 1200e9)}), draws, seed)[0]
    pace = model.inputs["growth"].belief(np.zeros(1))[0]
    return (
        "The published compute draws (data/compute_projection.csv) are absent from the public snapshot of the code. "
        "The 2022 table of the same authors stands in for them here, and nothing was tuned to meet the published year.",
        f"The published code reads years off the left edge of a grid of {len(_GRID)} points: the median of "
        f"{whole.median:.2f} would be read as {left:.2f}, up to {np.diff(_GRID)[0]:.2f} years early. The mark at "
        "2028 in its figure stands at 2028.9.",
        "It draws stock and demand anew for every year, so that no path exists and a first passage is not defined. "
        "Here every draw is a whole path.",
        f"Its bytes in a token are 6 less a log-normal number, which is negative in {negative:.2%} of draws. Here it "
        "is drawn above 0.",
        "It turns words into tokens with 4/5, where dividing by 0.75 is right. The growth does not change by it; a "
        f"size taken from that table would be {1 / 0.75 / 0.8:.2f} times too small, and the date "
        f"{np.log10(1 / 0.75 / 0.8) / pace:.1f} years too late.",
        "The paper's appendix has 100B to 1200B pages, its code 75B to 1000B: with the paper's, the median is "
        f"{other.median:.1f} instead of {whole.median:.1f}.",
    )
