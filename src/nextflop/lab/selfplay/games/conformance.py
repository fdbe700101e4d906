"""Whether a game keeps what `Game` promises: one call plays it at random and says in a sentence what is wrong."""

import pickle
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from nextflop.errors import InputError
from nextflop.lab.selfplay.games.game import Game
from nextflop.lab.selfplay.games.playout import Playout, playout

SINGLES = 16  # positions from which a move is made once more, alone and not compiled


class Told(NamedTuple):
    """What a game says of positions; the arrays begin with an axis of plies and one of games."""

    legal: Any
    over: Any
    outcome: Any
    mover: Any
    observed: Any
    places: Any


def check(game: Game[Any], games: int = 64, seed: int = 0) -> None:
    """Hold a game against its interface; `InputError` says what it breaks first, and where.

    It is held against itself only. Whether it is the game that was meant, another program's rules have to tell.

    Args:
        game: the rules.
        games: how many random games are played.
        seed: of the games.
    """
    _is_a_value(game)
    _has_its_shapes(game)
    record = playout(game, jax.random.key(seed), games)
    told = Told(*(np.asarray(array) for array in _tell_all(game, record.states)))
    _ends(game, record, told)
    _takes_turns(game, told)
    _numbers_actions(game, told)
    _sees_the_mover(game, told)
    for number, (cells, actions) in enumerate(_permutations(game)):
        _is_symmetric(game, record, told, number, cells, actions)
    _plays_alone(game, record, told, np.random.default_rng(seed))


def _tell(game: Game[Any], state: Any) -> Told:
    places = jax.vmap(game.place, (None, 0))(state, jnp.arange(game.actions, dtype=jnp.int32))
    return Told(
        game.legal(state), game.over(state), game.outcome(state), game.mover(state), game.observe(state), places
    )


@partial(jax.jit, static_argnames="game")
def _tell_all(game: Game[Any], states: Any) -> Told:
    return jax.vmap(jax.vmap(partial(_tell, game)))(states)


def _require(game: Game[Any], holds: Any, sentence: str) -> None:
    """Refuse the game where something does not hold: arrays of plies and games name the first place."""
    where = np.argwhere(~np.asarray(holds))
    if len(where):
        at = f" (first after {where[0][0]} moves, in random game {where[0][1]})" if np.ndim(holds) >= 2 else ""
        raise InputError(f"{game.name} is not a Game as the interface has it: {sentence}{at}.")


def _is_a_value(game: Game[Any]) -> None:
    for name in ("name", "shape", "planes", "actions", "longest"):
        value = getattr(game, name)
        right = isinstance(value, {"name": str, "shape": tuple}.get(name, int)) and bool(value)
        _require(game, right and np.all(np.array(value if name == "shape" else 1) > 0), f"{name} is {value!r}")
    try:
        again = pickle.loads(pickle.dumps(game))
        same = again == game and hash(again) == hash(game)
    except (TypeError, AttributeError, pickle.PicklingError) as reason:
        raise InputError(f"{game.name} is not a value: it cannot be hashed and pickled ({reason}).") from reason
    _require(game, same, "a copy of it does not equal it with the same hash; a frozen dataclass does")


def _has_its_shapes(game: Game[Any]) -> None:
    start = jax.eval_shape(game.start)
    after = jax.eval_shape(game.play, start, jax.ShapeDtypeStruct((), jnp.int32))
    before, now = jax.tree.structure(start), jax.tree.structure(after)
    _require(game, before == now, f"play turns a state {before} into {now}")
    for old, new in zip(jax.tree.leaves(start), jax.tree.leaves(after), strict=True):
        same = (old.shape, old.dtype) == (new.shape, new.dtype)
        _require(game, same, f"play turns an array {old.dtype}{old.shape} of the state into {new.dtype}{new.shape}")
    told = jax.eval_shape(partial(_tell, game), start)
    expected = {
        "legal": ((game.actions,), jnp.bool_),
        "over": ((), jnp.bool_),
        "outcome": ((), jnp.float32),
        "mover": ((), jnp.integer),
        "observed": ((game.planes, *game.shape), jnp.float32),
        "places": ((game.actions,), jnp.integer),
    }
    for name, (shape, kind) in expected.items():
        got = getattr(told, name)
        right = got.shape == shape and jnp.issubdtype(got.dtype, kind)
        _require(game, right, f"{name} is {got.dtype}{got.shape} where {kind.__name__}{shape} is due")


def _ends(game: Game[Any], record: Playout, told: Told) -> None:
    _require(game, ~told.over[0].any(), "it is over before the first move")
    _require(game, told.legal.any(-1) | told.over, "the mover has no legal action and the game is not over")
    _require(game, ~(told.legal.any(-1) & told.over), "there are legal actions in a game that is over")
    _require(game, told.over[-1].all(), f"games go on after longest = {game.longest} moves")
    _require(game, np.isin(told.outcome, (-1, 0, 1)), "an outcome is none of -1, 0 and 1")
    _require(game, told.over | (told.outcome == 0), "an outcome is not 0 before the game is over")
    last = jax.tree.map(lambda leaf: leaf[-1], record.states)
    every = jnp.arange(game.actions, dtype=jnp.int32)
    played = jax.jit(jax.vmap(jax.vmap(game.play, (None, 0)), (0, None)))(last, every)
    same = jax.tree.map(lambda old, new: bool((old[:, None] == new).all()), last, played)
    _require(game, all(jax.tree.leaves(same)), "to play on in a game that is over changes its state")


