"""The languages that programs of board games speak; every question tells the whole game, so that no program need
remember one, and one that has been started anew knows as much as before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from tempfile import NamedTemporaryFile
from typing import Protocol, runtime_checkable

from nextflop.lab.selfplay.outside.notation import PASS
from nextflop.lab.selfplay.outside.program import Program


@runtime_checkable
class Language(Protocol):
    """What can be asked of a program about a game, whose moves are given as its words."""

    @property
    def program(self) -> Program:
        """Who is asked."""
        ...

    def move(self, words: Sequence[str], seed: int) -> str:
        """The word for what it would play."""
        ...

    def lead(self, words: Sequence[str]) -> float:
        """Of the first player when the game is over, by the program's own count."""
        ...


@dataclass(frozen=True)
class Gtp:
    """The Go Text Protocol, version 2 (Farnebäck 2002); programs for other games speak it too.

    Attributes:
        program: who is asked.
        setting: commands before every game, such as "boardsize 9".
        seeding: the command that takes a seed, if there is one.
        passes: whether it is told them; to some that know who cannot move they are no moves.
    """

    program: Program
    setting: tuple[str, ...]
    seeding: str | None = None
    passes: bool = True

    def move(self, words: Sequence[str], seed: int) -> str:
        """What `genmove` says."""
        self._tell(words)
        if self.seeding is not None:
            self._ask(f"{self.seeding} {seed % 2**31}")
        return self._ask(f"genmove {_colour(len(words))}")

    def lead(self, words: Sequence[str]) -> float:
        """Points, as `final_score` says."""
        self._tell(words)
        score = self._ask("final_score")
        try:
            return 0.0 if score == "0" else {"B+": 1, "W+": -1}[score[:2].upper()] * float(score[2:])
        except (KeyError, ValueError):
            raise self.program.failure("answers with what is no score", [score]) from None

    def _tell(self, words: Sequence[str]) -> None:
        for command in (*self.setting, "clear_board"):
            self._ask(command)
        for number, word in enumerate(words):
            if self.passes or word != PASS:
                self._ask(f"play {_colour(number)} {word}")

    def _ask(self, command: str) -> str:
        said = self.program.ask([command], lambda lines: len(lines) > 0 and not lines[-1] and any(lines))
        answer = "\n".join(said).strip()
        if not answer.startswith("="):
            refused = "refuses" if answer.startswith("?") else "does not answer in GTP"
            raise self.program.failure(refused, said)
        return answer.removeprefix("=").strip()


@dataclass(frozen=True)
class Uci:
    """The Universal Chess Interface (Huber and Meyer-Kahlen 2000).

    Attributes:
        program: who is asked.
        variant: the name of the game.
        rules: of the game in Fairy-Stockfish's language of variants; empty where the program knows it.
        nodes: of the search, a move.
    """

    program: Program
    variant: str
    rules: str
    nodes: int

    def move(self, words: Sequence[str], seed: int) -> str:
        """What follows "bestmove". The protocol has no seeds."""
        return _best(self._go(words))

    def lead(self, words: Sequence[str]) -> float:
        """1, -1, or 0 for a draw: of a game that is over it says that who is to move is mated, or that nothing is."""
        said = self._go(words)
        scores = [line.partition(" score ")[2] for line in said if " score " in line]
        if _best(said) != "(none)" or not scores or scores[-1] not in ("mate 0", "cp 0"):
            raise self.program.failure("does not hold the game for over", said)
        return 0.0 if scores[-1] == "cp 0" else -1.0 if len(words) % 2 == 0 else 1.0

    def _go(self, words: Sequence[str]) -> list[str]:
        position = f"position startpos moves {' '.join(words)}" if words else "position startpos"
        with NamedTemporaryFile("w", suffix=".ini", encoding="utf-8") as file:
            file.write(self.rules)
            file.flush()
            options = {"VariantPath": file.name, "UCI_Variant": self.variant, "Threads": 1}
            setting = [f"setoption name {name} value {value}" for name, value in options.items()]
            self.program.ask(["uci", *setting, "ucinewgame", "isready"], lambda said: "readyok" in said)
        search = [position, f"go nodes {self.nodes}"]
        return self.program.ask(search, lambda said: len(said) > 0 and said[-1].startswith("bestmove "))


def _best(said: Sequence[str]) -> str:
    return said[-1].removeprefix("bestmove ").partition(" ")[0]


def _colour(number: int) -> str:
    return "white" if number % 2 else "black"
