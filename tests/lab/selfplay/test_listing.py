"""Perfect play: what is known of the smallest games, and a search of all their positions by OpenSpiel's rules."""

from typing import Any

import jax
import numpy as np
import pytest

from nextflop.errors import InputError
from nextflop.lab.selfplay.exact.listing import Solution, solve_hex, solve_mnk
from nextflop.lab.selfplay.games.hex import Hex
from nextflop.lab.selfplay.games.mnk import Mnk
from nextflop.lab.selfplay.games.playout import playout


def openings(solution: Solution) -> list[list[int]]:
    return solution.after(np.zeros((1, 2, *solution.shape), np.float32)).reshape(solution.shape).astype(int).tolist()


def test_hex_3x3_is_won_by_five_openings() -> None:
    assert openings(solve_hex(3)) == [[-1, -1, 1], [1, 1, 1], [1, -1, -1]]


def test_hex_4x4_is_won_on_the_short_diagonal() -> None:
    won = np.fliplr(np.eye(4, dtype=int))
    assert openings(solve_hex(4)) == (2 * won - 1).tolist()
    assert solve_hex(4).positions == 9_386_235


def test_tic_tac_toe_is_a_draw_of_5478_positions() -> None:
    assert openings(solve_mnk()) == np.zeros((3, 3)).tolist()
    assert solve_mnk().positions == 5478


def test_three_in_a_row_on_3x4_is_won_by_most_openings() -> None:
    assert openings(solve_mnk(3, 4, 3)) == [[1, 1, 1, 1], [-1, 1, 1, -1], [1, 1, 1, 1]]


def planes(state: Any, size: int, transposed: bool) -> np.ndarray:
    """The mover's stones and the other's, read off OpenSpiel's drawing."""
    cells = [cell for cell in str(state) if cell in ".xo"]
    board = np.array([{"x": 1, "o": -1}.get(cell, 0) for cell in cells]).reshape(size, size)
    second = state.move_number() % 2
    board = (board.T if transposed else board) * (-1 if second else 1) if second else board
    return np.stack([board > 0, board < 0]).astype(np.float32)


def search(state: Any, size: int, transposed: bool, known: dict[bytes, tuple[np.ndarray, int]]) -> int:
    """The value to the mover, with every position that can be reached on record."""
    seen = planes(state, size, transposed)
    if seen.tobytes() not in known:
        if state.is_terminal():
            value = int(state.returns()[state.move_number() % 2])
        else:
            value = max(-search(state.child(move), size, transposed, known) for move in state.legal_actions())
        known[seen.tobytes()] = seen, value
    return known[seen.tobytes()][1]


@pytest.mark.parametrize(
    ("theirs", "solution", "count"),
    [("hex(num_cols=3,num_rows=3)", solve_hex(3), 5514), ("tic_tac_toe", solve_mnk(), 5478)],
)
def test_every_value_is_that_of_a_search_by_the_rules_of_openspiel(theirs: str, solution: Solution, count: int) -> None:
    pyspiel = pytest.importorskip("pyspiel", reason="OpenSpiel is not installed: pip install open-spiel")
    known: dict[bytes, tuple[np.ndarray, int]] = {}
    search(pyspiel.load_game(theirs).new_initial_state(), 3, theirs.startswith("hex"), known)
    seen, values = zip(*known.values(), strict=True)
    assert len(known) == solution.positions == count
    np.testing.assert_array_equal(solution.value(np.stack(seen)), values)


@pytest.mark.parametrize(("game", "solution"), [(Hex(3), solve_hex(3)), (Mnk(3, 4, 3), solve_mnk(3, 4, 3))])
def test_a_position_is_worth_its_best_move(game: Any, solution: Solution) -> None:
    states = jax.tree.map(lambda leaf: leaf.reshape(-1, *leaf.shape[2:]), playout(game, jax.random.key(0), 50).states)
    observed, over, legal, outcome, mover = (
        np.asarray(jax.vmap(told)(states)) for told in (game.observe, game.over, game.legal, game.outcome, game.mover)
    )
    values, after = solution.value(observed), solution.after(observed)
    np.testing.assert_array_equal(~np.isnan(after), legal)
    np.testing.assert_array_equal(values[~over], np.nanmax(after[~over], 1))
    np.testing.assert_array_equal(values[over], (outcome * (1 - 2 * mover))[over])


def test_what_cannot_be_judged_is_refused() -> None:
    with pytest.raises(InputError, match="cannot be reached"):
        solve_hex(3).value(np.ones((1, 2, 3, 3), np.float32) * np.array([1.0, 0.0], np.float32)[:, None, None])
    with pytest.raises(InputError, match=r"boards are \(4, 4\), and the solution is of \(3, 3\)"):
        solve_hex(3).after(np.zeros((1, 2, 4, 4), np.float32))
    with pytest.raises(InputError, match="2 to 4 cells a side, not 5"):
        solve_hex(5)
    with pytest.raises(InputError, match="up to 16 cells"):
        solve_mnk(5, 5, 4)
