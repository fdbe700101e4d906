"""The engine that compiles any game's array rules, for processors and accelerators alike."""

from dataclasses import dataclass
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from nextflop.errors import InputError
from nextflop.lab.selfplay.engines.engine import Found, Look, Read
from nextflop.lab.selfplay.games.game import Game
from nextflop.lab.selfplay.network import Network
from nextflop.lab.selfplay.search.gumbel import Searched, search_gumbel
from nextflop.lab.selfplay.search.puct import search_puct
from nextflop.lab.selfplay.search.search import Search, check_noise


@dataclass(frozen=True)
class Asked:
    """A network that is asked for arrays, and may be handed to a compiled search whole."""

    network: Network

    def __call__(
        self, seen: Float[np.ndarray, "rows planes_cells"], policy: bool = True
    ) -> tuple[np.ndarray, np.ndarray]:
        """Logits, if a policy is asked for, and values."""
        shape = self.network.shape
        board = _padded(seen).reshape(-1, shape.planes, shape.height, shape.area // shape.height)
        logits, values = _ask(self.network, jnp.asarray(board))
        return np.asarray(logits)[: len(seen), : None if policy else 0], np.asarray(values)[: len(seen)]


@dataclass(frozen=True)
class Xla:
    """The engine for any game.

    Programs are compiled for sizes of batches that are powers of two; what fills a batch up is the last game again.

    Attributes:
        game: the rules.
        part: positions that the network is asked for at once.
    """

    game: Game[Any]
    part: int = 1024

    def start(self, games: int) -> Any:
        """So many games before their first move."""
        return jax.tree.map(lambda leaf: np.broadcast_to(leaf, (games, *np.shape(leaf))), self.game.start())

    def take(self, states: Any, rows: Int[np.ndarray, " some"]) -> Any:
        """Some of the positions."""
        return jax.tree.map(lambda leaf: leaf[rows], states)

    def play(self, states: Any, actions: Int[np.ndarray, " games"]) -> Any:
        """The positions after an action of each mover."""
        after = _play(self.game, jax.tree.map(_padded, states), jnp.asarray(_padded(actions.astype(np.int32))))
        return jax.tree.map(lambda leaf: np.asarray(leaf)[: len(actions)], after)

    def look(self, states: Any) -> Look:
        """What is to be seen of them."""
        games = len(jax.tree.leaves(states)[0])
        seen = _look(self.game, jax.tree.map(_padded, states))
        legal, over, outcome, mover, observed = (np.asarray(part)[:games] for part in seen)
        return Look(legal, over, outcome, mover, observed.reshape(games, -1))

    def read(self, network: Network) -> Read:
        """The network."""
        return Asked(network)

    def search(self, read: Read, states: Any, noise: Float[np.ndarray, "games actions"], search: Search) -> Found:
        """Searches from every position, none of which may be over."""
        if not isinstance(read, Asked):
            raise InputError("This engine's search asks a network of its own reading: hand it what `read` gave.")
        games = len(noise)
        if search.kind != "gumbel":
            check_noise(noise, self.look(states).legal)
        padded = jnp.asarray(_padded(noise.astype(np.float32)))
        found = _search(self.game, read.network, jax.tree.map(_padded, states), padded, search, self.part)
        arrays = {name: np.asarray(part)[:games] for name, part in found._asdict().items() if name != "evaluations"}
        return Found(**arrays, evaluations=int(found.evaluations))


def _padded(array: Any) -> np.ndarray:
    """The rows, and the last one again up to a power of two."""
    array = np.asarray(array)
    return np.concatenate([array, np.repeat(array[-1:], (1 << (len(array) - 1).bit_length()) - len(array), 0)])


@eqx.filter_jit
def _ask(network: Network, seen: Array) -> tuple[Array, Array]:
    return network(seen)


@eqx.filter_jit
def _play(game: Game[Any], states: Any, actions: Array) -> Any:
    return jax.vmap(game.play)(states, actions)


@eqx.filter_jit
def _look(game: Game[Any], states: Any) -> tuple[Array, ...]:
    return tuple(jax.vmap(part)(states) for part in (game.legal, game.over, game.outcome, game.mover, game.observe))


@eqx.filter_jit
def _search(game: Game[Any], network: Network, states: Any, noise: Array, search: Search, part: int) -> Searched:
    if search.kind == "gumbel":
        return search_gumbel(game, network, states, noise, search.simulations, search.considered, part)
    return search_puct(game, network, states, noise, search)
