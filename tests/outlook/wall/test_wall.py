"""The forecast: the figures on record, what moves it, and what it does at its ends.

The figures on record are those of an independent derivation from the same published inputs, with 200,000 draws.
"""

from functools import cache
from pathlib import Path

import numpy as np
import pytest

import nextflop as nf
from nextflop.errors import InputError
from nextflop.outlook.wall.claims import claims
from nextflop.outlook.wall.draw import accounts, dates, given, scores, sides
from nextflop.outlook.wall.load import load, names
from nextflop.outlook.wall.model import Model
from nextflop.outlook.wall.reproduction import reproduce

OWN = {"stock": "3T", "largest": "500B"}
told = cache(nf.wall)
"""A forecast by the name of its model, made once."""
derived = cache(reproduce)


def loaded(name: str) -> Model:
    return load(name, OWN if name == "own" else None)


def test_the_stock_is_that_on_record() -> None:
    found = {row.quantity: row.found for row in derived().rows}
    web, effective = found["Text of the indexed web"], found["Effective stock"]
    np.testing.assert_allclose([web.low, web.value, web.high], [131e12, 508e12, 2123e12], rtol=0.03)
    np.testing.assert_allclose([effective.low, effective.value, effective.high], [85e12, 322e12, 1276e12], rtol=0.03)


def test_the_published_model_is_later_than_published_and_stays_so() -> None:
    found = told("published")
    assert found.accounts["history"].median == pytest.approx(2029.0, abs=0.2)
    assert found.accounts["compute"].median == pytest.approx(2031.2, abs=0.2)
    assert found.median == pytest.approx(2029.8, abs=0.2)
    np.testing.assert_allclose(found.interval, (2027.7, 2034.9), atol=0.2)
    assert found.before(2028) == pytest.approx(0.14, abs=0.02)
    assert found.accounts["history"].before(2028).value == pytest.approx(0.22, abs=0.02)
    assert [len(one.dates) for one in found.accounts.values()] == [50_000, 50_000]


@pytest.mark.parametrize(
    ("model", "median", "chance"),
    [
        ("restart-2025", 2027.8, 0.58),
        ("restart-2025-once", 2026.6, 0.93),
        ("restart-2025-slower", 2028.4, 0.38),
        ("restart-2025-faster", 2027.3, 0.82),
        ("published-once", 2028.0, 0.49),
    ],
)
def test_scenarios_are_those_on_record(model: str, median: float, chance: float) -> None:
    found = told(model)
    assert found.median == pytest.approx(median, abs=0.2)
    assert found.before(2028) == pytest.approx(chance, abs=0.04)


@pytest.mark.parametrize(("model", "median"), [("published-5x", 2028.6), ("published-100x", 2026.3)])
def test_overtraining_is_earlier_by_the_root_of_its_factor(model: str, median: float) -> None:
    assert told(model).median == pytest.approx(median, abs=0.2)
    base, more = (sides(one, scores(one, 100, 0), np.zeros(100, np.intp)) for one in (load("published"), load(model)))
    factor = load(model).inputs["overtraining"].belief(np.zeros(1))[0]
    np.testing.assert_allclose(more.demand.values - base.demand.values, np.log10(factor) / 2)


def test_the_size_of_the_web_moves_the_date_most() -> None:
    found = told("restart-2025")
    by = {driver.name: driver for driver in found.drivers}
    assert found.drivers[0].name == "pages"
    half = {name: by[name].swing / 2 for name in ("pages", "quality", "growth", "bytes_per_token", "repetition")}
    expected = {"pages": 0.8, "quality": 0.4, "growth": 0.35, "bytes_per_token": 0.3, "repetition": 0.3}
    assert half == pytest.approx(expected, abs=0.12)
    assert by["pages"].low < by["pages"].high
    assert by["pages"].low_date < by["pages"].high_date
    assert by["growth"].low_date > by["growth"].high_date
    assert by["pages"].width == pytest.approx(2.4, abs=0.1)
    assert by["pages"].width_known < 0.75 * by["pages"].width
    assert by["page_size_growth"].width_known == pytest.approx(by["pages"].width, abs=0.03)
    assert told("restart-2025-5x").median - found.median == pytest.approx(-0.8, abs=0.1)


