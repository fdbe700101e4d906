"""`nextflop compare`: one answer, in words, JSON and exit status; and one sentence for what cannot be used."""

from pathlib import Path

import numpy as np
import pytest

POWER = ("--law", "power", "--draws", 60)


def ladder(times: float, seed: int, count: int = 8, noise: float = 0.003) -> list[tuple[float, float]]:
    compute = np.geomspace(1e18, 1e21, count)
    loss = (1.7 + 100 * (times * compute) ** -0.1) * np.exp(noise * np.random.default_rng(seed).normal(size=count))
    return list(zip(compute.tolist(), loss.tolist(), strict=True))


def write(path: Path, rows: list[tuple], header: str = "compute,loss") -> Path:
    path.write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n")
    return path


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return write(tmp_path / "base.csv", ladder(1, 0))


@pytest.fixture
def better(tmp_path: Path) -> Path:
    return write(tmp_path / "better.csv", ladder(1.6, 1))


@pytest.fixture
def table(tmp_path: Path) -> Path:
    rows = [
        (c, value, name) for s, (name, m) in enumerate((("A", 1), ("B", 1.6), ("C", 0.7))) for c, value in ladder(m, s)
    ]
    return write(tmp_path / "all.csv", rows, "compute,loss,recipe")


def test_a_better_recipe_is_a_yes(nextflop, base: Path, better: Path) -> None:
    outcome = nextflop("compare", base, better, *POWER, "--share", "E,alpha", "--at", "1e22")
    assert outcome.code == 0
    words = " ".join(outcome.out.split())
    assert "better against base, by the law 'power of two recipes sharing E, alpha'" in words
    assert "Draws are paired: 8 pairs with equal compute are drawn together" in words
    assert "Yes: At compute 1e+22 better differs from base by" in words
    assert "because of what both recipes share" in words


def test_the_other_way_round_it_is_a_no(nextflop, base: Path, better: Path) -> None:
    outcome = nextflop("compare", better, base, *POWER, "--pin", "E=1.7", "--reason", "known", "--json")
    assert outcome.code == 1
    record = outcome.json
    assert record["better"] is False
    assert record["comparison"]["verdicts"][0]["outcome"] == "fail"
    assert record["comparison"]["pins"] == [{"parameter": "E", "value": 1.7, "metric": "loss", "reason": "known"}]
    assert record["speedup"]["together"]["multiplier"]["high"] < 1
    assert record["rank_transfer"] is None
    assert len(record["sources"]) == 2


def test_what_cannot_be_told_is_a_no(nextflop, tmp_path: Path, base: Path) -> None:
    equal = write(tmp_path / "equal.csv", ladder(1.0, 13))
    outcome = nextflop("compare", base, equal, *POWER, "--at", "1e24", "--pair", "none")
    assert outcome.code == 1
    words = " ".join(outcome.out.split())
    assert "No: At compute 1e+24" in words
    assert "could have gone unseen" in words
    assert "Draws are independent" in words


def test_one_run_is_set_against_a_pinned_frontier(nextflop, tmp_path: Path, public_data: Path) -> None:
    lines = (public_data / "marin-4447" / "moe_isoflop_frontier.csv").read_text().splitlines()
    frontier, run = tmp_path / "frontier.csv", tmp_path / "run.csv"
    frontier.write_text("\n".join(lines[:7]) + "\n")
    run.write_text("\n".join([lines[0], lines[7]]) + "\n")
    words = ("--map", "compute=flops,loss=paloma_macro_loss", "--pin", "E=1.6", "--reason", "agreed")
    outcome = nextflop("compare", frontier, run, *POWER, *words)
    assert outcome.code == 0
    assert "L = 1.6 + 95.253 C^-0.09412 through 6 runs, E = 1.6 of paloma_macro_loss" in " ".join(outcome.out.split())
    assert "1.07 (1.01 to 1.13)" in outcome.out
    record = nextflop("compare", frontier, run, *POWER, *words, "--json").json
    assert record["comparison"] is None
    assert "1 runs of run at 1 different settings" in record["why_not"]
    assert record["speedup"]["frontier"]["pin"]["metric"] == "paloma_macro_loss"


