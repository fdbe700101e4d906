"""Matches keep books that a perfect player cannot upset, and the anchors are as strong as those of OpenSpiel."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import softmax
from scipy.stats import chisquare

from nextflop.errors import InputError
from nextflop.lab.learner import step_key
from nextflop.lab.selfplay.arena.match import gauntlet
from nextflop.lab.selfplay.arena.openings import openings
from nextflop.lab.selfplay.arena.players import EXPLORE, Anchor, Searcher
from nextflop.lab.selfplay.engines.compiled import Compiled
from nextflop.lab.selfplay.engines.xla import Xla
from nextflop.lab.selfplay.exact.listing import solve_hex
from nextflop.lab.selfplay.games.connect import Connect
from nextflop.lab.selfplay.games.hex import Hex
from nextflop.lab.selfplay.games.mnk import Mnk
from nextflop.lab.selfplay.network import Network, Shape
from nextflop.lab.selfplay.search.search import Search


class Perfect:
    """Plays what the list of all positions says."""

    name = "perfect"

    def __init__(self, size: int) -> None:
        self.size, self.solution = size, solved(size)

    def choose(self, batch, look, seeds) -> tuple[np.ndarray, int]:
        worth = self.solution.after(look.observed.reshape(-1, 2, self.size, self.size))
        return np.where(look.legal, worth, -np.inf).argmax(1), 0


solved = cache(solve_hex)


def network(game) -> Network:
    return Network.init(Shape.of(game, 8, 1), step_key(0, 0, 0))


def test_two_perfect_players_split_every_pair_and_a_random_one_never_gets_more_than_a_half() -> None:
    engine = Compiled(Hex(3))
    perfect, random = Perfect(3), Anchor(Hex(3), 0)
    firsts = openings(engine, 1)
    same, weak = gauntlet(engine, perfect, (perfect, random), firsts)
    assert same.pairs == (0, 0, 9, 0, 0)
    # Five openings win, for whoever made them; the perfect player keeps what is won on both sides.
    start = engine.start(9)
    values = -solved(3).value(engine.look(engine.play(start, firsts[:, 0])).observed.reshape(-1, 2, 3, 3))
    assert (values == 1).sum() == 5
    np.testing.assert_array_equal(same.first, values == 1)
    np.testing.assert_array_equal(same.second, values == -1)
    assert (weak.first >= same.first).all()
    assert (weak.second >= same.second).all()
    assert weak.score > 0.6


def test_the_same_seed_gives_the_same_games_and_another_does_not() -> None:
    engine, game = Compiled(Mnk(4, 4, 4)), Mnk(4, 4, 4)
    players, firsts = (Anchor(game, 30), Anchor(game, 10)), openings(engine, 1)
    scores = [gauntlet(engine, players[0], players[1:], firsts, seed)[0].first for seed in (0, 0, 1)]
    np.testing.assert_array_equal(scores[0], scores[1])
    assert (scores[0] != scores[2]).any()
    assert ((scores[0] == 0.5) | (scores[0] == 0) | (scores[0] == 1)).all()


def test_a_match_is_the_same_whoever_else_is_played() -> None:
    engine, game = Compiled(Hex(4)), Hex(4)
    searcher = Searcher("net", engine, engine.read(network(game)), Search(8))
    alone = gauntlet(engine, searcher, (Anchor(game, 10),), openings(engine, 1))[0]
    beside = gauntlet(engine, searcher, (Anchor(game, 10), Anchor(game, 0)), openings(engine, 1))[0]
    np.testing.assert_array_equal(alone.first, beside.first)
    np.testing.assert_array_equal(alone.second, beside.second)


def test_the_raw_policy_costs_one_evaluation_a_move_and_a_search_as_many_as_it_has_simulations() -> None:
    engine, game = Compiled(Hex(3)), Hex(3)
    read, foe = engine.read(network(game)), (Anchor(game, 0),)
    raw = gauntlet(engine, Searcher("raw", engine, read, Search(1)), foe, openings(engine, 1))[0]
    deep = gauntlet(engine, Searcher("deep", engine, read, Search(8)), foe, openings(engine, 1))[0]
    moves = 18 * 5  # a player moves at most five times in nine cells
    assert 18 <= raw.evaluations <= moves
    assert raw.evaluations < deep.evaluations <= 9 * moves


def test_both_engines_play_the_same_match() -> None:
    game = Connect(4, 4, 3)
    results = []
    for engine in (Compiled(game), Xla(game)):
        one, other = (Searcher(f"{n}", engine, engine.read(network(game)), Search(n), 1.0) for n in (1, 16))
        results.append(gauntlet(engine, one, (other,), openings(engine, 2))[0])
    np.testing.assert_array_equal(results[0].first, results[1].first)
    np.testing.assert_array_equal(results[0].second, results[1].second)


@pytest.mark.parametrize("temperature", [0.7, 1.0, 2.0])
@pytest.mark.parametrize("search", [Search(1), Search(16), Search(16, "puct")], ids=lambda search: search.kind)
def test_actions_are_drawn_in_proportion_to_the_policy_to_the_power_of_the_inverse_temperature(
    search: Search, temperature: float
) -> None:
    """A chi-squared test of 20,000 draws in one position: error rate of 0.01% each, for rare actions taken together."""
    game, count = Connect(4, 5, 3), 20_000
    engine = Compiled(game)
    rng = np.random.default_rng(1)
    agent = jax.tree.map(lambda leaf: jnp.asarray(leaf + 0.4 * rng.normal(size=leaf.shape), jnp.float32), network(game))
    read, batch = engine.read(agent), engine.play(engine.start(1), np.array([2]))
    look = engine.look(batch)
    if search.simulations == 1:
        policy = softmax(np.where(look.legal, read(look.observed)[0], -np.inf)[0].astype(float))
    else:
        policy = engine.search(read, batch, np.zeros(look.legal.shape), search).policy[0].astype(float)
    player = Searcher("warm", engine, read, search, temperature)
    rows = np.zeros(count, int)
    seeds = np.random.SeedSequence(7).generate_state(count, np.uint64)
    actions, asked = player.choose(engine.take(batch, rows), look.take(rows), seeds)
    assert asked >= count
    drawn = np.bincount(actions, minlength=game.actions)
    assert (drawn[policy == 0] == 0).all()

    def agrees(temperature: float) -> float:
        share = policy ** (1 / temperature) / (policy ** (1 / temperature)).sum()
        rare = share * count < 5
        observed, expected = (np.append(part[~rare], part[rare].sum()) for part in (drawn, count * share))
        return float(chisquare(observed[expected > 0], expected[expected > 0]).pvalue)

    assert agrees(temperature) > 1e-4
    assert agrees(temperature / 1.5) < 1e-4  # the test has the power to see another temperature


def test_a_player_who_cannot_be_is_refused() -> None:
    engine = Compiled(Hex(3))
    with pytest.raises(InputError, match="below 0"):
        Searcher("cold", engine, engine.read(network(Hex(3))), Search(8), -1.0)


def test_openings_are_legal_and_leave_the_game_open() -> None:
    assert openings(Compiled(Hex(5)), 1).ravel().tolist() == list(range(25))
    assert len(openings(Compiled(Hex(3)), 2)) == 9 * 8
    sample = openings(Compiled(Connect()), 4, count=100, seed=3)
    assert sample.shape == (100, 4)
    np.testing.assert_array_equal(sample, openings(Compiled(Connect()), 4, count=100, seed=3))
    assert len({tuple(row) for row in sample.tolist()}) == 100
    with pytest.raises(InputError, match="fewer"):
        openings(Compiled(Mnk(2, 2, 2)), 3)


def test_more_simulations_beat_fewer() -> None:
    engine, game = Compiled(Hex(5)), Hex(5)
    weak = gauntlet(engine, Anchor(game, 100), (Anchor(game, 0), Anchor(game, 10)), openings(engine, 1))
    assert all(match.score > 0.85 for match in weak)


def test_an_anchor_is_as_strong_as_openspiels_search() -> None:
    """A hundred simulations each on 4 × 4, four times all openings: two-sided error rate of 0.1%."""
    spiel = pytest.importorskip("pyspiel", reason="OpenSpiel is not installed")
    rules, game = spiel.load_game("hex(num_cols=4,num_rows=4)"), Hex(4)
    engine, pairs = Compiled(game), []
    for seed in range(4):
        for opening in range(16):
            points = 0.0
            for mine in (0, 1):
                state, batch = rules.new_initial_state(), engine.start(1)
                bot = spiel.MCTSBot(
                    rules, spiel.RandomRolloutEvaluator(1, 7 + seed), EXPLORE, 100, 1000, False, 31 * seed + mine, False
                )
                action, move = opening, 0
                while True:
                    state.apply_action(action if move % 2 == 0 else (action % 4) * 4 + action // 4)
                    batch, move = engine.play(batch, np.array([action])), move + 1
                    if state.is_terminal():
                        break
                    if move % 2 == mine:
                        look = engine.look(batch)
                        seeds = np.array([seed * 10_007 + opening * 101 + move], np.uint64)
                        action = int(Anchor(game, 100).choose(batch, look, seeds)[0][0])
                    else:
                        place = bot.step(state)
                        action = place if move % 2 == 0 else (place % 4) * 4 + place // 4
                points += state.returns()[mine] > 0
            pairs.append(points / 2)
    error = np.std(pairs) / np.sqrt(len(pairs))
    assert abs(np.mean(pairs) - 0.5) < 3.29 * error
