"""The search against mctx, and what it must do whatever the network says."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.lab.selfplay.peer import told

from nextflop.lab.selfplay.games.hex import Hex
from nextflop.lab.selfplay.games.playout import playout
from nextflop.lab.selfplay.search.gumbel import Searched, search_gumbel
from nextflop.lab.selfplay.search.halving import abreast, schedule

mctx = pytest.importorskip("mctx", reason="mctx, whose search ours is held against, is not installed")


@functools.cache
def network(actions: int, planes: int, seed: int = 0, width: int = 32):
    """A random network with opinions."""
    rng = np.random.default_rng(seed)
    first = jnp.asarray(rng.normal(size=(planes, width)) / 3, jnp.float32)
    policy, value = jnp.asarray(rng.normal(size=(width, actions)), jnp.float32), jnp.asarray(rng.normal(size=width) / 4)

    def evaluate(seen):
        hidden = jnp.tanh(seen.reshape(len(seen), -1) @ first)
        return hidden @ policy, jnp.tanh(hidden @ value.astype(jnp.float32))

    return evaluate


@functools.cache
def compiled(game, evaluate, simulations: int, considered: int, part: int = 1024):
    return jax.jit(
        functools.partial(search_gumbel, game, evaluate, simulations=simulations, considered=considered, part=part)
    )


def run(game, evaluate, states, gumbel, simulations: int, considered: int, part: int = 1024) -> Searched:
    return compiled(game, evaluate, simulations, considered, part)(states, gumbel)


def positions(game, moves: int, count: int, seed: int = 0):
    """Positions after some random moves, the finished ones too."""
    played = playout(game, jax.random.key(seed), count)
    return jax.tree.map(lambda leaf: leaf[moves], played.states)


def theirs(game, evaluate, states, gumbel, simulations: int, considered: int = 16):
    """Visits and action of mctx, which draws its own noise: ours is put in its place."""

    masked, recurrent = told(mctx, game, evaluate)

    logits, value = masked(states)
    root = mctx.RootFnOutput(prior_logits=logits, value=value, embedding=states)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jax.random, "gumbel", lambda *_, **__: gumbel)
        found = mctx.gumbel_muzero_policy(
            None,
            jax.random.key(0),
            root,
            recurrent,
            simulations,
            ~jax.vmap(game.legal)(states),
            max_num_considered_actions=considered,
        )
    return found, found.search_tree.summary().visit_counts


def by_hand(game, evaluate, state, gumbel: np.ndarray, simulations: int, considered: int) -> np.ndarray:
    """Visits at the root, one simulation after another in plain Python; the set is fixed when a phase begins."""
    play, observe, over, legal = (jax.jit(getattr(game, name)) for name in ("play", "observe", "over", "legal"))

    class Node:
        def __init__(self, state) -> None:
            logits, value = (np.asarray(part)[0] for part in evaluate(observe(state)[None]))
            self.state, self.logits = state, np.where(np.asarray(legal(state)), logits - logits.max(), -1e9)
            self.over, self.children = bool(over(state)), {}
            self.raw = float(game.outcome(state)) * (1 - 2 * int(game.mover(state))) if self.over else float(value)
            self.visits, self.total = np.zeros(len(logits)), np.zeros(len(logits))

        def sigma(self) -> np.ndarray:
            prior = np.exp(self.logits - self.logits.max())
            prior, seen = np.maximum(prior / prior.sum(), 1e-38), self.visits > 0
            q = np.where(seen, self.total / np.maximum(self.visits, 1), 0.0)
            mean = (prior * q)[seen].sum() / prior[seen].sum() if seen.any() else 0.0
            q[~seen] = (self.raw + self.visits.sum() * mean) / (self.visits.sum() + 1)
            return (50 + self.visits.max()) * 0.1 * (q - q.min()) / max(q.max() - q.min(), 1e-8)

        def simulate(self, action: int | None = None) -> float:
            """The value that a visit brings, in the view of this node's mover."""
            if self.over:
                return self.raw
            if action is None:
                policy = np.exp(self.logits + self.sigma() - (self.logits + self.sigma()).max())
                action = int((policy / policy.sum() - self.visits / (1 + self.visits.sum())).argmax())
            if action in self.children:
                worth = -self.children[action].simulate()
            else:
                self.children[action] = Node(play(self.state, jnp.asarray(action)))
                worth = -self.children[action].raw
            self.visits[action] += 1
            self.total[action] += worth
            return worth

    root = Node(state)
    number = min(considered, int(np.asarray(legal(state)).sum()))
    chosen, left, size = np.argsort(-(gumbel + root.logits))[:number], simulations, number
    halvings = max(1, int(np.ceil(np.log2(max(number, 2)))))
    while left:
        score = gumbel + root.logits + root.sigma()
        most = root.visits[chosen].max()
        kept = sorted((a for a in chosen if root.visits[a] == most), key=lambda a: -score[a])[:size]
        for _ in range(max(1, simulations // (halvings * size)) if number > 1 else simulations):
            for action in kept[:left]:
                root.simulate(int(action))
            left -= min(left, len(kept))
        size = max(min(2, number), size // 2)
    return root.visits


CASES = [(0, 16, 16), (14, 16, 8), (4, 64, 16), (19, 16, 16)]


@pytest.mark.parametrize(("moves", "simulations", "considered"), CASES)
def test_visits_are_those_of_the_published_search_one_simulation_after_another(
    moves: int, simulations: int, considered: int
) -> None:
    game, count = Hex(5), 64
    evaluate, states = network(25, 50), positions(game, moves, count)
    gumbel = jax.random.gumbel(jax.random.key(1), (count, 25))
    ours = run(game, evaluate, states, gumbel, simulations, considered)
    for place in np.flatnonzero(~np.asarray(jax.vmap(game.over)(states)))[:12]:
        state = jax.tree.map(lambda leaf, place=place: leaf[place], states)
        expected = by_hand(game, evaluate, state, np.asarray(gumbel[place]), simulations, considered)
        np.testing.assert_array_equal(np.asarray(ours.visits[place]), expected)


@pytest.mark.parametrize(("moves", "simulations", "considered"), CASES)
def test_visits_are_those_of_mctx_but_for_close_pairs_inside_a_phase(
    moves: int, simulations: int, considered: int
) -> None:
    # mctx scores the root anew at every simulation, so that a phase may take another action than the one that led when
    # it began; where a search is one phase of one visit there is nothing to reorder.
    game, count = Hex(5), 64
    evaluate, states = network(25, 50), positions(game, moves, count)
    gumbel = jax.random.gumbel(jax.random.key(1), (count, 25))
    ours = run(game, evaluate, states, gumbel, simulations, considered)
    found, visits = theirs(game, evaluate, states, gumbel, simulations, considered)
    alive = np.asarray(~jax.vmap(game.over)(states))
    equal = (np.asarray(ours.visits) == np.asarray(visits)).all(axis=1)[alive]
    print(moves, simulations, considered, len(equal), equal.mean())
    assert equal.mean() == 1 if moves == 0 and simulations == considered else equal.mean() > 0.6
    assert np.asarray(ours.action == found.action)[alive][equal].all()
    for mine, his in ((ours.policy, found.action_weights), (ours.value, found.search_tree.node_values[:, 0])):
        np.testing.assert_allclose(np.asarray(mine)[alive][equal], np.asarray(his)[alive][equal], atol=1e-4)


def test_every_simulation_is_spent_and_no_illegal_action_is_taken() -> None:
    game = Hex(4)
    evaluate = network(16, 32)
    for moves in (0, 5, 9, 11):
        states = positions(game, moves, 64)
        found = run(game, evaluate, states, jnp.zeros((64, 16)), 24, 16)
        legal = np.asarray(jax.vmap(game.legal)(states))
        alive = legal.any(axis=1)
        assert (np.asarray(found.visits.sum(axis=1))[alive] == 24).all()
        assert (np.asarray(found.visits)[~legal] == 0).all()
        assert (np.asarray(found.policy)[~legal & alive[:, None]] == 0).all()
        assert legal[alive, np.asarray(found.action)[alive]].all()
        assert (np.abs(np.asarray(found.value)) <= 1).all()
        assert int(found.evaluations) >= 64


def test_the_size_of_a_part_changes_nothing() -> None:
    game = Hex(4)
    states, gumbel = positions(game, 6, 64), jax.random.gumbel(jax.random.key(2), (64, 16))
    evaluate = network(16, 32)
    one, other = (run(game, evaluate, states, gumbel, 24, 16, part) for part in (32, 1024))
    np.testing.assert_array_equal(one.visits, other.visits)
    np.testing.assert_allclose(one.policy, other.policy, atol=1e-6)


def test_a_win_in_one_is_found_whatever_the_network_thinks() -> None:
    game = Hex(3)
    state = functools.reduce(game.play, map(jnp.asarray, (1, 0, 4, 1)), game.start())  # the first needs 7 or 6
    states = jax.tree.map(lambda leaf: leaf[None], state)
    flat = lambda seen: (jnp.zeros((len(seen), 9)), jnp.zeros(len(seen)))  # noqa: E731
    found = run(game, flat, states, jnp.zeros((1, 9)), 32, 9)
    won = game.play(state, found.action[0])
    assert bool(game.over(won))
    assert float(found.value[0]) > 0


def test_a_schedule_spends_every_simulation_in_as_few_steps_as_there_are_visits_to_the_best() -> None:
    for simulations, considered, steps in ((16, 16, 1), (64, 16, 15), (32, 4, 12)):
        width, begins = schedule(simulations, considered)
        assert (width[1:].sum(axis=1) == simulations).all()
        assert width[0].sum() == 0
        assert (width[considered] > 0).sum() == steps
        assert begins[1:, 0].all()


@pytest.mark.parametrize(("simulations", "considered"), [(16, 16), (16, 7), (64, 16), (5, 3)])
def test_searches_abreast_take_the_same_steps_and_end_together(simulations: int, considered: int) -> None:
    for own, shifted in zip(schedule(simulations, considered), abreast(simulations, considered), strict=True):
        for number in range(1, considered + 1):
            steps = (schedule(simulations, considered).width[number] > 0).sum()
            np.testing.assert_array_equal(shifted[number, shifted.shape[1] - steps :], own[number, :steps])
            assert not shifted[number, : shifted.shape[1] - steps].any()
