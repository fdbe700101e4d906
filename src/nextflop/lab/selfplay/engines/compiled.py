"""The engine of the kernels: rules and tree in compiled code, the network asked for a thousand positions at once."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Float32, Int, Int16

from nextflop.errors import FitError
from nextflop.lab.selfplay.engines.engine import Found, Look, Read
from nextflop.lab.selfplay.engines.forward import forward
from nextflop.lab.selfplay.games.game import Game
from nextflop.lab.selfplay.kernels import batch, root, tree
from nextflop.lab.selfplay.kernels.rules import Rules, rules_of, start
from nextflop.lab.selfplay.network import Network
from nextflop.lab.selfplay.search.gumbel import LOW
from nextflop.lab.selfplay.search.halving import schedule

Positions = Int16[np.ndarray, "games numbers"]


@dataclass(frozen=True)
class Compiled:
    """The engine for the games that `kernels.rules` knows.

    Attributes:
        game: the rules.
        part: positions that the network is asked for at once: enough for its matrix products, few enough for the cache.
    """

    game: Game[Any]
    part: int = 1024

    def __post_init__(self) -> None:
        rules_of(self.game)

    @property
    def rules(self) -> Rules:
        """The rules as the kernels know them."""
        return rules_of(self.game)

    def start(self, games: int) -> Positions:
        """So many games before their first move."""
        return np.tile(start(self.rules), (games, 1))

    def take(self, positions: Positions, rows: Int[np.ndarray, " some"]) -> Int16[np.ndarray, "some numbers"]:
        """Some of the positions."""
        return positions[rows]

    def play(self, positions: Positions, actions: Int[np.ndarray, " games"]) -> Positions:
        """The positions after an action of each mover."""
        after = positions.copy()
        batch.play(self.rules, after, actions.astype(np.int64))
        return after

    def look(self, positions: Positions) -> Look:
        """What is to be seen of them."""
        rules, games = self.rules, len(positions)
        look = Look(
            np.empty((games, rules.actions), bool),
            np.empty(games, bool),
            np.empty(games, np.float32),
            np.empty(games, np.int32),
            np.empty((games, rules.planes * rules.height * rules.width), np.float32),
        )
        batch.look(rules, positions, *look)
        return look

    def read(self, network: Network) -> Read:
        """The network as matrix products.

        Raises:
            FitError: from what is returned, if the network has no numbers for an answer.
        """
        run = forward(network)

        def read(seen: Float32[np.ndarray, "rows planes_cells"]) -> tuple[np.ndarray, np.ndarray]:
            logits, values = run(seen)
            if not np.isfinite(logits.sum() + values.sum()):  # the tree cannot hold what is not a number
                raise FitError("The network answers with what is no number: its training has diverged.")
            return logits, values

        return read

    def search(
        self,
        read: Read,
        positions: Positions,
        gumbel: Float[np.ndarray, "games actions"],
        simulations: int,
        considered: int = 16,
    ) -> Found:
        """Gumbel search from every position, none of which may be over."""
        rules, games = self.rules, len(positions)
        considered = min(considered, rules.actions, simulations)
        seen = self.look(positions)
        logits, raw = read(seen.observed)
        tree.mask(logits, seen.legal, LOW)
        slots = np.zeros((games, considered), np.int64)
        roots = root.Roots(
            positions,
            logits,
            seen.legal,
            raw,
            gumbel.astype(np.float32),
            slots,
            np.zeros(games, np.int64),
            slots.copy(),
        )
        root.choose(roots)
        nodes = tree.plant(rules, games, considered, simulations)
        queue = np.empty(self.part, np.int64)
        observed = np.empty((self.part, rules.planes * rules.height * rules.width), np.float32)
        allowed = np.empty((self.part, rules.actions), bool)
        asked = games
        for width, begins in zip(*(column.T for column in schedule(simulations, considered)), strict=True):
            cursor = np.zeros(2, np.int64)
            while cursor[0] < games:
                count = root.collect(rules, roots, nodes, width.copy(), begins.copy(), cursor, queue, observed, allowed)
                if count:
                    likely, values = read(observed[:count])
                    tree.mask(likely, allowed[:count], LOW)
                    np.exp(likely, out=likely)
                    tree.absorb(nodes, queue[:count], likely, allowed[:count], values)
                    asked += count
        wide, narrow = np.zeros((3, games, rules.actions), np.float32), np.empty((2, games), np.float32)
        found = Found(np.empty(games, np.int32), wide[0], wide[1], wide[2], narrow[0], narrow[1], raw, asked)
        root.conclude(roots, nodes, found.action, found.policy, found.prior, found.visits, found.value, found.gain)
        return found
