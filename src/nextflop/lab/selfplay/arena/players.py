"""Who plays: networks with a search, and anchors that no training changes."""

from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, Int, Int16, UInt64

from nextflop.errors import InputError
from nextflop.lab.selfplay.engines.engine import Engine, Look, Read
from nextflop.lab.selfplay.games.game import Game
from nextflop.lab.selfplay.kernels import uct
from nextflop.lab.selfplay.kernels.rules import rules_of
from nextflop.lab.selfplay.search.search import Search

EXPLORE = float(np.sqrt(2))
"""The weight of the confidence bound in the anchors' search, for outcomes of 1 and -1."""
LADDER = (0, 10, 30, 100, 300, 1000)
"""Simulations a move of the anchors; without any a move is random."""


@runtime_checkable
class Player(Protocol):
    """Somebody who chooses actions in many games at once."""

    @property
    def name(self) -> str:
        """The name under which it is rated."""
        ...

    def choose(self, batch: Any, look: Look, seeds: UInt64[np.ndarray, " games"]) -> tuple[np.ndarray, int]:
        """Actions of the movers, shape (games,), and how many positions a network was asked for.

        Args:
            batch: the positions, of the engine that the player was made for.
            look: what is to be seen of them.
            seeds: of each game at this move: all chance comes from here.
        """
        ...


@runtime_checkable
class Correspondent(Protocol):
    """Somebody who plays by correspondence: he is told the moves and sees no position, as programs of others are."""

    @property
    def name(self) -> str:
        """The name under which it is rated."""
        ...

    def answer(
        self, moves: Int[np.ndarray, "games plies"], look: Look, seeds: UInt64[np.ndarray, " games"]
    ) -> Int[np.ndarray, " games"]:
        """Actions of the movers.

        Args:
            moves: of each game from the start, as their movers number them.
            look: what is to be seen after them.
            seeds: of each game at this move: all chance that can be told to the player comes from here.
        """
        ...


Rival = Player | Correspondent
"""Whoever can play a match."""


@dataclass(frozen=True)
class Anchor:
    """Tree search with random games (`kernels.uct`), the same for everybody who measures with it.

    Attributes:
        game: one that the kernels know.
        simulations: a move; none for a player who moves at random.
    """

    game: Game[Any]
    simulations: int

    @property
    def name(self) -> str:
        """Such as "uct-100", or "random"."""
        return f"uct-{self.simulations}" if self.simulations else "random"

    def choose(
        self, batch: Int16[np.ndarray, "games numbers"], look: Look, seeds: UInt64[np.ndarray, " games"]
    ) -> tuple[np.ndarray, int]:
        """The most visited action."""
        actions = np.empty(len(seeds), np.int32)
        uct.choose(rules_of(self.game), batch, self.simulations, EXPLORE, seeds, actions)
        return actions, 0


@dataclass(frozen=True)
class Searcher:
    """A network that plays with the search, without noise: in one position it always does the same.

    Attributes:
        name: under which it is rated.
        engine: of the game.
        read: the network, as the engine reads it.
        search: at each move; one simulation is the network's own policy, which costs one evaluation.
        temperature: 0 for the search's choice; above it, actions are drawn in proportion to the improved policy to the
            power of its inverse (to the visits, for "puct").
    """

    name: str
    engine: Engine[Any]
    read: Read
    search: Search
    temperature: float = 0.0

    def __post_init__(self) -> None:
        if self.temperature < 0:
            raise InputError(f"{self.name}: a temperature of {self.temperature:g} is below 0: give 0 or more.")

    def choose(self, batch: Any, look: Look, seeds: UInt64[np.ndarray, " games"]) -> tuple[np.ndarray, int]:
        """What the search, or the policy alone, would play."""
        if self.search.simulations == 1:
            logits, asked = self.read(look.observed)[0], len(seeds)
            scores, actions = np.where(look.legal, logits, -np.inf), None
        else:
            found = self.engine.search(self.read, batch, np.zeros(look.legal.shape), self.search)
            asked, actions = found.evaluations, found.action
            with np.errstate(divide="ignore"):  # what was not visited is not drawn, at any temperature
                scores = np.log(found.policy)
        if self.temperature:
            return (scores / self.temperature + _noise(seeds, look.legal.shape[1])).argmax(1), asked
        return scores.argmax(1) if actions is None else actions, asked


def _noise(seeds: UInt64[np.ndarray, " games"], actions: int) -> Float[np.ndarray, "games actions"]:
    return np.stack([np.random.default_rng(int(seed)).gumbel(size=actions) for seed in seeds])