def test_a_record_of_2025_is_the_ninetieth_percentile_of_the_model_of_2024() -> None:
    placed = {(one.record.name, one.account): one.share for one in told("published").placed}
    assert placed["Qwen3", "history"] == pytest.approx(0.90, abs=0.01)
    assert not told("restart-2025").placed


@pytest.mark.parametrize("name", names())
def test_every_bundled_model_answers_and_says_where_its_inputs_come_from(name: str) -> None:
    model = loaded(name)
    found = nf.wall(model, draws=2_000)
    assert model.start <= found.median < 2040
    for one in (*model.inputs.values(), *model.series.values()):
        assert one.meaning
        assert one.source not in ("", "not stated")
    told = found.to_json()
    assert told["digest"] == model.digest
    assert 0 <= told["passed_at_start"] <= 1
    assert {driver["name"] for driver in told["drivers"]} >= set(model.uncertain)


def test_code_says_that_it_rests_on_memory() -> None:
    found = nf.wall("code", draws=2_000)
    assert {one.name for one in found.model.doubtful} == {"bytes_per_token", "quality", "archive_growth", "code_share"}
    assert found.median < nf.wall("restart-2025", draws=2_000).median


@pytest.mark.parametrize("name", [name for name in names() if name != "published-100x"])
def test_more_of_what_there_is_is_never_earlier_and_more_of_what_is_wanted_never_later(name: str) -> None:
    """Draw by draw, not only in the median."""
    model = loaded(name)
    drawn, account = scores(model, 500, 0), accounts(model, 500, 0)
    for key in model.inputs:
        if key not in drawn:
            continue
        low, high = (dates(model, given(model, drawn, key, side), account) for side in (-1.0, 1.0))
        values = model.inputs[key].belief(np.array([-1.0, 1.0]))
        earlier, later = (low, high) if values[0] < values[1] else (high, low)
        power = model.stock.factors.get(key, 0) or (1 if key in [one.input for one in model.stock.trends] else 0)
        if power > 0:
            assert (later >= earlier).all()
        else:
            assert (later <= earlier).all()


def test_one_input_more_leaves_all_others_as_they_were() -> None:
    base, once = load("restart-2025"), load("restart-2025-once")
    one, other = scores(base, 1000, 7), scores(once, 1000, 7)
    assert set(one) - set(other) == {"repetition"}
    assert all((one[name] == other[name]).all() for name in other)
    assert (scores(base, 1000, 8)["pages"] != one["pages"]).any()


def test_correlated_inputs_keep_their_marginals_and_take_each_other_along() -> None:
    apart, together = (nf.wall("restart-2025", correlations=pairs) for pairs in (None, {("quality", "repetition"): -1}))
    assert together.median == pytest.approx(apart.median, abs=0.02)
    width = [one.interval[1] - one.interval[0] for one in (apart, together)]
    assert width[1] < width[0]
    drawn = scores(load("restart-2025", correlations={("quality", "repetition"): -0.6}), 100_000, 0)
    assert np.corrcoef(drawn["quality"], drawn["repetition"])[0, 1] == pytest.approx(-0.6, abs=0.01)
    assert drawn["quality"].std() == pytest.approx(1, abs=0.01)
    by = {driver.name: driver.swing for driver in together.drivers}
    alone = {driver.name: driver.swing for driver in apart.drivers}
    # Less text that is read more often: the two pull against each other.
    assert by["quality"] == pytest.approx(abs(alone["quality"] - alone["repetition"]), abs=0.05)


def test_sites_that_close_bring_the_wall_nearer_and_the_stock_bends_where_they_stop() -> None:
    model = load("restart-2025", {"access": 0.9})
    found = sides(model, scores(model, 10, 0), np.zeros(10, np.intp)).stock
    base = sides(load("restart-2025"), scores(load("restart-2025"), 10, 0), np.zeros(10, np.intp)).stock
    years = np.array([2026.0, 2030.0, 2040.0])
    np.testing.assert_allclose(found.at(years) - base.at(years), [np.log10(0.9) * np.array([2, 6, 6])] * 10)
    assert nf.wall(model).median < told("restart-2025").median
    assert told("restart-2025-closing").median < told("restart-2025").median


