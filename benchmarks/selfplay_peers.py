"""Positions of self-play a second of connect four: the laboratory, OpenSpiel's AlphaZero and pgx's, each as it plays.

    python -m venv peers && peers/bin/pip install -e . open-spiel flax optax chex orbax-checkpoint pgx mctx
    peers/bin/python benchmarks/selfplay_peers.py    prints a table and writes benchmarks/results/selfplay_peers.json

A program that is not installed, or fails, is named and left out. All make 16 simulations a move, with fresh weights and
no learner; a position is a move that was searched. The programs take turns; figures are medians.

nextflop    A process a core: generations of 512 games to their end by Gumbel search. The network is 64x2.
open-spiel  An actor a core: its `_play_game`, in Python by PUCT, with its example's noise and temperature. It asks the
            network for one position at a time and keeps the answers, as its actors do until the next checkpoint. The
            network is its "mlp" of width 64 and depth 2, with hidden layers in its heads. Its C++ is not in the wheel.
pgx         One process on all cores: its example's self-play, mctx's Gumbel search on 512 games that begin anew when
            they end, with the laboratory's network. (The example needs `jax.device_put_replicated`, gone in JAX 0.10.)
"""

import json
import multiprocessing
import os
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy: a process has one core

import jax
import jax.numpy as jnp
import numpy as np

from nextflop.lab.selfplay.engines.compiled import Compiled
from nextflop.lab.selfplay.games.connect import Connect
from nextflop.lab.selfplay.network import Network, Shape
from nextflop.lab.selfplay.recipe import Recipe
from nextflop.lab.selfplay.training.play import play

OUT = Path(__file__).parent / "results" / "selfplay_peers.json"
SHAPE, SIMULATIONS, GAMES, SECONDS, TURNS = Shape.of(Connect(), 64, 2), 16, 512, 5.0, 5
Player = tuple[int, Callable[[], int]]  # parameters of its network, and what plays on and counts the positions


def nextflop() -> Player:
    engine, recipe = Compiled(Connect()), Recipe(games=GAMES, simulations=SIMULATIONS)
    read, rng = engine.read(Network.init(SHAPE, jax.random.key(0))), np.random.default_rng(os.getpid())
    return sum(SHAPE.parameters.values()), lambda: len(play(engine, read, recipe, rng).positions.outcome)


def open_spiel() -> Player:
    import pyspiel
    from open_spiel.python.algorithms.alpha_zero import alpha_zero, evaluator, model_nnx

    game = pyspiel.load_game("connect_four")
    seen, actions = game.observation_tensor_shape(), game.num_distinct_actions()
    model = model_nnx.Model.build_model("mlp", seen, actions, SHAPE.width, SHAPE.depth, 1e-4, 1e-3, None)
    how = {"uct_c": 1.41, "max_simulations": SIMULATIONS, "policy_epsilon": 0.25, "policy_alpha": 1.0, "verbose": False}
    bot = alpha_zero._init_bot(SimpleNamespace(**how), game, evaluator.AlphaZeroEvaluator(game, model), False)
    silent = SimpleNamespace(print=lambda *_: None, opt_print=lambda *_: None)
    play_one = alpha_zero._play_game  # with the temperature of its example, and the move from which it is 0
    return int(model.num_trainable_variables), lambda: len(play_one(silent, 0, game, (bot, bot), 1.0, 2).states)


def pgx() -> Player:
    import mctx
    import pgx
    from pgx.experimental import auto_reset

    env, network, rows = pgx.make("connect_four"), Network.init(SHAPE, jax.random.key(0)), jnp.arange(GAMES)

    def judge(state: Any) -> dict[str, jax.Array]:
        logits, value = network(state.observation.transpose(0, 3, 1, 2).astype(jnp.float32))
        masked = jnp.where(state.legal_action_mask, logits, jnp.finfo(jnp.float32).min)
        return {"prior_logits": masked, "value": jnp.where(state.terminated, 0.0, value)}

    def recurrent(_: None, key: jax.Array, action: jax.Array, state: Any) -> tuple[Any, Any]:
        after = jax.vmap(env.step)(state, action)
        reward, discount = after.rewards[rows, state.current_player], jnp.where(after.terminated, 0.0, -1.0)
        return mctx.RecurrentFnOutput(reward=reward, discount=discount, **judge(after)), after

    def step(state: Any, key: jax.Array) -> tuple[Any, tuple[jax.Array, ...]]:
        key, anew = jax.random.split(key)
        root = mctx.RootFnOutput(embedding=state, **judge(state))
        found = mctx.gumbel_muzero_policy(None, key, root, recurrent, SIMULATIONS, ~state.legal_action_mask)
        after = jax.vmap(auto_reset(env.step, env.init))(state, found.action, jax.random.split(anew, GAMES))
        return after, (state.observation, found.action_weights, after.rewards[rows, state.current_player])

    steps = jax.jit(lambda state, key: jax.lax.scan(step, state, jax.random.split(key, 8)))
    now = {"state": jax.vmap(env.init)(jax.random.split(jax.random.key(1), GAMES)), "key": jax.random.key(2)}

    def more() -> int:
        now["key"], key = jax.random.split(now["key"])
        now["state"], told = jax.block_until_ready(steps(now["state"], key))
        return told[-1].size

    return sum(SHAPE.parameters.values()), more


PROGRAMS = {"nextflop": nextflop, "open-spiel": open_spiel, "pgx": pgx}
READY: list[Callable[[], int]] = []  # the player of this process


def ready(name: str, cores: set[int]) -> int:
    """Makes the player of this process, compiles it, and gives its parameters."""
    os.sched_setaffinity(0, cores)  # before JAX counts them
    parameters, more = PROGRAMS[name]()
    more()
    READY.append(more)
    return parameters


def rate(seconds: float) -> float:
    begin, positions = time.perf_counter(), 0
    while (took := time.perf_counter() - begin) < seconds:
        positions += READY[0]()
    return positions / took


def main() -> None:
    cores, pools, found = os.sched_getaffinity(0), {}, {}
    for name in PROGRAMS:
        shares = [cores] if name == "pgx" else [{core} for core in cores]
        some = [ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) for _ in shares]
        made = [pool.submit(ready, name, share) for pool, share in zip(some, shares, strict=True)]
        try:
            parameters = {one.result() for one in made}.pop()
        except Exception as error:
            print(name, "not installed:" if isinstance(error, ModuleNotFoundError) else "does not run:", error)
            continue
        pools[name] = some
        found[name] = {"version": version(name), "processes": len(some), "parameters": parameters, "turns": []}
    for _ in range(TURNS):
        for name, some in pools.items():
            found[name]["turns"].append(sum([one.result() for one in [pool.submit(rate, SECONDS) for pool in some]]))
    for name, one in found.items():
        one["per_second"] = statistics.median(one["turns"])
        print(
            f"{name:10} {one['version']} {one['parameters']:,} parameters: {one['per_second']:.0f} a second "
            f"({min(one['turns']):.0f} to {max(one['turns']):.0f}); nextflop "
            f"{found['nextflop']['per_second'] / one['per_second']:.1f} times"
        )
    about = {"date": datetime.now(UTC).date().isoformat(), "jax": jax.__version__, "cores": len(cores)}
    OUT.write_text(json.dumps({**about, "seconds": SECONDS, "programs": found}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
