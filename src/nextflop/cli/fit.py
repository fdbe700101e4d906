"""`nextflop fit`: a law with its intervals, how far to believe it, and where a budget should go."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from nextflop.cli.options import Answer, FitOptions, answer
from nextflop.cli.output import print_json
from nextflop.cli.rerun import command
from nextflop.evidence.files import Json


def fit(
    runs: Path,
    /,
    options: FitOptions | None = None,
    *,
    report: Path | None = None,
    receipt: Path | None = None,
    json: Annotated[bool, Parameter(negative="", show_default=False)] = False,
) -> None:
    """Fit a scaling law to a table of runs; with a budget, say where the compute should go.

    Args:
        runs: a table (CSV, TSV, JSON Lines or Parquet, one run a row), or logs of TensorBoard, W&B, MLflow or Trackio.
        report: also write the page for this fit there, as one self-contained HTML file.
        receipt: also write there what `nextflop reproduce` needs to fit this again.
        json: print JSON.
    """
    options = options or FitOptions()
    found = answer(runs, options)
    if receipt is not None:
        from nextflop.cli.receipts import write

        write(receipt, "fit", runs, options, found)
    if report is not None:
        write_page(report, found, command("fit", runs, options, report=report))
    if json:
        print_json(to_json(found) | written(report, receipt))
    else:
        from nextflop.cli.fit_text import show

        show(found, report, receipt)


def written(report: Path | None, receipt: Path | None) -> dict[str, str]:
    """The paths of what was written beside the answer, for the JSON."""
    paths = {"report": report, "receipt": receipt}
    return {name: str(path) for name, path in paths.items() if path is not None}


def write_page(path: Path, found: Answer, again: str) -> None:
    """Writes the page for a fit, with the examination if there was one.

    Args:
        path: where it goes.
        found: what was fitted and found.
        again: the command that makes the page again.
    """
    from nextflop.report.fit_page import write_fit_report

    write_fit_report(
        path,
        found.fit,
        found.runs,
        found.verdicts,
        found.allocation,
        found.runs.source,
        examination=found.examination,
        command=again,
    )


def to_json(found: Answer) -> dict[str, Json]:
    """The fit with its source, its checks, the allocation of a budget and the choice of the law, null without them."""
    return {
        **found.fit.to_json(),
        "source": found.runs.source,
        "conventions": dict(found.runs.conventions),
        "dropped": found.dropped,
        "left_out": list(found.runs.notes),
        "checks": [verdict.to_json() for verdict in found.verdicts],
        "allocation": None if found.allocation is None else found.allocation.to_json(),
        "choice": None if found.choice is None else found.choice.to_json(),
    }
