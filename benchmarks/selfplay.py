"""How fast the search is, beside mctx with the same rules, network and noise, and beside the machine's matrix product.

    python benchmarks/selfplay.py          prints a table and writes benchmarks/results/selfplay.json

Both searches start from the same positions of random games, all plies alike, with the same Gumbel noise; a search is
one compiled call for the whole batch. Times are the medians of several calls, taken in turns. The network's share is
the time of the same number of evaluations alone, in batches of the same size; its FLOP/s stand against those of a
square matrix product. "Equal" is the share of searches with the same visits: mctx scores the root anew inside a phase,
which may reorder a close pair.
"""

import argparse
import functools
import json
import platform
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import mctx
import numpy as np

from nextflop.lab.selfplay.games.connect import Connect
from nextflop.lab.selfplay.games.game import Game
from nextflop.lab.selfplay.games.hex import Hex
from nextflop.lab.selfplay.games.playout import playout
from nextflop.lab.selfplay.network import Network, Shape
from nextflop.lab.selfplay.search.gumbel import search

OUT = Path(__file__).parent / "results" / "selfplay.json"
CASES = ((Hex(5), 16, 16), (Hex(5), 64, 16), (Connect(), 16, 7), (Connect(), 64, 7))


def positions(game: Game[Any], count: int) -> Any:
    """Positions that are not over, all plies of random games alike."""
    played = playout(game, jax.random.key(0), count)
    alive = np.argwhere(~np.asarray(jax.vmap(jax.vmap(game.over))(played.states)))
    chosen = alive[np.random.default_rng(0).choice(len(alive), count)].T
    return jax.tree.map(lambda leaf: leaf[tuple(chosen)], played.states)


def peer(game: Game[Any], network: Network, simulations: int, considered: int) -> Callable[[Any, Any], Any]:
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

    def run(states: Any, gumbel: Any) -> Any:
        logits, value = masked(states)
        found = mctx.gumbel_muzero_policy(
            None,
            jax.random.key(0),
            mctx.RootFnOutput(prior_logits=logits + gumbel, value=value, embedding=states),
            recurrent,
            simulations,
            ~jax.vmap(game.legal)(states),
            max_num_considered_actions=considered,
            gumbel_scale=0.0,
        )
        return found.search_tree.summary().visit_counts

    return jax.jit(run)


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


def measure(game: Game[Any], simulations: int, considered: int, games: int, part: int, repeats: int) -> dict[str, Any]:
    """One case."""
    shape = Shape.of(game, 64, 2)
    network = opinions(shape)
    states = positions(game, games)
    gumbel = jax.random.gumbel(jax.random.key(3), (games, game.actions))
    ours = jax.jit(functools.partial(search, game, network, simulations=simulations, considered=considered, part=part))
    theirs = peer(game, network, simulations, considered)
    found = ours(states, gumbel)
    made = int(found.evaluations)
    seen = jnp.ones((part, shape.planes, shape.height, shape.area // shape.height))
    alone = jax.jit(
        lambda seen: jax.lax.fori_loop(0, -(-made // part), lambda _, x: x + network(x)[1].sum() * 1e-9, seen)
    )
    took = median(
        {"ours": lambda: ours(states, gumbel), "mctx": lambda: theirs(states, gumbel), "network": lambda: alone(seen)},
        repeats,
    )
    equal = np.asarray(found.visits == theirs(states, gumbel)).all(axis=1).mean()
    wanted = games * simulations
    return {
        "game": game.name,
        "simulations": simulations,
        "considered": considered,
        "games": games,
        "part": part,
        "per_second": wanted / took["ours"],
        "mctx_per_second": wanted / took["mctx"],
        "times_mctx": took["mctx"] / took["ours"],
        "equal": float(equal),
        "network_share": took["network"] / took["ours"],
        "evaluations_per_simulation": made / wanted,
        "network_flop_per_second": made * shape.flop / took["network"],
        "search_flop_per_second": made * shape.flop / took["ours"],
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
            f"{case['game']:14} {case['simulations']:3} simulations: {case['per_second']:9.0f} a second, mctx "
            f"{case['mctx_per_second']:8.0f}, {case['times_mctx']:.1f} times; equal {case['equal']:.1%}; network "
            f"{case['network_share']:.0%} of the time, {case['network_flop_per_second'] / 1e9:.1f} GFLOP/s of "
            f"{record['matrix_product_flop_per_second'] / 1e9:.1f}"
        )
    OUT.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
