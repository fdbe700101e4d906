"""What the page of a plan computes by itself, in headless Chromium, against the planner in Python on the same draws."""

import csv
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nextflop.evidence.runs import Runs
from nextflop.fitting import fit
from nextflop.laws import DataConstrained, OverfitPenalty, find
from nextflop.planning.ledger import words
from nextflop.planning.ledger.members import Member, of_constants, of_fit
from nextflop.planning.ledger.plan import Plan, plan
from nextflop.planning.ledger.serving import Serving
from nextflop.planning.ledger.situation import Corpus, Limits, Situation
from nextflop.quantities import show
from nextflop.report import explorable

from .made_plan import PUBLISHED, laws, situation

CLOSE = 0.01
"""What is asked of every number; probabilities are within 0.01 of each other."""
SMALL = 2e-6
"""Loss, up to which a gain counts as none: there both planners see their own rounding."""
FLAT = 400.0
"""Epochs from which on one more is worth less than rounding by any law here, so that the optimum is flat."""

Opened = Callable[..., tuple[str, list[str]]]
Setting = dict[str, Any]


def answers(opened: Opened, folder: Path, asked: Mapping[str, Any], of: Plan | None) -> Any:
    """What the modules of the page answer, all questions in one run of the browser."""
    modules = {path.stem: path.read_text() for path in (Path(explorable.__file__).parent / "explorer").glob("*.js")}
    modules["check"] = Path(__file__).with_name("explorer_check.js").read_text()
    carried = "{}" if of is None else json.dumps(explorable.carried(of))
    page = folder / "check.html"
    page.write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>check</title><body>'
        f'<script type="application/json" id="asked">{json.dumps(asked)}</script>'
        f'<script type="application/json" id="explorer-data">{carried}</script>'
        f'<script type="module">{explorable.bundle(modules, "check")}</script></body></html>'
    )
    document, console = opened(page)
    assert console == []
    found = re.search(r'<pre id="answers">(.*?)</pre>', document, re.DOTALL)
    assert found is not None
    return json.loads(unescape(found[1]))


