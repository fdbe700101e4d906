"""Training and sampling of the laboratory's networks: tokens and FLOP a second, as a share of the machine's own limit.

    python benchmarks/lab.py            prints a table and writes benchmarks/results/lab.json

The limit is a float32 matrix product of 1024 × 1024 on the same core in the same run. Where PyTorch is installed, the
same network is trained and sampled in it, on one thread of the same core; where it is not, the column is left out.
Every figure is the median of five series; their spread is kept beside it.
"""

import json
import math
import os
import platform
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # before JAX counts the cores

import jax
import jax.numpy as jnp
from jax.tree_util import Partial

import nextflop
from nextflop.lab.language import flops
from nextflop.lab.language.decode import generate
from nextflop.lab.language.learner import Recipe, supervised_step
from nextflop.lab.language.transformer import Shape, Transformer
from nextflop.lab.learner import Learner, step_key
from nextflop.lab.loop import steps
from nextflop.lab.machine import describe
from nextflop.lab.reasoning.countdown import Countdown
from nextflop.lab.reasoning.teacher import demonstrate

GAME, SIZES = Countdown(), ((32, 2), (64, 2), (128, 2))
BATCH, ANSWERS, STEPS, SERIES = 256, 1024, 10, 5
OUT = Path(__file__).parent / "results" / "lab.json"


def timed(work: Callable[[], object]) -> dict[str, float]:
    """Median seconds of a call after one that is not counted, with the smallest and largest."""
    work()
    seconds = []
    for _ in range(SERIES):
        clock = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - clock)
    return {"median": statistics.median(seconds), "least": min(seconds), "most": max(seconds)}


def peak() -> float:
    """FLOP a second of a large matrix product."""
    a = jnp.ones((1024, 1024))
    product = jax.jit(lambda a: a @ a)
    return 2 * 1024**3 * 10 / timed(lambda: [product(a).block_until_ready() for _ in range(10)])["median"]


def _step(
    recipe: Recipe, hands: jax.Array, learner: Learner, number: jax.Array
) -> tuple[Learner, dict[str, jax.Array]]:
    sequences = demonstrate(GAME, hands, step_key(0, 1, number), BATCH)
    learner, loss = supervised_step(learner, sequences, GAME.prompt, recipe)
    return learner, {"loss": loss}


def ours(shape: Shape) -> tuple[dict[str, float], dict[str, float]]:
    """Seconds of `STEPS` supervised steps, demonstrations included, and of `ANSWERS` sampled answers."""
    recipe, hands = Recipe(1e-3), jnp.asarray(GAME.hands)
    learner = Learner.init(Transformer.init(shape, jax.random.key(0)), recipe)
    step = Partial(_step, recipe, hands)
    training = timed(lambda: jax.block_until_ready(steps(step)(learner, 0, STEPS)))
    asked = demonstrate(GAME, hands, jax.random.key(1), ANSWERS)[:, : GAME.prompt]
    sample = jax.jit(lambda model, key: generate(model, asked, key, GAME.answer).tokens)
    sampling = timed(lambda: sample(learner.model, jax.random.key(2)).block_until_ready())
    return training, sampling


