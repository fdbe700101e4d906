"""What a forecast of the data wall says, in words: for the page and for the terminal."""

from collections.abc import Sequence

import numpy as np

from nextflop.evidence.dates import show_date
from nextflop.fitting.fit import Interval
from nextflop.outlook.wall.after import after
from nextflop.outlook.wall.claims import Claim
from nextflop.outlook.wall.drivers import Driver
from nextflop.outlook.wall.forecast import Wall
from nextflop.outlook.wall.model import Input, Series, Side
from nextflop.outlook.wall.passage import Passage
from nextflop.outlook.wall.reproduction import Row
from nextflop.quantities import listed, show


def when(date: float, found: Passage) -> str:
    """A date of a passage: a year with a tenth, or on which side of the paths it lies."""
    if date <= found.start:
        return f"by {found.start:.1f}"
    return f"after {found.horizon:.0f}" if np.isinf(date) else f"{date:.1f}"


def span(found: Passage, level: float) -> str:
    """The ends of an interval of the date."""
    low, high = found.interval(level)
    return f"{when(low, found)} to {when(high, found)}"


def chance(value: float) -> str:
    """A probability in per cent; what rounds to none or all is said to be less or more than the last per cent."""
    if np.isnan(value):
        return "-"
    if 0 < value < 0.005:
        return "<1%"
    return ">99%" if 0.995 <= value < 1 else f"{value:.0%}"


def headline(found: Wall) -> str:
    """The answer in one sentence."""
    date, model = found.median, found.model
    runs = f"{model.runs[:1].upper()}{model.runs[1:]}"
    if date <= model.start:
        return f"{runs} had outgrown {model.domain} by {model.start:.1f}"
    if np.isinf(date):
        return f"{runs} do not outgrow {model.domain} by {model.horizon:.0f}"
    return f"{runs} outgrow {model.domain} in {date:.1f}"


def sentence(found: Wall) -> str:
    """The answer with its interval and what it rests on."""
    whole, level = found.passage, found.level
    low, high = whole.interval(level)
    if np.isinf(found.median):
        said = f"in {chance(whole.never)} of paths demand stays below the stock until {found.model.horizon:.0f}"
    elif low <= whole.start:
        said = f"{(1 + level) / 2:.0%} of paths cross by {when(high, whole).removeprefix('by ')}"
    else:
        said = f"{level:.0%} of paths cross between {when(low, whole)} and {when(high, whole)}"
    tail = ""
    if found.passage.passed > 0.005:
        tail = f"; {chance(found.passage.passed)} had crossed before the model begins"
    return f"Under {found.model.name}, {said}{tail}."


def claimed(walls: Sequence[Wall], year: float | int) -> str:
    """What a claim "before a year" is worth under each model."""
    told = []
    for found in walls:
        if found.model.start < year <= found.model.horizon:
            told.append(f"{chance(found.before(year))} under {found.model.name}")
    if not told:
        return f"No model shown says anything of a date before {year:g}."
    return f"That the wall comes before {year:g} has a probability of {listed(told)}."


def doubts(walls: Sequence[Wall]) -> list[str]:
    """What is to be said of the models with every answer."""
    said = []
    for found in walls:
        memory = found.model.doubtful
        if memory:
            listed = ", ".join(one.name for one in memory)
            said.append(f"{found.model.name}: {listed} {'is' if len(memory) == 1 else 'are'} quoted from memory.")
        said += [f"{found.model.name}: {note}" for note in found.model.notes if note not in "".join(said)]
    return said


def held(driver: Driver) -> tuple[str, str]:
    """The two values at which an input was held."""
    if driver.low_says:
        return driver.low_says, driver.high_says
    return show(driver.low), show(driver.high)


def tokens(amount: float) -> str:
    """An amount of tokens; beyond a thousand trillion still in trillions, as the stock is written everywhere."""
    if np.isnan(amount):
        return "-"
    if amount < 1e15:
        return show(amount)
    return f"{float(f'{amount / 1e12:.3g}'):,.0f}T"


def years(swing: float) -> str:
    """Years between two dates, one of which may lie beyond the model."""
    return "∞" if np.isinf(swing) else f"{swing:.1f}"


def beyond() -> str:
    """What larger models are still worth on the same text, in one sentence."""
    told = [f"{np.log10(one.end):.1f} ({one.exponents.name})" for one in after()]
    return (
        "Beyond the wall, larger models on the same text are worth at most as much as "
        f"{' or '.join(told)} orders of magnitude of compute."
    )


def reproduced(row: Row) -> tuple[str, str, str]:
    """A row of the reproduction: published, found, whether they agree."""
    agrees = {True: "yes", False: "no", None: "not published"}[row.agrees]
    return _spelled(row.published, row.unit, 0), _spelled(row.found, row.unit, 1), agrees


def _spelled(value: Interval, unit: str, digits: int) -> str:
    """A median with its interval; years of a publication are whole."""
    spell = {
        "year": lambda number: f"{number:.{digits}f}",
        "orders a year": lambda number: f"{number:.{digits + 2}f}",
        "tokens": tokens,
        "FLOP": lambda number: show(number, "FLOP", 2).removesuffix(" FLOP"),
    }[unit]
    if np.isnan(value.value):
        return "-"
    middle = spell(value.value)
    return middle if np.isnan(value.low) else f"{middle} [{spell(value.low)}, {spell(value.high)}]"


def under(claim: Claim, found: Wall) -> str:
    """The probability of a claim under a model."""
    return chance(claim.under(found.model, found.passage))


def made(side: Side) -> str:
    """How one side of a model is made of its inputs, in one line."""
    times = [_power(name, power) for name, power in side.factors.items() if power > 0]
    over = [_power(name, -power) for name, power in side.factors.items() if power < 0]
    if side.series:
        times.insert(0, _power(*side.series))
    level = f"{' · '.join(times) or '1'}{' / ' if over else ''}{' / '.join(over)}"
    trends = [
        f"10^{trend.input}" if trend.orders else trend.input for trend in side.trends if np.isinf(trend.until)
    ] + [
        f"{'10^' if trend.orders else ''}{trend.input} until {trend.until:g}"
        for trend in side.trends
        if np.isfinite(trend.until)
    ]
    return f"{level}, of {side.at:g}{'; times a year: ' if trends else ''}{', '.join(trends)}"


def _power(name: str, power: float) -> str:
    return name if power == 1 else f"√{name}" if power == 0.5 else f"{name}^{power:g}"


def known(one: Input | Series) -> str:
    """How an input is known, of when, and from where."""
    day = "" if np.isnan(one.date) else f", {dated(one.date)}"
    return f"{one.grade}{day}: {one.source}"


def dated(year: float) -> str:
    """A year and a month."""
    return show_date(year)[:7]
