"""The player who never errs, where every position can be searched to its end: the top of the ladder."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Int16, UInt64

from nextflop.errors import InputError
from nextflop.lab.selfplay.arena.players import LADDER, Anchor, Player
from nextflop.lab.selfplay.engines.engine import Look
from nextflop.lab.selfplay.exact.joins import LARGEST, solve_joins
from nextflop.lab.selfplay.games.game import Game
from nextflop.lab.selfplay.games.hex import Hex

PERFECT = "perfect"


def playable(game: Game[Any]) -> bool:
    """Whether perfect play of a game is at hand at every move: of Hex up to 5 × 5."""
    return isinstance(game, Hex) and game.size <= LARGEST


@dataclass(frozen=True)
class Perfect:
    """Wins whatever is won. What is lost it plays as the strongest anchor does, so that the other must find the way.

    Attributes:
        game: one that is `playable`.
    """

    game: Game[Any]

    def __post_init__(self) -> None:
        if not playable(self.game):
            raise InputError(f"Nobody plays {self.game.name} perfectly here: take Hex up to {LARGEST} × {LARGEST}.")

    @property
    def name(self) -> str:
        """One for every game."""
        return PERFECT

    def choose(
        self, batch: Int16[np.ndarray, "games numbers"], look: Look, seeds: UInt64[np.ndarray, " games"]
    ) -> tuple[np.ndarray, int]:
        """A winning action, or the anchor's."""
        actions = solve_joins(self.game.shape[0]).winning(look.observed.reshape(len(seeds), -1, *self.game.shape))
        lost = np.flatnonzero(actions < 0)
        if len(lost):
            actions[lost] = Anchor(self.game, LADDER[-1]).choose(batch[lost], look.take(lost), seeds[lost])[0]
        return actions, 0


def anchor(game: Game[Any], kind: int | str) -> Player:
    """An anchor as a trial declares it: the simulations of its search, or "perfect"."""
    return Perfect(game) if kind == PERFECT else Anchor(game, int(kind))
