"""Ratings as BayesElo has them where no game is drawn: how far they stretch, and what becomes of an exponent."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from nextflop.fitting.bayeselo import rate_as_bayeselo
from nextflop.fitting.ratings import rate

# Gap in Elo → how many times as long BayesElo has it, as worked out from its likelihood apart from this code.
STRETCHED = {10.0: 1.38, 30.0: 1.38, 50.0: 1.38, 100.0: 1.36, 200.0: 1.31, 400.0: 1.22, 800.0: 1.12}
PARAMS = np.array([608, 1304, 2984, 7496, 21128, 66824, 231944])  # networks of Neumann and Gros for Connect Four


def expected(elo: np.ndarray, games: float = 800.0) -> tuple[list[str], list[str], np.ndarray, np.ndarray]:
    """What every pair is expected to win, half of the games with either side, the first move being worth nothing."""
    pairs = [(one, other) for a, b in combinations(range(len(elo)), 2) for one, other in ((a, b), (b, a))]
    won = np.array([games / 2 / (1 + 10 ** ((elo[b] - elo[a]) / 400)) for a, b in pairs])
    return [f"p{a}" for a, _ in pairs], [f"p{b}" for _, b in pairs], won, games / 2 - won


@pytest.mark.parametrize("gap", STRETCHED)
def test_a_gap_is_stretched_by_what_is_on_record(gap: float) -> None:
    games = expected(np.array([0.0, gap]))
    assert rate(*games).of("p1") == pytest.approx(gap, abs=1e-4)
    assert round(rate_as_bayeselo(*games).of("p1") / gap, 2) == STRETCHED[gap]


def test_the_ladder_of_sizes_of_neumann_and_gros_is_read_a_quarter_too_steep() -> None:
    sizes = np.log10(PARAMS)
    games = expected(280 * sizes)
    slopes = [np.polyfit(sizes, found.elo, 1)[0] for found in (rate(*games), rate_as_bayeselo(*games))]
    # On record from games that were drawn at random, which leaves 5 Elo a decade to chance.
    assert slopes == pytest.approx([280, 349], abs=2)


@settings(deadline=None, max_examples=30)
@given(wins=st.lists(st.integers(1, 200), min_size=12, max_size=12))
def test_the_ratings_are_those_of_the_greatest_likelihood(wins: list[int]) -> None:
    # P(win) and P(loss) as BayesElo writes them, searched without derivatives.
    ends = [(0, 1), (1, 0), (0, 2), (2, 0), (1, 2), (2, 1)]
    won, lost = np.array(wins[:6], dtype=float), np.array(wins[6:], dtype=float)
    found = rate_as_bayeselo([f"p{a}" for a, _ in ends], [f"p{b}" for _, b in ends], won, lost)
    share = {}
    for (a, b), w, less in zip(ends, won, lost, strict=True):
        one, other = share.setdefault((min(a, b), max(a, b)), [0.0, 0.0])
        share[min(a, b), max(a, b)] = [one + (w if a < b else less), other + (less if a < b else w)]

    def against(rest: np.ndarray) -> float:
        elo, total = np.array([0.0, *rest]), 0.0
        for (a, b), (mine, theirs) in share.items():
            for side in (1, -1):
                d = elo[a] - elo[b] + side * 32.8
                win, loss = 1 / (1 + 10 ** ((-d + 97.3) / 400)), 1 / (1 + 10 ** ((d + 97.3) / 400))
                total -= mine / 2 * np.log(win) + theirs / 2 * np.log(loss)
        return total

    best = minimize(against, np.zeros(2), method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-10})
    np.testing.assert_allclose(found.elo[1:], best.x, atol=1e-2)
    assert (found.first_move, found.first_move_error) == (32.8, 0.0)


def test_what_the_first_move_is_worth_in_these_games_is_not_asked() -> None:
    first, second, won, lost = expected(np.array([0.0, 120.0, 300.0]))
    swing = 0.3 * np.minimum(won, lost)
    even, tilted = (rate_as_bayeselo(first, second, won + part, lost - part) for part in (0 * swing, swing))
    np.testing.assert_allclose(even.elo, tilted.elo, atol=1e-6)
