"""Training by self-play: what is kept, what is repeated exactly, and that it learns to play well."""

from collections import deque
from dataclasses import replace
from pathlib import Path

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nextflop.errors import FitError, InputError
from nextflop.evidence.store import Store
from nextflop.lab.loop import train
from nextflop.lab.selfplay.engines.compiled import Compiled
from nextflop.lab.selfplay.engines.xla import Xla
from nextflop.lab.selfplay.exact.listing import solve_hex
from nextflop.lab.selfplay.games.hex import Hex
from nextflop.lab.selfplay.games.mnk import Mnk
from nextflop.lab.selfplay.network import Shape
from nextflop.lab.selfplay.recipe import Recipe
from nextflop.lab.selfplay.search.search import KINDS
from nextflop.lab.selfplay.training.agent import Agent, generation, generations
from nextflop.lab.selfplay.training.play import Positions, play
from nextflop.lab.selfplay.training.replay import Replay
from nextflop.lab.trial import Bench, Stopped, Trial

GAME = Hex(3)
RECIPE = Recipe(games=64, simulations=8, considered=9, sampled=2, batch=128, window=2000, rate=3e-3)


def fresh(recipe: Recipe = RECIPE, width: int = 16) -> Agent:
    return Agent.init(GAME, Shape.of(GAME, width, 1), recipe, 0)


def same(one: Agent, other: Agent) -> bool:
    return bool(eqx.tree_equal(one, other))


@given(st.lists(st.integers(1, 30), min_size=1, max_size=8))
def test_the_ring_holds_the_last_positions(counts: list[int]) -> None:
    replay, kept, number = Replay.init(GAME, 20), deque(maxlen=20), 0
    for count in counts:
        outcomes = np.arange(number, number + count, dtype=np.float32)
        number += count
        kept.extend(outcomes)
        rows = np.zeros((count, 18), np.int8)
        replay = replay.add(Positions(rows, np.ones((count, 9), bool), np.zeros((count, 9), np.float32), outcomes))
    assert int(replay.filled) == len(kept)
    assert sorted(np.asarray(replay.outcome)[: len(kept)].tolist()) == sorted(kept)


def test_a_generation_hangs_on_its_seed_and_number_alone() -> None:
    engine = Compiled(GAME)
    one, reported = generation(engine, RECIPE, 0, fresh(), 3)
    again, repeated = generation(engine, RECIPE, 0, fresh(), 3)
    assert same(one, again)
    assert reported == repeated
    assert not same(one, generation(engine, RECIPE, 0, fresh(), 4)[0])
    assert not same(one, generation(engine, RECIPE, 1, fresh(), 3)[0])


def test_outcomes_are_told_in_the_view_of_each_mover() -> None:
    engine = Compiled(GAME)
    played = play(engine, engine.read(fresh().average), replace(RECIPE, simulations=32), np.random.default_rng(0))
    seen = played.positions.seen.astype(np.float32).reshape(-1, 2, 3, 3)
    ahead = solve_hex(3).value(seen)
    won = played.positions.outcome
    # Who has five stones on the board and a won position has the last move before him: he mostly makes it.
    last = (seen[:, 0].sum((1, 2)) >= 3) & (ahead == 1)
    assert last.sum() > 20
    assert won[last].mean() > 0.6
    lost = (seen[:, 0].sum((1, 2)) >= 3) & (ahead == -1)
    assert won[lost].mean() < -0.6
    assert set(np.unique(won)) == {-1.0, 1.0}
    assert len(won) <= played.evaluations <= 33 * len(won)


def test_games_open_with_random_moves_of_every_number_asked_for() -> None:
    recipe = replace(RECIPE, games=400, simulations=1, sampled=0, opened=0.5, opening=3)
    engine = Compiled(GAME)
    played = play(engine, engine.read(fresh().average), recipe, np.random.default_rng(0))
    stones = played.positions.seen.sum(1)  # positions lie in the order of the moves, those of random moves left out
    begun = np.bincount(stones, minlength=4)[:4]
    assert begun[0] == 200
    # Of the other half a third each has its first searched position after one, two and three moves.
    np.testing.assert_allclose(begun[1:], [267, 333, 400], atol=30)


@pytest.mark.parametrize("kind", KINDS)
def test_both_engines_play_the_same_games(kind: str) -> None:
    game, recipe = Mnk(), Recipe(games=16, simulations=8, sampled=2, batch=64, window=500, search=kind)
    network = Agent.init(game, Shape.of(game, 8, 1), recipe, 0).average
    ours, theirs = (
        play(engine, engine.read(network), recipe, np.random.default_rng(1)) for engine in (Compiled(game), Xla(game))
    )
    np.testing.assert_array_equal(ours.positions.seen, theirs.positions.seen)
    np.testing.assert_array_equal(ours.positions.outcome, theirs.positions.outcome)
    np.testing.assert_allclose(ours.positions.policy, theirs.positions.policy, atol=1e-5)
    assert ours.reported["gain"] == pytest.approx(theirs.reported["gain"], abs=1e-5)


