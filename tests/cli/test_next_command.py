"""`nextflop next`: what it prints and writes, and when the answer is no."""

import csv
import json
from pathlib import Path

import pytest

from nextflop.planning.next_runs import LITTLE

GRID = "params=1e8:1e10:3,tokens=1e9:1e11:3"
TARGET = "params=7e9,tokens=1.4e12"
RUNS = [(n, d) for n in (3e7, 1e8, 3e8, 1e9) for d in (1e9, 3e9, 1e10, 3e10)]
MAP = "params=N,loss=final loss"


@pytest.fixture
def few(runs: Path) -> Path:
    """Twenty of the runs, cheap ones, and no diverged one."""
    lines = runs.read_text().splitlines()
    runs.write_text("\n".join(lines[:21]) + "\n")
    return runs


def test_it_says_which_runs_to_make_what_they_cost_and_why(nextflop, few: Path) -> None:
    words = ["next", few, "--map", MAP, "--candidates", GRID, "--target", TARGET, "--spend", "2e20"]
    done = nextflop(*words, "--law", "chinchilla", "--out", "plan/next.csv")
    assert done.code == 0
    text = " ".join(done.out.split())
    assert "Runs to make next" in text
    assert "Total " in text
    assert "Expected: standard deviation of the target" in text
    assert "chinchilla 100%" in text
    with Path("plan/next.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["N", "tokens", "cost", "removes"]
    assert all(float(row["cost"]) == pytest.approx(6 * float(row["N"]) * float(row["tokens"])) for row in rows)
    assert sum(float(row["cost"]) for row in rows) <= 2e20


def test_the_json_has_the_plan(nextflop, few: Path) -> None:
    words = ["next", few, "--map", MAP, "--candidates", GRID, "--budget", "1e24", "--spend", "2e20", "--at-most", "2"]
    done = nextflop(*words, "--law", "chinchilla,chinchilla[beta=alpha]", "--json")
    assert done.code == 0
    found = done.json
    assert len(found["runs"]) == len(found["rows"]) <= 2
    assert found["total"] == sum(run["cost"] for run in found["runs"]) <= found["spend"]
    assert found["after"] < found["before"]
    assert found["measure"].startswith("expected loss")
    assert set(found["runs"][0]) == {"params", "tokens", "cost", "removes", "why"}


def test_without_runs_it_says_where_to_begin(nextflop) -> None:
    done = nextflop("next", "--candidates", GRID, "--target", TARGET, "--spend", "1e21")
    assert done.code == 0
    assert "too few for a law" in done.out


def test_candidates_and_targets_may_be_tables_with_costs_of_their_own(nextflop, few: Path) -> None:
    Path("grid.csv").write_text("N,tokens,hours\n1e9,1e10,5\n3e9,1e10,9\n1e8,3e9,1\n")
    Path("goal.csv").write_text("N,tokens\n7e9,1.4e12\n")
    words = ["next", few, "--map", MAP, "--candidates", "grid.csv", "--target", "goal.csv", "--spend", "9"]
    done = nextflop(*words, "--law", "chinchilla", "--cost", "hours", "--json")
    assert done.code == 0
    assert {run["cost"] for run in done.json["runs"]} <= {5.0, 9.0, 1.0}
    assert done.json["total"] <= 9


def test_where_no_run_would_change_the_answer_the_exit_status_says_so(nextflop, few: Path) -> None:
    Path("grid.csv").write_text("\n".join(",".join(row.split(",")[:2]) for row in few.read_text().splitlines()))
    words = ["next", few, "--map", MAP, "--candidates", "grid.csv", "--target", TARGET, "--spend", "1e21"]
    done = nextflop(*words, "--law", "chinchilla", "--out", "next.csv")
    assert done.code == 1
    assert "has been run" in done.out
    assert not Path("next.csv").exists()
    told = nextflop(*words, "--law", "chinchilla", "--json")
    assert told.code == 1
    assert told.json["runs"] == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"--spend": "1e10"}, "cheapest candidate costs"),
        ({"--spend": "-1"}, "not positive"),
        ({"--spend": "$5k"}, "counts dollars, and it takes FLOP"),
        ({"--candidates": "params=1e8:1e10:3,tokens=$1e9:1e11:3"}, "counts dollars, and it takes tokens"),
        ({"--candidates": "params=1e8:1e10:3"}, "does not say what tokens"),
        ({"--candidates": "no.csv"}, "neither a file nor a grid"),
        ({"--candidates": "kl=1:2:3"}, "name some with --law"),
        ({"--target": None}, "give one of the two"),
        ({"--budget": "1e23"}, "give one of the two"),
        ({"--law": "chinchila"}, "did you mean 'chinchilla'"),
        ({"--law": "chinchilla,sigmoid"}, "does not say what rl_flop"),
        ({"--cost": "hours"}, "hours"),
        ({"--at-most": "0"}, "give 1 or more"),
        ({"--seed": "-1"}, "give 0 or more"),
        ({"--map": "params=N,los=final loss"}, "did you mean 'loss'"),
    ],
)
def test_what_cannot_be_planned_is_wrong_use(nextflop, few: Path, change: dict[str, str | None], says: str) -> None:
    given = {"--map": MAP, "--candidates": GRID, "--target": TARGET, "--spend": "1e21", "--law": "chinchilla"}
    given |= change
    if says == "name some with --law":
        given["--law"] = None
    done = nextflop("next", few, *(word for pair in given.items() if pair[1] is not None for word in pair))
    assert done.code == 2
    assert says in " ".join(done.err.split())
    told = nextflop("next", few, *(word for pair in given.items() if pair[1] is not None for word in pair), "--json")
    assert json.loads(told.out)["error"]["exit_code"] == 2


def test_repeated_data_that_no_law_would_see_are_spoken_of(nextflop) -> None:
    rows = [f"{n},{d},{d / e:.0f},{1.8 + 400 / n**0.34 + 900 / d**0.33:.4f}" for e in (1, 8) for n, d in RUNS]
    Path("repeated.csv").write_text("\n".join(["params,tokens,unique_tokens,loss", *rows]))
    words = ["next", "repeated.csv", "--candidates", GRID, "--spend", "1e20", "--law", "chinchilla", "--json"]
    done = nextflop(*words, "--target", TARGET)
    assert "repeated.csv has repeated data (unique_tokens), and chinchilla takes every repetition for fresh" in done.err
    assert "give unique_tokens in --candidates and --target" in done.err
    Path("repeated.csv").write_text("\n".join(["params,tokens,unique_tokens,loss", *rows[: len(RUNS)]]))
    assert nextflop(*words, "--target", TARGET).err == ""


def test_runs_that_bring_next_to_nothing_are_not_worth_it(nextflop, few: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["next", few, "--map", MAP, "--candidates", GRID, "--target", TARGET, "--spend", "2e20"]
    words += ["--law", "chinchilla", "--out", "next.csv"]
    found = nextflop(*words, "--json")
    removed = 1 - found.json["after"] / found.json["before"]
    assert (found.code, found.json["worthwhile"]) == (0, True)
    Path("next.csv").unlink()
    assert LITTLE == 0.05
    monkeypatch.setattr("nextflop.planning.next_runs.LITTLE", removed + 1e-6)
    done = nextflop(*words)
    assert done.code == 1
    assert f", {removed:.1%} less." in " ".join(done.out.split())
    assert done.out.startswith("Not worth it: for ")
    assert not Path("next.csv").exists()
    assert nextflop(*words, "--json").json["worthwhile"] is False
