"""`nextflop check --report` and `nextflop report` build the page of the examination."""

import shlex
from pathlib import Path

from nextflop.cli.options import FitOptions
from nextflop.cli.rerun import command

FIT = ("--map", "params=N,tokens=tokens,loss=final loss", "--drop-highest-loss", 1)


def test_check_writes_the_page_of_the_examination(nextflop, runs: Path, tmp_path: Path) -> None:
    outcome = nextflop("check", runs, *FIT, "--draws", 40, "--pin", "alpha=0.35", "--report", "check.html", "--json")
    assert outcome.code in (0, 1)
    assert outcome.json["report"] == "check.html"
    page = (tmp_path / "check.html").read_text(encoding="utf-8")
    assert "Examination of a scaling law" in page
    assert ("Do not believe this fit" in page) == (outcome.code == 1)
    assert "nextflop check" in page


def test_the_command_to_run_again_names_what_is_not_the_default() -> None:
    options = FitOptions(law="power", map=("compute=C", "loss=my loss"), draws=1000, budget="1e21")
    line = command("check", Path("a b.csv"), options, axis=None, report=Path("p.html"))
    assert shlex.split(line) == [
        *("nextflop", "check", "a b.csv", "--law", "power", "--map", "compute=C", "--map", "loss=my loss"),
        *("--budget", "1e21", "--report", "p.html"),
    ]
    assert command("fit", Path("runs.csv"), FitOptions()) == "nextflop fit runs.csv"
