"""The page of a plan: complete without a script, safe with one, and as the planner says wherever its sliders go."""

import base64
import json
import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import numpy as np
import pytest

from nextflop.errors import InputError
from nextflop.evidence.runs import Runs
from nextflop.planning.ledger import words
from nextflop.planning.ledger.offered import check_budget
from nextflop.planning.ledger.plan import Plan, plan
from nextflop.planning.ledger.serving import Serving
from nextflop.planning.ledger.situation import Limits, Use
from nextflop.report import explorable, plan_words
from nextflop.report.plan_page import plan_page

from .html_page import HOSTILE, Page, check
from .made_plan import hostile, laws, made, situation, without_data
from .test_explorer import in_python, spread

RUNS = Runs({"params": np.array([1e8, 1e9]), "tokens": np.array([2e9, 2e10])}, source="runs <1>.csv")
TRAINER = "train --params {params} --tokens {tokens} --unique {unique_tokens}"
_SCRIPT = re.compile(r"<script([^>]*)>(.*?)</script>", re.DOTALL)


@pytest.fixture(scope="module")
def found() -> Plan:
    return made(40, use=Use(2e8, 1000.0))


@pytest.fixture(scope="module")
def source(found: Plan) -> str:
    return plan_page(found, RUNS, trainer=TRAINER, command="nextflop plan …")


def scripts(source: str) -> list[tuple[str, str]]:
    return _SCRIPT.findall(source)


def without_scripts(source: str) -> Page:
    """What is left where nothing runs."""
    return Page(_SCRIPT.sub("", source))


def test_the_page_is_whole_without_a_script(source: str, found: Plan) -> None:
    page = without_scripts(source)
    check(page)
    ids = {"answer", "options", "next", "token", "size", "by-law", "before", "assumed", "laws", "split", "chances"}
    assert ids | {"units", "regret"} <= set(page.ids)
    assert page.named("section")[0]["hidden"] == ""  # the sliders, which nothing moves
    text = page.text
    for sentence in (*plan_words.answer(found), plan_words.next_unit(found), *plan_words.token(found)):
        assert sentence in text
    for verdict in found.verdicts:
        assert verdict.sentence in text
    assert text.index(found.verdicts[0].sentence) < text.index("The options, on one ledger")
    assert "a price list" in text
    assert "2, from runs <1>.csv" in text
    assert RUNS.digest in text
    assert "nextflop plan …" in text
    assert "2026-10-01" in text


def test_the_numbers_are_those_of_the_plan(source: str, found: Plan) -> None:
    text = without_scripts(source).text
    for option in found.options:
        assert f"{option.outcome.value:.3f}" in text
        assert f"{option.outcome.low:.3f} to {option.outcome.high:.3f}" in text
    for unit in found.units:
        assert f"{unit.gain.value:.4f}" in text
    for experiment in found.experiments:
        assert words.run(experiment, TRAINER) in text
        assert words.worth(experiment, found) in text  # as the terminal says it
    assert plan_words.headline(found).rstrip(".") in words.headline(found)
    assert re.search(r"Epochs there run from [0-9.]+k? at the smallest model shown to [0-9.]+ at the largest", text)
    assert f"under {words.freest(found).name}, with the" in text


def test_two_scripts_and_no_other_may_run(source: str) -> None:
    (kind, data), (module, text) = scripts(source)
    assert kind == ' type="application/json" id="explorer-data"'
    assert module == ' type="module"'
    assert json.loads(data)["planned"]["best"]
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', source)
    assert policy is not None
    assert policy[1] == (
        f"default-src 'none'; script-src '{explorable.digest(text)}'; style-src 'unsafe-inline'; img-src data:"
    )


def test_nothing_in_it_reaches_for_the_network(source: str) -> None:
    assert "http" not in source.replace("http-equiv", "")
    for word in ("fetch(", "XMLHttpRequest", "WebSocket", "sendBeacon", "EventSource", "import(", "eval(", "innerHTML"):
        assert word not in source
    assert len(source.encode()) < 2_000_000


