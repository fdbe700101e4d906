"""What training a sweep of small networks as one batched program would save, beside a program a network.

    python benchmarks/sweep.py             prints a table and writes benchmarks/results/sweep.json

Four agents of one size learn from the same positions of Hex 5x5: once each alone, once all in one vectorised program,
in turns, on one thread. The rest of a generation, self-play in compiled code, asks each network for a thousand
positions at once either way. What the whole generation would gain is the learner's share of it times what the batch
saves.
"""

import json
import os
import platform
import statistics
import time
from datetime import UTC, datetime
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from nextflop.lab.selfplay.engines.compiled import Compiled
from nextflop.lab.selfplay.games.hex import Hex
from nextflop.lab.selfplay.network import Shape
from nextflop.lab.selfplay.recipe import Recipe
from nextflop.lab.selfplay.training.agent import Agent, _learn, generation

OUT = Path(__file__).parent / "results" / "sweep.json"
WIDTHS, TOGETHER, STEPS, REPEATS = (8, 16, 32, 64, 128), 4, 30, 9


def measure(width: int) -> dict[str, float]:
    """One size."""
    engine, recipe = Compiled(Hex(5)), Recipe()
    shape = Shape.of(engine.game, width, 2)
    agents = [Agent.init(engine.game, shape, recipe, seed) for seed in range(TOGETHER)]
    agent, _ = generation(engine, recipe, 0, agents[0], 0)
    seconds = []
    for number in (1, 2, 3):
        clock = time.perf_counter()
        agent, told = generation(engine, recipe, 0, agent, number)
        seconds.append(time.perf_counter() - clock)
    images = tuple(jnp.asarray(np.stack(parts)) for parts in zip(*engine.game.symmetries(), strict=True))
    rest, steps = (agent.replay, jax.random.key(0)), jnp.asarray(STEPS)
    many = eqx.filter_vmap(_learn, in_axes=(None, None, eqx.if_array(0), None, None, None))
    learners = [agent.learner for agent in agents]
    batch = jax.tree.map(lambda *parts: jnp.stack(parts) if eqx.is_array(parts[0]) else parts[0], *learners)
    works = {
        "alone": lambda: [_learn(recipe, images, learner, *rest, steps)[1] for learner in learners],
        "batched": lambda: many(recipe, images, batch, *rest, steps)[1],
    }
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(1 + REPEATS):
        for name, work in works.items():
            clock = time.perf_counter()
            jax.block_until_ready(work())
            times[name].append(time.perf_counter() - clock)
    alone, batched = (statistics.median(times[name][1:]) / TOGETHER / STEPS for name in ("alone", "batched"))
    share = told["steps"] * alone / min(seconds)
    return {
        "width": width,
        "step_ms": 1e3 * alone,
        "step_ms_batched": 1e3 * batched,
        "learner_gain": alone / batched,
        "learner_share": share,
        "generation_gain": 1 / (1 - share * (1 - batched / alone)),
    }


def main() -> None:
    """Measures, prints, writes."""
    rows = [measure(width) for width in WIDTHS]
    for row in rows:
        print(
            f"width {row['width']:3}: {row['step_ms']:.2f} ms a step alone, {row['step_ms_batched']:.2f} in a batch of "
            f"{TOGETHER} ({row['learner_gain']:.2f} times); the learner takes {row['learner_share']:.0%} of a "
            f"generation, which would be {row['generation_gain']:.2f} times as fast"
        )
    record = {
        "date": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "jax": jax.__version__,
        "device": jax.devices()[0].device_kind,
        "rows": rows,
    }
    OUT.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
