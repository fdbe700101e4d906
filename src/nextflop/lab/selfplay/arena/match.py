"""Matches in pairs of games: every opening is played twice, with the sides changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Int, UInt64

from nextflop.lab.selfplay.arena.players import Player, Rival
from nextflop.lab.selfplay.engines.engine import Engine, Look


@dataclass(frozen=True)
class Match:
    """How one player fared against another.

    Attributes:
        player, opponent: their names.
        first: of each opening the player's score with the first move: 1 for a win, a half for a draw, 0.
        second: likewise with the second move.
        evaluations: positions that the player's network was asked for.
        answered: and the opponent's.
    """

    player: str
    opponent: str
    first: Float[np.ndarray, " pairs"]
    second: Float[np.ndarray, " pairs"]
    evaluations: float
    answered: float

    @property
    def score(self) -> float:
        """Of the player, as a share of the games."""
        return float((self.first.mean() + self.second.mean()) / 2)

    @property
    def pairs(self) -> tuple[int, int, int, int, int]:
        """How many pairs brought the player 0, ½, 1, 1½ and 2 points."""
        points = np.rint(2 * (self.first + self.second)).astype(int)
        zero, half, one, more, two = np.bincount(points, minlength=5).tolist()
        return zero, half, one, more, two


def gauntlet(
    engine: Engine[Any],
    player: Rival,
    opponents: Sequence[Rival],
    openings: Int[np.ndarray, "openings plies"],
    seed: int = 0,
) -> tuple[Match, ...]:
    """One player against several, each over all openings with both sides; all games at once.

    Args:
        engine: the rules.
        player: who is measured.
        opponents: against whom.
        openings: first moves, in the movers' numbering.
        seed: of the chance that players may use; an opening has the same whoever plays.
    """
    pairs, plies = openings.shape
    # A game's place: opponent, whether the player moves first, opening.
    foe, begins, opening = (part.ravel() for part in np.indices((len(opponents), 2, pairs)))
    side = np.where(begins == 0, 0, 1)  # the mover that the player is
    batch = engine.start(len(foe))
    for ply in range(plies):
        batch = engine.play(batch, openings[opening, ply])
    outcome, playing, look = np.zeros(len(foe)), np.arange(len(foe)), engine.look(batch)
    evaluations, moves = np.zeros((2, len(foe))), openings[opening]
    while len(playing):
        actions = np.zeros(len(playing), np.int32)
        mine = look.mover == side[playing]
        seeds = np.random.SeedSequence([seed, moves.shape[1]]).generate_state(len(foe), np.uint64)
        groups = [(player, np.flatnonzero(mine))]
        groups += [(rival, np.flatnonzero(~mine & (foe[playing] == place))) for place, rival in enumerate(opponents)]
        for who, rows in groups:
            if len(rows):
                some, told = look.take(rows), moves[rows]
                actions[rows], asked = _ask(who, engine.take(batch, rows), told, some, seeds[playing[rows]])
                evaluations[0 if who is player else 1, playing[rows]] += asked / len(rows)
        batch, moves = engine.play(batch, actions), np.column_stack([moves, actions])
        look = engine.look(batch)
        outcome[playing[look.over]] = look.outcome[look.over]
        alive = np.flatnonzero(~look.over)
        batch, moves, playing = engine.take(batch, alive), moves[alive], playing[alive]
        look = look.take(alive)
    score = ((1 + outcome * (1 - 2 * side)) / 2).reshape(len(opponents), 2, pairs)
    spent, answered = evaluations.reshape(2, len(opponents), -1).sum(2)
    return tuple(
        Match(player.name, rival.name, score[place, 0], score[place, 1], float(spent[place]), float(answered[place]))
        for place, rival in enumerate(opponents)
    )


def _ask(
    who: Rival,
    batch: Any,
    moves: Int[np.ndarray, "games plies"],
    look: Look,
    seeds: UInt64[np.ndarray, " games"],
) -> tuple[np.ndarray, int]:
    if isinstance(who, Player):
        return who.choose(batch, look, seeds)
    return who.answer(moves, look, seeds), 0
