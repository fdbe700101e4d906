"""`nextflop diversity`: what corpora have, side by side, and what they kept of real text."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from rich.text import Text

from nextflop.cli.output import harmless, print_json, progress, warn

if TYPE_CHECKING:
    from rich.status import Status

PLAIN_EVERY = 10.0  # seconds between two lines where stderr is no terminal


def diversity(
    *files: Path,
    real: Path | None = None,
    field: str | None = None,
    window: int = 8192,
    tail: int = 1000,
    lost: float = 0.1,
    level: float = 0.9,
    seed: int = 0,
    json: Annotated[bool, Parameter(negative="", show_default=False)] = False,
) -> int:
    """Say what corpora have, side by side. Exit status 1 if one of them has lost the tail of the real text.

    Args:
        files: UTF-8 text (a document a line, or between blank lines) or JSON Lines, compressed with gzip or not.
        real: the real text that the others were made from.
        field: of JSON Lines: the key that holds the text; by default text.
        window: words of the windows in which measures that depend on length are compared.
        tail: rank in the vocabulary beyond which a word is of the tail.
        lost: share of the real text's tail that may be lost.
        level: level of the intervals.
        seed: seed of samples, groups of documents and draws.
        json: print JSON.
    """
    from nextflop.outlook.diversity import diversity as measure

    with watching() as watch:
        found = measure(
            *files,
            real=real,
            field=field,
            window=window,
            rank=tail,
            lost=lost,
            level=level,
            seed=seed,
            progress=watch,
        )
    warn([note for one in found.corpora for note in one.notes])
    if json:
        print_json(found.to_json())
    else:
        from nextflop.cli.diversity_text import show

        show(found)
    return 0 if found.kept else 1


class Watch:
    """Takes reports of what share of a file has been read, and shows it with the time that is left."""

    def __init__(self, status: "Status | None") -> None:
        self.status = status
        self.file = ""
        self.began = self.printed = time.monotonic()

    def __call__(self, file: str, share: float) -> None:
        """Takes one report."""
        now = time.monotonic()
        if file != self.file:
            self.file, self.began = file, now
        if self.status is not None:
            self.status.update(Text(self.line(share, now)))  # a file name is never markup
        elif now - self.printed > PLAIN_EVERY:
            self.printed = now
            print(self.line(share, now), file=sys.stderr, flush=True)

    def line(self, share: float, now: float) -> str:
        """The state in one line."""
        minutes, seconds = divmod(round((now - self.began) * (1 - share) / max(share, 1e-9)), 60)
        left = f", {minutes}:{seconds:02d} left" if share > 0.01 else ""
        return f"{share:4.0%} of {harmless(Path(self.file).name)}{left}"


@contextmanager
def watching() -> Iterator[Watch]:
    """Shows how far the reading is while the block runs."""
    console = progress()
    if not console.is_terminal:
        yield Watch(None)
        return
    with console.status("Reading …") as status:
        yield Watch(status)
