"""Connect Four and the m,n,k games: the games are OpenSpiel's."""

from typing import Any

import pytest

from nextflop.errors import InputError
from nextflop.lab.selfplay.games.connect import Connect
from nextflop.lab.selfplay.games.mnk import Mnk

from .openspiel import replay

GAMES = [Connect(), Connect(4, 5, 3), Connect(5, 4, 4), Mnk(), Mnk(4, 6, 4), Mnk(9, 9, 5)]


def theirs(game: Any) -> str:
    if isinstance(game, Connect):
        return f"connect_four(rows={game.height},columns={game.width},x_in_row={game.k})"
    return f"mnk(m={game.width},n={game.height},k={game.k})"


@pytest.mark.parametrize("game", GAMES, ids=lambda game: game.name)
def test_random_games_are_those_of_openspiel(game: Any) -> None:
    replay(game, theirs(game), 200)


@pytest.mark.slow
@pytest.mark.parametrize("game", [*GAMES, Connect(8, 9, 5), Mnk(15, 15, 5)], ids=lambda game: game.name)
def test_ten_thousand_random_games_are_those_of_openspiel(game: Any) -> None:
    replay(game, theirs(game), 10_000, seed=1)


def test_tic_tac_toe_is_an_mnk_game() -> None:
    replay(Mnk(), "tic_tac_toe", 200)


@pytest.mark.parametrize("sizes", [(1, 5, 3), (3, 3, 4), (20, 3, 3), (3, 3, 1)])
def test_boards_without_a_game_are_refused(sizes: tuple[int, int, int]) -> None:
    with pytest.raises(InputError, match=r"sides of 2 to 19 cells, and k of 2 to the longer side"):
        Connect(*sizes)
