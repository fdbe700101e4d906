"""How fast the search is, beside mctx with the same rules, network and noise, and beside the machine's matrix product.

    python benchmarks/selfplay.py          prints a table and writes benchmarks/results/selfplay.json

Three programs search the same positions of random games, all plies alike, with the same noise, once by Gumbel search
and once by PUCT: the compiled kernels, a thread a core; our program in XLA; and mctx, both on all cores. Times are the
medians of several calls, taken in turns. The network's share is the time of the same evaluations alone. "Equal" is the
share of searches with the same visits as mctx, whose Gumbel search scores the root anew inside a phase and so may
reorder a close pair; the two programs of ours are equal but for rounding.
"""

import argparse
import functools
import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy: the threads are ours

import jax
import jax.numpy as jnp
import mctx
import numpy as np

from nextflop.lab.selfplay.engines.compiled import Compiled
from nextflop.lab.selfplay.games.connect import Connect
from nextflop.lab.selfplay.games.game import Game
from nextflop.lab.selfplay.games.go import Go
from nextflop.lab.selfplay.games.hex import Hex
from nextflop.lab.selfplay.games.playout import playout
from nextflop.lab.selfplay.network import Network, Shape
from nextflop.lab.selfplay.search.gumbel import search_gumbel
from nextflop.lab.selfplay.search.puct import search_puct
from nextflop.lab.selfplay.search.search import Search

OUT = Path(__file__).parent / "results" / "selfplay.json"
PERCEPTRON, CONVOLUTIONS = ("mlp", 64, 2), ("conv", 16, 1)  # kind, width and depth
CASES = (
    *(
        (game, Search(simulations, kind), PERCEPTRON)
        for game in (Hex(5), Connect())
        for simulations in (16, 64)
        for kind in ("gumbel", "puct")
    ),
    (Go.usual(5), Search(16), PERCEPTRON),
    (Hex(5), Search(16), CONVOLUTIONS),
)


def positions(game: Game[Any], count: int) -> tuple[Any, np.ndarray]:
    """Positions that are not over, all plies of random games alike: as arrays of the rules, and of the kernels."""
    played = playout(game, jax.random.key(0), count)
    alive = np.argwhere(~np.asarray(jax.vmap(jax.vmap(game.over))(played.states)))
    plies, games = alive[np.random.default_rng(0).choice(len(alive), count)].T
    engine, actions = Compiled(game), np.asarray(played.actions)
    batch = engine.start(count)
    for ply in range(game.longest):
        batch = np.where((plies > ply)[:, None], engine.play(batch, actions[ply, games]), batch)
    return jax.tree.map(lambda leaf: leaf[plies, games], played.states), batch


def peer(game: Game[Any], network: Network, search: Search) -> Callable[[Any, Any], Any]:
    """The search of mctx; noise is given in place of what it would draw."""

    def masked(state: Any) -> tuple[Any, Any]:
        logits, value = network(jax.vmap(game.observe)(state))
        return jnp.where(jax.vmap(game.legal)(state), logits, -1e9), value

    def recurrent(_: Any, key: Any, action: Any, state: Any) -> tuple[Any, Any]:
        after = jax.vmap(game.play)(state, action)
        logits, value = masked(after)
        over, sign = jax.vmap(game.over)(after), 1 - 2 * jax.vmap(game.mover)(state)
        won = jnp.where(over & ~jax.vmap(game.over)(state), jax.vmap(game.outcome)(after) * sign, 0.0)
        step = mctx.RecurrentFnOutput(
            reward=won, discount=jnp.where(over, 0.0, -1.0), prior_logits=logits, value=jnp.where(over, 0.0, value)
        )
        return step, after

    def run(states: Any, noise: Any) -> Any:
        logits, value = masked(states)
        if search.kind == "gumbel":
            noisy, policy = logits + noise, functools.partial(mctx.gumbel_muzero_policy, gumbel_scale=0.0)
            policy = functools.partial(policy, max_num_considered_actions=min(search.considered, game.actions))
        else:
            noisy = jnp.log(jnp.maximum(search.rooted(jax.nn.softmax(logits), noise), jnp.finfo(jnp.float32).tiny))
            scaled = functools.partial(mctx.qtransform_by_min_max, min_value=-1.0, max_value=1.0)
            policy = functools.partial(mctx.muzero_policy, dirichlet_fraction=0.0, qtransform=scaled)
        root = mctx.RootFnOutput(prior_logits=noisy, value=value, embedding=states)
        illegal = ~jax.vmap(game.legal)(states)
        found = policy(None, jax.random.key(0), root, recurrent, search.simulations, illegal)
        return found.search_tree.summary().visit_counts

    return jax.jit(run)


def program(game: Game[Any], network: Network, search: Search, part: int) -> Callable[[Any, Any], Any]:
    """The same search in XLA."""
    if search.kind == "puct":
        return lambda states, noise: search_puct(game, network, states, noise, search)
    how = {"simulations": search.simulations, "considered": search.considered, "part": part}
    return functools.partial(search_gumbel, game, network, **how)


