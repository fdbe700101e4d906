"""Perfect play of Connect Four, which others know too, and agents measured against it."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nextflop.errors import InputError, StoreError
from nextflop.evidence.files import write_bytes
from nextflop.lab.learner import step_key
from nextflop.lab.selfplay.arena.players import Anchor, Searcher
from nextflop.lab.selfplay.engines.compiled import Compiled
from nextflop.lab.selfplay.exact.drops import Drops, solve_drops
from nextflop.lab.selfplay.exact.labelled import EMPTY, Labelled, labelled, solved
from nextflop.lab.selfplay.exact.measures import judge, value_error
from nextflop.lab.selfplay.games.connect import Connect
from nextflop.lab.selfplay.games.hex import Hex
from nextflop.lab.selfplay.games.mnk import Mnk
from nextflop.lab.selfplay.kernels.position import MOVES
from nextflop.lab.selfplay.network import Network, Shape
from nextflop.lab.selfplay.search.search import Search

Columns = tuple[tuple[int, ...], ...]
"""Of every column its stones from the lowest up: 0 for the first player's, 1 for the second's."""

solver = cache(solve_drops)


def planes(columns: Columns, height: int) -> np.ndarray:
    """What the mover sees, rows from the top."""
    mover, seen = sum(map(len, columns)) % 2, np.zeros((2, height, len(columns)), np.float32)
    for x, column in enumerate(columns):
        for y, stone in enumerate(column):
            seen[stone ^ mover, height - 1 - y, x] = 1
    return seen


def put(columns: Columns, x: int) -> Columns:
    stone = sum(map(len, columns)) % 2
    return tuple((*column, stone) if place == x else column for place, column in enumerate(columns))


def wins(columns: Columns, x: int) -> bool:
    """Whether the highest stone of a column is one of four in a row."""
    cells = {(place, y): stone for place, column in enumerate(columns) for y, stone in enumerate(column)}
    y = len(columns[x]) - 1
    for right, up in ((1, 0), (0, 1), (1, 1), (1, -1)):
        line = [cells.get((x + step * right, y + step * up)) == cells[x, y] for step in range(-3, 4)]
        if any(all(line[first : first + 4]) for first in range(4)):
            return True
    return False


def minimax(columns: Columns, height: int, values: dict[Columns, int]) -> int:
    """The value to the mover, by trying everything."""
    if columns not in values:
        worth = tried(columns, height, values)
        values[columns] = max(worth.values(), default=0)
    return values[columns]


def tried(columns: Columns, height: int, values: dict[Columns, int]) -> dict[int, int]:
    worth = {}
    for x, column in enumerate(columns):
        if len(column) < height:
            after = put(columns, x)
            worth[x] = 1 if wins(after, x) else -minimax(after, height, values)
    return worth


def random_game(height: int, width: int, moves: int, rng: np.random.Generator) -> tuple[list[int], Columns] | None:
    """The moves and the position after so many, none of which wins; nothing if it comes to that."""
    columns, played = ((),) * width, []
    for _ in range(moves):
        afters = {x: put(columns, x) for x in range(width) if len(columns[x]) < height}
        quiet = [x for x, after in afters.items() if not wins(after, x)]
        if not quiet:
            return None
        played.append(int(rng.choice(quiet)))
        columns = afters[played[-1]]
    return played, columns


def open_games(height: int, width: int, moves: int, count: int, rng: np.random.Generator) -> list:
    games = []
    while len(games) < count:
        if game := random_game(height, width, moves, rng):
            games.append(game)
    return games


@pytest.mark.parametrize(
    ("height", "width", "value"),
    [
        *((4, 4, 0), (4, 5, 0), (4, 6, -1), (4, 7, 0)),
        *((5, 4, 0), (5, 5, 0), (6, 4, 0), (6, 5, 0), (7, 4, 0), (8, 4, 0)),
    ],
)
def test_empty_boards_are_worth_what_is_published(height: int, width: int, value: int) -> None:
    """The table by J. Tromp, John's Connect Four Playground, and with its larger boards by C. Steininger (c4)."""
    worth = solver(height, width).after(np.zeros((1, 2, height, width), np.float32))[0]
    assert worth.max() == value
    np.testing.assert_array_equal(worth, worth[::-1])


