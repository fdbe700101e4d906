"""What a board game for two is: pure functions of arrays, so that thousands of games run in one compiled batch.

A game is a value: its sizes are fixed when it is made, it can be hashed, and its functions take and give states, which
are trees of arrays. They are written for one state and made for batches by `jax.vmap`.

Everything is told in the view of the player to move, the mover: observations show his stones first and have his goal
where the first player's is at the start, and actions are numbered in that view. So one network plays both sides.

A game of your own needs no base class, only these functions; `conformance.check` plays it and says what it gets wrong.
"""

from typing import Protocol, TypeVar, runtime_checkable

import numpy as np
from jaxtyping import Array, Bool, Float, Int

S = TypeVar("S")
"""The state of a game: a NamedTuple of arrays."""


@runtime_checkable
class Game(Protocol[S]):
    """A game of perfect information for two who take turns, whose outcomes add up to nothing.

    Who may or must let his turn go does so by an action, a pass. What is no legal action of the mover may do anything.

    Attributes:
        name: such as "hex-5x5"; states of games of one name are alike.
        shape: height and width of the board.
        planes: of an observation.
        actions: how many there are, whether legal or not.
        longest: moves after which every game is over.
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def shape(self) -> tuple[int, int]: ...  # noqa: D102
    @property
    def planes(self) -> int: ...  # noqa: D102
    @property
    def actions(self) -> int: ...  # noqa: D102
    @property
    def longest(self) -> int: ...  # noqa: D102

    def start(self) -> S:
        """The state before the first move; arrays keep their shapes and types through the game."""
        ...

    def legal(self, state: S) -> Bool[Array, " actions"]:
        """Which actions the mover may take; none in a game that is over."""
        ...

    def play(self, state: S, action: Int[Array, ""]) -> S:
        """The state after a legal action of the mover; a game that is over stays as it is."""
        ...

    def over(self, state: S) -> Bool[Array, ""]:
        """Whether the game has ended."""
        ...

    def outcome(self, state: S) -> Float[Array, ""]:
        """1 if the first player has won, -1 if the second, 0 for a draw and until the game is over."""
        ...

    def mover(self, state: S) -> Int[Array, ""]:
        """0 if the first player is to move, 1 if the second; after the last move, who would be."""
        ...

    def observe(self, state: S) -> Float[Array, "planes height width"]:
        """What the mover sees: his stones, those of the other, and whatever else the rules ask to be known.

        The first plane is 1 where he has a stone and 0 elsewhere, the second likewise for the other.
        """
        ...

    def place(self, state: S, action: Int[Array, ""]) -> Int[Array, ""]:
        """The action as the first player would number it, for records and for programs that know no views.

        The first player's own actions stay as they are, and no two legal ones share a place.
        """
        ...

    def symmetries(self) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
        """Turns and mirrors of the board under which the game is the same in every view, the identity first.

        The start stays as it is too: what a game can reach, its images can. (So Othello, which starts with two
        diagonals of two colours, has four and not eight.)

        Of each the permutation of the cells, shape (height × width,), and that of the actions, shape (actions,): what
        was at `cells[i]` is at i afterwards, and what was action `actions[i]` is action i.
        """
        ...
