"""The whole answer: public series against published figures, and what is said when."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import nextflop
from nextflop.errors import FitError, InputError
from nextflop.evidence.dates import parse_date
from nextflop.evidence.files import to_json
from nextflop.outlook.trend import declared
from nextflop.outlook.trend.scale import scale
from nextflop.outlook.trend.series import MEANINGS, Rule
from nextflop.outlook.trend.trend import trend
from nextflop.outlook.trend.words import doublings, value_words

from .worlds import made

YEARS = np.linspace(2019.0, 2025.0, 25)
STEADY = np.exp(1.2 * (YEARS - 2019) + 0.1 * np.random.default_rng(2).normal(size=25))


@pytest.fixture
def mirrored(public_data: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NEXTFLOP_MIRROR", str(public_data))
    return public_data


def days(interval) -> list[float]:
    return list(doublings(interval))


def test_metr_horizons_as_published(mirrored: Path) -> None:
    """178 days over all models, 110 [101, 119] since mid-2023, 121 and 124 within it, by ordinary least squares."""
    found = trend("metr", draws=300, level=0.95)
    recent, every, early, late = (days(one.plain) for one in found.windows)
    assert every[0] == pytest.approx(178, abs=1)
    assert recent == pytest.approx([110, 101, 119], abs=1)
    assert (early[0], late[0]) == pytest.approx((121, 124), abs=1)
    assert [one.points for one in found.windows] == [22, 26, 7, 15]
    for one in found.windows:
        width, narrow = days(one.pace)[2] - days(one.pace)[1], days(one.plain)[2] - days(one.plain)[1]
        assert width > narrow  # successive models are not independent


def test_metr_is_not_slowing_and_it_is_said_what_would_not_have_been_seen(mirrored: Path) -> None:
    found = trend("metr", draws=500)
    assert not found.slowing
    said = found.verdicts[0]
    assert (said.code, said.outcome.name) == ("slowdown", "passed")
    assert "capability against time" in said.sentence
    assert "The smallest slowdown that would have been seen with a probability of 80% is one from" in said.sentence
    turn = found.change
    # A fall from 110 to 150 days could be under way: it is smaller than what would have been seen.
    assert 365.25 * np.log(2) / turn.seen > 154
    assert turn.chance > 0.1
    assert "sha256 0d5504d5" in found.series.source
    assert found.series.version == "snapshot of 2026-06-10"


def test_the_capability_index_rises_by_17_points_a_year(mirrored: Path) -> None:
    found = trend("eci", draws=300)
    assert found.windows[0].plain.value == pytest.approx(17, abs=0.5)
    assert found.series.scale.name == "as-is"
    assert found.change is not None
    assert found.silent > 50  # models of leading groups without a score
    assert (found.used.points.high[-1], found.used.rows[-1]) == (np.inf, -1)


def test_the_cost_of_the_largest_runs_grows_as_published(mirrored: Path) -> None:
    """Cottier et al. 2024: 2.4 times a year [2.0, 3.1] for the ten most expensive at their time."""
    one = trend("cost", draws=300).windows[0]
    assert 2.0 < np.exp(one.plain.value) < 3.1
    assert 2.0 < np.exp(one.pace.value) < 3.1


def test_a_record_that_stands_is_not_slowing(mirrored: Path) -> None:
    """Watched until late 2026, nobody discloses a larger run: read naively it slowed, and it cannot be told."""
    found = trend("record-compute", since="2022-01-01", until="2026-11-01", draws=500)
    assert found.verdicts[0].outcome.name == "unknown"
    assert found.readings["naive"].chance < found.readings["censored"].chance / 2
    assert found.readings["naive"].after.value < found.readings["censored"].after.value
    early, late = (
        sum(q.known for q in part) / sum(q.rows for q in part) for part in (found.quarters[:20], found.quarters[-6:])
    )
    assert late < early


@pytest.mark.parametrize("name", declared.names())
def test_every_public_series_has_an_answer(name: str, mirrored: Path) -> None:
    known = declared.find(name)
    assert known.meaning in MEANINGS
    found = trend(name, draws=200, to=["2027-01-01"])
    record = json.loads(to_json(found.to_json()))
    assert record["verdicts"][0]["code"] == "slowdown"
    assert record["projections"][0]["date"] == "2027-01-01"
    assert record["series"]["source"]
    assert all(quarter["known"] <= quarter["rows"] for quarter in record["disclosure"])


def test_crawls_are_divided_by_the_time_between_them(mirrored: Path) -> None:
    series = declared.public("crawl")
    assert len(series) == 35
    gap = parse_date("2020-03-02") - parse_date("2020-01-27")
    assert series.values[0] == pytest.approx(1084504183 / gap)
    assert series.unit == "a year"


def test_a_steady_series(tmp_path: Path) -> None:
    found = nextflop.trend(made(STEADY, YEARS), draws=300, to=["2026-01-01"], reach=[1e4])
    assert found.windows[0].pace.value == pytest.approx(1.2, abs=0.05)
    assert found.verdicts[0].outcome.name == "passed"
    there = found.value(found.projections[0])
    assert there["point"].low < there["line"].low < np.exp(1.2 * 7) < there["line"].high < there["point"].high
    assert found.projections[0].beyond == pytest.approx(1 / 6, abs=0.01)
    truth = 2019 + np.log(1e4) / 1.2
    assert found.reached[0].date.low < truth < found.reached[0].date.high
    assert found.reached[0].chance == 1
    assert found.since == pytest.approx(2022.0)  # the middle point


def test_a_series_that_slows_is_seen_to() -> None:
    slow = STEADY * np.exp(-0.9 * np.maximum(YEARS - 2022, 0))
    found = trend(made(slow, YEARS), since="2022-01-01", draws=300)
    assert found.slowing
    assert found.verdicts[0].sentence.startswith("Slowing seen (inputs against time, since 2022-01-01)")
    assert found.sought.chance <= 0.05
    assert found.verdicts[1].outcome.name == "warn"
    assert "begin the trend after it" in found.verdicts[1].sentence


def test_a_price_that_falls_less_fast_is_slowing() -> None:
    slow = 1 / (STEADY * np.exp(-0.9 * np.maximum(YEARS - 2022, 0)))
    assert trend(made(slow, YEARS, falls=True), since="2022-01-01", draws=300).slowing
    other = trend(made(slow, YEARS), since="2022-01-01", draws=300)
    assert not other.slowing
    said = trend(made(1 / STEADY, YEARS, falls=True), draws=300)
    assert "halving every 2" in said.verdicts[0].sentence


def test_a_series_that_never_grows_never_reaches() -> None:
    falling = trend(made(1 / STEADY, YEARS), draws=200, reach=[100.0])
    assert falling.reached[0].chance == 0
    assert falling.to_json()["reached"][0]["date"]["value"] == np.inf
    assert falling.verdicts[0].outcome.name == "unknown"
    assert "leaves no gain to lose" in falling.verdicts[0].sentence


def test_the_unit_of_values_changes_nothing() -> None:
    one, other = (trend(made(factor * STEADY, YEARS), draws=200) for factor in (1.0, 1e9))
    assert one.windows[0].pace == pytest.approx(other.windows[0].pace, rel=1e-6)
    assert one.change.chance == pytest.approx(other.change.chance, abs=0.02)


def test_nearness_to_a_ceiling_is_not_slowing() -> None:
    """A benchmark that fills up: on the logit, with the last scores read as bounds, one pace runs through it."""
    places = -2.5 + 1.3 * (YEARS - 2019) + 0.15 * np.random.default_rng(1).normal(size=25)
    scores = 0.25 + 0.75 / (1 + np.exp(-places))
    told = trend(made(scores, YEARS, scale=scale("as-is")), since="2022-06-01", draws=300)
    assert told.slowing
    logit = scale("logit", 0.25, 1.0)
    values, sides = logit.bounded(scores, np.zeros(25))
    found = trend(made(values, YEARS, scale=logit, sides=sides), since="2022-06-01", draws=300)
    assert not found.slowing
    assert found.windows[0].pace.value == pytest.approx(1.3, abs=0.15)
    last = next(one for one in found.verdicts if one.code == "ceiling")
    assert last.outcome.name == "warn"
    assert "they are read as bounds" in last.sentence


def test_too_few_values_for_a_turn_is_cannot_tell() -> None:
    found = trend(made(STEADY[:6], YEARS[:6]), since="2020-03-01", draws=200)
    assert found.change is None
    assert found.verdicts[0].outcome.name == "unknown"
    assert "3 values or more on either side" in found.verdicts[0].sentence


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"since": "2030-01-01"}, "cannot be asked of a series from 2019-01-01 to 2024-12-31"),
        ({"start": "2030-01-01"}, "has no length: give an earlier start or a later end"),
        ({"alarm": 0.7}, "The false-alarm rate 0.7 cannot be used"),
        ({"power": 0.01}, "The power 0.01 cannot be used"),
        ({"level": 1.0}, "The level 1.0 cannot be used"),
        ({"draws": 20}, "The number of draws 20 cannot be used: give 100 or more"),
        ({"rule": "best"}, "give every, record, or top-10"),
        ({"meaning": "vibes"}, "say which it is, one of inputs against time"),
        ({"to": ["soon"]}, "The date to foretell 'soon' is not a date"),
        ({"reach": [-1.0]}, "does not lie on the scale"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(how: dict, says: str) -> None:
    with pytest.raises(InputError, match=says.replace("(", r"\(")):
        trend(made(STEADY, YEARS), **{"draws": 200, **how})


def test_too_few_values_for_a_pace_is_no_answer() -> None:
    with pytest.raises(FitError, match="too few for a pace"):
        trend(made(STEADY[:3], YEARS[:3]), draws=200)
    with pytest.raises(FitError, match="A line meets all 25 points exactly"):
        trend(made(np.exp(YEARS - 2019), YEARS), draws=200)
    sparse = made(np.where(YEARS < 2022, STEADY, np.nan), YEARS)
    with pytest.raises(FitError, match="From 2023-01-01 on, 0 values"):
        trend(sparse, start="2023-01-01", draws=200)
    with pytest.raises(InputError, match=r"There is no public series 'mert'.*did you mean 'metr'"):
        trend("mert")
    with pytest.raises(InputError, match="more than the 400 that are taken"):
        trend(made(np.exp(np.linspace(0, 1, 500)), np.linspace(2000.0, 2020.0, 500)), draws=200)
    assert str(Rule("top", 3)) == "top-3"


@pytest.mark.parametrize(
    ("unit", "value", "said"),
    [
        ("minutes", 3720.0, "62 hours"),
        ("minutes", 90.0, "90 minutes"),
        ("FLOP", 1e26, "1e26 FLOP"),
        ("points", 3720.0, "3.72k points"),
    ],
)
def test_many_minutes_are_told_in_hours(unit: str, value: float, said: str) -> None:
    assert value_words(replace(made(STEADY, YEARS), unit=unit), value) == said