BOARDS = [(4, 4), (4, 5), (5, 4), (5, 5), (6, 5), (5, 6), (7, 6), (6, 7), (7, 7), (7, 8), (3, 9), (11, 3)]


@pytest.mark.parametrize(("height", "width"), BOARDS)
def test_late_positions_are_worth_what_trying_everything_finds(height: int, width: int) -> None:
    rng, deep = np.random.default_rng(height * 100 + width), height * width - 10
    games = [columns for empty in range(9) for _, columns in open_games(height, width, deep + empty, 10, rng)]
    worth = solver(height, width).after(np.stack([planes(columns, height) for columns in games]))
    told = 0
    for columns, row in zip(games, worth, strict=True):
        expected = tried(columns, height, {})
        np.testing.assert_array_equal(np.flatnonzero(~np.isnan(row)), list(expected))
        np.testing.assert_array_equal(row[list(expected)], list(expected.values()))
        told += len(set(expected.values())) > 1
    assert told > 9  # positions in which moves differ


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([(4, 5), (5, 5), (6, 7), (7, 6), (7, 8)]), st.integers(0, 2**32 - 1), st.integers(9, 18))
def test_a_position_is_worth_its_best_move_and_its_mirror_image_is_worth_the_same(
    sizes: tuple[int, int], seed: int, empty: int
) -> None:
    height, width = sizes
    game = random_game(height, width, height * width - empty, np.random.default_rng(seed))
    if game is None:
        return
    columns = game[1]
    row, mirrored = solver(*sizes).after(np.stack([planes(columns, height), planes(columns[::-1], height)]))
    np.testing.assert_array_equal(row, mirrored[::-1])
    for x in np.flatnonzero(~np.isnan(row)):
        after = put(columns, int(x))
        replies = solver(*sizes).after(planes(after, height)[None])[0]
        assert row[x] == (1 if wins(after, int(x)) else -np.nanmax(replies))


def test_what_was_searched_before_saves_time_and_changes_nothing() -> None:
    rng = np.random.default_rng(5)
    seen = np.stack([planes(columns, 6) for _, columns in open_games(6, 7, 18, 30, rng)])
    alone = np.concatenate([solve_drops().after(one[None]) for one in seen[:5]])
    drops = solve_drops()
    np.testing.assert_array_equal(drops.after(seen[::-1])[::-1][:5], alone)
    first = drops.entered
    drops.after(seen[:1])
    assert drops.entered - first < 20  # the last position is still in the table


def test_in_games_that_are_over_nothing_may_be_played() -> None:
    won, full = planes(((0, 0, 0, 0), (1, 1, 1), (), ()), 4), planes(((0, 0, 1, 1), (1, 1, 0, 0)) * 2, 4)
    # The full board has no four: its rows alternate, its columns change half way.
    assert np.isnan(solver(4, 4).after(np.stack([won, full]))).all()


def test_what_cannot_be_judged_is_refused() -> None:
    drops: Drops = solver(4, 4)
    with pytest.raises(InputError, match=r"boards are \(6, 7\), and the solution is of \(4, 4\)"):
        drops.after(np.zeros((1, 2, 6, 7), np.float32))
    hanging, uneven, twice, lost = np.zeros((4, 1, 2, 4, 4), np.float32)
    hanging[0, 1, 0, 0] = uneven[0, 0, 3, 0] = twice[0, :, 3, 0] = 1
    lost[0, 0, 3], lost[0, 1, 2] = 1, 1
    for board in (hanging, uneven, twice, lost):
        with pytest.raises(InputError, match="cannot be reached"):
            drops.after(board)
    with pytest.raises(InputError, match="of 8 × 8 cells is solved"):
        solve_drops(8, 8)


