"""Perfect play of Hex by search: against every listed position, against OpenSpiel's rules, and at the board."""

import random

import numpy as np
import pytest

from nextflop.errors import InputError
from nextflop.lab.selfplay.arena.match import gauntlet
from nextflop.lab.selfplay.arena.openings import telling
from nextflop.lab.selfplay.arena.perfect import Perfect, anchor, playable
from nextflop.lab.selfplay.arena.players import Anchor
from nextflop.lab.selfplay.engines.compiled import Compiled
from nextflop.lab.selfplay.exact.joins import Joins, solve_joins
from nextflop.lab.selfplay.exact.labelled import labelled
from nextflop.lab.selfplay.exact.listing import solve_hex
from nextflop.lab.selfplay.games.connect import Connect
from nextflop.lab.selfplay.games.hex import Hex

pyspiel = pytest.importorskip("pyspiel")

# The openings that win on 5 × 5.
WON = ["....x", ".xxxx", ".xxx.", "xxxx.", "x...."]


def positions(size: int, games: int, seed: int) -> np.ndarray:
    """What movers see in random games, those that are over among them."""
    engine, rng = Compiled(Hex(size)), np.random.default_rng(seed)
    batch, found = engine.start(games), []
    while len(batch):
        look = engine.look(batch)
        found.append(look.observed.reshape(-1, 2, size, size))
        batch = batch[~look.over]
        legal = engine.look(batch).legal if len(batch) else np.ones((0, size**2), bool)
        batch = engine.play(batch, np.where(legal, rng.random(legal.shape), -1).argmax(1)) if len(batch) else batch
    return np.unique(np.concatenate(found), axis=0)


@pytest.mark.parametrize(("size", "games"), [(3, 500), (4, 500)])
def test_every_move_is_worth_what_a_list_of_all_positions_says(size: int, games: int) -> None:
    seen = positions(size, games, 0)
    worth = solve_hex(size).after(seen)
    assert len(seen) > 2000
    np.testing.assert_array_equal(solve_joins(size).after(seen), worth)
    winning = solve_joins(size).winning(seen)
    best = np.nan_to_num(worth, nan=-1).max(1)
    np.testing.assert_array_equal(winning >= 0, best == 1)
    rows = np.flatnonzero(winning >= 0)
    assert (worth[rows, winning[rows]] == 1).all()


def test_hex_5x5_is_won_by_the_short_diagonal_and_a_broad_middle() -> None:
    worth = solve_joins(5).after(np.zeros((1, 2, 5, 5), np.float32)).reshape(5, 5)
    assert ["".join("x" if value == 1 else "." for value in row) for row in worth] == WON


def searched(state: object, known: dict[str, int]) -> int:
    if str(state) not in known:
        mover = state.current_player()
        values = (
            int(child.returns()[mover]) if child.is_terminal() else -searched(child, known)
            for child in (state.child(move) for move in state.legal_actions())
        )
        known[str(state)] = 1 if any(value == 1 for value in values) else -1
    return known[str(state)]


@pytest.mark.parametrize("seed", range(6))
def test_late_positions_of_5x5_are_worth_what_a_search_by_the_rules_of_openspiel_says(seed: int) -> None:
    chance, game = random.Random(seed), pyspiel.load_game("hex(board_size=5)")
    while True:
        state = game.new_initial_state()
        while not state.is_terminal() and len(state.history()) < 13 + seed % 2:
            state.apply_action(chance.choice(state.legal_actions()))
        if not state.is_terminal():
            break
    board = np.array([{"x": 1, "o": -1, ".": 0}[mark] for mark in "".join(str(state).split()).lower()]).reshape(5, 5)
    second = len(state.history()) % 2
    board = -board.T if second else board  # our mover always joins top and bottom
    worth = solve_joins(5).after(np.stack([board > 0, board < 0])[None].astype(np.float32))[0]
    for move in state.legal_actions():
        child = state.child(move)
        won = 1 if child.is_terminal() else -searched(child, {})
        assert worth[move % 5 * 5 + move // 5 if second else move] == won


def test_what_a_search_has_seen_changes_no_answer() -> None:
    seen = positions(5, 40, 1)
    seen = seen[seen.sum((1, 2, 3)) >= 6]
    fresh = [Joins(5, solve_joins(5).board, solve_joins.__wrapped__(5).search).after(some[None]) for some in seen[:20]]
    np.testing.assert_array_equal(np.concatenate(fresh), solve_joins(5).after(seen)[:20])


def test_other_boards_are_refused() -> None:
    with pytest.raises(InputError, match="3 to 5"):
        solve_joins(6)
    with pytest.raises(InputError, match="of 4 × 4"):
        solve_joins(4).after(np.zeros((1, 2, 5, 5), np.float32))
    with pytest.raises(InputError, match="cannot be reached"):
        solve_joins(4).after(np.ones((1, 2, 4, 4), np.float32))
    assert not playable(Hex(6))
    assert not playable(Connect())
    with pytest.raises(InputError, match="plays hex-6x6 perfectly"):
        Perfect(Hex(6))


@pytest.mark.parametrize("size", [3, 4])
def test_the_perfect_player_never_gives_a_won_game_away(size: int) -> None:
    engine, perfect = Compiled(Hex(size)), Perfect(Hex(size))
    firsts = telling(engine)
    worth = solve_hex(size).after(np.zeros((1, 2, size, size), np.float32))[0]
    for other in (perfect, *(Anchor(Hex(size), depth) for depth in (0, 30, 1000))):
        match = gauntlet(engine, perfect, (other,), firsts)[0]
        won = worth[firsts[:, 0]] == 1  # the opening's, for whoever moves first
        assert (match.first[won] == 1).all()
        assert (match.second[~won] == 1).all()
    assert match.score < 1  # the strongest anchor finds some of its own wins


def test_anchors_are_made_as_trials_declare_them() -> None:
    assert anchor(Hex(3), 30) == Anchor(Hex(3), 30)
    assert anchor(Hex(3), "perfect") == Perfect(Hex(3))


def test_the_perfect_player_loses_nothing_in_labelled_positions() -> None:
    engine = Compiled(Hex(5))
    found = labelled(engine.game, 50)
    seeds = np.arange(len(found.worth), dtype=np.uint64)
    actions, _ = Perfect(engine.game).choose(found.batch, engine.look(found.batch), seeds)
    assert (found.worth[np.arange(len(actions)), actions] == 1).mean() == (np.nanmax(found.worth, 1) == 1).mean()
