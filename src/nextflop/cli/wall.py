"""`nextflop wall`: when does the demand of the largest training runs pass the stock of text?"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from nextflop.cli.output import print_json, print_line, progress
from nextflop.errors import InputError, unknown
from nextflop.quantities import parse

if TYPE_CHECKING:
    from nextflop.outlook.wall.backtest import WallBacktest
    from nextflop.outlook.wall.forecast import Wall
    from nextflop.outlook.wall.passage import Chance
    from nextflop.outlook.wall.reproduction import Reproduction

_Flag = Annotated[bool, Parameter(negative="", show_default=False)]
_Texts = Annotated[tuple[str, ...], Parameter(negative="", show_default=False)]

_SHOWN = ("restart-2025", "restart-2025-once", "published")
"""The models that are set side by side where none is named."""


def wall(
    *models: str,
    before: str | None = None,
    probability: float = 0.5,
    set: Annotated[tuple[str, ...], Parameter(name="--set", negative="", show_default=False)] = (),
    start: str | None = None,
    correlate: _Texts = (),
    draws: int = 100_000,
    seed: int = 0,
    level: float = 0.8,
    reproduce: _Flag = False,
    backtest: _Flag = False,
    online: _Flag = False,
    page: Path | None = None,
    list: Annotated[bool, Parameter(name="--list", negative="", show_default=False)] = False,
    json: _Flag = False,
) -> int:
    """Foretell when the demand of the largest training runs passes the effective stock of text.

    With --before, exit status 1 if under some model shown the wall does not come before that date with the probability
    that is asked for.

    Args:
        models: names of bundled models or paths of TOML files, the first of which is shown in full; by default
            restart-2025, restart-2025-once and published.
        before: a date such as 2028; says how likely the wall comes before it, and decides the exit status.
        probability: with --before, how likely it must be under every model shown.
        set: an input and what is believed of it instead, such as quality=0.1..0.4, quality=0.1..0.4@90% or
            repetition=1; for every model shown that has it.
        start: the size of the largest run and when it was released, such as 36T@2025.33 or 24T..45T@2025-05.
        correlate: two inputs and the correlation of their scores, such as quality:repetition=-0.5.
        draws: whole paths of demand and stock.
        seed: of the draws.
        level: of the intervals.
        reproduce: also derive the figures of the published model again, and say which do not follow.
        backtest: also fit the growth of training sets to public tables, foretell past records, and show the supply.
        online: with --backtest, download tables that are not on this machine.
        page: also write a page there, as one self-contained HTML file.
        list: list the bundled models and end.
        json: print JSON.
    """
    from nextflop.evidence.dates import parse_date

    if list:
        return _list(json)
    year = None if before is None else parse_date(before, "before")
    if not 0 < probability < 1:
        raise InputError(f"--probability {probability} cannot be used: give a number between 0 and 1, such as 0.5.")
    shown = models or _SHOWN
    found = _walls(shown, set, start, _correlations(correlate), draws, seed, level)
    answers = [] if year is None else [one.passage.before(year) for one in found]
    derived = _derived(draws, seed) if reproduce else None
    tables = _tables(online) if backtest else None
    if page is not None:
        from nextflop.report.wall_page import write_wall_report

        again = _again(shown, before, set, start, correlate, draws, seed, level, page)
        shown_too = derived or (_derived(draws, seed) if _of_the_web(found) else None)
        write_wall_report(page, found, year, shown_too, tables or _tables_if_here(), again)
    if json:
        print_json(_json(found, year, probability, answers, derived, tables, page))
    else:
        from nextflop.cli.wall_text import show

        show(found, year, derived, tables)
        if page is not None:
            print_line(f"Page: {page}")
    return 1 if any(answer.value < probability for answer in answers) else 0


def _walls(
    models: tuple[str, ...],
    settings: tuple[str, ...],
    start: str | None,
    correlations: dict[tuple[str, str], float],
    draws: int,
    seed: int,
    level: float,
) -> list["Wall"]:
    from nextflop.outlook.wall.forecast import wall as foretell
    from nextflop.outlook.wall.load import inputs, spelled

    given = spelled(settings)
    has = {model: inputs(model) for model in models}
    wanted = [*given, *(name for pair in correlations for name in pair)]
    for name in wanted:
        if not any(name in known for known in has.values()):
            raise unknown(f"input of {', '.join(models)}", name, {key for known in has.values() for key in known})
    with progress().status("Drawing paths …"):
        return [
            foretell(
                model,
                {name: value for name, value in given.items() if name in known},
                start=start,
                correlations={pair: value for pair, value in correlations.items() if known >= {*pair}},
                draws=draws,
                seed=seed,
                level=level,
            )
            for model, known in has.items()
        ]


def _correlations(texts: tuple[str, ...]) -> dict[tuple[str, str], float]:
    from nextflop.outlook.wall.load import spelled

    found = {}
    for names, value in spelled(texts).items():
        one, colon, other = (part.strip() for part in names.partition(":"))
        if not (one and colon and other):
            raise InputError(f"--correlate {names}={value} names no pair: write such as quality:repetition=-0.5.")
        found[one, other] = parse(value, f"correlation of {one} and {other}")
    return found


def _derived(draws: int, seed: int) -> "Reproduction":
    from nextflop.outlook.wall.reproduction import reproduce

    with progress().status("Deriving the published model again …"):
        return reproduce(draws, seed)


def _of_the_web(found: list["Wall"]) -> bool:
    """Whether a model is of the text that the published model is of."""
    from nextflop.outlook.wall.load import load

    return load("published").domain in {one.model.domain for one in found}


def _tables(online: bool) -> "WallBacktest":
    from nextflop.outlook.wall.backtest import backtest

    with progress().status("Reading public tables …"):
        return backtest(online=online)


def _tables_if_here() -> "WallBacktest | None":
    """For a page, which shows them where they are and does without where they are not."""
    from nextflop.errors import StoreError

    try:
        return _tables(online=False)
    except StoreError:
        return None


def _json(
    found: list["Wall"],
    year: float | None,
    probability: float,
    answers: list["Chance"],
    derived: "Reproduction | None",
    tables: "WallBacktest | None",
    page: Path | None,
) -> dict[str, object]:
    from nextflop.outlook.wall.claims import claims

    asked = None
    if year is not None:
        told = {one.model.name: answer for one, answer in zip(found, answers, strict=True)}
        asked = {
            "year": year,
            "at_least": probability,
            "probability": {name: answer.value for name, answer in told.items()},
            "error_of_the_draws": {name: answer.error for name, answer in told.items()},
            "holds": all(answer.value >= probability for answer in answers),
        }
    return {
        "models": [one.to_json() for one in found],
        "before": asked,
        "claims": [
            {**claim._asdict(), "probability": {one.model.name: claim.under(one.model, one.passage) for one in found}}
            for claim in claims()
        ],
        "reproduction": None if derived is None else derived.to_json(),
        "backtest": None if tables is None else tables.to_json(),
        **({} if page is None else {"page": str(page)}),
    }


def _list(json: bool) -> int:
    from nextflop.cli.output import print_table
    from nextflop.outlook.wall.load import names, titles

    if json:
        print_json({"models": [{"name": name, "title": title} for name, title in titles().items()]})
    else:
        print_table(("model", "what it is"), [(name, titles()[name]) for name in names()])
    return 0


def _again(
    models: tuple[str, ...],
    before: str | None,
    settings: tuple[str, ...],
    start: str | None,
    correlate: tuple[str, ...],
    draws: int,
    seed: int,
    level: float,
    page: Path,
) -> str:
    """The line that a person types to have the page again."""
    import shlex

    words = ["nextflop", "wall", *models]
    many = {"--set": settings, "--correlate": correlate}
    words += [word for option, texts in many.items() for text in texts for word in (option, text)]
    once = {"--before": before, "--start": start}
    words += [word for option, text in once.items() if text is not None for word in (option, text)]
    usual = {"--draws": (draws, 100_000), "--seed": (seed, 0), "--level": (level, 0.8)}
    words += [word for option, (value, default) in usual.items() if value != default for word in (option, str(value))]
    return shlex.join([*words, "--page", str(page)])
