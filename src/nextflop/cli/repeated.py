"""What is said where a table has repeated data and no law that is asked sees it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from nextflop.quantities import listed

UNIQUE = "unique_tokens"
"""The column that tells repetition."""


def has(path: Path, column: str) -> bool:
    """Whether a file is a table with a column; a pipe can be read once only, and is not asked."""
    from nextflop.evidence.readers.read import header
    from nextflop.evidence.readers.registry import find

    return path.is_file() and find(path) is None and column in header(path)[1]


def repeats(path: Path, columns: Mapping[str, str]) -> bool:
    """Whether a table has runs of fewer unique tokens than tokens.

    Args:
        path: the table.
        columns: quantity → column, where the names differ.
    """
    from nextflop.evidence.table import read_table

    read = {name: columns.get(name, name) for name in ("tokens", UNIQUE)}
    if not all(has(path, column) for column in read.values()):
        return False
    table = read_table(path, read, blank=tuple(read))
    return bool((table[UNIQUE] < table["tokens"]).any())


def fresh(path: Path, laws: Sequence[str], mend: str) -> str:
    """The sentence for laws to which every repetition is fresh text."""
    takes = "takes" if len(laws) == 1 else "take"
    return f"{path} has repeated data ({UNIQUE}), and {listed(laws)} {takes} every repetition for fresh text: {mend}."
