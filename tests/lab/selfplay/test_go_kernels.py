"""Go compiled: the games are those of the rules, and random ones come to their end."""

from functools import cache
from itertools import zip_longest

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nextflop.errors import InputError
from nextflop.lab.selfplay.arena.match import gauntlet
from nextflop.lab.selfplay.arena.openings import openings
from nextflop.lab.selfplay.arena.players import Anchor
from nextflop.lab.selfplay.engines.compiled import Compiled
from nextflop.lab.selfplay.engines.engine import Look
from nextflop.lab.selfplay.games.go import KOMI, Go
from nextflop.lab.selfplay.games.named import game_of
from nextflop.lab.selfplay.kernels import go, rules, uct
from nextflop.lab.selfplay.kernels.position import BOARD, MOVES, OVER
from nextflop.lab.selfplay.network import Shape
from nextflop.lab.selfplay.recipe import Recipe
from nextflop.lab.selfplay.training.agent import Agent, generation

from .openspiel import Record, replay
from .stones import Barred, follow

RARELY = 1e-6  # how likely a pass is beside a stone


def played(game: Go, seed: int, games: int) -> tuple[list[Look], np.ndarray]:
    """Random games in which few pass; what is to be seen of every position, and what was played."""
    engine, rng = Compiled(game), np.random.default_rng(seed)
    batch, looks, actions = engine.start(games), [], []
    for _ in range(game.longest + 1):
        looks.append(engine.look(batch))
        weights = np.where(looks[-1].legal, np.append(np.ones(game.size**2), RARELY), 0)
        actions.append((weights * rng.random(weights.shape)).argmax(1))
        batch = engine.play(batch, actions[-1])
    return looks, np.stack(actions)


def record(game: Go, seed: int, games: int) -> Record:
    """The same, for OpenSpiel."""
    looks, actions = played(game, seed, games)
    over, mover, outcome, legal = (
        np.stack([getattr(look, name) for look in looks]) for name in ("over", "mover", "outcome", "legal")
    )
    return Record(over, mover, outcome, legal, np.broadcast_to(np.arange(game.actions), legal.shape), actions)


def crowded(game: Go, games: int, seed: int) -> int:
    """Follow games stone by stone; count how often superko bars more than ko."""
    looks, actions = played(game, seed, games)
    allowed, over, outcome, seen = (
        np.stack([getattr(look, name) for look in looks]) for name in ("legal", "over", "outcome", "observed")
    )
    return follow(game, allowed, over, outcome, seen.reshape(*actions.shape, 5, -1), actions)


def test_boards_that_fill_and_empty_follow_the_rules() -> None:
    assert crowded(Go(5, 0.5, 200), 20, seed=0) > 2
    crowded(Go(9, 1.0, 100), 2, seed=0)


@pytest.mark.slow
@pytest.mark.parametrize(("size", "games"), [(5, 400), (6, 100), (7, 50), (8, 20), (9, 20)])
def test_many_boards_that_fill_and_empty_follow_the_rules(size: int, games: int) -> None:
    assert crowded(Go(size, 1.0, 12 * size**2), games, seed=1) > games // 20


@pytest.mark.parametrize(("size", "games"), [(5, 60), (9, 10)])
def test_random_games_are_those_of_openspiel(size: int, games: int) -> None:
    game = Go.usual(size)
    replay(game, f"go(board_size={size},komi={game.komi})", games, view=Barred, play=record)


@pytest.mark.slow
@pytest.mark.parametrize(("size", "games"), [(5, 10_000), (6, 1_000), (7, 500), (8, 200), (9, 200)])
def test_many_random_games_are_those_of_openspiel(size: int, games: int) -> None:
    game = Go(size, 0.5, 3 * size**2)
    theirs = f"go(board_size={size},komi=0.5,max_game_length={game.longest})"
    replay(game, theirs, games, seed=1, view=Barred, play=record)


@pytest.mark.parametrize("size", KOMI)
def test_the_past_is_every_board_so_far(size: int) -> None:
    game = Go(size, 0.5, 3 * size**2)
    engine, rng = Compiled(game), np.random.default_rng(0)
    batch, boards, cells = engine.start(1), [], size**2
    while not batch[0, OVER]:
        boards.append(np.sign(batch[0, BOARD : BOARD + cells]))
        legal = np.flatnonzero(engine.look(batch).legal[0])
        batch = engine.play(batch, rng.choice(legal, 1))
    past = batch[0, BOARD + 2 * cells + 1 :].astype(int).reshape(game.longest + 1, -1)
    digits = []  # of balanced ternary, the lowest first: 0, 1 or, for 2, one less than none of the next
    for _ in range(10):
        digits.append((past + 1) % 3 - 1)
        past = (past - digits[-1]) // 3
    kept = np.stack(digits, -1).reshape(game.longest + 1, -1)
    assert not past.any()
    assert not kept[:, cells:].any()
    np.testing.assert_array_equal(kept[: len(boards), :cells], boards)


def board(*rows: str) -> np.ndarray:
    """A position of 5 × 5 with X to move, who has put his stones while O put his and then passed; none is taken."""
    game, text = Go(5, 0.5, 200), "".join(rows)
    engine = Compiled(game)
    batch = engine.start(1)
    firsts, seconds = ([at for at, mark in enumerate(text) if mark == which] for which in "XO")
    for pair in zip_longest(firsts, seconds, fillvalue=25):
        for action in pair:
            assert engine.look(batch).legal[0, action]
            batch = engine.play(batch, np.array([action]))
    assert np.sign(batch[0, BOARD : BOARD + 25]).tolist() == [".X".find(mark) for mark in text]
    return batch[0]


