"""The page for the data wall: self-contained, escaped, and saying what the forecasts say."""

from collections.abc import Callable
from pathlib import Path

import pytest

from nextflop.outlook.wall.backtest import backtest
from nextflop.outlook.wall.forecast import wall
from nextflop.outlook.wall.reproduction import reproduce
from nextflop.report import wall_words
from nextflop.report.wall_page import write_wall_report

from .html_page import HOSTILE, Page, check

DRAWS = 3_000
ASKED = {"stock": "3T", "largest": "500B"}


def written(path: Path, *models: str | Path, tables: bool = False, year: float | None = 2028.0, **how: object) -> Page:
    found = [wall(model, draws=DRAWS, **how) for model in models]
    made = write_wall_report(path, found, year, reproduce(DRAWS), backtest() if tables else None, "nextflop wall")
    return Page.read(made)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Page:
    return written(tmp_path_factory.mktemp("wall") / "new" / "wall.html", "restart-2025", "published", "code")


def test_the_page_holds_all_it_shows_and_is_whole(page: Page) -> None:
    check(page)


def test_the_numbers_are_those_of_the_forecasts(page: Page) -> None:
    for model in ("restart-2025", "published", "code"):
        found = wall(model, draws=DRAWS)
        assert wall_words.span(found.passage, found.level) in page.text
        assert found.model.digest in page.text
    first = wall("restart-2025", draws=DRAWS)
    assert wall_words.headline(first) in page.text
    assert wall_words.claimed([first], 2028).removesuffix(".") in page.text
    assert "pages · bytes_per_page · quality · repetition / bytes_per_token, of 2024" in page.text
    assert "access until 2030" in page.text
    for one in first.model.inputs.values():
        assert one.source in page.text


def test_it_says_what_is_from_memory_what_was_said_when_and_what_does_not_follow(page: Page) -> None:
    assert "bytes_per_token, quality, archive_growth, code_share are quoted from memory" in page.text
    assert "arXiv:2211.04325v1" in page.text
    assert "compute draws lost, see below" in page.text
    assert "2028 [2026, 2032]" in page.text
    assert {"wall-fan", "wall-dates", "wall-drivers"} <= {figure["id"] for figure in page.named("figure")}
    assert "wall-records" not in page.source


def test_public_tables_are_shown_where_they_are(
    tmp_path: Path, public_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEXTFLOP_MIRROR", str(public_data))
    page = written(tmp_path / "wall.html", "restart-2025", tables=True)
    check(page)
    assert "wall-records" in {figure["id"] for figure in page.named("figure")}
    assert "Of 6 records a year ahead" in page.text


def test_a_hostile_model_is_text(tmp_path: Path) -> None:
    hostile = HOSTILE.replace("\\", "").replace('"', "'")
    path = tmp_path / "ours.toml"
    path.write_text(
        f'extends = "restart-2025"\ntitle = "{hostile}"\ndomain = "{hostile}"\nnotes = ["{hostile}"]\n'
        f'[inputs.quality]\nmeaning = "{hostile}"\nunit = "{hostile}"\nrange = [0.1, 0.2]\nsource = "{hostile}"\n'
        f'[[records]]\nname = "{hostile}"\ndate = 2026.0\ntokens = "40T"\n'
    )
    page = written(tmp_path / "wall.html", path)
    check(page)
    assert "<script" not in page.source
    assert page.text.count("alert(1)") >= 5


@pytest.mark.parametrize(
    ("settings", "year"),
    [
        ({"pages": "1B..2B"}, 2028.0),  # passed at the start
        ({"growth": "-0.2..-0.1"}, None),  # never
        ({"growth": "0..0.06"}, 2090.0),  # mostly never
    ],
)
def test_dates_without_a_date_have_a_page_too(tmp_path: Path, settings: dict, year: float | None) -> None:
    page = written(tmp_path / "wall.html", "restart-2025", year=year, settings=settings)
    check(page)
    assert "nan" not in page.text.split()


def test_all_known_inputs_leave_one_date_and_a_page(tmp_path: Path) -> None:
    from nextflop.outlook.wall.load import load

    known = {name: 1.0 for name in load("restart-2025").inputs} | {
        "pages": 3e11, "bytes_per_page": 7e3, "bytes_per_token": 4.0, "quality": 0.2, "largest": 3.6e13, "growth": 0.4,
    }  # fmt: skip
    model = load("restart-2025", known)
    found = wall(model, draws=DRAWS)
    assert found.interval == (found.median, found.median)
    assert not found.drivers
    check(Page.read(write_wall_report(tmp_path / "wall.html", [found], None, reproduce(DRAWS), None, "nextflop wall")))


def test_a_browser_finds_nothing_to_complain_of(tmp_path: Path, console: Callable[[Path], list[str]]) -> None:
    written(tmp_path / "wall.html", "own", settings=ASKED)
    assert console(tmp_path / "wall.html") == []
