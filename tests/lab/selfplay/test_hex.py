"""Hex: the games are OpenSpiel's."""

import pytest

from nextflop.lab.selfplay.games.hex import Hex

from .openspiel import replay


@pytest.mark.parametrize("size", [3, 5, 11])
def test_random_games_are_those_of_openspiel(size: int) -> None:
    replay(Hex(size), f"hex(num_cols={size},num_rows={size})", 200)
