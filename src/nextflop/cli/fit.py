"""`nextflop fit`: a law with its intervals, how far to believe it, and where a budget should go."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from nextflop.cli.options import Answer, FitOptions, answer
from nextflop.cli.output import print_json
from nextflop.evidence.files import Json


def fit(
    runs: Path,
    /,
    options: FitOptions | None = None,
    *,
    report: Path | None = None,
    json: Annotated[bool, Parameter(negative="", show_default=False)] = False,
) -> None:
    """Fit a scaling law to a table of runs; with a budget, say where the compute should go.

    Args:
        runs: the table: CSV, TSV or JSON Lines, one run a row.
        report: also write the page for this fit there, as one self-contained HTML file.
        json: print JSON.
    """
    found = answer(runs, options or FitOptions())
    if report is not None:
        write_page(report, found)
    if json:
        print_json(to_json(found) | ({} if report is None else {"report": str(report)}))
    else:
        from nextflop.cli.fit_text import show

        show(found, report)


def write_page(path: Path, found: Answer) -> None:
    """Writes the page for a fit."""
    from nextflop.report.fit_page import write_fit_report

    write_fit_report(path, found.fit, found.runs, found.verdicts, found.allocation, found.runs.source)


def to_json(found: Answer) -> dict[str, Json]:
    """The fit with its source, its checks, the allocation of a budget and the choice of the law, null without them."""
    return {
        **found.fit.to_json(),
        "source": found.runs.source,
        "conventions": dict(found.runs.conventions),
        "dropped": found.dropped,
        "checks": [verdict.to_json() for verdict in found.verdicts],
        "allocation": None if found.allocation is None else found.allocation.to_json(),
        "choice": None if found.choice is None else found.choice.to_json(),
    }
