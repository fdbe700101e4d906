"""How an agent is trained: every choice that bears on its strength, under one name."""

from dataclasses import dataclass

import optax

from nextflop.errors import InputError
from nextflop.lab.selfplay.network import Shape
from nextflop.lab.selfplay.search.search import Search

REFERENCE_WIDTH = 64


@dataclass(frozen=True)
class Recipe:
    """Self-play by generations: games are played to their end by one network, then the network learns.

    Half of the games begin from a random opening, as those do in which strength is measured; without that and without
    sampling the early moves, the games of a network that knows what it wants are few (docs/log.md).

    Attributes:
        games: of a generation.
        simulations: of the search at each move.
        considered: actions at the root, at most, of a Gumbel search.
        sampled: moves of a game that are drawn from the improved policy; later ones are the search's choice.
        opened: share of the games that begin with random moves.
        opening: how many of those there are, at most: each game's number is drawn from 1 up, all alike.
        reuse: how often a position is learned from, on average.
        batch: positions of a learner's step.
        window: positions that are kept to learn from.
        rate: of Adam at a width of 64 or less, constant: an average of the weights stands for a decaying one
            (`lab.learner`). Wider networks take less, by the square root.
        clip: largest global norm of a gradient.
        search: its kind, one of `search.search.KINDS`.
    """

    games: int = 512
    simulations: int = 16
    considered: int = 16
    sampled: int = 6
    opened: float = 0.5
    opening: int = 1
    reuse: float = 4.0
    batch: int = 1024
    window: int = 100_000
    rate: float = 1e-2
    clip: float = 1.0
    search: str = "gumbel"

    def __post_init__(self) -> None:
        counts = (self.games, self.simulations, self.considered, self.batch, self.window)
        if min(counts) < 1 or min(self.sampled, self.opening) < 0 or not 0 <= self.opened <= 1 or self.reuse <= 0:
            raise InputError(f"{self}: counts must be 1 or more, moves 0 or more, shares 0 to 1, reuse above 0.")
        _ = self.every_move  # refuses what it cannot be

    @property
    def every_move(self) -> Search:
        """The search at each move."""
        return Search(self.simulations, self.search, self.considered)

    def optimiser(self, shape: Shape) -> optax.GradientTransformation:
        """Adam at a constant rate."""
        rate = self.rate * min(1.0, REFERENCE_WIDTH / shape.width) ** 0.5
        return optax.chain(optax.clip_by_global_norm(self.clip), optax.adam(rate))
