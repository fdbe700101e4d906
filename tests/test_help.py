"""`nextflop --help` is quick and imports no numerics; every command explains itself, and the manual knows them all."""

import os
import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest

COMMANDS = {
    "study",
    "study countdown",
    "study hex",
    "study connect4",
    "study othello",
    "study go",
    "study mnk",
    "import",
    "fit",
    "check",
    "backtest",
    "predict",
    "compare",
    "slowdown",
    "next",
    "plan",
    "cost",
    "wall",
    "trend",
    "audit",
    "reproduce",
    "diversity",
    "laws",
    "published",
    "report",
}
MANUAL = Path(__file__).resolve().parent.parent / "docs" / "commands.md"
HEAVY = ("jax", "numpy", "scipy", "matplotlib", "jinja2")


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("words", [["--help"], ["--version"], [], ["fitt"]])
def test_help_version_and_a_mistyped_command_import_nothing_heavy(words: list[str]) -> None:
    done = python(
        f"import sys; from nextflop.cli.app import main; main({words}); "
        f"print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    )
    assert done.stderr.splitlines()[-1] == "[]"


def test_help_takes_less_than_a_second() -> None:
    # About 0.2 s. Processor time, because the wall clock of a busy machine measures the others.
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    python("from nextflop.cli.app import main; main(['--help'])")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 1.0


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    from nextflop.cli.app import app, main

    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    names = {name for name in app if not name.startswith("-")}
    assert names == {name for name in COMMANDS if " " not in name}
    assert all(f"│ {name} " in shown for name in names)


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_is_in_the_manual_with_all_of_its_options(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from nextflop.cli.app import main

    assert main([*command.split(), "--help"]) == 0
    options = set(re.findall(r"--[a-z][\w-]*", capsys.readouterr().out)) - {"--help", "--version"}
    sections = {part.split("\n", 1)[0]: part for part in MANUAL.read_text(encoding="utf-8").split("\n## ")[1:]}
    section = sections[f"nextflop {command}"]
    assert {option for option in options if option not in section} == set()


def test_colour_is_left_out_where_it_is_not_wanted() -> None:
    environment = {**os.environ, "NO_COLOR": "1", "FORCE_COLOR": "1", "TERM": "xterm"}
    done = subprocess.run(
        [sys.executable, "-c", "from nextflop.cli.app import main; main(['laws'])"],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    assert "\x1b[3" not in done.stdout
