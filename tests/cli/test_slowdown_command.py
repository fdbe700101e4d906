"""`nextflop slowdown`: what it prints, its exit status, and what it refuses."""

from pathlib import Path

import numpy as np
import pytest

from nextflop.laws import Growth


def write(path: Path, slow: float, more: str = "") -> Path:
    """Fourteen values of a series that doubles twice a year, by a smaller pace from 2024 on."""
    dates = [f"{2019 + month // 12}-{month % 12 + 1:02d}-15" for month in range(0, 84, 6)]
    years = 2019 + np.arange(0, 84, 6) / 12
    worth = years - slow * np.maximum(years - 2023.5, 0)
    value = Growth(-3.0, 2.0)(date=worth) * np.exp(0.15 * np.random.default_rng(3).normal(size=14))
    path.write_text(
        "\n".join(["day,length,who", *(f"{d},{v:.6g},m{d}" for d, v in zip(dates, value, strict=True))]) + more
    )
    return path


ASKED = ("--law", "growth", "--map", "date=day,value=length", "--since", "2024-01-01", "--draws", 199)


def test_a_steady_series_is_not_slow_and_says_what_could_have_been_seen(nextflop, tmp_path: Path) -> None:
    table = write(tmp_path / "steady.csv", 0.0, "\n2025-09-15,,unknown\n")
    done = nextflop("slowdown", table, *ASKED)
    assert done.code == 0
    text = " ".join(done.out.split())
    assert "doubling time" in text
    assert "No slowing seen: the 4 later runs" in text
    assert "The smallest slowdown that would have been seen with a probability of 80% is a mean shortfall of" in text
    assert "1 of 5 later rows and 0 of 10 earlier ones have no value" in text


def test_a_slow_series_ends_with_status_one(nextflop, tmp_path: Path) -> None:
    table = write(tmp_path / "slow.csv", 0.9)
    done = nextflop("slowdown", table, *ASKED, "--json")
    assert done.code == 1
    record = done.json
    assert record["seen"] is True
    assert record["verdicts"][0]["sentence"].startswith("Slowing seen")
    assert record["smallest"]["share"] < 1
    assert set(record["doubling_time"]) == {"before", "since", "all"}
    assert nextflop("slowdown", table, *ASKED, "--better", "lower").code == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--since", "soon"), "The since 'soon' is not a date: write it like 2024-05-12"),
        (("--since", "2030-01-01"), "No run with a value is at date = 2030-01-01 or beyond"),
        (("--since", "2024-01-01", "--from", "2023-13-01"), "is not in the calendar"),
        (("--since", "2024-01-01", "--better", "up"), "give 'lower' or 'higher'"),
        (("--since", "2024-01-01", "--axis", "steps"), "is not an amount"),
        (("--since", "1e21", "--axis", "steps"), "no column 'steps'"),
    ],
)
def test_wrong_use_is_one_sentence(nextflop, tmp_path: Path, words: tuple[str, ...], says: str) -> None:
    table = write(tmp_path / "series.csv", 0.0)
    done = nextflop("slowdown", table, "--law", "growth", "--map", "date=day,value=length", *words)
    assert done.code == 2
    lines = done.err.strip().splitlines()
    assert len(lines) == 1
    assert says in lines[0]
