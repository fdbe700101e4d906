"""The last positions that were played, as one ring of arrays."""

from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, Int8

from nextflop.lab.selfplay.games.game import Game
from nextflop.lab.selfplay.training.play import Positions


class Replay(eqx.Module):
    """A ring: new positions take the place of the oldest. Fields as of `Positions`, and how many were ever put in."""

    seen: Int8[Array, "window planes_cells"]
    legal: Bool[Array, "window actions"]
    policy: Float[Array, "window actions"]
    outcome: Float[Array, " window"]
    count: Int[Array, ""]

    @classmethod
    def init(cls, game: Game[Any], window: int) -> "Replay":
        """An empty ring."""
        (height, width), actions = game.shape, game.actions
        return cls(
            jnp.zeros((window, game.planes * height * width), jnp.int8),
            jnp.zeros((window, actions), bool),
            jnp.zeros((window, actions)),
            jnp.zeros(window),
            jnp.zeros((), jnp.int32),
        )

    @property
    def filled(self) -> Int[Array, ""]:
        """How many positions it holds."""
        return jnp.minimum(self.count, len(self.outcome))

    def add(self, positions: Positions) -> "Replay":
        """The ring after these positions; where they are more than it holds, the last of them stay."""
        window, count = len(self.outcome), int(self.count)
        new = Positions(*(part[-window:] for part in positions))
        skipped = len(positions.outcome) - len(new.outcome)
        places = (count + skipped + np.arange(len(new.outcome))) % window

        def put(old: Array, rows: np.ndarray) -> Array:
            part = np.array(old)
            part[places] = rows
            return jnp.asarray(part)

        # The count only has to tell the place and whether the ring is full: it must not outgrow its 32 bits.
        total = count + len(positions.outcome)
        return Replay(
            put(self.seen, new.seen),
            put(self.legal, new.legal),
            put(self.policy, new.policy),
            put(self.outcome, new.outcome),
            jnp.asarray(total if total < window else window + total % window, jnp.int32),
        )
