"""The engine of the kernels: rules and tree in compiled code, the network asked for a thousand positions at once."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Float32, Int, Int16

from nextflop.errors import FitError
from nextflop.lab.selfplay.engines.engine import Found, Look, Read
from nextflop.lab.selfplay.engines.forward import forward
from nextflop.lab.selfplay.games.game import Game
from nextflop.lab.selfplay.kernels import batch, puct, root, tree
from nextflop.lab.selfplay.kernels.rules import Rules, rules_of, start
from nextflop.lab.selfplay.network import Network
from nextflop.lab.selfplay.search.gumbel import LOW
from nextflop.lab.selfplay.search.halving import abreast
from nextflop.lab.selfplay.search.puct import conclude, priors
from nextflop.lab.selfplay.search.search import Search, check_noise

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

        def read(seen: Float32[np.ndarray, "rows planes_cells"], policy: bool = True) -> tuple[np.ndarray, np.ndarray]:
            logits, values = run(seen, policy)
            if not np.isfinite(logits.sum() + values.sum()):  # the tree cannot hold what is not a number
                raise FitError("The network answers with what is no number: its training has diverged.")
            return logits, values

        return read

    def search(
        self, read: Read, positions: Positions, noise: Float[np.ndarray, "games actions"], search: Search
    ) -> Found:
        """Searches from every position, none of which may be over."""
        return (self._gumbel if search.kind == "gumbel" else self._puct)(read, positions, noise, search)

    def _gumbel(self, read: Read, positions: Positions, noise: np.ndarray, search: Search) -> Found:
        """The steps of the games' schedules, one after another, each in parts of one size."""
        rules, games, look = self.rules, len(positions), self.look(positions)
        considered = min(search.considered, rules.actions, search.simulations)
        logits, raw = read(look.observed)
        tree.mask(logits, look.legal, LOW)
        prior = np.exp(logits)
        prior /= prior.sum(1, keepdims=True)
        slots = np.zeros((games, considered), np.int64)
        number = np.zeros(games, np.int64)
        drawn, room = noise.astype(np.float32), np.empty((3, rules.actions), np.float32)
        roots = root.Roots(positions, logits, prior, look.legal, raw, drawn, slots, number, slots.copy(), *room)
        root.choose(roots)
        nodes = tree.plant(rules, games, considered, search.simulations)
        queue, asked = self._queue(), games
        table = abreast(search.simulations, considered)
        for step in range(table.width.shape[1]):
            cursor, width, begins = np.zeros(2, np.int64), table.width[:, step].copy(), table.begins[:, step].copy()
            below = step + 1 < table.width.shape[1]  # whether anybody goes beyond what this step finds
            while cursor[0] < games:
                count = root.collect(rules, roots, nodes, width, begins, cursor, *queue)
                asked += _answer(read, nodes, queue, count, below)
        wide, narrow = np.zeros((2, games, rules.actions), np.float32), np.empty((2, games), np.float32)
        found = Found(np.empty(games, np.int32), wide[0], prior, wide[1], narrow[0], narrow[1], raw, asked)
        root.conclude(roots, nodes, found.action, found.policy, found.visits, found.value, found.gain)
        return found

    def _puct(self, read: Read, positions: Positions, noise: np.ndarray, search: Search) -> Found:
        """As many games as fill a part, to the end of their searches, a position of each at once; then the next."""
        rules, games, look = self.rules, len(positions), self.look(positions)
        check_noise(noise, look.legal)
        logits, raw = read(look.observed)
        prior = priors(logits, look.legal)
        rooted = search.rooted(prior, noise.astype(np.float32))
        nodes = puct.rooted(rules, positions, np.where(look.legal, rooted, tree.GONE), raw, search.simulations)
        queue, asked = self._queue(), games
        for first in range(0, games, self.part):
            last = min(first + self.part, games)
            while count := puct.collect(rules, nodes, first, last, search.init, search.base, *queue):
                asked += _answer(read, nodes, queue, count)
        visits, total = np.zeros((2, games, rules.actions), np.float32)
        puct.tally(nodes, visits, total)
        found = conclude(search, look.legal, prior, rooted, raw, visits, total)
        return Found(*map(np.asarray, found), evaluations=asked)

    def _queue(self) -> tuple[np.ndarray, np.ndarray]:
        """Room for the positions of a part: their nodes, and what is seen of them."""
        seen = self.rules.planes * self.rules.height * self.rules.width
        return np.empty(self.part, np.int64), np.empty((self.part, seen), np.float32)


def _answer(read: Read, nodes: tree.Tree, queue: tuple[np.ndarray, np.ndarray], count: int, policy: bool = True) -> int:
    """Asks the network for the positions of a queue and gives its answers to their nodes; returns how many."""
    if count:
        new, seen = (part[:count] for part in queue)
        tree.absorb(nodes, new, *read(seen, policy))
    return count
