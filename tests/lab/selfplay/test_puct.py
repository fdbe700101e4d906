"""PUCT against mctx, in both programs; and the policy that its visits approach."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from tests.lab.selfplay.peer import told

from nextflop.errors import InputError
from nextflop.lab.selfplay.engines.compiled import Compiled
from nextflop.lab.selfplay.engines.xla import Xla
from nextflop.lab.selfplay.games.connect import Connect
from nextflop.lab.selfplay.games.hex import Hex
from nextflop.lab.selfplay.games.playout import playout
from nextflop.lab.selfplay.network import Network
from nextflop.lab.selfplay.search.regularised import regularised, strength
from nextflop.lab.selfplay.search.search import NOISE_SHARE, Search

from .opinions import opinionated


def positions(game, moves: int, count: int):
    """Positions after some random moves that are not over: as arrays of the rules, and of the kernels."""
    played, engine = playout(game, jax.random.key(0), 2 * count), Compiled(game)
    states, batch = jax.tree.map(lambda leaf: leaf[moves], played.states), engine.start(2 * count)
    for move in range(moves):
        batch = engine.play(batch, np.asarray(played.actions[move]))
    alive = np.flatnonzero(~engine.look(batch).over)[:count]
    return jax.tree.map(lambda leaf: leaf[alive], states), batch[alive]


def theirs(mctx, game, network: Network, states, noise: np.ndarray, search: Search):
    """The search of mctx with our noise in place of what it would draw, and values from -1 to 1 as they are.

    Returns:
        Visits, policy, and the values of the roots.
    """

    masked, recurrent = told(mctx, game, network)

    def searched(states):
        logits, value = masked(states)
        found = mctx.muzero_policy(
            None,
            jax.random.key(0),
            mctx.RootFnOutput(prior_logits=logits, value=value, embedding=states),
            recurrent,
            search.simulations,
            ~jax.vmap(game.legal)(states),
            qtransform=functools.partial(mctx.qtransform_by_min_max, min_value=-1.0, max_value=1.0),
            dirichlet_fraction=NOISE_SHARE if noise.any() else 0.0,
            pb_c_init=search.init,
            pb_c_base=search.base,
        )
        return found.search_tree.summary().visit_counts, found.action_weights, found.search_tree.node_values[:, 0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jax.random, "dirichlet", lambda *_, **__: jnp.asarray(noise, jnp.float32))
        return jax.jit(searched)(states)


@pytest.mark.parametrize(
    ("game", "moves", "simulations", "constants", "noisy"),
    [
        (Hex(5), 0, 16, (1.25, 19652.0), True),
        (Hex(5), 8, 64, (1.25, 19652.0), True),
        (Hex(5), 16, 64, (0.5, 30.0), False),
        (Connect(), 12, 48, (2.5, 100.0), True),
    ],
    ids=lambda part: getattr(part, "name", None),
)
def test_visits_are_those_of_mctx_in_both_programs(game, moves, simulations, constants, noisy) -> None:
    mctx = pytest.importorskip("mctx", reason="mctx, whose search ours is held against, is not installed")
    search, network = Search(simulations, "puct", 16, *constants), opinionated(game)
    states, batch = positions(game, moves, 48)
    legal = np.asarray(jax.vmap(game.legal)(states))
    noise = search.noise(np.random.default_rng(1), legal) if noisy else np.zeros(legal.shape)
    visits, policy, values = theirs(mctx, game, network, states, noise, search)
    for engine, some in ((Compiled(game), batch), (Xla(game), states)):
        ours = engine.search(engine.read(network), some, noise, search)
        np.testing.assert_array_equal(ours.visits, visits)
        np.testing.assert_allclose(ours.policy, policy, atol=1e-6)
        np.testing.assert_allclose(ours.value, values, atol=1e-5)
        most = ours.visits.max(1)
        assert (ours.visits[np.arange(len(most)), ours.action] == most).all()


@pytest.mark.parametrize("kind", ["puct", "regularised"])
def test_how_many_games_are_searched_at_once_changes_nothing(kind: str) -> None:
    game, search = Hex(4), Search(32, kind)
    network, legal = opinionated(game), np.ones((20, 16), bool)
    noise = search.noise(np.random.default_rng(2), legal)
    one, other = (
        engine.search(engine.read(network), engine.start(20), noise, search)
        for engine in (Compiled(game), Compiled(game, part=7))
    )
    np.testing.assert_array_equal(one.visits, other.visits)
    np.testing.assert_allclose(one.policy, other.policy, atol=1e-5)
    assert one.evaluations == other.evaluations


def test_noise_moves_the_visits_and_is_a_distribution_over_the_legal_actions() -> None:
    game, search = Connect(4, 5, 3), Search(64, "puct")
    engine, rng = Compiled(game), np.random.default_rng(3)
    batch = engine.start(500)
    for _ in range(4):
        batch = engine.play(batch, np.zeros(500, int))
    legal = engine.look(batch).legal
    assert not legal[:, 0].any()
    noise = search.noise(rng, legal)
    assert (noise[~legal] == 0).all()
    np.testing.assert_allclose(noise.sum(1), 1, atol=1e-12)
    # Dirichlet of concentration a over k: mean 1/k, variance (k - 1) / (k² (k a + 1)); five standard errors.
    k, a = 4, 10 / 5
    error = 5 * np.sqrt((k - 1) / (k**2 * (k * a + 1)) / len(noise))
    assert (np.abs(noise[:, 1:].mean(0) - 1 / k) < error).all()
    assert noise[:, 1:].var(0).mean() == pytest.approx((k - 1) / (k**2 * (k * a + 1)), rel=0.15)
    network = opinionated(game)
    still, moved = (engine.search(engine.read(network), batch, one, search) for one in (0 * noise, noise))
    assert len(np.unique(still.visits, axis=0)) == 1
    assert len(np.unique(moved.visits, axis=0)) > 10
    np.testing.assert_allclose(still.prior, moved.prior)


@pytest.mark.parametrize("engine", [Compiled(Hex(3)), Xla(Hex(3))], ids=["compiled", "xla"])
def test_noise_of_another_search_is_refused(engine) -> None:
    read = engine.read(opinionated(Hex(3)))
    with pytest.raises(InputError, match=r"Search\.noise"):
        engine.search(read, engine.start(4), np.random.default_rng(0).gumbel(size=(4, 9)), Search(8, "puct"))


def test_a_search_that_cannot_be_is_refused() -> None:
    with pytest.raises(InputError, match="gumbel, puct, regularised"):
        Search(8, "alpha-beta")
    for wrong in ({"simulations": 0}, {"considered": 0}, {"init": -1.0}, {"base": 0.0}):
        with pytest.raises(InputError, match="must be"):
            Search(**wrong)


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 12), st.floats(1e-3, 3.0), st.integers(0, 10**6))
def test_the_regularised_policy_is_the_best_of_all(actions: int, weight: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    prior, q = rng.dirichlet(np.full(actions, 0.7)) + 1e-6, rng.random(actions)
    prior[0] = 0.0  # illegal
    prior /= prior.sum()
    policy = regularised(prior[None], q[None], np.array([[weight]]))[0]
    legal = prior > 0
    assert policy[0] == 0
    assert policy.sum() == pytest.approx(1)
    # Where a distribution is the best there is, no action is worth more at the margin than another.
    margin = q[legal] + weight * prior[legal] / policy[legal]
    np.testing.assert_allclose(margin, margin[0], atol=1e-4 * max(1.0, weight))


def test_the_regularised_policy_is_what_a_general_optimiser_finds_and_the_same_in_both_arithmetics() -> None:
    rng = np.random.default_rng(4)
    prior, q, weight = rng.dirichlet(np.ones(5)), rng.random(5), 0.2

    def cost(logits: np.ndarray) -> float:
        policy = np.exp(logits - np.logaddexp.reduce(logits))
        return float(-policy @ q + weight * prior @ np.log(prior / policy))

    best = minimize(cost, np.zeros(5), method="BFGS", options={"gtol": 1e-9}).x
    expected = np.exp(best - np.logaddexp.reduce(best))
    arrays = [part.astype(np.float32) for part in (prior[None], q[None], np.array([[weight]]))]
    for found in (regularised(*arrays), regularised(*map(jnp.asarray, arrays))):
        np.testing.assert_allclose(found[0], expected, atol=1e-4)


def test_the_prior_weighs_less_as_visits_grow() -> None:
    visits = np.array([1.0, 16.0, 64.0, 1024.0, 1e6])
    weights = strength(1.25, visits, 25)
    np.testing.assert_allclose(weights, 1.25 * np.sqrt(visits) / (visits + 25))
    assert (np.diff(weights[2:]) < 0).all()
    assert weights[-1] < 2e-3


@pytest.mark.parametrize("simulations", [32, 2000])
def test_visits_approach_the_regularised_policy(simulations: int) -> None:
    """They differ by what a visit is worth, about 1 / N an action, and by what values were before they settled."""
    game = Hex(4)
    engine, network = Compiled(game), opinionated(game)
    noise = Search(kind="puct").noise(np.random.default_rng(5), np.ones((16, 16), bool))
    visited, smooth = (
        engine.search(engine.read(network), engine.start(16), noise, Search(simulations, kind))
        for kind in ("puct", "regularised")
    )
    np.testing.assert_array_equal(visited.visits, smooth.visits)
    apart = np.abs(visited.policy - smooth.policy).sum(1).mean()
    print(simulations, apart)
    assert apart < (0.75 if simulations == 32 else 0.2)
    assert (smooth.policy > 0).all()