def test_recipes_in_one_table_and_their_order(nextflop, table: Path) -> None:
    words = ("compare", table, "--by", "recipe", "--baseline", "A", "--candidate", "B", *POWER, "--pin", "E=1.7")
    outcome = nextflop(*words)
    assert outcome.code == 0
    assert "small scales order as large" in outcome.out
    record = nextflop(*words, "--json").json
    assert record["comparison"]["baseline"] == "A"
    assert record["rank_transfer"]["recipes"] == ["A", "B", "C"]
    assert record["rank_transfer"]["regimes"][-1]["order"] == ["B", "A", "C"]


def test_an_order_that_turns_is_shown_as_a_map(nextflop, tmp_path: Path) -> None:
    rows = [
        (c, 1.7 + 100 * 10 ** (19.5 * (alpha - 0.1)) * c**-alpha * (1 + 1e-4 * (-1) ** i), name)
        for name, alpha in (("A", 0.09), ("B", 0.1), ("C", 0.11))
        for i, c in enumerate(np.geomspace(1e18, 1e21, 8).tolist())
    ]
    path = write(tmp_path / "turned.csv", rows, "compute,loss,recipe")
    words = ("--by", "recipe", "--baseline", "A", "--candidate", "C", *POWER, "--pin", "E=1.7")
    out = nextflop("compare", path, *words).out
    assert "Which recipe leads where" in out
    assert "A > B > C" in out
    assert "C > B > A" in out


def test_runs_are_paired_by_a_column_or_the_seed(nextflop, tmp_path: Path) -> None:
    paths = [
        write(
            tmp_path / f"{name}.csv",
            [(c * factor, value, f"size {i}", 7) for i, (c, value) in enumerate(ladder(m, s))],
            "compute,loss,size,seed",
        )
        for s, (name, m, factor) in enumerate((("x", 1, 1), ("y", 1.6, 1.01)))
    ]
    by_size = nextflop("compare", *paths, *POWER, "--pair", "size", "--json").json
    assert by_size["comparison"]["pairing"]["matched"] == 8
    mapped = nextflop("compare", paths[0], paths[0], "--candidate", "z", *POWER, "--map", "seed=seed", "--json").json
    assert mapped["comparison"]["pairing"]["by"] == ["compute", "seed"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["base.csv"], "nothing to compare base.csv with: give a second table, or --by"),
        (["base.csv", "base.csv"], "Both recipes are called 'base.csv': tell them apart by --baseline"),
        (["base.csv", "none.csv"], "Cannot read none.csv"),
        (["all.csv", "base.csv", "--by", "recipe"], "--by 'recipe' takes one table"),
        (["all.csv", "--by", "recipe"], "--by 'recipe' needs --baseline: name one of A, B, C."),
        (["all.csv", "--by", "recipe", "--baseline", "A"], "needs --candidate: name one of B, C."),
        (["all.csv", "--by", "recipe", "--baseline", "A", "--candidate", "D"], "no recipe in column 'recipe' 'D'"),
        (["all.csv", "--by", "recipe", "--baseline", "A", "--candidate", "A"], "are both 'A': name two recipes."),
        (["all.csv", "--by", "recpe", "--baseline", "A"], "no column 'recpe' for recipe"),
        (["base.csv", "better.csv", "--share", "aplha"], "did you mean 'alpha'?"),
        (["base.csv", "better.csv", "--share", "A"], "A of 'power' cannot be shared alone"),
        (["base.csv", "better.csv", "--at", "-1"], "The scale '-1' is not positive"),
        (["base.csv", "better.csv", "--at", "soon"], "The scale 'soon' is not an amount"),
        (["base.csv", "better.csv", "--pair", "size"], "no column 'size' for pair"),
    ],
)
def test_what_cannot_be_compared_is_one_sentence(
    nextflop, base: Path, better: Path, table: Path, words: list[str], says: str
) -> None:
    outcome = nextflop("compare", *POWER, *words)
    assert outcome.code == 2
    assert outcome.out == ""
    assert len(outcome.err.strip().splitlines()) == 1
    assert says in outcome.err


def test_no_answer_is_one_sentence_too(nextflop, tmp_path: Path, base: Path) -> None:
    few = write(tmp_path / "few.csv", ladder(1, 0, 3))
    outcome = nextflop("compare", base, few, *POWER)
    assert outcome.code == 1
    assert "3 runs of few at 3 different settings of compute cannot show" in outcome.err
