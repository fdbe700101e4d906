"""The conformance suite passes every game of this package, and names what is wrong with a game that is not one."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from nextflop.errors import InputError
from nextflop.lab.selfplay.games.conformance import check
from nextflop.lab.selfplay.games.connect import Connect
from nextflop.lab.selfplay.games.game import Game
from nextflop.lab.selfplay.games.hex import Hex
from nextflop.lab.selfplay.games.mnk import Mnk


@pytest.mark.parametrize("game", [Hex(3), Connect(4, 5, 3), Mnk(3, 4, 3)], ids=lambda game: game.name)
def test_games_keep_what_the_interface_promises(game: Game) -> None:
    check(game, 16)


class Endless(Hex):
    @property
    def longest(self) -> int:
        return 5


class Draughty(Mnk):
    def legal(self, state: Any) -> Any:
        return super().legal(state) & (np.arange(9) != 4)


class Lively(Mnk):
    def legal(self, state: Any) -> Any:
        return self.empty(state).reshape(-1)


class Restless(Hex):
    def play(self, state: Any, action: Any) -> Any:
        after = super().play(state, action)
        return after._replace(moves=state.moves + 1)


class Generous(Mnk):
    def outcome(self, state: Any) -> Any:
        return super().outcome(state) * 2


class Hasty(Mnk):
    def outcome(self, state: Any) -> Any:
        return jnp.where(self.over(state), super().outcome(state), 1.0)


class Greedy(Mnk):
    def mover(self, state: Any) -> Any:
        return state.moves // 2 % 2


class Traced(Mnk):
    def observe(self, state: Any) -> Any:
        seen = super().observe(state)
        return seen if isinstance(state.moves, jax.core.Tracer) else seen.at[0, 0, 0].set(1)


class Reversed(Mnk):
    def mover(self, state: Any) -> Any:
        return 1 - state.moves % 2


class Crowded(Mnk):
    def place(self, state: Any, action: Any) -> Any:
        return action // 2


class Shifted(Mnk):
    def place(self, state: Any, action: Any) -> Any:
        return (action + 1) % 9


class Absolute(Mnk):
    def observe(self, state: Any) -> Any:
        seen = super().observe(state)
        return jnp.where(state.moves % 2 == 0, seen, seen[::-1])


class Mirrored(Hex):
    def symmetries(self) -> Any:
        cells = np.arange(self.size**2).reshape(self.size, self.size)
        return (*super().symmetries(), (cells[:, ::-1].ravel(), cells[:, ::-1].ravel()))


class Crooked(Connect):
    def symmetries(self) -> Any:
        same, (cells, columns) = super().symmetries()
        return same, (cells, np.sort(columns))


class Unsorted(Mnk):
    def symmetries(self) -> Any:
        return super().symmetries()[::-1]


class Wide(Mnk):
    def outcome(self, state: Any) -> Any:
        return state.winner


class Growing(Mnk):
    def play(self, state: Any, action: Any) -> Any:
        after = super().play(state, action)
        return after._replace(winner=after.winner.astype(jnp.int32))


class Unlike(Mnk):
    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other


class Unhashable(Mnk):
    __hash__ = None  # type: ignore[assignment]


class Timid(Mnk):
    def over(self, state: Any) -> Any:
        return super().over(state) | (state.moves == 0)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (Endless(3), "games go on after longest = 5 moves"),
        (Draughty(), r"mover has no legal action and the game is not over \(first after 8 moves, in random game \d+\)"),
        (Lively(), "legal actions in a game that is over"),
        (Restless(3), "to play on in a game that is over changes its state"),
        (Generous(), "an outcome is none of -1, 0 and 1"),
        (Hasty(), "an outcome is not 0 before the game is over"),
        (Greedy(), r"a player moves twice in a row.*\(first after 0 moves, in random game 0\)"),
        (Traced(), r"after \d moves it plays otherwise alone than in a compiled batch"),
        (Reversed(), "the second player begins"),
        (Crowded(), "two legal actions have the same place"),
        (Shifted(), "an action of the first player has a place that is not its own number"),
        (Absolute(), "the first plane does not hold the stones of the player who moves next"),
        (Mirrored(3), "symmetry 2 changes"),
        (Crooked(), "symmetry 1 changes"),
        (Unsorted(), "the first of its symmetries is not the identity"),
        (Wide(), r"outcome is int8\(\) where float32\(\) is due"),
        (Growing(), r"play turns an array int8\(\) of the state into int32\(\)"),
        (Unlike(), "a copy of it does not equal it with the same hash"),
        (Unhashable(), "cannot be hashed and pickled"),
        (Timid(), "it is over before the first move"),
    ],
    ids=lambda value: "" if isinstance(value, str) else type(value).__name__,
)
def test_a_game_that_is_not_one_is_named(wrong: Game, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        check(wrong, 16)
