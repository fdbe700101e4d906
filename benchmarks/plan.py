"""How long a plan takes: 1,000 draws of each of five laws, six options, on two cores.

    python benchmarks/plan.py           prints a table and writes benchmarks/results/plan.json

The situation is that of the data wall: 1e22 FLOP, 25B tokens of one's own, 1T tokens for sale and text made from one's
own, which makes the options repeat, once, buy, make and all together. The laws are fits to simulated runs of a known
law: the two families that know repetition, each free and with one exponent for both, and one of them fitted to half of
the runs, so that every one has 1,000 draws and none is a copy. The sixth option is reinforcement learning over a bridge
from loss, the seventh search with a verifier. A mixture of eight domains for four targets is timed on its own. Each
time is the least of several, for other programs only add to it; where they do, seconds of the process are the ones to
read.
"""

import json
import platform
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

import nextflop as nf
from nextflop.laws import (
    Chinchilla,
    Law,
    LossAccuracy,
    OverfitPenalty,
    Sigmoid,
    ZeroInflatedBetaBinomial,
    find,
    mixture,
)
from nextflop.planning.ledger.bought.purchase import Bridge, Cost, Purchase, answer_cost
from nextflop.planning.ledger.members import Member, of_fit
from nextflop.planning.ledger.mixture.domains import Domain, Mixing, Target
from nextflop.planning.ledger.mixture.mix import mix
from nextflop.planning.ledger.plan import plan
from nextflop.planning.ledger.situation import Corpus, Situation, Use
from nextflop.planning.selection import Verifier

DRAWS, REPEATS = 1000, 3
NOISE = 0.01
TRUTH = OverfitPenalty(E=1.87, A=520.0, B=1480.0, alpha=0.353, beta=0.353, P=0.02, delta=0.6, kappa=0.4)
CONSTRAINED = ("data-constrained", "overfit-penalty", "data-constrained[beta=alpha]", "overfit-penalty[beta=alpha]")
PRICE = 1 / (989e12 * 0.4 * 3600 / 2)  # dollars a FLOP: an H100 at 40% for $2 an hour
OUT = Path(__file__).parent / "results" / "plan.json"


def simulated(count: int = 150) -> nf.Runs:
    """Runs that vary size, unique tokens and epochs."""
    rng = np.random.default_rng(0)
    params, unique = 10 ** rng.uniform(7.5, 10, count), 10 ** rng.uniform(8.5, 11, count)
    tokens = unique * 10 ** rng.uniform(0, 1.5, count)
    loss = TRUTH(params=params, tokens=tokens, unique_tokens=unique) * np.exp(NOISE * rng.normal(size=count))
    return nf.Runs({"params": params, "tokens": tokens, "unique_tokens": unique, "loss": np.asarray(loss)})


def spread(law: Law, share: float, seed: int = 0) -> Member:
    """A law whose draws scatter about it by a share of each parameter."""
    estimate = np.array([list(law.values.values())])
    rows = estimate * np.exp(share * np.random.default_rng(seed).normal(size=(DRAWS, estimate.shape[1])))
    return Member(law.name, type(law).from_draws(np.vstack([estimate, rows])), 1.0, {}, "simulated")


def constrained() -> list[Member]:
    """Five laws that know repetition."""
    runs = simulated()
    members = [of_fit(nf.fit(find(name), runs, draws=DRAWS), runs, name=name) for name in CONSTRAINED]
    half = runs.where(np.arange(len(runs)) % 2 == 0)
    return [*members, of_fit(nf.fit(OverfitPenalty, half, draws=DRAWS), half, name="overfit-penalty, half of the runs")]


def purchases() -> list[Purchase]:
    rl = spread(Sigmoid(0.25, 0.61, 1e21, 1.2), 0.04)
    search = spread(ZeroInflatedBetaBinomial(0.1, 0.28, 1.5), 0.04, 1)
    judge = Verifier(0.95, 0.02)
    return [
        Purchase("rl", (rl,), Cost(flop=1.0), task="MATH"),
        Purchase("search", (search,), answer_cost(7e9, 1000.0), start=1.0, most=256.0, verifier=judge, task="MATH"),
    ]


def of_mixture() -> Mixing:
    names = tuple(f"domain{index}" for index in range(8))
    rng = np.random.default_rng(0)
    laws = [mixture(names)(1.5, 1.0, *rng.normal(size=7)) for _ in range(4)]
    domains = tuple(Domain(name, 10 ** rng.uniform(9, 12), 4.0) for name in names)
    return Mixing(domains, tuple(Target(f"target{i}", spread(law, 0.1, i)) for i, law in enumerate(laws)), 1e11)


def timed(work: Callable[[], object]) -> dict[str, float]:
    """The least of several repeats, in seconds of the wall and of the process."""
    walls, processes = [], []
    for _ in range(REPEATS):
        wall, process = time.perf_counter(), time.process_time()
        work()
        walls.append(time.perf_counter() - wall)
        processes.append(time.process_time() - process)
    return {"wall": min(walls), "process": min(processes)}


def main() -> None:
    """Measures, prints, writes."""
    own = Corpus("own", 25e9)
    sources = (
        own,
        Corpus("licensed", 1e12, kind="licensed", price=1e-6),
        Corpus("made", 0.0, kind="synthetic", made_from="own", price=6e-8, saturation=8.0, exchange=0.5, share=0.3),
    )
    wall = Situation(1e22, flop_price=PRICE, sources=sources, use=Use(queries=1e7, tokens_per_query=1000.0))
    free = Situation(1e22, flop_price=PRICE, use=Use(queries=1e7, tokens_per_query=1000.0))
    laws = constrained()
    plain = [spread(Chinchilla(1.82, 478.0, 2143.0, 0.347, 0.367), 0.01)]
    bridge = Bridge(spread(LossAccuracy(-0.75, 0.9, 6.0, 2.2), 0.01), task="MATH")
    cases = {
        "text, 5 laws, 5 options": lambda: plan(laws, wall),
        "text and reinforcement learning, 5 laws, 6 options": lambda: plan(
            laws, wall, purchases=purchases()[:1], bridge=bridge
        ),
        "text, reinforcement learning and search, 5 laws, 7 options": lambda: plan(
            laws, wall, purchases=purchases(), bridge=bridge
        ),
        "data without limit, 1 law, 1 option": lambda: plan(plain, free),
        "a mixture of 8 domains for 4 targets": lambda: mix(of_mixture()),
    }
    seconds = {name: timed(work) for name, work in cases.items()}
    result = {
        "date": datetime.now(UTC).date().isoformat(),
        "version": nf.__version__,
        "python": platform.python_version(),
        "draws": DRAWS,
        "seconds": seconds,
    }
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    for name, took in seconds.items():
        print(f"{name:60} {took['wall']:6.2f} s, of the process {took['process']:6.2f} s")


if __name__ == "__main__":
    main()