def median(works: dict[str, Callable[[], Any]], repeats: int) -> dict[str, float]:
    """Seconds of each, taken in turns after one call to compile."""
    for work in works.values():
        jax.block_until_ready(work())
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(repeats):
        for name, work in works.items():
            clock = time.perf_counter()
            jax.block_until_ready(work())
            times[name].append(time.perf_counter() - clock)
    return {name: statistics.median(values) for name, values in times.items()}


def opinions(shape: Shape) -> Network:
    """A network whose heads say something; a fresh one says nothing."""
    network, keys = Network.init(shape, jax.random.key(1)), jax.random.split(jax.random.key(2))
    policy, value = (
        jax.random.normal(key, head[0].shape) / 8
        for key, head in zip(keys, (network.policy, network.value), strict=True)
    )
    return Network(
        shape,
        network.intake,
        network.blocks,
        jnp.full_like(network.share, 0.3),
        (policy, network.policy[1]),
        (value, network.value[1]),
    )


def measure(
    game: Game[Any], search: Search, built: tuple[str, int, int], games: int, part: int, repeats: int
) -> dict[str, Any]:
    """One case."""
    kind, width, depth = built
    shape, engine = Shape.of(game, width, depth, kind), Compiled(game, part)
    head = 2 * width * shape.actions * (shape.area if kind == "conv" else 1)  # FLOP of the policy's
    network = opinions(shape)
    states, batch = positions(game, games)
    noise = search.noise(np.random.default_rng(3), engine.look(batch).legal)
    drawn, read, cores = jnp.asarray(noise, jnp.float32), engine.read(network), len(os.sched_getaffinity(0))
    rows = np.array_split(np.arange(games), cores)
    xla, theirs = jax.jit(program(game, network, search, part)), peer(game, network, search)

    with ThreadPoolExecutor(cores) as threads:

        def ours() -> list[Any]:
            return list(threads.map(lambda some: engine.search(read, batch[some], noise[some], search), rows))

        def noted(seen: np.ndarray, policy: bool = True) -> tuple[np.ndarray, np.ndarray]:
            asked.append((seen, policy))
            return read(seen, policy)

        def alone() -> list[Any]:
            return list(threads.map(lambda core: [read(*call) for call in asked[core::cores]], range(cores)))

        asked: list[tuple[np.ndarray, bool]] = []
        found = [engine.search(noted, batch[some], noise[some], search) for some in rows]
        flop = sum(len(seen) * (shape.flop - (not policy) * head) for seen, policy in asked)
        peers = {"xla": lambda: xla(states, drawn).visits, "mctx": lambda: theirs(states, drawn)}
        took = median({"ours": ours, **peers, "network": alone}, repeats)
    visits, wanted = np.concatenate([one.visits for one in found]), games * search.simulations
    return {
        "game": game.name,
        "network": f"{kind} {shape.size}",
        "search": search.kind,
        "simulations": search.simulations,
        "considered": search.considered,
        "games": games,
        "part": part,
        "per_second": wanted / took["ours"],
        "xla_per_second": wanted / took["xla"],
        "mctx_per_second": wanted / took["mctx"],
        "times_mctx": took["mctx"] / took["ours"],
        "equal": float((visits == np.asarray(theirs(states, drawn))).all(axis=1).mean()),
        "equal_xla": float((visits == np.asarray(xla(states, drawn).visits)).all(axis=1).mean()),
        "network_share": took["network"] / took["ours"],
        "evaluations_per_simulation": sum(one.evaluations for one in found) / wanted,
        "network_flop_per_second": flop / took["network"],
        "search_flop_per_second": flop / took["ours"],
    }


def peak(size: int = 1024, repeats: int = 9) -> float:
    """FLOP/s of a square matrix product."""
    matrix = jnp.ones((size, size))
    took = median({"product": lambda: product(matrix)}, repeats)["product"]
    return 2 * size**3 / took


product = jax.jit(lambda matrix: matrix @ matrix)


def main() -> None:
    """Measures, prints, writes."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--games", type=int, default=512)
    options.add_argument("--part", type=int, default=1024)
    options.add_argument("--repeats", type=int, default=7)
    chosen = options.parse_args()
    cases = [measure(*case, chosen.games, chosen.part, chosen.repeats) for case in CASES]
    record = {
        "date": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "jax": jax.__version__,
        "device": jax.devices()[0].device_kind,
        "matrix_product_flop_per_second": peak(),
        "cases": cases,
    }
    for case in cases:
        print(
            f"{case['game']:14} {case['network']:9} {case['search']:6} {case['simulations']:3} simulations: "
            f"{case['per_second']:9.0f} a second, XLA {case['xla_per_second']:8.0f}, mctx "
            f"{case['mctx_per_second']:8.0f}, "
            f"{case['times_mctx']:.1f} times; equal {case['equal']:.1%} (XLA {case['equal_xla']:.1%}); network "
            f"{case['network_share']:.0%} of time, {case['network_flop_per_second'] / 1e9:.1f} GFLOP/s of "
            f"{record['matrix_product_flop_per_second'] / 1e9:.1f}"
        )
    OUT.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