BITBULLY = """
import json, sys
from bitbully import BitBully, Board
judge = BitBully(opening_book=None)
print(json.dumps([judge.score_all_moves(Board(game)) for game in json.load(sys.stdin)]))
"""


def test_bitbully_agrees_on_500_positions() -> None:
    """In a process of its own: sys.executable, or the Python that NEXTFLOP_BITBULLY names, with bitbully installed."""
    python = os.environ.get("NEXTFLOP_BITBULLY", sys.executable)
    if subprocess.run([python, "-c", "import bitbully"], capture_output=True).returncode:
        pytest.skip("bitbully is not installed: name a Python that has it in NEXTFLOP_BITBULLY")
    rng = np.random.default_rng(0)
    games = [game for moves in range(14, 34) for game in open_games(6, 7, moves, 25, rng)]
    asked = json.dumps([played for played, _ in games])
    told = subprocess.run([python, "-c", BITBULLY], input=asked, capture_output=True, text=True, check=True).stdout
    worth = solver(6, 7).after(np.stack([planes(columns, 6) for _, columns in games]))
    expected = np.full_like(worth, np.nan)
    for row, scores in zip(expected, json.loads(told), strict=True):
        row[[int(x) for x in scores]] = np.sign(list(scores.values()))
    np.testing.assert_array_equal(worth, expected)


def test_perfect_play_is_known_of_small_games_and_of_connect_four() -> None:
    assert all(map(solved, [Hex(5), Mnk(), Connect(), Connect(4, 5, 4), Connect(7, 8, 4)]))
    assert not any(map(solved, [Hex(6), Mnk(4, 4, 4), Connect(4, 5, 3), Connect(8, 8, 4)]))
    with pytest.raises(InputError, match="hex-6x6 is not known"):
        labelled(Hex(6))


small = cache(labelled)


@pytest.mark.parametrize("game", [Hex(3), Mnk(), Connect(5, 5, 4), Connect()], ids=lambda game: game.name)
def test_labelled_positions_differ_and_it_matters_what_is_played(game) -> None:
    shares: list[float] = []
    found, engine = labelled(game, 60, shares.append), Compiled(game)
    assert found.batch.shape[0] == found.worth.shape[0] == 60
    assert len(np.unique(found.batch, axis=0)) == 60
    look = engine.look(found.batch)
    assert not look.over.any()
    np.testing.assert_array_equal(~np.isnan(found.worth), look.legal)
    assert (np.nanmax(found.worth, 1) > np.nanmin(found.worth, 1)).all()
    assert np.ptp(found.batch[:, MOVES]) >= 4  # early ones and late ones
    if game == Connect():
        assert found.batch[:, MOVES].min() == 42 - EMPTY[Connect]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    np.testing.assert_array_equal(labelled(game, 60).batch, found.batch)


def test_the_worth_of_moves_is_seen_in_the_rules_of_the_game() -> None:
    """Moves that end a game: worth what the game itself says."""
    found, engine = small(Connect(5, 5, 4), 200), Compiled(Connect(5, 5, 4))
    ended = 0
    for action in range(5):
        rows = np.flatnonzero(~np.isnan(found.worth[:, action]))
        after = engine.look(engine.play(found.batch[rows], np.full(len(rows), action)))
        mover = 1 - 2 * (found.batch[rows, MOVES] % 2)
        over = after.over
        np.testing.assert_array_equal(found.worth[rows, action][over], (after.outcome * mover)[over])
        ended += over.sum()
    assert ended > 9


def test_a_file_holds_the_same_positions(tmp_path: Path) -> None:
    found, path = small(Hex(3), 40), tmp_path / "hex.npz"
    write_bytes(path, found.to_bytes())
    again = Labelled.from_bytes(path.read_bytes())
    assert again.game == "hex-3x3"
    assert again.batch.dtype == found.batch.dtype
    np.testing.assert_array_equal(again.batch, found.batch)
    np.testing.assert_array_equal(again.worth, found.worth)
    assert again.to_bytes() == found.to_bytes()
    whole = found.to_bytes()
    for broken in (b"", whole[:100], whole[:-40], b"PK" + b"x" * 100):
        with pytest.raises(StoreError, match="label anew"):
            Labelled.from_bytes(broken)