def test_a_run_that_is_stopped_goes_on_bit_for_bit(tmp_path: Path) -> None:
    advance = generations(Compiled(GAME), RECIPE, 0)

    def run(root: Path, patience: int = 10**6) -> tuple:
        left = iter([False] * patience)
        bench = Bench(Store(root), Trial("toy", "toy", {}), stopped=lambda: next(left, True))
        return train(bench, fresh(), advance, lambda agent, step: {}, (0, 2, 5), stride=1)

    whole = run(tmp_path / "whole")
    for _ in range(4):
        with pytest.raises(Stopped):
            run(tmp_path / "parts", 1)
    parts = run(tmp_path / "parts")
    for one, other in zip(whole, parts, strict=True):
        assert {**one, "seconds": 0} == {**other, "seconds": 0}
    assert whole[-1]["positions"] > 64
    files = [sorted((tmp_path / name / "runs").rglob("*/snapshots/*.safetensors")) for name in ("whole", "parts")]
    assert [file.read_bytes() for file in files[0]] == [file.read_bytes() for file in files[1]]
    assert len(files[0]) == 3


@pytest.mark.parametrize(
    ("kind", "moves", "signs"), [("gumbel", 0.9, 0.85), ("puct", 0.85, 0.8), ("regularised", 0.85, 0.8)]
)
def test_self_play_learns_the_values_and_moves_of_a_solved_game(kind: str, moves: float, signs: float) -> None:
    """Three seeds, so that one fortunate start does not pass."""
    engine, solution = Compiled(GAME), solve_hex(3)
    recipe = replace(RECIPE, games=128, simulations=16, search=kind)
    batch, boards = engine.start(1), []
    for seed in range(300):  # positions of random games
        rng, batch = np.random.default_rng(seed), engine.start(1)
        for _ in range(rng.integers(0, 6)):
            look = engine.look(batch)
            if not look.over[0]:
                batch = engine.play(batch, np.array([rng.choice(np.flatnonzero(look.legal[0]))]))
        if not engine.look(batch).over[0]:
            boards.append(batch)
    positions = np.concatenate(boards)
    look = engine.look(positions)
    truth = solution.after(look.observed.reshape(-1, 2, 3, 3))
    choices = np.where(look.legal, truth, -9).max(1) == 1  # won positions, where it matters what is played
    for seed in range(3):
        agent = Agent.init(GAME, Shape.of(GAME, 32, 1), recipe, seed)
        before = shares(engine, agent, look, truth, choices)
        agent, _ = generations(engine, recipe, seed)(agent, 0, 40)
        after = shares(engine, agent, look, truth, choices)
        assert after[0] > moves > before[0]
        assert after[1] > signs > before[1]


def shares(engine, agent: Agent, look, truth: np.ndarray, choices: np.ndarray) -> tuple[float, float]:
    """Of won positions in which the network's own policy keeps the win; of all, in which its value has the sign."""
    logits, values = engine.read(agent.average)(look.observed)
    move = np.where(look.legal, logits, -np.inf).argmax(1)
    kept = truth[np.arange(len(move)), move] == 1
    ahead = np.where(look.legal, truth, -9).max(1)
    return float(kept[choices].mean()), float((np.sign(values) == ahead).mean())


def test_a_network_that_loses_its_numbers_is_told_of() -> None:
    agent = fresh()
    broken = jax.tree.map(lambda leaf: leaf * jnp.nan, agent.learner.model)
    agent = eqx.tree_at(lambda agent: agent.learner.model, agent, broken)
    with pytest.raises(FitError, match="no number"):
        generation(Compiled(GAME), RECIPE, 0, agent, 0)
    spoilt = eqx.tree_at(lambda agent: agent.replay.outcome, fresh(), jnp.full(RECIPE.window, jnp.nan))
    spoilt = eqx.tree_at(lambda agent: agent.replay.count, spoilt, jnp.asarray(RECIPE.window, jnp.int32))
    with pytest.raises(FitError, match="smaller rate"):
        generation(Compiled(GAME), RECIPE, 0, spoilt, 0)


def test_a_recipe_that_cannot_be_followed_is_refused() -> None:
    for wrong in ({"games": 0}, {"opened": 1.5}, {"reuse": 0.0}, {"sampled": -1}):
        with pytest.raises(InputError, match="must be"):
            Recipe(**wrong)
    with pytest.raises(InputError, match="not known"):
        Recipe(search="minimax")
