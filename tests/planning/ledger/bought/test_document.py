"""The example of the manual runs."""

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[4] / "docs" / "purchases.md"


def test_the_example_runs_and_finds_a_break_even(capsys):
    (block,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    exec(compile(block, PAGE.name, "exec"), {})
    told = capsys.readouterr().out
    assert "reinforcement learning" in told
    assert "queries" in told
