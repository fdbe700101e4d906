"""How results reach a person or a program: tables and sentences, or JSON, on stdout; progress on stderr."""

from collections.abc import Iterable, Sequence
from unicodedata import category

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from nextflop.evidence.files import Json, to_json

STYLES = {"pass": "green", "warn": "yellow", "fail": "bold red"}
"""Colour of an outcome; what is not named here is shown plainly."""


class _Stdout(Console):
    def on_broken_pipe(self) -> None:
        """Leaves it to `main` what it means that nobody reads on; the base class would exit with "no answer"."""
        raise BrokenPipeError


def print_json(value: Json) -> None:
    """One JSON object on stdout, its keys in the order in which a reader wants them."""
    print(to_json(value, indent=2, sort=False))


def print_line(text: str = "", style: str = "") -> None:
    """One paragraph on stdout, wrapped at the width of the terminal; nothing in it is taken for markup."""
    _Stdout(highlight=False).print(Text(harmless(text), style=style))


def print_table(header: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[str] = ()) -> None:
    """A table on stdout.

    Args:
        header: the names of the columns.
        rows: one text a column.
        right: the names of the columns whose texts end at the right, which suits numbers.
    """
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in header:
        side = "right" if name in right else "left"
        table.add_column(Text(harmless(name)), justify=side, no_wrap=name in right, overflow="fold")
    for row in rows:
        table.add_row(*(Text(harmless(cell), style=STYLES.get(cell, "")) for cell in row))
    console = _Stdout(highlight=False)
    console.print(table)
    console.print()


def harmless(text: str) -> str:
    """A text in which characters that could steer a terminal, or turn its direction, are spelled out."""
    return "".join(
        sign if sign in "\n\t" or not category(sign).startswith("C") else sign.encode("unicode_escape").decode()
        for sign in text
    )


def progress() -> Console:
    """The console for what is not a result; plain where stderr is not a terminal."""
    return Console(stderr=True, highlight=False)


def warn(notes: Sequence[str], most: int = 10) -> None:
    """Sentences on stderr, a line each; of many only the first are shown, and the number of the others."""
    console = progress()
    for note in notes[:most]:
        console.print(Text(harmless(note)), soft_wrap=True)
    if len(notes) > most:
        console.print(f"and {len(notes) - most} more", soft_wrap=True)
