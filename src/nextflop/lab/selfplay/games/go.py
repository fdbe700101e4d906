"""Go on n × n points by the rules of Tromp and Taylor, but that no stone may be played to its own death."""

from dataclasses import dataclass
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, Int8, UInt32

from nextflop.errors import InputError
from nextflop.lab.selfplay.games.chains import areas, around, atari, near, zobrist
from nextflop.lab.selfplay.games.turns import turns

KOMI = {5: 7.5, 6: 3.5, 7: 8.5, 8: 7.5, 9: 7.5}
"""By points a side. The best play that is known is worth 4 points on 6 × 6 and 9 on 7 × 7, so that the first player can
just win; on 5 × 5 it is worth the whole board, and no komi is fair (Sensei's Library, "Small board Go")."""


class GoState(NamedTuple):
    """A position of Go, and the hashes of those before it.

    Attributes:
        labels: of each point the chain of stones that it belongs to: one more than the point of the chain's last
            stone, negative for the second player's, 0 where the point is empty.
        atari: stones whose chain has a single liberty.
        keys: of each stone the sum of the Zobrist keys of its chain, 0 where the point is empty.
        hash: the sum of the keys of all stones.
        history: the hashes after each move so far; then 0, which is the hash of the empty board.
        moves: played so far, passes among them.
        passes: how many in a row.
    """

    labels: Int8[Array, " points"]
    atari: Bool[Array, " points"]
    keys: UInt32[Array, "2 points"]
    hash: UInt32[Array, "2"]
    history: UInt32[Array, "2 longest"]
    moves: Int[Array, ""]
    passes: Int[Array, ""]


