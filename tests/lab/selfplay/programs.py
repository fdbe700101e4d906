"""Programs in a line or two of Python that play, or fail to."""

import sys

from nextflop.lab.selfplay.games.mnk import Mnk
from nextflop.lab.selfplay.outside import notation
from nextflop.lab.selfplay.outside.languages import Gtp
from nextflop.lab.selfplay.outside.outsider import Outsider
from nextflop.lab.selfplay.outside.program import Program

# GTP for tic-tac-toe: the first free cell. At which `genmove` of its life it does what, is to be filled in.
FIRST_FREE = """
cells = [f"P@{a}{n}" for n in (1, 2, 3) for a in "abc"]
free, asked = list(cells), 0
for line in sys.stdin:
    word, answer = line.split(), ""
    if word[0] == "clear_board": free = list(cells)
    if word[0] == "play": free.remove(word[2])
    if word[0] == "genmove":
        answer, asked = free[0], asked + 1
        if asked == %d: %s
    print(f"= {answer}\\n", flush=True)
"""


def script(code: str, patience: float = 20.0) -> Program:
    """A program that Python runs."""
    return Program((sys.executable, "-u", "-c", f"import sys, os, time, subprocess\n{code}"), patience)


def first_free(does: str = "pass", at: int = 3, patience: float = 20.0) -> Outsider:
    """A player of tic-tac-toe that does something else when it is asked for the `at`-th time."""
    speaker = Gtp(script(FIRST_FREE % (at, does), patience), ())
    return Outsider("first-free-1", Mnk(), (speaker,), notation.drops(Mnk()))
