"""The page for a study: self-contained, escaped, and equal to the answers beside it."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from nextflop.errors import StoreError
from nextflop.report.study_page import write_study_report

from .html_page import HOSTILE, Page, check
from .made_study import AXES, make_study, rewrite


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    root = tmp_path_factory.mktemp("study")
    return root, make_study(root)


@pytest.fixture(scope="module")
def page(study: tuple[Path, dict[str, Any]]) -> Path:
    return write_study_report(study[0])


@pytest.fixture
def changed(study: tuple[Path, dict[str, Any]]):
    """The answers, to be changed and shown; the folder has its own back afterwards."""
    root, answers = study
    copy = deepcopy(answers)

    def show(out: Path) -> Page:
        rewrite(root, copy)
        return Page.read(write_study_report(root, out))

    yield copy, show
    rewrite(root, answers)


def test_the_page_lies_in_the_folder_holds_all_it_shows_and_is_whole(page: Path) -> None:
    assert page.name == "report.html"
    check(Page.read(page))


def test_every_section_that_the_contents_name_is_there(page: Path) -> None:
    read = Page.read(page)
    anchors = {link["href"][1:] for link in read.named("a")}
    assert len(anchors) == 11
    assert anchors <= set(read.ids)
    assert len(read.named("figure")) == 8


def test_hostile_names_are_text(page: Path) -> None:
    read = Page.read(page)
    assert "<script" not in read.source
    # The name of the study, a setting, the machine, a finding, notes, checks, runs in two tables, a convention.
    assert read.text.count(HOSTILE.split("$")[0].strip()) > 20


def test_the_first_sentence_is_the_headline(page: Path) -> None:
    read = Page.read(page)
    assert "Spend the next 6e12 FLOP on reinforcement learning. For 1M queries it gains 32.0 points." in read.text
    assert read.named("title") == [{}]


def test_the_numbers_are_those_of_the_answers(page: Path) -> None:
    text = Page.read(page).text
    for shown in (
        "21.7% (19.5% to 23.9%)",  # start
        "61.0% (59.2% to 62.8%)",  # best split
        "94.0% (84.6% to 103.4%)",  # share of samples
        "+32.0 (+28.8 to +35.2)",  # gain of reinforcement learning
        "+8.0 (+7.2 to +8.8)",  # its margin: 0.32 / 4e12 FLOP in points per 1e12
        "5.3 (4.77 to 5.83)",  # crossing
        "180k (162k to 198k)",  # break-even
        "72",  # seconds of supervised training
        "8e13 FLOP supervised",
        "win back 53% of the difference",  # (0.905 - 0.655) / (0.905 - 0.435)
        "the known entropy of the teacher, 0.1939",
    ):
        assert shown in text, shown


def test_the_same_study_gives_the_same_bytes(page: Path, study: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    assert write_study_report(study[0], tmp_path / "again.html").read_bytes() == page.read_bytes()


def test_the_browser_has_nothing_to_say(page: Path, console) -> None:
    assert console(page) == []


def test_what_is_not_known_is_said(changed, tmp_path: Path) -> None:
    answers, show = changed
    for row in answers["exchange"]:
        row["crossing"]["samples"] = {"value": None, "low": 8.0, "high": None}
        row["match"]["samples"] = {"value": 20.0, "low": 12.0, "high": None}
        row["queries"] = {"value": 2e4, "low": None, "high": 4e4}
    answers["seconds"] = {}
    read = show(tmp_path / "page.html")
    check(read)
    assert "do not cross" in read.text
    assert "20 (12 or more)" in read.text
    assert "not kept" in read.text


def test_reinforcement_that_never_pays_back_leaves_out_its_figure(changed, tmp_path: Path) -> None:
    answers, show = changed
    for row in answers["exchange"]:
        row["queries"] = row["match"]["samples"] = {"value": None, "low": None, "high": None}
    read = show(tmp_path / "page.html")
    check(read)
    assert len(read.named("figure")) == 7
    assert "do not reach" in read.text


def test_gains_that_may_be_losses_have_a_straight_axis(changed, tmp_path: Path) -> None:
    answers, show = changed
    for row in answers["axes"]:
        row["per_flop"]["low"] = row["gain"]["low"] = -1e-14
    check(show(tmp_path / "page.html"))


def test_runs_too_flat_for_a_sigmoid_are_shown_without_one(changed, tmp_path: Path) -> None:
    answers, show = changed
    answers["fits"]["curves"] = []
    read = show(tmp_path / "page.html")
    check(read)
    assert "too short or too flat for a sigmoid" in read.text


def test_answers_of_another_make_are_one_sentence(changed, tmp_path: Path) -> None:
    answers, show = changed
    del answers["split"]
    with pytest.raises(StoreError, match=r"answers\.json has no 'split': have the study answered again"):
        show(tmp_path / "page.html")


def test_a_folder_without_a_study_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"Cannot read .*study\.json"):
        write_study_report(tmp_path)


def test_the_axes_have_one_colour_each(page: Path) -> None:
    from nextflop.report.study_data import AXES as STYLES

    assert set(STYLES) == set(AXES)
    assert len(set(STYLES.values())) == len(AXES)
