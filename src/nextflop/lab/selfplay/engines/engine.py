"""What training and matches need of a game's rules and of the search, whichever program they run in.

There are two programs for the same rules and searches: `xla`, for any game and any machine, and `compiled`, for the
games of this laboratory on processors, where the many small steps of a tree search are dearer than what they do.
Batches are theirs to shape; all else goes in and out as NumPy arrays with the games in front.
"""

from typing import Any, NamedTuple, Protocol, TypeVar, runtime_checkable

import numpy as np
from jaxtyping import Bool, Float, Float32, Int

from nextflop.lab.selfplay.games.game import Game
from nextflop.lab.selfplay.network import Network
from nextflop.lab.selfplay.search.search import Search

B = TypeVar("B")
"""Positions of many games."""


@runtime_checkable
class Read(Protocol):
    """A network as a program asks it."""

    def __call__(
        self, seen: Float32[np.ndarray, "rows planes_cells"], policy: bool = True
    ) -> tuple[np.ndarray, np.ndarray]:
        """Observations, a row each, to logits and values in the mover's view.

        Returns:
            Logits of shape (rows, actions), or (rows, 0) where no policy is asked for; values of shape (rows,).
        """
        ...


class Look(NamedTuple):
    """What is to be seen of a batch of positions.

    Attributes:
        legal: what the mover may do; nothing where the game is over.
        over: whether it is.
        outcome: 1 if the first player has won, -1 if the second, 0 for a draw and while the game goes on.
        mover: 0 or 1.
        observed: what the mover sees, a row a position: planes, rows and columns of the board, one after another.
    """

    legal: Bool[np.ndarray, "games actions"]
    over: Bool[np.ndarray, " games"]
    outcome: Float32[np.ndarray, " games"]
    mover: Int[np.ndarray, " games"]
    observed: Float32[np.ndarray, "games planes_cells"]

    def take(self, rows: Int[np.ndarray, " some"]) -> "Look":
        """The same of some of the positions."""
        return Look(*(part[rows] for part in self))


class Found(NamedTuple):
    """What a search found.

    Attributes:
        action: to play.
        policy: improved, to learn from.
        prior: the network's own policy over the legal actions.
        visits: to every action.
        value: of the position to the mover, mean over its visits.
        gain: what the improved policy expects above the prior, by the search's values of actions.
        raw: the network's own value of the position.
        evaluations: positions that the network was asked for, padding included.
    """

    action: Int[np.ndarray, " games"]
    policy: Float32[np.ndarray, "games actions"]
    prior: Float32[np.ndarray, "games actions"]
    visits: Float32[np.ndarray, "games actions"]
    value: Float32[np.ndarray, " games"]
    gain: Float32[np.ndarray, " games"]
    raw: Float32[np.ndarray, " games"]
    evaluations: int


@runtime_checkable
class Engine(Protocol[B]):
    """Rules and search of one game for many positions at once."""

    @property
    def game(self) -> Game[Any]:
        """The rules."""
        ...

    def start(self, games: int) -> B:
        """So many games before their first move."""
        ...

    def take(self, batch: B, rows: Int[np.ndarray, " some"], /) -> B:
        """Some of the positions, in the order given; the same may be taken twice."""
        ...

    def play(self, batch: B, actions: Int[np.ndarray, " games"], /) -> B:
        """The positions after an action of each mover; games that are over stay as they are."""
        ...

    def look(self, batch: B, /) -> Look:
        """What is to be seen of them."""
        ...

    def read(self, network: Network) -> Read:
        """The network as this program asks it; only what comes from here may be given to `search`."""
        ...

    def search(self, read: Read, batch: B, noise: Float[np.ndarray, "games actions"], search: Search, /) -> Found:
        """Searches from every position, none of which may be over.

        Args:
            read: the network.
            batch: the positions.
            noise: of their roots, as `Search.noise` gives it; zeros for play without chance.
            search: how.

        Raises:
            InputError: if the noise is not one for this kind of search.
        """
        ...
