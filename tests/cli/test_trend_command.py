"""`nextflop trend`: what it prints, its exit status, and what it refuses."""

from pathlib import Path

import numpy as np
import pytest

MAP = ("--map", "date=day,value=score")


def write(path: Path, slow: float = 0.0, more: str = "", silent: bool = False) -> Path:
    """Twenty-four values that grow by 1.2 e-foldings a year, by less from 2022 on; with more rows below."""
    rng = np.random.default_rng(2)
    rows = []
    for index in range(24):
        year = 2019 + index / 4
        value = np.exp(1.2 * (year - 2019) - slow * max(year - 2022, 0) + 0.1 * rng.normal())
        day = f"{int(year)}-{1 + 3 * (index % 4):02d}-15"
        rows.append(f"{day},{'' if silent and index % 5 == 4 else f'{value:.6g}'},m{index},{'ab'[index % 2]}")
    path.write_text("\n".join(["day,score,who,lab", *rows]) + more)
    return path


def test_without_a_series_it_lists_them(nextflop) -> None:
    done = nextflop("trend")
    assert done.code == 0
    assert all(name in done.out for name in ("metr", "eci", "compute", "datasets", "cost", "crawl"))
    listed = nextflop("trend", "--json").json["series"]
    assert {one["name"] for one in listed} >= {"metr", "eci"}
    assert all(one["meaning"] and one["set"] for one in listed)


def test_a_steady_series_says_what_it_could_not_see(nextflop, tmp_path: Path) -> None:
    table = write(tmp_path / "steady.csv")
    done = nextflop(
        "trend", table, *MAP, "--draws", 200, "--to", "2026-01-01", "--reach", "1e4", "--meaning", "inputs against time"
    )
    assert done.code == 0
    text = " ".join(done.out.split())
    assert "No slowing seen (inputs against time, since 2022-01-15): doubling every" in text
    assert (
        "The smallest slowdown that would have been seen with a probability of 80% is one from doubling every" in text
    )
    assert "On 2026-01-01, if the pace lasts:" in text
    assert "10k is reached on 2026-" in text
    assert "(sha256 " in text


def test_a_series_that_slows_ends_with_status_one(nextflop, tmp_path: Path) -> None:
    table = write(tmp_path / "slow.csv", 0.9)
    done = nextflop(
        "trend", table, *MAP, "--draws", 200, "--since", "2022-01-01", "--window", "2019-01-01..2022-01-01", "--json"
    )
    assert done.code == 1
    record = done.json
    assert record["slowing"] is True
    assert record["verdicts"][0]["outcome"] == "fail"
    early = record["windows"][1]
    assert (early["start"], early["end"]) == ("2019-01-15", "2022-01-01")
    assert early["doubling_days"]["plain"]["value"] == pytest.approx(365.25 * np.log(2) / 1.2, rel=0.05)


def test_rows_without_a_value_are_counted_and_read_in_several_ways(nextflop, tmp_path: Path) -> None:
    table = write(tmp_path / "silent.jsonl.csv", silent=True, more="\n2025-03-01,,late,a\n")
    done = nextflop(
        "trend",
        table,
        "--map",
        "date=day,value=score,group=lab,name=who",
        "--rule",
        "record",
        "--draws",
        200,
        "--since",
        "2022-01-01",
    )
    text = " ".join(done.out.split())
    assert "unknown (the answer)" in text
    assert "none above the record" in text
    assert "ten times above" in text
    assert "Rows with a value, of groups that have been at the frontier, by quarter:" in text
    assert "have no value: they are left out as unknown, and not read as poor" in text
    assert done.code == 0


def test_the_page_holds_the_answer(nextflop, tmp_path: Path) -> None:
    table = write(tmp_path / "steady.csv")
    done = nextflop("trend", table, *MAP, "--draws", 200, "--page", "trend.html", "--json")
    assert done.code == 0
    assert "Page: trend.html" in done.err
    assert done.json["slowing"] is False
    assert "No slowing is seen since 2022-01-15" in (tmp_path / "trend.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (
            ("mert",),
            "There is no public series 'mert'; did you mean 'metr'? Choose one of compute, cost, crawl, datasets",
        ),
        (("absent.csv",), "Cannot read absent.csv"),
        (("steady.csv",), "has no column 'date' for date"),
        (("steady.csv", "--map", "date=day,score=score"), "There is no quantity of a series 'score'"),
        (("steady.csv", "--map", "date=day,value=who"), "the value 'm0' is not an amount"),
        (("steady.csv", "--map", "date=score,value=score"), "is not a date"),
        (("steady.csv", *MAP, "--scale", "root"), "There is no scale 'root'"),
        (("steady.csv", *MAP, "--floor", "0.25"), "A floor or a ceiling belongs to the scale logit, not to log"),
        (("steady.csv", *MAP, "--scale", "logit", "--floor", "1"), "The floor 1 is not below the ceiling 1"),
        (
            ("steady.csv", *MAP, "--scale", "logit"),
            "is above the ceiling 1: give the ceiling in the unit of the values",
        ),
        (("steady.csv", *MAP, "--rule", "best"), "The frontier rule 'best' is not known"),
        (("steady.csv", *MAP, "--window", "2020"), "has no two ends: write it like 2023-07-01..2024-11-01"),
        (("steady.csv", *MAP, "--since", "soon"), "The since 'soon' is not a date"),
        (("steady.csv", *MAP, "--since", "1999-01-01"), "Slowing since 1999-01-01 cannot be asked"),
        (("steady.csv", *MAP, "--reach", "many"), "is not an amount"),
        (("steady.csv", *MAP, "--alarm", "0.9"), "The false-alarm rate 0.9 cannot be used"),
        (("metr", "--scale", "log"), "is a public series, whose columns and scale are declared"),
    ],
)
def test_wrong_use_is_one_sentence(nextflop, tmp_path: Path, words: tuple[str, ...], says: str) -> None:
    write(tmp_path / "steady.csv")
    done = nextflop("trend", *words, "--draws", 200)
    assert done.code == 2
    assert done.out == ""
    assert len(done.err.strip().splitlines()) == 1
    assert says in done.err


def test_a_value_beyond_the_scale_is_named(nextflop, tmp_path: Path) -> None:
    table = write(tmp_path / "steady.csv", more="\n2025-01-15,-3,bad,a\n")
    done = nextflop("trend", table, *MAP)
    assert done.code == 2
    assert "The value -3 does not lie on the scale log: take another scale, or correct the row" in done.err


def test_too_few_values_are_no_answer(nextflop, tmp_path: Path) -> None:
    table = tmp_path / "few.csv"
    table.write_text("date,value\n2020-01-01,1\n2021-01-01,2\n2022-01-01,\n")
    done = nextflop("trend", table)
    assert done.code == 1
    assert "too few for a pace" in done.err
    table.write_text("date,value\n2020-01-01,\n")
    assert nextflop("trend", table).code == 2