def test_a_wall_in_the_past_is_said_to_be_there_and_one_that_never_comes_has_no_date() -> None:
    past = nf.wall("restart-2025", {"pages": "1B..2B"})
    assert past.median == past.model.start
    assert past.passage.passed > 0.99
    assert np.isnan(past.tokens[0]) or past.passage.passed < 1
    never = nf.wall("restart-2025", {"growth": "-0.1..0.02"})
    assert never.median == np.inf
    assert never.passage.never > 0.9
    assert never.to_json()["not_by_horizon"] == never.passage.never
    assert nf.wall("restart-2025", {"growth": (0.0, 0.06)}).before(2100) < 0.9
    with pytest.raises(InputError, match=r"run from 2025.33 to 2100 and say nothing of a passage before 2025"):
        past.before(2025)


def test_units_do_not_matter() -> None:
    base = nf.wall("restart-2025", draws=5_000)
    thousandth = {"pages": "75M..1000M", "largest": "24B..45B"}
    other = nf.wall("restart-2025", thousandth, draws=5_000)
    np.testing.assert_allclose(other.passage.dates, base.passage.dates, rtol=1e-9)
    assert np.array(other.tokens) == pytest.approx(np.array(base.tokens) / 1000)


def test_another_start_is_taken_with_its_date() -> None:
    found = nf.wall("restart-2025", start="200T@2026-06-01", draws=5_000)
    assert found.model.start == pytest.approx(2026.41, abs=0.01)
    assert found.model.demands[0].at == found.model.start
    assert found.median < nf.wall("restart-2025", draws=5_000).median
    assert nf.wall("restart-2025", start="24T..45T@2025.33").median == told("restart-2025").median
    assert nf.wall("published", start="36T@2025.33", draws=1_000).model.demands[0].at == 2025.33


def test_a_model_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    path.write_text(
        'extends = "restart-2025"\ntitle = "Ours"\n[inputs.quality]\nrange = [0.3, 0.6]\nsource = "our filter"\n'
        '[[correlations]]\nbetween = ["quality", "repetition"]\nvalue = -0.5\n'
    )
    found = nf.wall(path, draws=5_000)
    assert found.model.name == "ours"
    assert found.model.inputs["quality"].source == "our filter"
    assert found.median > nf.wall("restart-2025", draws=5_000).median
    assert found.model.digest != load("restart-2025").digest
    (tmp_path / "more.toml").write_text('extends = "ours.toml"\n[inputs.quality]\nvalue = 0.5\n')
    assert nf.wall(tmp_path / "more.toml", draws=500).model.inputs["quality"].belief.value == 0.5


def test_claims_are_probabilities_and_a_claim_of_the_past_cannot_be_told() -> None:
    by = {claim.text.split(",")[0]: claim for claim in claims()}
    before = by["AI runs out of text before 2028"]
    assert before.under(told("restart-2025").model, told("restart-2025").passage) == pytest.approx(0.58, abs=0.04)
    published = told("published")
    assert by["Between 2026 and 2032"].under(published.model, published.passage) == pytest.approx(0.83, abs=0.03)
    first = next(claim for claim in claims() if claim.before == 2026)
    assert "v1" in first.source
    assert first.under(published.model, published.passage) < 0.02
    assert np.isnan(first.under(load("restart-2025"), nf.wall("restart-2025", start="50T@2026.1", draws=500).passage))
    assert np.isnan(before.under(told("code").model, told("code").passage))


