"""What training it takes to come within 50 Elo of perfect play on Hex 5x5, beside the published frontier.

    python benchmarks/strength.py          prints a table and writes benchmarks/results/strength.json

An agent is trained by the usual recipe, each seed from nothing. From time to time its average is matched against
perfect play with 64 simulations a move, as the published agents were: a frozen sample of the openings of two moves,
each with both sides. Elo are those of the score, with the standard error over pairs of games; the compute of the
crossing is interpolated between the last check below and the next, and counts self-play and the learner. The published
frontier (Jones 2021, arXiv:2104.03113; our fit of five parameters to it) has -50 Elo at 10^12.85 multiply-adds of
self-play, without its learner.
"""

import argparse
import json
import os
import platform
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from nextflop.lab.machine import describe
from nextflop.lab.selfplay.arena.match import Match, gauntlet
from nextflop.lab.selfplay.arena.openings import openings
from nextflop.lab.selfplay.arena.perfect import Perfect
from nextflop.lab.selfplay.arena.players import Searcher
from nextflop.lab.selfplay.engines.compiled import Compiled
from nextflop.lab.selfplay.games.hex import Hex
from nextflop.lab.selfplay.network import Shape
from nextflop.lab.selfplay.recipe import Recipe
from nextflop.lab.selfplay.search.search import Search
from nextflop.lab.selfplay.training.agent import Agent, generation

OUT = Path(__file__).parent / "results" / "strength.json"
NEAR, PUBLISHED, SIMULATIONS = -50.0, 2 * 10**12.85, 64
FIRST, RATIO, AFTER = 3e10, 1.35, 2  # FLOP of the first check, steps between checks, checks beyond the crossing


def elo(match: Match) -> tuple[float, float]:
    """Of the score, and its standard error over pairs."""
    pairs = (match.first + match.second) / 2
    score, error = pairs.mean(), pairs.std(ddof=1) / np.sqrt(len(pairs))
    score = np.clip(score, 0.5 / len(pairs), 1 - 0.5 / len(pairs))
    return float(400 * np.log10(score / (1 - score))), float(400 / np.log(10) * error / (score * (1 - score)))


def climb(seed: int, size: tuple[int, int], count: int, limit: float) -> dict[str, object]:
    """One seed, to a few checks beyond the crossing or to the limit of FLOP."""
    engine, recipe = Compiled(Hex(5)), Recipe()
    shape, perfect = Shape.of(engine.game, *size), Perfect(engine.game)
    agent, firsts = Agent.init(engine.game, shape, recipe, seed), openings(engine, 2, count)
    spent, due, number, beyond = {"play": 0.0, "learner": 0.0}, FIRST, 0, 0
    checks, clock, training = [], time.perf_counter(), 0.0
    while beyond <= AFTER and sum(spent.values()) < limit:
        before = time.perf_counter()
        agent, told = generation(engine, recipe, seed, agent, number)
        training += time.perf_counter() - before
        number += 1
        spent["play"] += told["evaluations"] * shape.flop
        spent["learner"] += 3 * told["steps"] * recipe.batch * shape.flop
        if sum(spent.values()) < due:
            continue
        due *= RATIO
        player = Searcher("agent", engine, engine.read(agent.average), Search(SIMULATIONS))
        value, error = elo(gauntlet(engine, player, (perfect,), firsts, seed)[0])
        flop = sum(spent.values())
        checks.append({"flop": flop, **spent, "elo": value, "error": error, "training_seconds": training})
        print(
            f"  seed {seed}: {flop:.2e} FLOP, {value:.0f} ± {error:.0f} Elo, {training:.0f} s of training, "
            f"{time.perf_counter() - clock:.0f} s in all",
            flush=True,
        )
        beyond += value >= NEAR
    return {"seed": seed, "generations": number, "checks": checks, "flop": crossing(checks)}


def crossing(checks: list[dict[str, float]]) -> float | None:
    """FLOP at which the Elo last rise to -50, on a line in the logarithm of FLOP; None if they end below."""
    below = [place for place, check in enumerate(checks) if check["elo"] < NEAR]
    if not below:
        return checks[0]["flop"]
    if below[-1] == len(checks) - 1:
        return None
    low, high = checks[below[-1]], checks[below[-1] + 1]
    share = (NEAR - low["elo"]) / (high["elo"] - low["elo"])
    return float(low["flop"] * (high["flop"] / low["flop"]) ** share)


def main() -> None:
    """Measures, prints, writes."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--width", type=int, default=64)
    options.add_argument("--depth", type=int, default=2)
    options.add_argument("--seeds", type=int, default=3)
    options.add_argument("--openings", type=int, default=150)
    options.add_argument("--limit", type=float, default=PUBLISHED / 5)
    chosen = options.parse_args()
    size = (chosen.width, chosen.depth)
    seeds = [climb(seed, size, chosen.openings, chosen.limit) for seed in range(chosen.seeds)]
    record = {
        "date": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "machine": describe(len(os.sched_getaffinity(0)))._asdict(),
        "size": size,
        "openings": chosen.openings,
        "simulations": SIMULATIONS,
        "published_flop": PUBLISHED,
        "seeds": seeds,
    }
    for run in seeds:
        found = run["flop"]
        says = "not reached" if found is None else f"{found:.2e} FLOP, 1/{PUBLISHED / found:.1f} of {PUBLISHED:.2e}"
        print(f"seed {run['seed']}: {NEAR:.0f} Elo from perfect play: {says}")
    OUT.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