@dataclass(frozen=True)
class Go:
    """The rules; action n² is to pass.

    No position may come back, whoever made it and whoever is to move (positional superko); to pass is always allowed.
    Two passes in a row end the game, and so do `longest` moves. Then the area of a player is his stones and the empty
    points from which paths over empty points lead to stones of his alone; the second player adds `komi` to his.

    The board is the same in both views. Observations do not tell how near `longest` is.

    Attributes:
        size: points along a side, 5 to 9.
        komi: points for the second player, a multiple of a half; where it is whole, a game can be drawn.
        longest: moves after which the board is scored as it is.
    """

    size: int
    komi: float
    longest: int

    def __post_init__(self) -> None:
        if self.size not in KOMI:
            raise InputError(f"Go is played here on 5 to 9 points a side, not {self.size}.")
        if self.komi * 2 % 1:
            raise InputError(f"Komi is a multiple of a half, such as {KOMI[self.size]}, not {self.komi}.")
        if self.longest < 2:
            raise InputError(f"Two passes must have their time: longest is at least 2, not {self.longest}.")

    @classmethod
    def usual(cls, size: int, komi: float | int | None = None, longest: int | None = None) -> "Go":
        """With the usual komi and twice as many moves as points, the limit in OpenSpiel, unless others are given.

        Args:
            size: points along a side, 5 to 9.
            komi: points for the second player, a multiple of a half.
            longest: moves after which the board is scored as it is.
        """
        usual = KOMI.get(size, 7.5) if komi is None else float(komi)
        return cls(size, usual, 2 * size**2 if longest is None else longest)

    @property
    def name(self) -> str:
        """Such as "go-9x9", followed by komi and longest where they are not the usual ones."""
        usual = Go.usual(self.size)
        komi = f"-komi-{self.komi:g}" if self.komi != usual.komi else ""
        longest = f"-longest-{self.longest}" if self.longest != usual.longest else ""
        return f"go-{self.size}x{self.size}{komi}{longest}"

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.size, self.size

    @property
    def planes(self) -> int:
        """The mover's stones, the other's, points barred by superko; 1 after a pass; 1 for the first player."""
        return 5

    @property
    def actions(self) -> int:
        """One a point, and to pass."""
        return self.size**2 + 1

    def start(self) -> GoState:
        """An empty board."""
        points, none = self.size**2, jnp.zeros((), jnp.int32)
        return GoState(
            labels=jnp.zeros(points, jnp.int8),
            atari=jnp.zeros(points, bool),
            keys=jnp.zeros((2, points), jnp.uint32),
            hash=jnp.zeros(2, jnp.uint32),
            history=jnp.zeros((2, self.longest), jnp.uint32),
            moves=none,
            passes=none,
        )

    def legal(self, state: GoState) -> Bool[Array, " actions"]:
        """Empty points where a stone lives and makes a new position; and to pass."""
        lives, repeats = self._stones(state)
        return jnp.append(lives & ~repeats, True) & ~self.over(state)

    def play(self, state: GoState, action: Int[Array, ""]) -> GoState:
        """A stone on a point, or a pass."""
        mover, sign, over = self.mover(state), self._sign(state), self.over(state)
        new = np.arange(self.size**2) == action  # nowhere for a pass
        sides = jnp.asarray(around(self.size))[action]
        touched = jnp.append(state.labels, jnp.int8(0))[sides]
        taken = self._chains(state, touched, (touched * sign < 0) & jnp.append(state.atari, False)[sides])
        joined = self._chains(state, touched, touched * sign > 0) | new
        label = (action + 1).astype(jnp.int8) * sign
        labels = jnp.where(joined, label, jnp.where(taken, jnp.int8(0), state.labels))
        own, other = self._zobrist(mover), self._zobrist(1 - mover)
        chain = jnp.where(joined, own, 0).sum(1, keepdims=True, dtype=jnp.uint32)
        hash_ = state.hash + (jnp.where(new, own, 0) - jnp.where(taken, other, 0)).sum(1, dtype=jnp.uint32)
        after = GoState(
            labels=labels,
            atari=atari(labels, self.size),
            keys=jnp.where(joined, chain, jnp.where(taken, jnp.uint32(0), state.keys)),
            hash=hash_,
            history=jnp.where(np.arange(self.longest) == state.moves, hash_[:, None], state.history),
            moves=state.moves + 1,
            passes=jnp.where(action == self.size**2, state.passes + 1, 0),
        )
        return GoState(*(jnp.where(over, old, now) for old, now in zip(state, after, strict=True)))

    def over(self, state: GoState) -> Bool[Array, ""]:
        """Whether both have passed, or `longest` moves are played."""
        return (state.passes == 2) | (state.moves == self.longest)

    def outcome(self, state: GoState) -> Float[Array, ""]:
        """1 if the first player has more area than the second with komi, -1 if he has less, 0 for the same."""
        first, second = areas(jnp.where(self.over(state), state.labels, jnp.int8(0)), self.size)
        return jnp.where(self.over(state), jnp.sign(first.astype(jnp.float32) - second - self.komi), 0.0)

    def mover(self, state: GoState) -> Int[Array, ""]:
        """They take turns, and a pass is a turn."""
        return state.moves % 2

    def observe(self, state: GoState) -> Float[Array, "planes height width"]:
        """The mover's stones, the other's, points barred by superko; 1 after a pass; 1 for the first player."""
        side = state.labels * self._sign(state)
        lives, repeats = self._stones(state)
        after_pass, first = state.passes > 0, self.mover(state) == 0
        flags = jnp.stack([jnp.broadcast_to(flag, side.shape) for flag in (after_pass, first)])
        planes = jnp.concatenate([jnp.stack([side > 0, side < 0, lives & repeats]), flags])
        return planes.reshape(5, *self.shape).astype(jnp.float32)

    def place(self, state: GoState, action: Int[Array, ""]) -> Int[Array, ""]:
        """The action itself: both players see the same board."""
        return action

    def symmetries(self) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
        """The four turns of the board and their mirrors; to pass stays to pass."""
        return tuple((points, np.append(points, self.size**2)) for points in turns(*self.shape))

    def _sign(self, state: GoState) -> Int8[Array, ""]:
        return (1 - 2 * (state.moves % 2)).astype(jnp.int8)

    def _zobrist(self, player: Int[Array, ""]) -> UInt32[Array, "2 points"]:
        return jnp.asarray(zobrist(self.size))[player]

    def _chains(self, state: GoState, labels: Int8[Array, "4"], which: Bool[Array, "4"]) -> Bool[Array, " points"]:
        """The stones of those among four chains that are asked for."""
        return ((state.labels[:, None] == labels) & which).any(1)

    def _stones(self, state: GoState) -> tuple[Bool[Array, " points"], Bool[Array, " points"]]:
        """Where the mover's stone would have a liberty once it has captured; where it would repeat a position."""
        labels, on_board = state.labels * self._sign(state), jnp.ones(self.size**2, bool)
        label, in_atari, keys, inside = (near(has, self.size) for has in (labels, state.atari, state.keys, on_board))
        takes = (label < 0) & in_atari
        lives = (labels == 0) & ((label == 0) & inside | (label > 0) & ~in_atari | takes).any(0)
        hashes = state.hash[:, None] + self._zobrist(self.mover(state))
        for side in range(4):
            met = (label[:side] == label[side]).any(0)  # a chain that touches twice is taken once
            hashes = hashes - jnp.where(takes[side] & ~met, keys[side], jnp.uint32(0))
        one, two = hashes[..., None] == state.history[:, None]
        return lives, (one & two).any(1)