def sensible(position: np.ndarray) -> list[int]:
    """What random games would choose from."""
    out = np.zeros(26, bool)
    count = rules.sensible(rules.rules_of(Go(5, 0.5, 200)), position, out)
    assert count == out.sum()
    return np.flatnonzero(out).tolist()


def test_random_games_pass_when_only_eyes_are_left() -> None:
    assert sensible(board(".XXXX", "XXXXX", "XX.XX", "XXXXX", "XXXX.")) == [25]
    assert sensible(board(".XXXX", "XXXXX", "XX.XX", "XXXXX", "XXX..")) == [23, 24]


@pytest.mark.parametrize(
    ("point", "eye", "false"),
    [
        (0, (".X...", "XX...", ".....", ".....", "....O"), (".X...", "XO...", ".....", ".....", ".....")),
        (21, (".....", ".....", ".X...", "XXX..", "X.X.O"), (".....", ".....", ".X...", "XXO..", "X.X..")),
        (12, (".....", ".XX..", ".X.X.", "..XO.", "....."), (".....", ".OX..", ".X.X.", "..XO.", ".....")),
    ],
    ids=["corner", "edge", "within"],
)
def test_an_eye_is_false_where_the_other_has_its_corners(point: int, eye: tuple, false: tuple) -> None:
    assert point not in sensible(board(*eye))
    assert point in sensible(board(*false))


@cache
def known(size: int, longest: int) -> rules.Rules:
    return rules.rules_of(Go(size, 0.5, longest))


@settings(max_examples=60)
@given(st.integers(5, 9), st.integers(2, 300), st.integers(0, 400), st.integers(0, 2**60))
def test_random_games_end_from_any_position(size: int, longest: int, moves: int, seed: int) -> None:
    game, state = known(size, longest), np.array([seed], np.uint64)
    position, allowed = rules.start(game), np.zeros(game.actions, bool)
    for _ in range(moves):  # of any legal kind
        if not position[OVER]:
            rules.play(game, position, uct.pick(allowed, rules.legal(game, position, allowed), state))
    uct.rollout(game, position, allowed, state)
    assert position[OVER] == 1
    assert position[MOVES] <= longest


def test_random_games_seldom_last_until_the_limit() -> None:
    game, state = known(9, 2 * 81), np.array([0], np.uint64)
    lengths, allowed = [], np.zeros(82, bool)
    for _ in range(200):
        position = rules.start(game)
        uct.rollout(game, position, allowed, state)
        lengths.append(int(position[MOVES]))
    assert 90 < np.mean(lengths) < 130
    assert np.mean(np.array(lengths) == 162) < 0.05


def test_more_simulations_beat_fewer() -> None:
    game = Go.usual(5)
    engine, firsts = Compiled(game), openings(Compiled(game), 1)
    assert len(firsts) == 26  # to pass among them
    weak = gauntlet(engine, Anchor(game, 40), (Anchor(game, 0), Anchor(game, 4)), firsts)
    assert all(match.score > 0.85 for match in weak)


def test_games_turned_and_mirrored_are_games() -> None:
    game = Go(5, 0.5, 100)
    looks, actions = played(game, 0, 16)
    for cells, images in game.symmetries():
        engine, back = Compiled(game), np.argsort(images)
        batch = engine.start(16)
        for look, chosen in zip(looks, actions, strict=True):
            image = engine.look(batch)
            np.testing.assert_array_equal(image.legal, look.legal[:, images])
            np.testing.assert_array_equal(
                image.observed.reshape(16, 5, 25), look.observed.reshape(16, 5, 25)[:, :, cells]
            )
            np.testing.assert_array_equal(image.outcome, look.outcome)
            batch = engine.play(batch, back[chosen])
    assert len(game.symmetries()) == 8


def test_a_network_learns_from_its_games() -> None:
    game, recipe = Go.usual(5), Recipe(games=16, simulations=8, batch=64, window=2000)
    agent, reported = generation(Compiled(game), recipe, 0, Agent.init(game, Shape.of(game, 8, 1), recipe, 0), 0)
    assert reported["positions"] > 16 * 2
    assert int(agent.replay.filled) == reported["positions"]


def test_go_is_declared_by_its_size_and_what_is_not_usual() -> None:
    assert game_of({"name": "go", "size": 7}) == Go.usual(7)
    assert game_of({"name": "go", "size": 9, "komi": 6, "longest": 200}) == Go(9, 6.0, 200)
    with pytest.raises(InputError, match="5 to 9 points a side, not 19"):
        game_of({"name": "go", "size": 19})


def test_more_moves_than_a_position_counts_are_refused() -> None:
    with pytest.raises(InputError, match="go-5x5-longest-40000 may take 40000 moves; the kernels count to 32767"):
        Compiled(Go(5, 7.5, 40_000))


def test_a_position_is_as_large_as_its_docstring_says() -> None:
    sizes = [Compiled(Go.usual(size)).start(1).nbytes for size in (5, 9)]
    assert [go.words(5), go.words(9)] == [3, 9]
    np.testing.assert_allclose(sizes, [414, 3266])
