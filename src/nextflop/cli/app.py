"""The command line: its commands, loaded only when one is called, and what an error looks like."""

import io
import os
import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise

from cyclopts import App, CycloptsError, UnknownCommandError
from cyclopts.exceptions import MissingArgumentError, UnusedCliTokensError

from nextflop import __version__
from nextflop.errors import FitError, NextflopError, TrialError, unknown

app = App(
    name="nextflop",
    version=__version__,
    help="Where should the next unit of compute go? Measures scaling, fits and judges its laws, plans the next run.",
    help_format="plaintext",
    suppress_keyboard_interrupt=False,  # `main` answers it, like every other way of ending
)
# Import strings, with the help beside them, so that `nextflop --help` imports none of the commands.
app.command(
    "nextflop.cli.study:app",
    name="study",
    help="Run an experiment from measurement to recommendation, on this machine.",
)
app.command(
    "nextflop.cli.import_runs:import_runs",
    name="import",
    help="Read logs and tables, say how their quantities are counted, and save them as one table.",
)
app.command(
    "nextflop.cli.fit:fit",
    name="fit",
    help="Fit a scaling law to a table of runs; with a budget, say where the compute should go.",
)
app.command(
    "nextflop.cli.check:check",
    name="check",
    help="Ask of a fit everything that can be asked; exit status 1 if it should not be believed.",
)
app.command(
    "nextflop.cli.backtest:backtest",
    name="backtest",
    help="Fit below a cut, foretell the runs above it: would the law have been right?",
)
app.command(
    "nextflop.cli.predict:predict",
    name="predict",
    help="Foretell larger runs, with the uncertainty of parameters, of the law and of single runs apart.",
)
app.command(
    "nextflop.cli.compare:compare",
    name="compare",
    help="Is one recipe better than another, and how many times the compute is that worth?",
)
app.command(
    "nextflop.cli.slowdown:slowdown",
    name="slowdown",
    help="Did later runs fall short of the forecast, and could these runs have shown it? Exit status 1 if they did.",
)
app.command(
    "nextflop.cli.next:next_",
    name="next",
    help="Choose the runs that would tell most about a target or a decision for what they cost.",
)
app.command(
    "nextflop.cli.plan:plan",
    name="plan",
    help="Where should the next unit of compute, data or money go? Exit status 1 if the laws disagree.",
)
app.command(
    "nextflop.cli.cost:cost",
    name="cost",
    help="What a model costs to train by three methods, to serve, and over its life; and what text costs.",
)
app.command(
    "nextflop.cli.wall:wall",
    name="wall",
    help="When does the demand of the largest training runs pass the stock of text? By whole paths, with its drivers.",
)
app.command(
    "nextflop.cli.trend:trend",
    name="trend",
    help="How fast does a series grow against time, and does it slow? Exit status 1 if it does.",
)
app.command(
    "nextflop.cli.audit:audit",
    name="audit",
    help="Rerun published claims on their own data and judge them; exit status 1 if one does not follow.",
)
app.command(
    "nextflop.cli.reproduce:reproduce",
    name="reproduce",
    help="Rerun a receipt and say what differs; exit status 1 if it is not reproduced.",
)
app.command(
    "nextflop.cli.diversity:diversity",
    name="diversity",
    help="Say what corpora have, side by side, and what they lost of real text; exit status 1 if they lost its tail.",
)
app.command("nextflop.cli.laws:laws", name="laws", help="List the families of laws, or show one in full.")
app.command("nextflop.cli.published:published", name="published", help="List the public data sets, show or fetch one.")
app.command(
    "nextflop.cli.report:report",
    name="report",
    help="Build the page for a study folder, or for a law fitted to a table of runs.",
)

_NEGATIVE = re.compile(r"-\$?\.?\d")

OK, NO_ANSWER, WRONG_INPUT, INTERRUPTED = 0, 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command line.

    Args:
        arguments: the words after `nextflop`; those of the process if not given.

    Returns:
        The exit code: 0 done, 1 there is no answer, 2 what was given cannot be used, 130 interrupted.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # an α on an ASCII terminal, or a file name that is not UTF-8
            stream.reconfigure(errors="backslashreplace")
    try:
        code = app(words, exit_on_error=False, print_error=False, result_action="return_value") or OK
        sys.stdout.flush()  # here a full disk is still a sentence
        return code
    except CycloptsError as error:
        return _refuse(words, "usage", _usage(error, words), WRONG_INPUT)
    except (FitError, TrialError) as error:
        return _refuse(words, "no_answer", str(error), NO_ANSWER)
    except NextflopError as error:
        return _refuse(words, "input", str(error), WRONG_INPUT)
    except KeyboardInterrupt:
        return _refuse(words, "interrupted", "Interrupted; what was written so far is kept.", INTERRUPTED)
    except BrokenPipeError:  # the reader of a pipe, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except OSError as error:  # a full disk, say
        return _refuse(words, "system", f"Cannot go on ({error}): mend that and try again.", WRONG_INPUT)


def _usage(error: CycloptsError, words: Sequence[str]) -> str:
    if isinstance(error, UnknownCommandError) and error.app is not None:
        # The parser's own sentence would import every command to list their names.
        names = [name for name in error.app if not name.startswith("-")]
        return str(unknown("command", (error.unused_tokens or [""])[0], names))
    if isinstance(error, MissingArgumentError) and error.keyword and (amount := _below_zero(error.keyword, words)):
        return (
            f"{error.keyword} {amount} reads as an option of its own: drop the sign, or write {error.keyword}={amount} "
            "where less than 0 is meant."
        )
    if isinstance(error, UnusedCliTokensError):
        return f"There is no place for {' '.join(error.unused_tokens or [])!r}: see the command with --help."
    return " ".join(str(error).split())


def _below_zero(option: str, words: Sequence[str]) -> str:
    """The negative amount that follows an option, which the parser has taken for another option; empty if none does."""
    return next((after for word, after in pairwise(words) if word == option and _NEGATIVE.match(after)), "")


def _refuse(words: Sequence[str], kind: str, sentence: str, code: int) -> int:
    """Says in one sentence on stderr why there is no result, and with `--json` as an object on stdout too."""
    from nextflop.cli.output import harmless, print_json

    print(f"nextflop: {harmless(sentence)}", file=sys.stderr)
    if "--json" in words:
        with suppress(OSError):  # stdout may be what has failed
            print_json({"error": {"kind": kind, "message": sentence, "exit_code": code}})
    return code