def peer(shape: Shape) -> tuple[dict[str, float], dict[str, float]] | None:
    """The same in PyTorch on one thread, demonstrations made beforehand; nothing where it is not installed."""
    try:
        import torch
        import torch.nn.functional as F
    except ImportError:
        return None
    torch.set_num_threads(1)
    torch.manual_seed(0)
    d, heads = shape.width, shape.heads

    class Block(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.one, self.two = torch.nn.RMSNorm(d, eps=1e-6), torch.nn.RMSNorm(d, eps=1e-6)
            self.qkv, self.out = torch.nn.Linear(d, 3 * d, bias=False), torch.nn.Linear(d, d, bias=False)
            self.up, self.down = torch.nn.Linear(d, 4 * d, bias=False), torch.nn.Linear(4 * d, d, bias=False)

        def forward(self, x, past=None):
            batch, time, _ = x.shape
            q, k, v = self.qkv(self.one(x)).view(batch, time, 3, heads, d // heads).permute(2, 0, 3, 1, 4)
            if past is not None:
                k, v = torch.cat([past[0], k], 2), torch.cat([past[1], v], 2)
            seen = F.scaled_dot_product_attention(q, k, v, is_causal=past is None)
            x = x + self.out(seen.transpose(1, 2).reshape(batch, time, d))
            return x + self.down(F.relu(self.up(self.two(x))).square()), (k, v)

    class Network(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = torch.nn.Parameter(torch.randn(shape.vocabulary, d) * d**-0.5)
            self.position = torch.nn.Parameter(torch.randn(shape.context, d) * 0.02)
            self.blocks = torch.nn.ModuleList(Block() for _ in range(shape.depth))
            self.norm = torch.nn.RMSNorm(d, eps=1e-6)

        def forward(self, tokens, at=0, past=None):
            x, kept = self.embedding[tokens] + self.position[at : at + tokens.shape[1]], []
            for index, block in enumerate(self.blocks):
                x, pair = block(x, None if past is None else past[index])
                kept.append(pair)
            return self.norm(x), kept

    network = Network()
    optimiser = torch.optim.AdamW(network.parameters(), lr=1e-3, betas=(0.9, 0.98), weight_decay=0.01)
    drawn = demonstrate(GAME, jnp.asarray(GAME.hands), jax.random.key(0), BATCH)
    made = torch.from_numpy(jax.device_get(drawn).copy()).long()

    def train() -> None:
        for _ in range(STEPS):
            hidden, _ = network(made[:, :-1])
            logits = hidden[:, GAME.prompt - 1 :] @ network.embedding.T
            loss = F.cross_entropy(logits.reshape(-1, shape.vocabulary), made[:, GAME.prompt :].reshape(-1))
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()

    asked = made[:, : GAME.prompt].repeat(ANSWERS // BATCH, 1)

    @torch.no_grad()
    def answer() -> None:
        _, past = network(asked[:, :-1])
        token = asked[:, -1:]
        for at in range(GAME.prompt - 1, GAME.prompt - 1 + GAME.answer):
            hidden, past = network(token, at, past)
            token = torch.multinomial(F.softmax(hidden[:, 0] @ network.embedding.T, -1), 1)

    return timed(train), timed(answer)


def main() -> None:
    """Measures, prints, writes."""
    limit, rows = peak(), []
    print(f"matrix product: {limit / 1e9:.0f} GFLOP/s on one core")
    for width, depth in SIZES:
        shape = Shape(width, depth, GAME.vocabulary, GAME.context)
        flop = {
            "training": STEPS * BATCH * flops.train_flop(shape, GAME.context, GAME.answer),
            "sampling": ANSWERS
            * (flops.prompt_flop(shape, GAME.prompt) + flops.sample_flop(shape, GAME.prompt, GAME.answer)),
        }
        tokens = {"training": STEPS * BATCH * GAME.context, "sampling": ANSWERS * GAME.answer}
        found, other = ours(shape), peer(shape)
        for index, work in enumerate(("training", "sampling")):
            seconds = found[index]
            row = {
                "size": shape.size,
                "parameters": sum(shape.parameters.values()),
                "work": work,
                "seconds": seconds,
                "tokens_per_second": tokens[work] / seconds["median"],
                "flop_per_second": flop[work] / seconds["median"],
                "share_of_peak": flop[work] / seconds["median"] / limit,
                "torch_seconds": None if other is None else other[index],
                "ratio_to_torch": None if other is None else other[index]["median"] / seconds["median"],
            }
            rows.append(row)
            ratio = math.nan if other is None else row["ratio_to_torch"]
            print(
                f"{shape.size:6} {work:9} {row['tokens_per_second'] / 1e3:8.1f}k tokens/s "
                f"{row['flop_per_second'] / 1e9:7.1f} GFLOP/s, {row['share_of_peak']:4.0%} of the product, "
                f"{ratio:4.2f} times PyTorch"
            )
    about = describe(1)._asdict() | {"system": platform.system(), "date": datetime.now(UTC).date().isoformat()}
    result = {"machine": about, "version": nextflop.__version__, "peak_flop_per_second": limit, "rows": rows}
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
