"""Both programs play by the same rules and find the same; the compiled one's network is the network."""

from collections.abc import Iterator

import jax
import numpy as np
import pytest

from nextflop.errors import InputError
from nextflop.lab.selfplay.engines.compiled import Compiled
from nextflop.lab.selfplay.engines.engine import Engine
from nextflop.lab.selfplay.engines.xla import Xla
from nextflop.lab.selfplay.games.connect import Connect
from nextflop.lab.selfplay.games.go import Go
from nextflop.lab.selfplay.games.hex import Hex
from nextflop.lab.selfplay.games.mnk import Mnk
from nextflop.lab.selfplay.games.othello import Othello
from nextflop.lab.selfplay.search.search import Search

from .opinions import opinionated

# Most of the time goes to XLA, which compiles a program for every game, number of positions and kind of a search. By
# default there is one board of each game, and it is the same for rules and search; the rest are slow.
GAMES = (Hex(4), Connect(4, 5, 3), Mnk(3, 4, 3), Othello(4), Go(5, 0.5, 40))
MORE = (Hex(3), Hex(5), Hex(11), Connect(), Mnk(), Mnk(5, 6, 4), Othello(6), Othello(8), *map(Go.usual, range(5, 10)))
SEARCHED = (Hex(5), Connect(), Mnk(5, 6, 4), Othello(6), Go.usual(5), Go(6, 2.0, 60))
SEARCHES = (
    Search(1),
    Search(16),
    Search(40, considered=4),
    Search(1, "puct"),
    Search(16, "puct"),
    Search(24, "regularised"),
)
COUNT = 32  # positions in every batch


@pytest.fixture(autouse=True)
def optimised(request: pytest.FixtureRequest) -> Iterator[None]:
    """XLA's programs are those of users in the slow tests; others lack most optimizations, as in all of this folder."""
    jax.config.update("jax_disable_most_optimizations", request.node.get_closest_marker("slow") is None)
    yield
    jax.config.update("jax_disable_most_optimizations", True)


def random_actions(legal: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.where(legal, rng.random(legal.shape), -1.0).argmax(1)


def slow(*values: object) -> object:
    return pytest.param(*values, marks=pytest.mark.slow)


@pytest.mark.parametrize("game", [*GAMES, *map(slow, MORE)], ids=lambda game: game.name)
def test_random_games_are_the_same_move_by_move_in_both(game) -> None:
    engines, rng = (Xla(game), Compiled(game)), np.random.default_rng(1)
    assert all(isinstance(engine, Engine) for engine in engines)
    batches = [engine.start(COUNT) for engine in engines]
    for _ in range(game.longest + 1):
        looks = [engine.look(batch) for engine, batch in zip(engines, batches, strict=True)]
        for field, theirs, ours in zip(looks[0]._fields, *looks, strict=True):
            np.testing.assert_array_equal(theirs, ours, err_msg=field)
        actions = random_actions(looks[0].legal, rng)
        batches = [engine.play(batch, actions) for engine, batch in zip(engines, batches, strict=True)]
    assert looks[1].over.all()


@pytest.mark.parametrize(
    ("game", "search"),
    [
        (GAMES[1], SEARCHES[2]),
        (GAMES[4], SEARCHES[1]),
        (GAMES[4], SEARCHES[4]),
        *(slow(GAMES[1], search) for search in SEARCHES[:2]),
        *(slow(game, search) for game in SEARCHED for search in SEARCHES),
    ],
    ids=lambda value: getattr(value, "name", None) or f"{value.kind}-{value.simulations}",
)
def test_both_programs_visit_the_same_nodes(game, search: Search) -> None:
    rng, network, count = np.random.default_rng(2), opinionated(game), COUNT
    moves = rng.integers(0, game.longest - 1, size=count)
    results = []
    for engine in (Xla(game, part=64), Compiled(game, part=64)):
        batch, chance = engine.start(count), np.random.default_rng(3)
        for move in range(game.longest):
            look = engine.look(batch)
            actions = random_actions(look.legal, chance)
            after = engine.play(batch, actions)
            going = (moves > move) & ~engine.look(after).over
            batch = jax.tree.map(
                lambda new, old, going=going: np.where(going.reshape(-1, *[1] * (new.ndim - 1)), new, old), after, batch
            )
        noise = search.noise(np.random.default_rng(4), engine.look(batch).legal)
        results.append(engine.search(engine.read(network), batch, noise, search))
    theirs, ours = results
    np.testing.assert_array_equal(theirs.visits, ours.visits)
    np.testing.assert_array_equal(theirs.action, ours.action)
    assert ours.visits.sum() == count * search.simulations
    for field in ("policy", "prior", "value", "gain", "raw"):
        np.testing.assert_allclose(getattr(theirs, field), getattr(ours, field), atol=2e-5, err_msg=field)
    assert count < ours.evaluations <= count * (search.simulations + 1)


@pytest.mark.parametrize("kind", ["mlp", "conv"])
def test_matrix_products_are_the_network(kind: str) -> None:
    game = Connect(4, 5, 3)
    network = opinionated(game, kind)
    seen = np.random.default_rng(0).random((300, 2 * 20)).astype(np.float32)
    theirs, ours = Xla(game).read(network), Compiled(game).read(network)
    (logits, values), answers = theirs(seen), ours(seen)
    np.testing.assert_allclose(answers[0], logits, atol=3e-4)
    np.testing.assert_allclose(answers[1], values, atol=3e-5)
    for read in (theirs, ours):  # without a policy
        none, alone = read(seen, policy=False)
        assert none.shape == (300, 0)
        np.testing.assert_allclose(alone, values, atol=3e-5)


def test_what_a_search_finds_does_not_hang_on_how_many_positions_are_asked_for_at_once() -> None:
    game, rng = Hex(4), np.random.default_rng(4)
    network, gumbel = opinionated(game), rng.gumbel(size=(20, 16))
    found = [
        engine.search(engine.read(network), engine.start(20), gumbel, Search(32))
        for engine in (Compiled(game), Compiled(game, part=7))
    ]
    np.testing.assert_array_equal(found[0].visits, found[1].visits)
    assert found[0].evaluations == found[1].evaluations


def test_the_improved_policy_expects_more_than_the_networks() -> None:
    game, rng = Connect(), np.random.default_rng(5)
    engine = Compiled(game)
    found = engine.search(engine.read(opinionated(game)), engine.start(64), rng.gumbel(size=(64, 7)), Search(32))
    assert (found.gain > 0).all()
    np.testing.assert_allclose(found.policy.sum(1), 1, atol=1e-5)


def test_games_that_the_kernels_do_not_know_are_told_to_take_the_other_engine() -> None:
    class Other(Mnk):
        """Rules of one's own."""

    with pytest.raises(InputError, match="Xla"):
        Compiled(Other())
