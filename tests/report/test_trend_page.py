"""The page for a series: self-contained, escaped, with every section that applies."""

from pathlib import Path

import numpy as np
import pytest

from nextflop.outlook.trend.answer import Trend
from nextflop.outlook.trend.scale import scale
from nextflop.outlook.trend.series import Rule, Series
from nextflop.outlook.trend.trend import trend
from nextflop.report.trend_page import write_trend_page

from .html_page import HOSTILE, Page, check

YEARS = np.linspace(2019.0, 2025.0, 25)


def series(**more: object) -> Series:
    values = np.exp(1.2 * (YEARS - 2019) + 0.1 * np.random.default_rng(2).normal(size=25))
    values[[11, 16, 23, 24]] = np.nan
    given: dict[str, object] = {
        "name": "made",
        "title": HOSTILE,
        "unit": "FLOP",
        "meaning": "inputs against time",
        "scale": scale("log"),
        "rule": Rule("record"),
        "dates": YEARS,
        "values": values,
        "sides": np.zeros(25),
        "labels": np.array([HOSTILE] * 25),
        "source": HOSTILE,
        "notes": (HOSTILE,),
        **more,
    }
    return Series(**given)  # type: ignore[arg-type]


def page(tmp_path: Path, found: Trend) -> Page:
    return Page.read(write_trend_page(tmp_path / "trend.html", found, HOSTILE))


def test_all_that_was_found_is_on_the_page(tmp_path: Path) -> None:
    found = trend(series(), since="2022-06-01", draws=200, to=["2026-01-01"], reach=["1e6"])
    shown = page(tmp_path, found)
    check(shown)
    text = " ".join(" ".join(shown.words).split())
    assert found.verdicts[0].sentence in text
    for part in ("What lies ahead", "Paces by window", "What is not disclosed", "Rows with a value, by quarter"):
        assert part in text
    assert "1M FLOP" in text or "1e6 FLOP" in text
    assert all(one.sentence in text for one in found.verdicts)
    ids = {attributes.get("id") for _, attributes in shown.tags}
    assert {"series", "paces", "disclosed", "growth", "belief", "methods"} <= ids


@pytest.mark.parametrize("how", [{"scale": "as-is"}, {"scale": "logit"}, {"falls": True}])
def test_other_scales_and_directions_are_drawn(tmp_path: Path, how: dict) -> None:
    line = 0.5 * (YEARS - 2022) + 0.1 * np.random.default_rng(3).normal(size=25)
    if how.get("scale") == "logit":
        logit = scale("logit", 0.25, 1.0)
        values, sides = logit.bounded(0.25 + 0.75 / (1 + np.exp(-3 * line)), np.zeros(25))
        given = series(scale=logit, values=values, sides=sides, rule=Rule("every"), unit="", title="a benchmark")
    elif how.get("scale") == "as-is":
        given = series(scale=scale("as-is"), values=140 + 10 * line, unit="points", title="an index")
    else:
        given = series(values=np.exp(-line), falls=True, unit="$", title="a price")
    shown = page(tmp_path, trend(given, draws=200, to=["2026-01-01"]))
    check(shown)
    text = " ".join(shown.words)
    assert "What is not disclosed" not in text
    assert ("at least" in text) == (how.get("scale") == "logit")