def test_the_same_plan_gives_the_same_bytes(source: str, found: Plan) -> None:
    assert plan_page(found, RUNS, trainer=TRAINER, command="nextflop plan …") == source


def test_hostile_names_are_text(opened, tmp_path: Path) -> None:
    source = plan_page(hostile(), trainer=f"{HOSTILE} {{params}}", command=HOSTILE)
    check(without_scripts(source))
    assert len(scripts(source)) == 2
    assert source.count("<script") == source.count("</script") == 2
    page = tmp_path / "plan.html"
    page.write_text(source)
    document, console = opened(page, patience=20_000)
    assert console == []
    assert document.count("<script") == 2
    assert 'data-state="done"' in document
    assert Page(document).named("x") == []
    assert not [name for _, attributes in Page(document).tags for name in attributes if name.startswith("on")]


def test_a_plan_in_dollars_without_data_has_a_page_too(opened, tmp_path: Path) -> None:
    found = without_data()
    source = plan_page(found)
    page = without_scripts(source)
    check(page)
    assert "token" not in page.ids
    assert "chances" not in page.ids
    assert "$1M" in page.text
    path = tmp_path / "plan.html"
    path.write_text(source)
    document, console = opened(path, patience=20_000)
    assert console == []
    assert f'id="x-said">{words.headline(found)}<' in document
    assert ">Unique tokens owned<" not in document


def test_a_law_that_the_page_does_not_know_leaves_it_as_planned(found: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explorable, "FAMILIES", ("chinchilla",))
    source = plan_page(found)
    check(Page(source))  # which has no script at all
    assert "script-src" not in source
    assert "Explore" not in Page(source).text


def test_an_option_of_another_kind_stands_on_the_page_and_does_not_move(opened, tmp_path: Path, found: Plan) -> None:
    one = found.options[0]
    other = replace(
        one, code="search", name="more samples", decision={"samples": 64.0}, amounts={}, by_law={}, added={}
    )
    source = plan_page(replace(found, options=(*found.options, other)))
    check(without_scripts(source))
    assert "not weighed here: more samples." in source
    page = tmp_path / "plan.html"
    page.write_text(source)
    document, console = opened(page, "budget=3e22", patience=20_000)
    assert console == []
    assert 'data-state="done"' in document


