"""Games by their declaration, as studies write it down."""

from collections.abc import Callable, Mapping
from typing import Any

from nextflop.errors import InputError
from nextflop.evidence.files import Json
from nextflop.lab.selfplay.games.connect import Connect
from nextflop.lab.selfplay.games.game import Game
from nextflop.lab.selfplay.games.go import Go
from nextflop.lab.selfplay.games.hex import Hex
from nextflop.lab.selfplay.games.mnk import Mnk
from nextflop.lab.selfplay.games.othello import Othello

GAMES: Mapping[str, Callable[..., Game[Any]]] = {
    "hex": Hex,
    "connect4": Connect,
    "othello": Othello,
    "mnk": Mnk,
    "go": Go.usual,
}
"""Names → what makes the rules of the sizes declared: Go takes komi and length too, and has the usual ones without."""


def game_of(declared: Mapping[str, Json]) -> Game[Any]:
    """The rules of a declared game, such as {"name": "hex", "size": 5}.

    Raises:
        InputError: if there is no such game.
    """
    sizes = {key: value for key, value in declared.items() if key != "name"}
    if declared["name"] not in GAMES:
        raise InputError(f"There is no game {declared['name']!r} here: choose one of {', '.join(GAMES)}.")
    return GAMES[declared["name"]](**sizes)
