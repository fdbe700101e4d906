"""How others write the moves of our games."""

from collections.abc import Callable, Sequence
from string import ascii_lowercase, ascii_uppercase
from typing import NamedTuple

from nextflop.lab.selfplay.games.connect import Connect
from nextflop.lab.selfplay.games.go import Go
from nextflop.lab.selfplay.games.mnk import Mnk
from nextflop.lab.selfplay.games.othello import Othello

PASS = "pass"


class Notation(NamedTuple):
    """Moves as words.

    Attributes:
        write: the moves of a game from the start → a word each.
        read: a word, upper or lower case → the action; None for what is no word for one.
    """

    write: Callable[[Sequence[int]], list[str]]
    read: Callable[[str], int | None]


def go(game: Go) -> Notation:
    """Columns are letters without I, rows are counted from the bottom (GTP 2, section 2.11)."""
    letters, size = ascii_uppercase.replace("I", ""), game.size
    return _by_name([f"{letters[at % size]}{size - at // size}" for at in range(size**2)] + [PASS])


def othello(game: Othello) -> Notation:
    """Columns are letters, rows are counted from the top."""
    size = game.size
    return _by_name([f"{ascii_uppercase[at % size]}{at // size + 1}" for at in range(size**2)] + [PASS])


def drops(game: Mnk | Connect) -> Notation:
    """Stones as chess programs write pieces that come to the board from a hand, such as P@d1."""
    if isinstance(game, Mnk):
        return _by_name([f"P@{ascii_lowercase[at % game.width]}{at // game.width + 1}" for at in range(game.actions)])
    columns = ascii_lowercase[: game.width]

    def write(moves: Sequence[int]) -> list[str]:
        height = [0] * game.width
        words = []
        for column in moves:
            height[column] += 1
            words.append(f"P@{columns[column]}{height[column]}")
        return words

    def read(word: str) -> int | None:
        column = columns.find(word[2:3].lower())
        return column if word[:2].lower() == "p@" and column >= 0 and word[2:3] else None

    return Notation(write, read)


def _by_name(names: Sequence[str]) -> Notation:
    numbers = {name.lower(): number for number, name in enumerate(names)}
    return Notation(lambda moves: [names[move] for move in moves], lambda word: numbers.get(word.lower()))