def test_too_many_draws_are_thinned_evenly_and_that_is_said(monkeypatch: pytest.MonkeyPatch, found: Plan) -> None:
    numbers = sum(member.rows * len(member.law.values) for member in found.members)
    monkeypatch.setattr(explorable, "_MOST", numbers // 2)
    carried = explorable.carried(found)
    assert carried["share"] == pytest.approx(0.5, abs=0.01)
    for law, member in zip(carried["laws"], found.members, strict=True):
        rows = np.frombuffer(base64.b64decode(law["values"])).reshape(-1, len(member.law.values))
        assert len(rows) == (1 if member.rows == 1 else 1 + (member.rows - 1) * numbers // 2 // numbers)
        every = np.hstack([np.asarray(part) for part in member.law.values.values()])
        np.testing.assert_array_equal(rows[0], every[0])
        assert all((row == every[1:]).all(axis=1).any() for row in rows[1:])


def test_all_draws_are_carried_as_they_are(found: Plan) -> None:
    for law, member in zip(explorable.carried(found)["laws"], found.members, strict=True):
        rows = np.frombuffer(base64.b64decode(law["values"])).reshape(member.rows, -1)
        np.testing.assert_array_equal(rows, np.hstack([np.asarray(part) for part in member.law.values.values()]))


def test_opened_it_shows_the_plan_and_a_shared_address_its_setting(
    opened, tmp_path: Path, source: str, found: Plan
) -> None:
    page = tmp_path / "plan.html"
    page.write_text(source)
    document, console = opened(page, patience=20_000)
    assert console == []
    assert f'id="x-said">{words.headline(found)}<' in document
    assert "Computed in this page from all 80 draws." in document
    given = situation(use=Use(2e8, 1000.0))
    setting = spread(given, 0, 0)[0] | {"budget": 3e22, "queries": 1e8, "unique": 1e10, "most_params": 6e9}
    setting["prices"] = setting["prices"] | {"archive": 1e-7}
    there = in_python(laws(40), given, setting)
    address = "budget=3e22&queries=1e8&unique=1e10&largest=6e9&price.archive=1e-7"
    document, console = opened(page, address, patience=20_000)
    assert console == []
    assert f'id="x-said">{words.headline(there)}<' in document
    assert 'class="moved ready"' in document
    for verdict in there.verdicts:
        assert verdict.sentence in unescape(document)


def test_sliders_fields_and_reset_move_the_plan(opened, tmp_path: Path, source: str, found: Plan) -> None:
    page = tmp_path / "plan.html"
    drive = Path(__file__).with_name("explorer_drive.js").read_text()
    free = re.sub(r"<meta http-equiv=[^>]*>", "", source)  # the policy would not let the test drive
    page.write_text(free.replace("</body>", f"<script>{drive}</script></body>"))
    document, console = opened(page, patience=120_000)
    assert console == []
    told = re.search(r'<pre id="log">(.*?)</pre>', document, re.DOTALL)
    assert told is not None
    log = json.loads(unescape(told[1]))
    assert log["before"] == log["reset"] == words.headline(found)
    assert (log["closed"], log["opened"]) == ("none", "block")  # as planned the answer stands above, and once
    assert log["moved"] != log["before"]
    assert (log["silent"], log["hasty"], log["live"]) == ("", "", 1)
    assert log["heard"].startswith(f"{log['moved']} fail: The laws disagree on ")  # what is passed is not said
    assert all(log["noted"])
    assert log["during"] == "waiting"
    assert log["hash"].startswith("#budget=")
    assert log["moved"].startswith(f"With {log['spoken']} FLOP, train ")
    assert log["typed"].startswith("With 2.5e22 FLOP, train ")
    assert log["field"] == log["spoken"]
    assert log["invalid"] == "true"
    assert log["refused"] == "“a lot” is not an amount above 0: the answer is still for 2.5e22."
    assert log["told"] == log["refused"]
    assert log["kept"] == log["typed"]
    with pytest.raises(InputError) as little:
        check_budget(replace(found.situation, budget=1e12), found.smallest)
    assert log["little"] == str(little.value)
    assert log["address"] == ""
    assert log["back"] == [log["first"], "1e22"]
    assert all(log["labels"])
    assert len(log["labels"]) == 6


def test_a_latency_is_a_slider_where_the_situation_says_what_serves(opened, tmp_path: Path) -> None:
    limits = Limits(serving=Serving("H100", 3.35e12, 80e9, 2.0, 1.0, 0.01))
    given = situation(sources=situation().sources[:2], limits=limits)
    page = tmp_path / "plan.html"
    page.write_text(plan_page(plan(laws(10), given)))
    document, console = opened(page, "latency=0.0005", patience=20_000)
    assert console == []
    assert ">Latency a token, 2 H100, 1 byte a parameter<" in document
    assert "3.35B parameters at most, by the time to read them" in document
    there = in_python(laws(10), given, spread(given, 0, 0)[0] | {"latency": 0.0005})
    assert f'id="x-said">{words.headline(there)}<' in document


def test_modules_are_joined_in_the_order_of_need() -> None:
    modules = {
        "a": 'import { two } from "./b.js";\n\nconst one = 1;\nexport const three = one + two;\n',
        "b": "const one = 1;\nexport const two = one + one;\nexport function* more() {}\n",
    }
    text = explorable.bundle(modules, "a")
    assert text.index("const two") < text.index("const three")
    assert "return { two, more };" in text
    assert "import" not in text
    assert "export" not in text
