"""`nextflop slowdown`: did later runs fall short of what was forecast, and could these runs have shown it?"""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from nextflop.cli.options import FitOptions, clusters, read, settings
from nextflop.cli.output import print_json, print_line, print_table, progress
from nextflop.quantities import parse_positive
from nextflop.quantities import show as amount

if TYPE_CHECKING:
    from nextflop.evidence.runs import Runs
    from nextflop.judging.slowdown import Slowdown

_SHOWN = 30  # later runs, before the rest is counted
_STYLES = {"pass": "green", "warn": "yellow", "fail": "bold red"}


def slowdown(
    runs: Path,
    /,
    options: FitOptions | None = None,
    *,
    since: str,
    start: Annotated[str | None, Parameter(name="--from")] = None,
    axis: str | None = None,
    better: str | None = None,
    alarm: float = 0.05,
    power: float = 0.8,
    law_error: bool = True,
    json: Annotated[bool, Parameter(negative="", show_default=False)] = False,
) -> int:
    """Did later runs fall short of what a law fitted to the earlier ones forecast? Exit status 1 if slowing is seen.

    Args:
        runs: the table: CSV, TSV, JSON Lines or Parquet, one run a row; a row without a value is counted as unknown.
        since: where the later runs begin on the axis: an amount such as 1e21, or a date such as 2025-01-01.
        start: leave out runs before this place on the axis.
        axis: column along which runs are earlier or later, such as flop, compute or date; by default training FLOP, or
            the first input of the law.
        better: which response is better, lower or higher; by default lower for a loss or an error.
        alarm: how often slowing may be seen where there is none.
        power: the probability with which the smallest slowdown that is named would have been seen.
        law_error: widen the forecast where the law missed the earlier runs by more than its intervals say.
        json: print JSON.
    """
    from nextflop.judging.backtest import usual_axis
    from nextflop.laws import find

    options = options or FitOptions()
    law = find(options.law)
    how = settings(law, options)
    along = axis or usual_axis(law, law.inputs)
    cut = _place(since, along, "since")
    first = None if start is None else _place(start, along, "from")
    table = read(runs, law, options, (along,), (law.response, *law.inputs, along))
    how["cluster"] = clusters(table)

    from nextflop.judging.slowdown import slowdown as ask

    with progress().status(f"Fitting {law.name} to the runs before {since} …"):
        found = ask(
            law,
            table,
            cut,
            axis=along,
            start=first,
            better=better,
            draws=options.draws,
            alarm=alarm,
            power=power,
            law_error=law_error,
            **how,
        )
    if json:
        print_json({**found.to_json(), "source": table.source})
    else:
        _show(found, table)
    return 1 if found.seen else 0


def _place(text: str, axis: str, option: str) -> float:
    if axis != "date":
        return parse_positive(text, option)
    from nextflop.evidence.dates import parse_date

    return parse_date(text, option)


def _show(found: "Slowdown", table: "Runs") -> None:
    from nextflop.evidence.dates import show_date

    def at(place: float) -> str:
        return show_date(place) if found.axis == "date" else amount(place, digits=3)

    told = found.forecast
    fitted = told.fit
    print_line(
        f"{fitted.law.name}, fitted to the {fitted.runs} runs before {found.axis} {at(found.since)}", style="bold"
    )
    print_line()
    print_line(f"{', '.join(f'{k} = {float(v):.4g}' for k, v in fitted.law.values.items())}; {fitted.objective_name}.")
    print_line()
    if found.paces:
        names = {"before": "fitted", "since": "later", "all": "all"}
        print_table(
            ("runs", "doubling time", f"{fitted.level:.0%} interval"),
            [(names[k], f"{v.value:.0f} days", f"{v.low:.0f} to {v.high:.0f}") for k, v in found.paces.items()],
            right=("doubling time", f"{fitted.level:.0%} interval"),
        )
    behind = {"time": "days late", "compute": "compute lost"}.get(found.shortfall.resource or "", "")
    names = table["name"][told.rows] if "name" in table else None
    rows = []
    for index in range(min(len(found.places), _SHOWN)):
        came, value = float(found.responses[index]), float(told.value[index])
        row = [
            at(float(found.places[index])),
            f"{came:.4g}",
            f"{value:.4g}",
            f"{told.low[index]:.3g} to {told.high[index]:.3g}",
            f"{came / value - 1:+.1%}" if told.log else f"{came - value:+.3g}",
            f"{told.chances[index]:.2g}",
        ]
        if behind:
            row.append(_lost(float(found.lost[index]), behind))
        rows.append(row if names is None else [*row, str(names[index])])
    span = f"{fitted.level:.0%} interval"
    header = (
        found.axis,
        type(fitted.law).response,
        "forecast",
        span,
        "off by",
        "p",
        *((behind,) if behind else ()),
    )
    print_table(header if names is None else (*header, "name"), rows, right=header)
    if len(found.places) > _SHOWN:
        print_line(f"and {len(found.places) - _SHOWN} more; --json has them all.")
    print_line("p: the probability of a run so poor or poorer, if nothing has changed.", style="dim")
    print_line()
    for verdict in found.verdicts:
        print_line(f"{verdict.outcome.value}: {verdict.sentence}", style=_STYLES.get(verdict.outcome.value, ""))


def _lost(value: float, unit: str) -> str:
    if math.isnan(value) or math.isinf(value):
        return "-"
    return f"{value * 365.25:.0f}" if unit == "days late" else f"{value:.3g}×"
