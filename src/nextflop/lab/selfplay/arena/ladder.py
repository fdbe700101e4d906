"""How an agent finds its place among the anchors, and the anchors theirs among themselves."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Int

from nextflop.lab.selfplay.arena.match import Match, gauntlet
from nextflop.lab.selfplay.arena.players import Rival
from nextflop.lab.selfplay.engines.engine import Engine

WEAK = 0.1  # of the points; an agent that gets fewer learns nothing from a stronger anchor
STRONG = 0.95  # likewise, of a weaker one


def climb(
    engine: Engine[Any],
    player: Rival,
    anchors: Sequence[Rival],
    openings: Int[np.ndarray, "openings plies"],
    seed: int,
    begin: int = 0,
) -> tuple[Match, ...]:
    """Plays the anchors about as strong as the player, from one on up and down, until both ends are clear.

    What was played decides only against whom is played next, so the ratings may take every game as it is.

    Args:
        engine: the rules.
        player: who is measured.
        anchors: the weakest first.
        openings: of each match.
        seed: of all chance.
        begin: the place of the first anchor to play.
    """
    found: dict[int, Match] = {}

    def play(place: int) -> float:
        found[place] = gauntlet(engine, player, (anchors[place],), openings, seed + place)[0]
        return found[place].score

    score = play(begin)
    down, up = begin, begin
    while up + 1 < len(anchors) and score >= WEAK:
        up += 1
        score = play(up)
    score = found[begin].score
    while down > 0 and (score <= STRONG or len(found) < 2):
        down -= 1
        score = play(down)
    return tuple(found[place] for place in sorted(found))


def round_of(
    engine: Engine[Any],
    players: Sequence[Rival],
    openings: Int[np.ndarray, "openings plies"],
    seed: int,
    reach: int = 2,
    repeats: int = 1,
) -> tuple[Match, ...]:
    """Everyone against the next few in the order given.

    Args:
        engine: the rules.
        players: in about the order of their strength.
        openings: of each match.
        seed: of all chance.
        reach: how many places up one plays.
        repeats: of every match, with other chance.
    """
    return tuple(
        match
        for place, player in enumerate(players[:-1])
        for time in range(repeats)
        for match in gauntlet(
            engine, player, players[place + 1 : place + 1 + reach], openings, seed + 1000 * time + place
        )
    )