class Best:
    """Plays the best or the worst action of every labelled position."""

    def __init__(self, found: Labelled, sign: int) -> None:
        self.name, self.actions = "best", np.where(np.isnan(found.worth), -9, sign * found.worth).argmax(1)

    def choose(self, batch, look, seeds) -> tuple[np.ndarray, int]:
        return self.actions, 0


def test_agents_are_judged_by_what_they_give_away() -> None:
    game = Connect(5, 5, 4)
    found, engine = small(game, 200), Compiled(game)
    best, worst = judge(engine, Best(found, 1), found), judge(engine, Best(found, -1), found)
    assert best == {"optimal": 1.0, "optimal_error": 0.0, "regret": 0.0, "regret_error": 0.0, "evaluations": 0.0}
    assert worst["optimal"] == 0
    lost = np.nanmax(found.worth, 1) - np.nanmin(found.worth, 1)
    assert worst["regret"] == pytest.approx(lost.mean())
    assert worst["regret_error"] == pytest.approx(np.std(lost, ddof=1) / np.sqrt(200))
    weak, strong = (judge(engine, Anchor(game, simulations), found) for simulations in (0, 300))
    assert strong["regret"] + 3 * strong["regret_error"] < weak["regret"] - 3 * weak["regret_error"]
    assert weak["optimal_error"] == pytest.approx(np.sqrt(weak["optimal"] * (1 - weak["optimal"]) / 199))
    assert judge(engine, Anchor(game, 10), found, 1) != judge(engine, Anchor(game, 10), found)


def test_a_search_that_is_told_perfect_values_plays_perfectly_and_one_that_is_told_their_opposite_badly() -> None:
    # This holds the sign of values, the turns of the movers and the ends of games to the rules, all at once. Each
    # action is visited once: further visits are averages over answers that need not be the best.
    game = Connect(4, 5)
    engine, found, perfect = Compiled(game), labelled(game, 200), solve_drops(4, 5)

    def regret(sign: int) -> float:
        def read(seen: np.ndarray, policy: bool = True) -> tuple[np.ndarray, np.ndarray]:
            worth = np.nanmax(perfect.after(seen.reshape(-1, game.planes, *game.shape)), 1)
            return np.zeros((len(seen), game.actions), np.float32), sign * worth

        return judge(engine, Searcher("told", engine, read, Search(game.actions)), found)["regret"]

    assert regret(1) == 0
    assert regret(-1) > 0.7


def test_values_are_judged_by_their_distance_from_perfect_play() -> None:
    game = Connect(4, 5)
    found, engine, perfect = labelled(game, 100), Compiled(game), solve_drops(4, 5)

    def told(shift: float) -> float:
        def read(seen: np.ndarray, policy: bool = True) -> tuple[np.ndarray, np.ndarray]:
            worth = perfect.after(seen.reshape(-1, game.planes, *game.shape))
            won = np.isnan(worth).all(1)  # asked or not, what is over counts for nothing
            return worth, np.where(won, 9.0, np.nanmax(np.where(won[:, None], 9.0, worth), 1)) + shift

        return value_error(engine, read, found)

    assert told(0.0) == 0
    assert told(0.5) == pytest.approx(0.5)
    read = engine.read(Network.init(Shape.of(game, 8, 1), step_key(0, 0, 0)))
    won = found.worth[~np.isnan(found.worth)]
    assert told(0.0) < value_error(engine, read, found) < np.sqrt((won**2).mean())  # moves that win at once are over


def test_positions_of_another_game_are_refused() -> None:
    found = small(Hex(3), 40)
    with pytest.raises(InputError, match=r"of hex-3x3, and the engine plays hex-4x4"):
        judge(Compiled(Hex(4)), Anchor(Hex(4), 0), found)
