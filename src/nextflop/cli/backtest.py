"""`nextflop backtest`: would the law have foretold the larger runs?"""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from nextflop.cli.options import FitOptions, clusters, read, settings
from nextflop.cli.output import print_json, print_line, print_table, progress

if TYPE_CHECKING:
    from nextflop.judging.backtest import Backtest


def backtest(
    runs: Path,
    /,
    options: FitOptions | None = None,
    *,
    axis: str | None = None,
    folds: int = 5,
    json: Annotated[bool, Parameter(negative="", show_default=False)] = False,
) -> int:
    """Fit below a cut, foretell the runs above it: would the law have been right?

    Whole runs are held out; exit status 1 if simple forecasts do better or the intervals mislead.

    Args:
        runs: a table (CSV, TSV, JSON Lines or Parquet, one run a row), or logs of TensorBoard, W&B, MLflow or Trackio.
        axis: column along which larger runs are held out; by default training FLOP, or the first input.
        folds: how many cuts.
        json: print JSON.
    """
    from nextflop.laws import find

    options = options or FitOptions()
    law = find(options.law)
    how = settings(law, options)
    table = read(runs, law, options, (axis,) if axis else ())
    how["cluster"] = clusters(table)

    from nextflop.judging.backtest import backtest as ask
    from nextflop.judging.backtest import usual_axis
    from nextflop.judging.verdict import Outcome

    with progress().status(f"Fitting {law.name} below {folds} cuts …"):
        along = axis or usual_axis(law, table.columns)
        found = ask(law, table, along, folds=folds, draws=options.draws, **how)
    if json:
        print_json({**found.to_json(), "source": table.source, "left_out": list(table.notes)})
    else:
        show_backtest(found)
        for verdict in found.verdicts:
            print_line(f"{verdict.outcome.value}: {verdict.sentence}")
    return 1 if any(verdict.outcome is Outcome.fail for verdict in found.verdicts) else 0


def show_backtest(found: "Backtest") -> None:
    """Prints a back-test as a table, a cut a row."""
    from nextflop.judging.backtest import LAST, LINE

    def error(value: float) -> str:
        return f"{value:.2%}" if found.log else f"{value:.3g}"

    print_line(f"What {found.law} would have foretold, fitted below a cut of {found.axis}", style="bold")
    print_line()
    header = ("cut", "fitted", "tested", "decades", "law", "last", "line", "bias", "inside")
    rows = [
        (
            f"{fold.cut:.2g}",
            str(fold.trained),
            str(fold.tested),
            f"{fold.reach:.1f}",
            *(error(fold.errors[name]) for name in (found.law, LAST, LINE)),
            error(fold.bias),
            "-" if math.isnan(fold.covered) else f"{fold.covered:.0%}",
        )
        for fold in found.folds
    ]
    print_table(header, rows, right=header)
    print_line(
        "Errors are root mean squares over the runs beyond the cut: of the law, of the last value, of a power law "
        f"without an offset. Inside: share of those runs in the law's {found.level:.0%} interval.",
        style="dim",
    )
    print_line()
