"""`nextflop wall`: what it prints, its exit status, its page, and what it refuses."""

import re
from pathlib import Path

import pytest

DRAWS = ("--draws", 5_000)


def test_the_models_stand_side_by_side_with_the_claim(nextflop) -> None:
    done = nextflop("wall", "--before", 2028, *DRAWS)
    assert done.code == 1  # not under the published model
    text = " ".join(done.out.split())
    assert "The largest runs outgrow text of the indexed web in 2027.8." in text
    assert re.search(r"That the wall comes before 2028 has a probability of 5\d% under restart-2025, 9\d% under", text)
    assert re.search(r"and 1\d% under published\.", text)
    assert "What moves the date of restart-2025" in text
    assert "read, 2024-06: arXiv:2211.04325v2, section 2.3.1" in text
    assert "The file of compute draws behind the published mixture is absent" in text
    lines = done.out.splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert any(line.startswith("restart-2025-once ") for line in lines)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), 0),
        (("restart-2025", "--before", "2028"), 0),
        (("restart-2025", "--before", "2028", "--probability", "0.9"), 1),
        (("restart-2025", "published", "--before", "2028"), 1),
        (("restart-2025", "--before", "2028", "--set", "growth=-0.1..0.01"), 1),
        (("restart-2025-once", "--before", "2028-01", "--probability", "0.9"), 0),
        (("--list",), 0),
    ],
)
def test_the_status_is_one_where_some_model_says_no(nextflop, words: tuple[str, ...], code: int) -> None:
    assert nextflop("wall", *words, *DRAWS).code == code


def test_json_has_the_models_their_sources_and_the_answer(nextflop) -> None:
    done = nextflop("wall", "restart-2025", "code", "--before", 2028, "--reproduce", "--json", *DRAWS)
    record = done.json
    assert record["before"]["holds"] is True
    assert set(record["before"]["probability"]) == {"restart-2025", "code"}
    first, code = record["models"]
    assert len(first["digest"]) == 64
    assert first["assumptions"]["inputs"]["pages"]["source"].startswith("arXiv:2211.04325v2")
    assert "quality" in code["from_memory"]
    assert record["claims"][0]["probability"]["code"] is None
    assert any(row["agrees"] is False for row in record["reproduction"]["rows"])
    assert record["backtest"] is None


def test_one_s_own_stock_and_inputs_in_the_words_of_the_user(nextflop, tmp_path: Path) -> None:
    own = nextflop("wall", "own", "--set", "stock=3T", "--start", "500B@2026.5", "--json", *DRAWS).json["models"][0]
    assert own["assumptions"]["inputs"]["stock"]["grade"] == "given"
    assert 2027 < own["median"] < 2031
    more = nextflop("wall", "own", "--set", "stock=30T", "--start", "500B@2026.5", "--json", *DRAWS).json["models"][0]
    assert more["median"] > own["median"]
    (tmp_path / "ours.toml").write_text('extends = "restart-2025"\n[inputs.quality]\nvalue = 0.3\n')
    ours = nextflop("wall", "ours.toml", "--correlate", "pages:growth=0.4", "--level", 0.9, *DRAWS)
    assert ours.code == 0
    assert "Correlated: pages with growth 0.4." in ours.out


def test_what_has_passed_and_what_never_comes_are_said(nextflop) -> None:
    past = nextflop("wall", "restart-2025", "--set", "pages=1B..2B", *DRAWS).out
    assert "The largest runs had outgrown text of the indexed web by 2025.3." in past
    never = " ".join(nextflop("wall", "restart-2025", "--set", "growth=-0.1..0", *DRAWS).out.split())
    assert "do not outgrow text of the indexed web by 2100" in never
    assert "in >99% of paths demand stays below the stock until 2100" in never


def test_public_tables_are_read_where_they_are(
    nextflop, public_data: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NEXTFLOP_MIRROR", str(public_data))
    text = " ".join(nextflop("wall", "restart-2025", "--backtest", *DRAWS).out.split())
    assert "ten largest by compute at release" in text
    assert "Of 6 records a year ahead, 2 fell within" in text
    assert "CC-MAIN-2024-42" in text
    monkeypatch.setenv("NEXTFLOP_MIRROR", str(tmp_path))
    monkeypatch.setenv("NEXTFLOP_CACHE", str(tmp_path))
    absent = nextflop("wall", "restart-2025", "--backtest", *DRAWS)
    assert absent.code == 2
    assert "is not on this machine" in absent.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("restart",), "There is no model of the data wall 'restart'"),
        (("nowhere.toml",), "Cannot read nowhere.toml"),
        (("own",), "The model needs stock from you"),
        (("--set", "pages=-5"), "give only values above 0"),
        (("--set", "quality=0.4..0.1"), "is reversed"),
        (("--set", "quality=0.2..0.2"), "has no width"),
        (("--set", "quality"), "'quality' is not a setting"),
        (("--set", "mood=1"), "There is no input of restart-2025, restart-2025-once, published 'mood'"),
        (("--set", "quality=1", "--set", "quality=2"), "quality is set twice"),
        (("--before", "soon"), "The before 'soon' is not a date"),
        (("--before", "2020"), "say nothing of a passage before 2020"),
        (("--start", "36T"), "has no date"),
        (("--probability", "1"), "give a number between 0 and 1"),
        (("--correlate", "quality=0.5"), "names no pair"),
        (("--correlate", "quality:repetition=2"), "give one from -1 to 1"),
        (("--draws", "3"), "give 100 or more"),
        (("--level", "80"), "give a level between 0 and 1"),
        (("--seed", "-1"), "give 0 or more"),
    ],
)
def test_wrong_use_is_one_sentence(nextflop, words: tuple[str, ...], says: str) -> None:
    done = nextflop("wall", *words)
    assert done.code == 2
    lines = done.err.strip().splitlines()
    assert len(lines) == 1
    assert says in lines[0]