def test_the_reproduction_says_what_does_not_follow() -> None:
    found = derived()
    agrees = {row.quantity: row.agrees for row in found.rows}
    assert agrees["Effective stock"]
    assert agrees["Growth of training sets"]
    assert agrees["Date, both in equal parts"] is False
    assert agrees["Date, history of training sets alone"] is None
    lost = next(row for row in found.rows if row.quantity == "Date, both in equal parts")
    assert "lost" in lost.remark
    assert any("left edge" in note for note in found.notes)
    assert any("0.75" in note for note in found.notes)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"pages": -5}, "The pages of the indexed web .* would be -5: it multiplies the stock"),
        ({"pages": 0}, "give only values above 0"),
        ({"quality": "0.4..0.1"}, "is reversed"),
        ({"quality": "0.2..0.2"}, "has no width"),
        ({"quality": 2}, "The share quality would be 2: give at most 1"),
        ({"quality": "0.5..1.2"}, "The share quality would be 1.2: give at most 1"),
        ({"quality": "some"}, "is not an amount"),
        ({"quality": "0.1..0.4@soon"}, "write the level of its interval"),
        ({"qualty": 0.2}, "did you mean 'quality'"),
        ({"repetition": (5, 2)}, "is reversed"),
        ({"access": "-0.1..1"}, "give only values above 0"),
    ],
)
def test_inputs_that_cannot_be_are_refused(settings: dict, says: str) -> None:
    with pytest.raises(InputError, match=says):
        nf.wall("restart-2025", settings)


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"model": "restart"}, "There is no model of the data wall 'restart'"),
        ({"model": "own"}, "The model needs stock from you"),
        ({"start": "36T"}, "has no date"),
        ({"start": "36T@2025-13-01"}, "is not in the calendar"),
        ({"start": "lots@2025"}, "is not an amount"),
        ({"draws": 5}, "give 100 or more"),
        ({"level": 1.0}, "give a level between 0 and 1"),
        ({"correlations": {("quality", "repetition"): 2.0}}, "give one from -1 to 1"),
        ({"correlations": {("quality", "mood"): 0.5}}, "There is no input 'mood'"),
        (
            {"correlations": {("quality", "pages"): 1, ("quality", "growth"): 1, ("pages", "growth"): -1}},
            "cannot hold together",
        ),
    ],
)
def test_what_is_asked_wrongly_is_refused(how: dict, says: str) -> None:
    with pytest.raises(InputError, match=says):
        nf.wall(**{"model": "restart-2025", **how})


STOCK = '[stock]\nat = 2024\nfactors = { a = 1 }\n[inputs.a]\nvalue = "100T"\n'
DEMAND = '[demand.x]\nfactors = { b = 1 }\ntrends = [{ orders_a_year = "g" }]\n[inputs.b]\nvalue = "10T"\n'
GROWTH = '[inputs.g]\nrange = [0.3, 0.5]\nshape = "normal"\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("= 3", "is not valid TOML"),
        (STOCK, "lacks a .stock. or a .demand.NAME."),
        (STOCK + DEMAND, "There is no input 'g'"),
        (STOCK + DEMAND + GROWTH + "[inputs.h]\nvalue = 1\n", "The input 'h' .* enters neither"),
        ('extends = "restart-2025"\n[inputs.qualty]\nvalue = 0.2\n', "enters neither .* did you mean 'quality'"),
        (STOCK + DEMAND + GROWTH.replace("shape", "shap"), "did you mean 'shape'"),
        (STOCK + DEMAND + GROWTH + "value = 1\n", "has a value and a range"),
        (STOCK + DEMAND + "[inputs.g]\nunit = 'x'\n", "has neither a value nor a range"),
        (STOCK + DEMAND + "[inputs.g]\nrange = [1, 2, 3]\n", "give its two ends"),
        (STOCK + DEMAND + GROWTH + "grade = 'rumour'\n", "There is no grade of g 'rumour'"),
        ("horizon = 2020\n" + STOCK + DEMAND + GROWTH, "give a later horizon"),
        ("start = 'soon'\n" + STOCK + DEMAND + GROWTH, "The start of the model 'soon' is not a date"),
        ("extends = 'ours.toml'\n", "or itself"),
    ],
)
def test_a_model_that_cannot_be_is_refused(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "ours.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=says):
        nf.wall(path)
