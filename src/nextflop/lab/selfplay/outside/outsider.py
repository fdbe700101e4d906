"""Programs of others as players of matches."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Int, UInt64

from nextflop.errors import ProgramError
from nextflop.lab.selfplay.engines.engine import Look
from nextflop.lab.selfplay.games.game import Game
from nextflop.lab.selfplay.outside.languages import Language
from nextflop.lab.selfplay.outside.notation import Notation


@dataclass(frozen=True)
class Outsider:
    """A program that plays by correspondence (`arena.players.Correspondent`), in one process or several.

    Which process answers for which game makes no difference: each question tells the whole game.

    Attributes:
        name: under which it is rated.
        game: which it plays; both players must number its actions alike, as those of all games but Hex are.
        speakers: the processes, each asked about its share of the games.
        notation: how it writes moves.
    """

    name: str
    game: Game[Any]
    speakers: tuple[Language, ...]
    notation: Notation

    def __enter__(self) -> "Outsider":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the processes."""
        for speaker in self.speakers:
            speaker.program.close()

    def answer(
        self, moves: Int[np.ndarray, "games plies"], look: Look, seeds: UInt64[np.ndarray, " games"]
    ) -> Int[np.ndarray, " games"]:
        """What the program plays.

        Raises:
            ProgramError: if it fails, or plays what is no legal move by our rules.
        """

        def share(place: int) -> list[int]:
            rows = range(place, len(moves), len(self.speakers))
            speaker = self.speakers[place]
            return [self._one(speaker, moves[row].tolist(), look.legal[row], int(seeds[row])) for row in rows]

        actions = np.empty(len(moves), np.int32)
        with ThreadPoolExecutor(len(self.speakers)) as pool:
            for place, found in enumerate(pool.map(share, range(len(self.speakers)))):
                actions[place :: len(self.speakers)] = found
        return actions

    def lead(self, moves: Sequence[int]) -> float:
        """Of the first player in a game that is over, by the program's own count: points, or 1, 0 and -1."""
        words = self.notation.write(moves)
        try:
            return self.speakers[0].lead(words)
        except ProgramError as error:
            raise self._in_game(error, words) from error

    def _one(self, speaker: Language, moves: list[int], legal: Bool[np.ndarray, " actions"], seed: int) -> int:
        words = self.notation.write(moves)
        try:
            word = speaker.move(words, seed)
            action = self.notation.read(word)
            if action is None or not legal[action]:
                raise speaker.program.failure(f"plays what is no legal move of {self.game.name}", [word])
        except ProgramError as error:
            raise self._in_game(error, words) from error
        return action

    def _in_game(self, error: ProgramError, words: Sequence[str]) -> ProgramError:
        return ProgramError(f"{error} {self.name}, {self.game.name} after {' '.join(words) or 'no move'}.")
