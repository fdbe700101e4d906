"""How a command of a study ends: the answers as JSON, or in sentences with what every axis gains."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from nextflop.cli.output import print_json, print_line, print_table
from nextflop.quantities import show

Axis = Mapping[str, Any]


def tell(
    answers: Mapping[str, Any], out: Path, page: Path, json: bool, columns: Mapping[str, Callable[[Axis], str]]
) -> None:
    """Prints the answers of a study.

    Args:
        answers: of the study.
        out: its folder.
        page: its report.
        json: whether to print JSON.
        columns: head → what stands below it of an axis, between where the axis goes and how often it is best.
    """
    if json:
        print_json({**answers, "folder": str(out), "report": str(page)})
        return
    for sentence in answers["recommendation"]:
        print_line(sentence)
    print_line()
    heads = ("from → to", *columns, "P(best)")
    rows = [
        (
            axis["axis"],
            f"{show(axis['from'])} → {show(axis['to'])}",
            *(say(axis) for say in columns.values()),
            f"{axis['probability_best']:.2f}",
        )
        for axis in answers["axes"]
    ]
    print_table(("axis", *heads), rows, right=heads)
    print_line(f"The page: {page}")
