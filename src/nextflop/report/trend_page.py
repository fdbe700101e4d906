"""The page for a series: was it slowing, how fast it grows, what is not disclosed, and the receipt."""

import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import numpy as np

from nextflop import __version__
from nextflop.evidence.dates import show_date
from nextflop.judging.verdict import Outcome
from nextflop.outlook.trend import words
from nextflop.outlook.trend.answer import Trend
from nextflop.report.figures.disclosed import disclosed_figure
from nextflop.report.figures.paces import paces_figure
from nextflop.report.figures.series import series_figure
from nextflop.report.page import render, write

_HEADLINES = {
    Outcome.fail: "Slowing is seen since {}",
    Outcome.passed: "No slowing is seen since {}",
    Outcome.unknown: "Whether it slowed since {} cannot be told",
}


def write_trend_page(path: Path, found: Trend, command: str = "") -> Path:
    """Writes the page for a series as one self-contained HTML file.

    Args:
        path: where it goes.
        found: the answer.
        command: what a person types to make the page again.

    Returns:
        The path.

    Raises:
        StoreError: if the page cannot be written.
    """
    series = found.series
    headline = _HEADLINES[found.verdicts[0].outcome].format(show_date(found.since))
    missing = bool(found.silent)
    contents = [("growth", "Series and trend"), ("pace", "How fast")]
    contents += [("missing", "What is not disclosed")] if missing else []
    html = render(
        "trend.html.jinja",
        title=f"{series.title}: {headline} · nextflop",
        kind="Series against time",
        subject=series.title,
        headline=headline,
        found=found,
        tiles=_tiles(found),
        contents=[*contents, ("belief", "How far to believe it"), ("methods", "Methods and receipt")],
        pictures={
            "series": series_figure(found),
            "paces": paces_figure(found),
            "disclosed": disclosed_figure(found) if missing else None,
        },
        level=f"{found.level:.0%}",
        start=show_date(found.start),
        since=show_date(found.since),
        unit=words.pace_unit(series),
        ahead=_ahead(found),
        reached=[
            {
                "level": words.value_words(series, float(series.scale.back(series.sign * one.level))),
                "date": words.date_words(one.date.value),
                "range": f"{words.date_words(one.date.low)} to {words.date_words(one.date.high)}",
            }
            for one in found.reached
        ],
        windows=_windows(found),
        readings=[
            {
                "name": words.reading_words(series, name),
                "before": words.pace_words(series, one.before.value),
                "after": words.pace_words(series, one.after.value),
                "chance": f"{one.chance:.2g}",
            }
            for name, one in found.readings.items()
            if one is not None
        ],
        receipt=_receipt(found, command),
    )
    return write(path, html)


def _tiles(found: Trend) -> list[Mapping[str, str]]:
    series, main, turn = found.series, found.windows[0], found.change

    def tile(meaning: str, value: str, spread: str) -> Mapping[str, str]:
        return {"meaning": meaning, "value": value, "unit": "", "range": spread}

    unit = "days" if series.scale.name == "log" else words.pace_unit(series)
    shown = [
        tile(
            f"{words.pace_unit(series)}, from {show_date(found.start)} on",
            words.pace_cell(series, main.pace.value),
            words.span_words(series, main.pace),
        )
    ]
    if turn is not None:
        shown += [
            tile(
                f"{unit} {name} {show_date(found.since)}",
                words.pace_cell(series, pace.value),
                words.span_words(series, pace),
            )
            for name, pace in (("before", turn.before), ("since", turn.after))
        ]
        shown.append(
            tile(
                "smallest slowdown that would have been seen",
                f"to {words.pace_cell(series, turn.seen)}" if turn.seen > 0 else "none",
                f"from {words.pace_cell(series, turn.before.value)}, in {found.power:.0%} of cases"
                if turn.seen > 0
                else "even a standstill might go unseen",
            )
        )
    return shown


def _ahead(found: Trend) -> list[Mapping[str, str]]:
    series, rows = found.series, []
    for one in found.projections:
        there = found.value(one)
        value, line, point = (
            words.value_words(series, there["line"].value),
            *(" to ".join(words.value_words(series, end) for end in there[which][1:]) for which in ("line", "point")),
        )
        beyond = f"{one.beyond:.0%} of the span" if one.beyond else "within"
        rows.append({"date": there["date"], "value": value, "line": line, "point": point, "beyond": beyond})
    return rows


def _windows(found: Trend) -> list[Mapping[str, object]]:
    series = found.series
    return [
        {
            "window": f"{show_date(one.start)} to {show_date(one.end)}",
            "points": one.points,
            "cells": [
                *(
                    cell
                    for pace in (one.pace, one.plain, one.robust)
                    for cell in (words.pace_cell(series, pace.value), words.span_words(series, pace))
                ),
                words.rate_words(series, one.pace)[0],
            ],
        }
        for one in found.windows
    ]


def _receipt(found: Trend, command: str) -> list[tuple[str, str]]:
    series = found.series
    scale = series.scale.name
    if scale == "logit":
        scale += f", floor {series.scale.floor:g}, ceiling {series.scale.ceiling:g}"
    packages = f"NumPy {np.__version__}, SciPy {version('scipy')}, matplotlib {version('matplotlib')}"
    return [
        ("Series", series.source or "memory"),
        *([("Version of the source", series.version)] if series.version else []),
        (
            "Rows",
            f"{len(series)}, {int(series.known.sum())} with a value, {len(found.rows)} at the frontier and counted",
        ),
        ("Frontier", series.rule.words),
        ("Slowing is of", series.meaning),
        ("Scale", scale),
        ("From, asked since, until", f"{show_date(found.start)}, {show_date(found.since)}, {show_date(found.until)}"),
        (
            "Intervals",
            f"{found.level:.0%}; averages over dependences of the points, weighed by how likely each is; seed "
            f"{found.seed}",
        ),
        ("Test", f"false-alarm rate {found.alarm:g}, {found.draws} series that do not slow; power {found.power:.0%}"),
        ("Versions", f"nextflop {__version__}, Python {platform.python_version()}, {packages}"),
        *([("To make it again", command)] if command else []),
    ]
