"""What an audit may ask of its tables, without a law: lines, parabolas, crossings, distances."""

import numpy as np

from nextflop.audits.answer import Answer
from nextflop.audits.questions import Known
from nextflop.audits.words import ANSWER, COUNT, NUMBER, POSITIVE, TABLE, TEXT, Word
from nextflop.errors import FitError, InputError
from nextflop.evidence.runs import Runs
from nextflop.judging.isoflop import isoflop

_LEVEL = 0.9
_DAYS = 365.25  # of a year


def _column(runs: Runs, name: str) -> np.ndarray:
    values = runs[name]
    if values.dtype.kind != "f":
        raise InputError(f"The column {name!r} holds text where numbers are needed: name another.")
    return values


def _slope(known: Known, table: str, x: str, y: str) -> Answer:
    """The slope of a straight line by least squares, with Student's interval."""
    from scipy.stats import t

    runs = known.tables[table]
    across, up = _column(runs, x), _column(runs, y)
    if len(runs) < 3 or np.ptp(across) == 0:
        raise FitError(f"{len(runs)} rows do not determine a line of {y} on {x} and its scatter: give three or more.")
    centred = across - across.mean()
    spread = float(centred @ centred)
    value = float(centred @ up) / spread
    rest = up - up.mean() - value * centred
    reach = float(t.ppf((1 + _LEVEL) / 2, len(runs) - 2) * np.sqrt(rest @ rest / (len(runs) - 2) / spread))
    return Answer(value, value - reach, value + reach)


def _days_to_double(known: Known, table: str, year: str, doublings: str) -> Answer:
    """Days in which a quantity doubles, by a straight line of its binary logarithm on the year."""
    line = _slope(known, table, year, doublings)
    if line.low > 0:
        return Answer(*(_DAYS / end for end in (line.value, line.high, line.low)))
    # Growth that may be nought or less doubles never, as far as the data can tell.
    value = _DAYS / line.value if line.value > 0 else np.nan
    return Answer(value, _DAYS / line.high if line.high > 0 else np.nan, np.inf)


def _isoflop_exponent(known: Known, table: str, draws: int = 200) -> Answer:
    """The exponent of the best size in compute, by a parabola a budget and a line through their minima."""
    return Answer(*isoflop(known.tables[table], draws=draws, level=_LEVEL).exponent)


def _isoflop_tokens(known: Known, table: str, budget: float) -> Answer:
    """The tokens that the line through the minima of the parabolas recommends at a budget."""
    found = isoflop(known.tables[table], draws=0)
    slope, height = np.polyfit(np.log(found.budgets), np.log(found.params), 1)
    return Answer(float(budget / 6 / np.exp(height + slope * np.log(budget))))


def _isoflop_params(known: Known, table: str, budget: float) -> Answer:
    """The parameters that the line through the minima of the parabolas recommends at a budget."""
    return Answer(budget / 6 / _isoflop_tokens(known, table, budget).value)


def _crossing(known: Known, table: str, x: str, first: str, second: str, rounding: float) -> Answer:
    """Where the first of two columns overtakes the second, on a line in log x between the rows around it.

    The interval is what the rounding of the printed values leaves open; where they never cross the answer is infinite.

    Args:
        known: what was found so far.
        table: rows in which x rises.
        x, first, second: columns.
        rounding: half the last printed digit.
    """
    runs = known.tables[table]
    place, gap = np.log(_column(runs, x)), _column(runs, first) - _column(runs, second)
    if (np.diff(place) <= 0).any():
        raise InputError(f"{x} does not rise from row to row: sort the rows of {table}.")

    def where(ahead: np.ndarray) -> float:
        over = np.flatnonzero(ahead > 0)
        if not over.size:
            return np.inf
        at = int(over[0])
        if at == 0:
            return float(np.exp(place[0]))
        share = -ahead[at - 1] / (ahead[at] - ahead[at - 1])
        return float(np.exp(place[at - 1] + share * (place[at] - place[at - 1])))

    return Answer(where(gap), where(gap + 2 * rounding), where(gap - 2 * rounding))


def _change(known: Known, table: str, x: str, column: str, start: float, end: float) -> Answer:
    """What a column gains between two rows, named by their x."""
    runs = known.tables[table]
    place, values = _column(runs, x), _column(runs, column)
    ends = []
    for wanted in (end, start):
        rows = np.flatnonzero(place == wanted)
        if not rows.size:
            raise InputError(f"No row of {table} has {x} = {wanted:g}: name one of the rows.")
        ends.append(float(values[rows[0]]))
    return Answer(ends[0] - ends[1])


def _largest(known: Known, table: str, column: str) -> Answer:
    return Answer(float(_column(known.tables[table], column).max()))


def _lowest_at(known: Known, table: str, x: str, column: str) -> Answer:
    """The x of the row with the lowest value of a column; of equal ones the first."""
    runs = known.tables[table]
    return Answer(float(_column(runs, x)[np.argmin(_column(runs, column))]))


def _again(known: Known, answer: str) -> Answer:
    """An earlier answer, of which something else is expected."""
    return known.answers[answer]


def _times(known: Known, answer: str, over: float) -> Answer:
    """An earlier answer over a number: how many times beyond."""
    return Answer(*(end / over for end in known.answers[answer]))


def _ratio(known: Known, answer: str, over: str) -> Answer:
    """An earlier answer over another, with the interval at which both ends are at their farthest."""
    top, bottom = known.answers[answer], known.answers[over]
    if not bottom.value > 0:
        raise FitError(f"The answer to {over!r} is {bottom.value:g}, and nothing can be divided by it.")
    return Answer(
        top.value / bottom.value,
        top.low / bottom.high if bottom.high > 0 else np.nan,
        top.high / bottom.low if bottom.low > 0 else np.nan,
    )


def _number(known: Known, value: float) -> Answer:
    """A number that a paper states, such as the farthest point of its data."""
    return Answer(value)


OF_TABLES: dict[str, Word] = {
    "slope": Word(_slope, {"table": TABLE, "x": TEXT, "y": TEXT}),
    "days-to-double": Word(_days_to_double, {"table": TABLE, "year": TEXT, "doublings": TEXT}),
    "isoflop-exponent": Word(_isoflop_exponent, {"table": TABLE, "draws": COUNT}, frozenset({"draws"})),
    "isoflop-tokens": Word(_isoflop_tokens, {"table": TABLE, "budget": POSITIVE}),
    "isoflop-params": Word(_isoflop_params, {"table": TABLE, "budget": POSITIVE}),
    "crossing": Word(_crossing, {"table": TABLE, "x": TEXT, "first": TEXT, "second": TEXT, "rounding": NUMBER}),
    "change": Word(_change, {"table": TABLE, "x": TEXT, "column": TEXT, "start": NUMBER, "end": NUMBER}),
    "largest": Word(_largest, {"table": TABLE, "column": TEXT}),
    "lowest-at": Word(_lowest_at, {"table": TABLE, "x": TEXT, "column": TEXT}),
    "again": Word(_again, {"answer": ANSWER}),
    "times": Word(_times, {"answer": ANSWER, "over": POSITIVE}),
    "ratio": Word(_ratio, {"answer": ANSWER, "over": ANSWER}),
    "number": Word(_number, {"value": NUMBER}),
}
