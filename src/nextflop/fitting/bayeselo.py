"""The same games as BayesElo rates them where it is told of no draws: a unit in which exponents are published."""

from collections.abc import Sequence

import numpy as np

from nextflop.fitting.ratings import Ratings, rate

ADVANTAGE, DRAW = 32.8, 97.3
"""What BayesElo takes moving first and a draw to be worth, in Elo, unless it is asked to find them."""


def rate_as_bayeselo(
    first: Sequence[str],
    second: Sequence[str],
    first_wins: np.ndarray,
    second_wins: np.ndarray,
    *,
    reference: str | None = None,
) -> Ratings:
    """Ratings as of Neumann and Gros 2023 (arXiv:2210.00849), by our reading of the code they published.

    They give BayesElo the share of the games of a pair that a player won, draws being half a win, as if it were the
    same with either side, and leave the two worths at the values above. The model holds that games are drawn; as none
    is, it sees more strength in every win, and distances come out longer than `rate` has them on the same games: 1.38
    times near even strength, 1.22 times at 400 Elo, 1.12 times at 800. BayesElo's virtual draws, two a player, are
    left out; against hundreds of games they weigh nothing.

    Args:
        first: who moved first, a name a row; a row may hold many games.
        second: who moved second.
        first_wins: games that the first mover won, a draw being half of one, shape (rows,).
        second_wins: games that the second mover won.
        reference: the player at 0; by default the first in the alphabet.

    Raises:
        InputError: as `rate`.
        FitError: as `rate`.
    """
    half = np.asarray(first_wins, dtype=np.float64) / 2, np.asarray(second_wins, dtype=np.float64) / 2
    either = [*first, *second], [*second, *first]
    won, lost = np.concatenate(half), np.concatenate(half[::-1])
    return rate(*either, won, lost, reference=reference, first_move=ADVANTAGE, draw=DRAW)
