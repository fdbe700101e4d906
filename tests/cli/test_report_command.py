"""`nextflop report`: the page for a table of runs; studies have tests of their own."""

from pathlib import Path

FIT = ("--map", "params=N,tokens=tokens,loss=final loss", "--drop-highest-loss", 1, "--draws", 20)
QUICK = ("--pin", "alpha=0.34")  # which leaves out the other ways to ask


def test_a_table_becomes_a_page_and_its_path_is_the_result(nextflop, runs: Path, tmp_path: Path) -> None:
    outcome = nextflop("report", runs, *FIT, *QUICK, "--budget", "1e21")
    assert (outcome.code, outcome.out) == (0, "report.html\n")
    assert "chinchilla" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_json_says_where_the_page_is_and_how_large(nextflop, runs: Path, tmp_path: Path) -> None:
    outcome = nextflop("report", runs, *FIT, *QUICK, "--out", tmp_path / "new" / "page.html", "--json")
    page = tmp_path / "new" / "page.html"
    assert outcome.json == {"report": str(page), "bytes": page.stat().st_size}
