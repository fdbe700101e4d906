"""`nextflop check`: everything that can be asked of a fit, and whether it may be believed."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from nextflop.cli.backtest import show_backtest
from nextflop.cli.options import FitOptions, answer
from nextflop.cli.output import print_json, print_line, print_table
from nextflop.cli.rerun import command

if TYPE_CHECKING:
    from nextflop.evidence.runs import Runs
    from nextflop.judging.examine import Examination

_SHOWN = 12  # flags, before the rest is counted


def check(
    runs: Path,
    /,
    options: FitOptions | None = None,
    *,
    axis: str | None = None,
    report: Path | None = None,
    receipt: Path | None = None,
    json: Annotated[bool, Parameter(negative="", show_default=False)] = False,
) -> int:
    """Ask of a fit everything that can be asked; exit status 1 if it should not be believed.

    Args:
        runs: a table (CSV, TSV, JSON Lines or Parquet, one run a row), or logs of TensorBoard, W&B, MLflow or Trackio.
        axis: column along which larger runs are held out; by default training FLOP, or the first input.
        report: also write the page of the examination there, as one self-contained HTML file.
        receipt: also write there what `nextflop reproduce` needs to do this again.
        json: print JSON.
    """
    options = options or FitOptions()
    found = answer(runs, options, examine=True, axis=axis)
    examination = found.examination
    assert examination is not None
    if report is not None:
        from nextflop.cli.fit import write_page

        write_page(report, found, command("check", runs, options, axis=axis, report=report))
    if receipt is not None:
        from nextflop.cli.receipts import write

        write(receipt, "check", runs, options, found, axis)
    if json:
        from nextflop.cli.fit import to_json, written

        print_json(to_json(found) | {"examination": examination.to_json()} | written(report, receipt))
    else:
        from nextflop.cli.fit_text import show

        show(found, report, receipt)
        _show(found.runs, examination)
    return 0 if examination.believed else 1


def _span(low: float, high: float) -> str:
    return "unknown" if math.isnan(low) else f"{low:.3g} to {high:.3g}"


def _show(runs: "Runs", found: "Examination") -> None:
    if found.flags:
        from nextflop.report.figures.residuals import names

        called = names(runs)
        print_line("Runs to doubt", style="bold")
        print_line()
        rows = [
            ("the table" if flag.row is None else called[flag.row], flag.code, flag.told(called))
            for flag in found.flags[:_SHOWN]
        ]
        print_table(("where", "flag", "why"), rows)
        if len(found.flags) > _SHOWN:
            print_line(f"and {len(found.flags) - _SHOWN} more; --json has them all.")
            print_line()
    if found.profiles:
        print_line("What the data say of each parameter", style="bold")
        print_line()
        for one in found.profiles:
            print_line(one.sentence, style="yellow" if one.open_above or one.open_below else "")
        print_line()
    if found.backtest is not None:
        show_backtest(found.backtest)
    if found.multiverse is not None and found.multiverse.universes:
        print_line(f"Other ways to ask for {found.multiverse.decision}", style="bold")
        print_line()
        print_table(
            ("law", "objective", "runs", "answer", "interval"),
            [
                (u.law, u.objective, u.exclusion, f"{u.value:.3g}", _span(u.low, u.high))
                for u in found.multiverse.universes
            ],
            right=("answer", "interval"),
        )
    believed = "No check failed." if found.believed else "This fit should not be believed as it stands."
    print_line(believed, style="green" if found.believed else "bold red")
