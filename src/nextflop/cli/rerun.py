"""The line that a person types to have the same answer again."""

import shlex
import sys
from dataclasses import fields
from pathlib import Path

from nextflop.cli.options import FitOptions


def command(verb: str, path: Path, options: FitOptions, **more: object) -> str:
    """A command with every option that is not the default, quoted for a shell.

    Args:
        verb: such as "check".
        path: the table.
        options: what to fit and how.
        more: options of the verb itself; None is left out.
    """
    given = {field.name: getattr(options, field.name) for field in fields(options)}
    default = FitOptions()
    chosen = {name: value for name, value in given.items() if value != getattr(default, name)} | more
    words = ["nextflop", verb, str(path)]
    for name, value in chosen.items():
        for one in value if isinstance(value, tuple) else () if value is None else (value,):
            words += [f"--{name.replace('_', '-')}", str(one)]
    return shlex.join(words)


def typed() -> str:
    """The command as it was typed, quoted for a shell."""
    return shlex.join(["nextflop", *sys.argv[1:]])