def _takes_turns(game: Game[Any], told: Told) -> None:
    _require(game, (told.mover[0] == 0).all(), "the second player begins")
    _require(game, np.isin(told.mover, (0, 1)), "the mover is neither 0 nor 1")
    turns = (told.mover[:-1] != told.mover[1:]) | told.over[:-1]
    _require(game, turns, "a player moves twice in a row; who cannot move has to pass by an action")


def _numbers_actions(game: Game[Any], told: Told) -> None:
    ranged = ((told.places >= 0) & (told.places < game.actions)) | ~told.legal
    _require(game, ranged.all(-1), f"a legal action has a place outside 0 … {game.actions - 1}")
    apart = np.sort(np.where(told.legal, told.places, game.actions + np.arange(game.actions)), -1)
    _require(game, (np.diff(apart) > 0).all(-1), "two legal actions have the same place")
    stay = (told.places == np.arange(game.actions)) | ~told.legal | (told.mover == 1)[..., None]
    _require(game, stay.all(-1), "an action of the first player has a place that is not its own number")


def _sees_the_mover(game: Game[Any], told: Told) -> None:
    _require(game, np.isfinite(told.observed).all((-3, -2, -1)), "an observation is not finite")
    _require(game, game.planes >= 2, "observations have fewer than two planes: the mover's stones and the other's")
    stones = told.observed[:, :, :2]
    _require(game, np.isin(stones, (0, 1)).all((-3, -2, -1)), "the first two planes hold something else than 0 and 1")
    _require(game, (stones.sum(2) <= 1).all((-2, -1)), "a cell has a stone of both players")
    count = stones.sum((-2, -1))
    # By his own move a player loses no stone and the other wins none; and after it they have changed places.
    kept = (count[1:, :, 1] >= count[:-1, :, 0]) & (count[1:, :, 0] <= count[:-1, :, 1]) | told.over[:-1]
    _require(game, kept, "after a move the first plane does not hold the stones of the player who moves next")


def _permutations(game: Game[Any]) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    found, cells = game.symmetries(), game.shape[0] * game.shape[1]
    for number, pair in enumerate(found):
        for name, permutation, size in zip(("cells", "actions"), pair, (cells, game.actions), strict=True):
            right = np.array_equal(np.sort(permutation), np.arange(size))
            _require(game, right, f"{name} of symmetry {number} are no permutation of 0 … {size - 1}")
    first = bool(found) and all((np.diff(permutation) == 1).all() for permutation in found[0])
    _require(game, first, "the first of its symmetries is not the identity")
    return found


def _is_symmetric(
    game: Game[Any], record: Playout, told: Told, number: int, cells: np.ndarray, actions: np.ndarray
) -> None:
    moves = jnp.asarray(np.argsort(actions).astype(np.int32)[np.asarray(record.actions)])
    first = jax.tree.map(lambda leaf: leaf[0], record.states)
    image = _tell_all(game, _follow(game, first, moves))
    flat = (*told.observed.shape[:-2], -1)
    for name, expected, got in (
        ("the observation", told.observed.reshape(flat)[..., cells], np.asarray(image.observed).reshape(flat)),
        ("what is legal", told.legal[..., actions], image.legal),
        ("who moves", told.mover, image.mover),
        ("the end", told.over, image.over),
        ("the outcome", told.outcome, image.outcome),
    ):
        same = expected == np.asarray(got)
        _require(game, same.all(tuple(range(2, same.ndim))), f"symmetry {number} changes {name} of a game")


@partial(jax.jit, static_argnames="game")
def _follow(game: Game[Any], states: Any, moves: Array) -> Any:
    def step(states: Any, actions: Array) -> tuple[Any, Any]:
        return jax.vmap(game.play)(states, actions), states

    last, before = jax.lax.scan(step, states, moves)
    return jax.tree.map(lambda run, end: jnp.concatenate([run, end[None]]), before, last)


def _plays_alone(game: Game[Any], record: Playout, told: Told, rng: np.random.Generator) -> None:
    going = np.argwhere(~told.over[:-1])
    for ply, which in rng.choice(going, min(SINGLES, len(going)), replace=False).tolist():
        before, after = (_position(record, at, which) for at in (ply, ply + 1))
        alone = game.play(before, record.actions[ply, which]), _tell(game, before)
        batched = after, Told(*(array[ply, which] for array in told))
        same = all(jax.tree.leaves(jax.tree.map(np.array_equal, alone, batched)))
        _require(game, same, f"after {ply} moves it plays otherwise alone than in a compiled batch")


def _position(record: Playout, ply: int, which: int) -> Any:
    return jax.tree.map(lambda leaf: leaf[ply, which], record.states)
