"""`nextflop predict`: what larger runs will give, and what makes that uncertain."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import numpy as np
from cyclopts import Parameter

from nextflop.cli.choice_text import show_choice
from nextflop.cli.options import FitOptions, chosen, clusters, pairs, settings
from nextflop.cli.output import print_json, print_line, print_table, progress
from nextflop.errors import FitError, InputError
from nextflop.quantities import UNIT_OF, parse_positive
from nextflop.quantities import show as amount

if TYPE_CHECKING:
    from nextflop.evidence.runs import Runs
    from nextflop.judging.choice import Choice
    from nextflop.laws.base import Law


class _Said(NamedTuple):
    """What is said of every point; arrays of shape (points,)."""

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    law_low: np.ndarray
    law_high: np.ndarray
    run_low: np.ndarray
    run_high: np.ndarray
    parameter: np.ndarray
    law: np.ndarray
    noise: np.ndarray


def predict(
    runs: Path,
    /,
    options: FitOptions | None = None,
    *,
    at: Annotated[tuple[str, ...], Parameter(negative="", show_default=False)] = (),
    json: Annotated[bool, Parameter(negative="", show_default=False)] = False,
) -> int:
    """Foretell larger runs, with the uncertainty of parameters, of the law and of single runs apart.

    With --law auto all laws that suit the table foretell together, each weighed by what it would have foretold before;
    exit status 1 if none of them beats the simple forecasts.

    Args:
        runs: the table: CSV, TSV, JSON Lines or Parquet, one run a row.
        at: a run to be foretold, such as compute=1e24, or params=70B,tokens=1.4T; once for each run.
        json: print JSON.
    """
    options = options or FitOptions()
    if not at:
        raise InputError("There is no run to foretell: say which with --at compute=1e24, or params=70B,tokens=1.4T.")
    law, table, choice = chosen(runs, options)
    points = _points(law, at)
    why = ""
    if choice is not None:
        said = _by_all(choice, options.level, points)
    else:
        choice, why = _rivals(law, table, options)
        said = _by_one(law, table, options, points, choice)
    told = None if choice is None else choice.verdict
    beyond = _beyond(table, points)
    auto = options.law == "auto"
    if json:
        print_json(
            {
                "law": options.law,
                "level": options.level,
                "points": [_point(points, said, beyond, index) for index in range(len(at))],
                "choice": None if choice is None else choice.to_json(),
                "without_choice": why or None,
                "source": table.source,
            }
        )
    else:
        _show(law, auto, options.level, points, said, beyond, choice, why)
    return 1 if auto and told is not None and told.outcome.value == "fail" else 0


def _points(law: type["Law"], at: tuple[str, ...]) -> dict[str, np.ndarray]:
    """The inputs of every point, each of shape (points,)."""
    found: dict[str, list[float]] = {name: [] for name in law.inputs}
    for text in at:
        given = pairs((text,), "at")
        if set(given) != set(law.inputs):
            wanted = ",".join(f"{name}=…" for name in law.inputs)
            raise InputError(f"--at {text!r} does not give what {law.name} takes: write --at {wanted}.")
        for name, value in given.items():
            found[name].append(parse_positive(value, name, UNIT_OF.get(name)))
    return {name: np.array(values) for name, values in found.items()}


def _by_all(choice: "Choice", level: float, points: dict[str, np.ndarray]) -> _Said:
    from nextflop.judging.forecast import forecast

    told = forecast(choice, level, **points)
    ends = (told.law_low, told.law_high, told.run_low, told.run_high)
    return _Said(told.value, told.low, told.high, *ends, *told.spread)


def _by_one(
    law: type["Law"], table: "Runs", options: FitOptions, points: dict[str, np.ndarray], choice: "Choice | None"
) -> _Said:
    """The named law with its draws; how far it may be from what holds is told by its rivals."""
    from nextflop.fitting import fit
    from nextflop.fitting import predict as ask

    how = settings(law, options)
    how["cluster"] = clusters(table)
    with progress().status(f"Fitting {law.name} to {len(table)} runs with {options.draws} draws …"):
        fitted = fit(law, table, draws=options.draws, resampling=options.resampling, reason=options.reason, **how)
    told = ask(fitted, **points)
    unknown = np.full(len(told.value), np.nan)
    low, high, apart = unknown, unknown, unknown
    if choice is not None:
        others = _by_all(choice, options.level, points)
        low, high, apart = others.law_low, others.law_high, others.law
    ends = (low, high, told.run_low, told.run_high)
    return _Said(told.value, told.low, told.high, *ends, told.spread.parameter, apart, told.spread.noise)


def _rivals(law: type["Law"], table: "Runs", options: FitOptions) -> tuple["Choice | None", str]:
    """The choice among the laws of the same inputs, or why there is none."""
    from nextflop.judging.choice import CANDIDATES, choose

    group = next((group for group in CANDIDATES if group[0].inputs == law.inputs and law.response == "loss"), ())
    if not group:
        return None, f"There is no other law of {', '.join(law.inputs)} to hold {law.name} against."
    laws = group if law in group else (*group, law)
    try:
        with progress().status(f"Asking what {len(laws)} laws would have foretold …"):
            return choose(table, laws, cluster=clusters(table)), ""
    except (FitError, InputError) as error:
        return None, str(error)


def _beyond(table: "Runs", points: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    from nextflop.fitting.prediction import beyond

    return {name: beyond(column, table[name].min(), table[name].max()) for name, column in points.items()}


def _point(points: dict[str, np.ndarray], said: _Said, beyond: dict[str, np.ndarray], index: int) -> dict[str, Any]:
    parts = {name: float(column[index]) for name, column in said._asdict().items()}
    return {
        "at": {name: float(column[index]) for name, column in points.items()},
        **{name: value for name, value in parts.items() if name not in {"parameter", "law", "noise"}},
        "spread": {name: parts[name] for name in ("parameter", "law", "noise")},
        "beyond": {name: float(column[index]) for name, column in beyond.items()},
    }


def _show(
    law: type["Law"],
    auto: bool,
    level: float,
    points: dict[str, np.ndarray],
    said: _Said,
    beyond: dict[str, np.ndarray],
    choice: "Choice | None",
    why: str,
) -> None:
    if choice is not None:
        show_choice(choice)
    who = "all laws together foretell" if auto else f"{law.name} foretells"
    print_line(f"What {who} of the {law.response}, with {level:.0%} intervals", style="bold")
    print_line()
    where = f"at {', '.join(points)}"
    header = (where, law.response, "parameters", "choice of law", "one run", "decades beyond")
    rows = [
        (
            ", ".join(amount(float(column[index])) for column in points.values()),
            f"{said.value[index]:.4g}",
            _span(said.low[index], said.high[index]),
            _span(said.law_low[index], said.law_high[index]),
            _span(said.run_low[index], said.run_high[index]),
            f"{max(float(column[index]) for column in beyond.values()):.1f}",
        )
        for index in range(len(said.value))
    ]
    print_table(header, rows, right=header)
    shares = (where, "parameters", "choice of law", "one run")
    print_table(
        shares,
        [(row[0], *(_share(part[index]) for part in said[-3:])) for index, row in enumerate(rows)],
        right=shares,
    )
    print_line(f"The second table has the standard deviations of the {law.response} as shares of it.", style="dim")
    if choice is not None:
        _reach(choice, points)
    elif why:
        print_line(why, style="yellow")


def _reach(choice: "Choice", points: dict[str, np.ndarray]) -> None:
    """How far the laws were tested beside how far they are asked."""
    place = points.get(choice.axis)
    if place is None and {"params", "tokens"} <= set(points):
        place = 6 * points["params"] * points["tokens"]
    if place is None:
        return
    asked = float(np.log10(place.max() / choice.end))
    if asked > choice.reach:
        says = f"The laws were tested up to {choice.reach:.1f} decades beyond a cut, and are asked {asked:.1f} beyond."
        print_line(says, style="yellow")


def _span(low: float, high: float) -> str:
    return "unknown" if not np.isfinite([low, high]).all() else f"{low:.4g} to {high:.4g}"


def _share(value: float) -> str:
    return "unknown" if not np.isfinite(value) else f"{value:.2%}"