def test_every_law_is_the_law_of_python(opened, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    asked, expected = [], []
    for name in explorable.FAMILIES:
        law = find(name)
        for _ in range(60):
            values = {
                key: float(rng.uniform(-0.3, 0.3))
                if name == "farseer"
                else float(10 ** rng.uniform(-1, 3))
                if about.log
                else float(rng.uniform(0.05, 1.0))
                for key, about in law.parameters.items()
            }
            inputs = {key: float(10 ** rng.uniform(7, 12)) for key in law.inputs}
            with np.errstate(all="ignore"):
                told = float(law(**values)(**inputs))
            if np.isfinite(told):
                asked.append({"family": name, "parameters": list(values.values()), "inputs": inputs})
                expected.append(told)
    found = answers(opened, tmp_path, {"losses": asked}, None)
    assert found["fields"] == {name: list(find(name).parameters) for name in explorable.FAMILIES}
    assert len(expected) > 50 * len(explorable.FAMILIES)
    np.testing.assert_allclose(np.array(found["losses"], dtype=float), expected, rtol=1e-9)


def test_amounts_are_spelt_as_in_python(opened, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    values = [0.0, 1.0, 999.6, 9996.0, 1e15, 123456.0, *(10 ** rng.uniform(-6, 18, 200)).tolist()]
    asked = [(value, unit, digits) for value in values for unit, digits in (("", 3), ("FLOP", 3), ("$", 2))]
    texts = {"1e22": 1e22, "25B": 25e9, "$0.06": 0.06, "12,800": 12800.0, "1.5k": 1500.0, "3.2T tokens": 3.2e12}
    found = answers(opened, tmp_path, {"amounts": asked, "texts": [*texts, "", "B", "-3"]}, None)
    assert found["shown"] == [show(*one) for one in asked]
    assert found["parsed"] == [*texts.values(), "NaN", "NaN", "NaN"]


def spread(given: Situation, count: int, seed: int) -> list[dict[str, Any]]:
    """Settings over all sliders at once: the plan's own, then a scatter."""
    rng = np.random.default_rng(seed)
    unique = sum(source.usable for source in given.owned)
    priced = {source.name: source.price for source in given.sources if source.price}
    found = [{"budget": given.budget, "unique": unique, "prices": priced, "queries": 0.0, "most_params": None}]
    if given.limits.serving:
        found[0]["latency"] = given.limits.serving.latency
    for _ in range(count):
        budget = given.budget * 10 ** rng.uniform(-1.5, 1.5)
        largest = None if rng.random() < 0.5 else np.sqrt(budget / 120) * 10 ** rng.uniform(-0.8, 0.5)
        served = 0.0 if rng.random() < 0.4 else 10 ** rng.uniform(-2, 0.7) * 20 * np.sqrt(budget / 120) / 1000
        prices = {name: price * 10 ** rng.uniform(-2, 1) for name, price in priced.items()}
        own = unique * 10 ** rng.uniform(-1, 1.3)
        found.append({"budget": budget, "unique": own, "prices": prices, "queries": served, "most_params": largest})
        if serving := given.limits.serving:
            read = np.sqrt(budget / 120) * 10 ** rng.uniform(-0.8, 0.5) * serving.bytes_per_param / serving.chips
            found[-1]["latency"] = None if rng.random() < 0.3 else float(read / serving.bandwidth)
    return found


def in_python(members: list[Member], given: Situation, setting: Mapping[str, Any]) -> Plan:
    """The plan at a setting of the sliders."""
    factor = setting["unique"] / sum(source.usable for source in given.owned)
    sources = tuple(
        replace(one, tokens=one.tokens * factor)
        if one.kind == "owned"
        else replace(one, price=setting["prices"].get(one.name, one.price))
        for one in given.sources
    )
    use = replace(given.use, queries=setting["queries"])
    limits = replace(given.limits, most_params=setting["most_params"] or np.inf)
    if limits.serving:
        limits = replace(limits, serving=replace(limits.serving, latency=setting["latency"] or np.inf))
    return plan(members, given.but(budget=setting["budget"], sources=sources, use=use, limits=limits))


def compare(found: Mapping[str, Any], there: Plan) -> None:
    """Everything that moves with the sliders, number by number."""

    def near(value: float | str, expected: float, small: float = 0.0) -> None:
        assert float(value) == pytest.approx(expected, rel=CLOSE, abs=small, nan_ok=True)

    def span(interval: Mapping[str, float], expected: Any, small: float = 0.0) -> None:
        for end in ("value", "low", "high"):
            near(interval[end], getattr(expected, end), small)

    best = next(one for one in there.options if one.code == found["best"])
    assert best.outcome.value == pytest.approx(there.option(there.best).outcome.value, abs=SMALL)  # of equals, either
    assert [one["code"] for one in found["options"]] == [one.code for one in there.options]
    flop = there.situation.flop
    # Where deadline and money bind at once, and serving takes little, both planners stop within a step of the corner.
    part = 1e-3 if there.situation.training < flop else 1e-4
    for one, expected in zip(found["options"], there.options, strict=True):
        for name in ("params", "tokens", "epochs", "raw"):
            near(one["decision"][name], expected.decision[name])
        for name in ("training", "inference", "text", "unspent"):
            near(one["decision"][name], expected.decision[name], part * flop)
        for name, tokens in expected.added.items():
            near(one["added"][name], tokens, 1e-4 * expected.decision["raw"])
        span(one["outcome"], expected.outcome)
        span(one["gain"], expected.gain, SMALL)
        near(one["regret"], expected.regret, SMALL)
        assert one["same"] == list(expected.same)
        assert one["probability"] == pytest.approx(expected.probability, abs=0.01)
        for law, own in expected.by_law.items():
            # Where budget is left over, repetition may be worth nothing any more, and so may be any amount of it.
            amounts = ("params",) if own["unspent"].value > 0 else ("params", "tokens", "epochs")
            if np.nanmax(own["epochs"]) > FLAT:
                amounts = ()
            for name in ("loss", *amounts):
                span(one["by_law"][law][name], own[name])
    # Bought text is known to a thousandth of it, and where it is just enough for one epoch that moves the margins.
    slack = 1e-5 if there.adds else SMALL
    for one, expected in zip(found["units"], there.units, strict=True):
        assert one["resource"] == expected.resource
        assert one["probability"] == pytest.approx(expected.probability, abs=0.01)
        span(one["gain"], expected.gain, SMALL)
        span(one["marginal"], expected.marginal, slack)
        for law, own in expected.by_law.items():
            span(one["by_law"][law], own, SMALL)
    owned = sum(source.usable for source in there.situation.owned) + sum(there.adds.values())
    by_flop = there.units[0].marginal.low
    for one, expected in zip(found["prices"], there.prices, strict=True):
        if by_flop < slack:  # where one more FLOP buys nothing a token has no price in FLOP
            continue
        if part > 1e-4 and not np.isinf(expected.flop.low):  # nor where some laws have money left over
            continue
        span(one["flop"], expected.flop, slack * flop / (owned * by_flop))
        near(one["asked"], expected.asked)
        if np.isfinite(expected.probability):
            assert one["probability"] == pytest.approx(expected.probability, abs=0.01)
    assert (found["reach"] is None) == (there.reach is None)
    if there.reach is not None:
        for name in ("params", "tokens", "epochs"):
            near(found["reach"]["decision"][name], there.reach.decision[name])
        span(found["reach"]["more"], there.reach.more, SMALL)
    # The range of equally good sizes is told to one of the 81 points of the curve.
    step = float(there.regret.params[1] / there.regret.params[0]) * 1.001
    for ends, expected in zip(found["within"], there.regret.within, strict=True):
        for end, one in zip(ends, expected, strict=True):
            assert one / step <= end <= one * step
    outcomes = {one["code"]: one["outcome"] for one in found["doubts"]}
    assert found["best"] != there.best or outcomes == {one.code: one.outcome.name for one in there.verdicts}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plans without the runs to make before deciding, which do not move with the sliders and take half of the time."""
    monkeypatch.setattr("nextflop.planning.ledger.plan.experiments", lambda *_, **__: ())


def agree(
    opened: Opened, folder: Path, members: list[Member], given: Situation, settings: list[dict[str, Any]]
) -> set[str]:
    """Compares at every setting; returns the options that are best somewhere."""
    there = [in_python(members, given, setting) for setting in settings]
    told = answers(opened, folder, {"settings": settings}, there[0])
    assert [float(one) for one in told["largest"]] == [one.situation.limits.largest for one in there]
    found = told["plans"]
    for one, expected in zip(found, there, strict=True):
        compare(one, expected)
    assert found[0]["headline"] == words.headline(there[0])
    assert [one["sentence"] for one in found[0]["doubts"]] == [one.sentence for one in there[0].verdicts]
    assert [one["name"].lower() for one in found[0]["doubts"]] == [one.name for one in there[0].verdicts]
    return {one["best"] for one in found}


@pytest.mark.usefixtures("quick")
def test_the_page_agrees_with_python_at_settings_over_all_sliders(opened, tmp_path: Path) -> None:
    given = situation(sources=situation().sources[:3])
    published, _, penalty = laws(12)
    best = agree(opened, tmp_path, [published, penalty], given, spread(given, 20, seed=5))
    assert best == {"repeat", "once", "only books", "buy archive"}  # the sliders do reach other answers


@pytest.mark.usefixtures("quick")
def test_it_agrees_with_a_latency_and_a_largest_model_at_once(opened, tmp_path: Path) -> None:
    serving = Serving("H100", 3.35e12, 80e9, chips=2.0, bytes_per_param=1.0, latency=0.003)
    given = situation(sources=situation().sources[:3], limits=Limits(serving=serving))
    settings = spread(given, 12, seed=1)
    limits = [
        (one["most_params"] or np.inf, replace(serving, latency=one["latency"] or np.inf)) for one in settings[1:]
    ]
    held = {
        "size" if most < served.most_params else "memory" if "memory" in served.why else "time"
        for most, served in limits
    }
    assert held == {"size", "memory", "time"}
    published, _, penalty = laws(12)
    agree(opened, tmp_path, [published, penalty], given, settings)


@pytest.mark.usefixtures("quick")
def test_a_plan_far_beyond_the_runs_says_so_in_the_same_words(opened, tmp_path: Path) -> None:
    members, (web, *_) = laws(12)[1:], situation().sources
    scarce, plenty = (
        situation(budget=1e23, sources=(web,)),
        situation(budget=1e25, sources=(replace(web, tokens=8e12),)),
    )
    settings = [spread(given, 0, seed=1)[0] for given in (plenty, scarce)]
    agree(opened, tmp_path, members, plenty, settings)
    far, near = (words.headline(in_python(members, plenty, setting)) for setting in settings)
    assert "beyond the runs in parameters" in far
    assert "keep 79% of the budget" in near


@pytest.mark.usefixtures("quick")
def test_it_agrees_where_a_deadline_binds_the_training_alone(opened, tmp_path: Path) -> None:
    given = situation(sources=situation().sources[:3], limits=Limits(most_training=3e21))
    settings = spread(given, 8, seed=11)
    assert {one["budget"] < 3e21 for one in settings} == {True, False}
    published, _, penalty = laws(12)
    agree(opened, tmp_path, [published, penalty], given, settings)
    late = situation(limits=Limits(most_training=3e21))  # all text together too
    agree(opened, tmp_path, laws(4), late, spread(late, 1, seed=12))


@pytest.mark.usefixtures("quick")
def test_it_agrees_with_text_that_is_made_too(opened, tmp_path: Path) -> None:
    agree(opened, tmp_path, laws(8), situation(), spread(situation(), 1, seed=8))


@pytest.mark.slow
@pytest.mark.usefixtures("quick")
def test_the_page_agrees_with_python_with_every_kind_of_source(opened, tmp_path: Path) -> None:
    best = agree(opened, tmp_path, laws(200), situation(), spread(situation(), 30, seed=5))
    assert best >= {"repeat", "buy archive", "make rephrased", "together"}


@pytest.mark.slow
@pytest.mark.usefixtures("quick")
def test_the_page_agrees_with_python_on_fits_of_the_public_runs(opened, tmp_path: Path, public_data: Path) -> None:
    with (public_data / "datablations" / "data_constrained_runs.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["in_published_fit"] == "1"]
    columns = {"params": "params", "tokens": "tokens", "unique_tokens": "unique_tokens", "loss": "val_loss"}
    runs = Runs({name: np.array([float(row[key]) for row in rows]) for name, key in columns.items()})
    fits = [of_fit(fit(law, runs, draws=400), runs, weight=0.45) for law in (DataConstrained, OverfitPenalty)]
    members = [of_constants(PUBLISHED, "published", "arXiv:2305.16264", 0.1), *fits]
    given = Situation(
        1e22, flop_price=1.4e-18, sources=(Corpus("web", 25e9), Corpus("lic", 1e12, kind="licensed", price=1e-6))
    )
    agree(opened, tmp_path, members, given, spread(given, 20, seed=6))


def test_a_setting_without_an_answer_says_why(opened, tmp_path: Path) -> None:
    members, given = laws(10), situation()
    here = spread(given, 0, 0)[0]
    found = answers(opened, tmp_path, {"settings": [here | {"queries": 1e30}]}, plan(members, given))
    assert "leaves nothing to train on" in found["plans"][0]["why"]
