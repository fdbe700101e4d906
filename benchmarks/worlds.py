"""What a plan loses in worlds whose law is known: nextflop's beside three rules of thumb.

    python benchmarks/worlds.py                      all regimes; prints tables, writes benchmarks/results/worlds.json
    python benchmarks/worlds.py --regime chinchilla  measures one regime anew and keeps the others

A world is a law. It shows a ladder of small isoFLOP runs with noise, and asks for the parameters and tokens of a budget
10 to 1000 times the largest of them. The regret is the world's own loss at the split that was planned above its own
loss at the best split. The plans:

    20 tokens        N and D = 20 N, whatever the runs say
    isoFLOP          parabolas over each budget and the line through their minima; 20 tokens where fewer than two have a
                     minimum
    Hoffmann         the constants as printed, arXiv:2203.15556, approach 3
    Besiroglu        the corrected constants, arXiv:2404.10102
    Muennighoff      in place of these where data repeat: the printed constants of arXiv:2305.16264
    one law          nextflop's `allocate` on a fit of chinchilla (data-constrained where data repeat)
    akaike, held out nextflop's `plan` with either half of its weights alone
    nextflop         `plan` over several laws, which it weighs by the runs at hand and by held-out ones; 100 draws a law

The regimes:

    chinchilla       E + A/N^α + B/D^β, which is fitted too
    skaling          E + A (N^-α + R/D^β)^k with the published k of 0.31 to 0.45, which is fitted too
    broken           chinchilla whose exponents change at some size and some number of tokens; no law fitted does that
    data-limited     data-constrained, with runs that repeat data and a stock that the budget reads 2 to 20 times

Constants are drawn about published ones: E 1.82 ± 0.10, α 0.348 ± 0.04, β 0.366 ± 0.04 (Besiroglu), the best tokens per
parameter at 1e21 FLOP 20 times e^(±0.8), the loss above E there 0.49 e^(±0.2). Runs scatter by 0.2 to 1% of the loss,
evenly in its logarithm. Laws and weights of the plan were settled on worlds of other seeds with evenly drawn constants.
That no draw counts beyond ten times the accepted regret was settled on 300 worlds of this kind with other seeds, among
which the data-limited ones showed the need; those on record are fresh. Intervals are 95%, by 10,000 resamples of the
worlds, paired where plans are compared.
"""

import argparse
import json
import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import nextflop
from nextflop.errors import FitError
from nextflop.evidence.runs import Runs
from nextflop.fitting import fit
from nextflop.judging.credence import akaike
from nextflop.judging.isoflop import isoflop
from nextflop.laws import Chinchilla, DataConstrained, Law, OverfitPenalty, Skaling, tie
from nextflop.planning.allocation import allocate
from nextflop.planning.ledger.plan import Plan, plan
from nextflop.planning.ledger.situation import Corpus, Situation
from nextflop.planning.optimum import optimum

REGIMES = {"chinchilla": 70, "skaling": 70, "broken": 70, "data-limited": 50}
PLAIN: tuple[type[Law], ...] = (Chinchilla, tie(Chinchilla, beta="alpha"), Skaling)
REPEATING: tuple[type[Law], ...] = (DataConstrained, OverfitPenalty)
PRINTED = {
    "Hoffmann": Chinchilla(E=1.69, A=406.4, B=410.7, alpha=0.34, beta=0.28),
    "Besiroglu": Chinchilla(E=1.8172, A=482.01, B=2085.43, alpha=0.3478, beta=0.3658),
}
MUENNIGHOFF = DataConstrained(
    E=1.869144, A=520.825, B=1487.716, alpha=0.3526596, beta=0.3526596, R_D=15.387756, R_N=5.309743
)
OURS = "nextflop"
DRAWS = 100
OUT = Path(__file__).parent / "results" / "worlds.json"

_REFERENCE = 1e21  # FLOP at which the best split and the loss above E are drawn
_WIDE = np.linspace(
    -6, 6, 4801
)  # of log N about 20 tokens per parameter, in which the world's own optimum is looked for


class World(NamedTuple):
    """A law, what it shows, and what it asks.

    Attributes:
        loss: of parameters and tokens, once the stock is spent on repetition where there is one.
        runs: the ladder; a column "budget" groups the runs that read data once.
        budget: FLOP to be planned.
        stock: unique tokens, or None.
        distance: budget over the largest of the ladder.
        noise: standard deviation of the log loss of a run.
    """

    loss: Callable[[np.ndarray, np.ndarray], np.ndarray]
    runs: Runs
    budget: float
    stock: float | None
    distance: float
    noise: float

    def regret(self, params: float) -> float:
        """The loss of a split above that of the best one."""
        middle = np.sqrt(self.budget / 6 / 20)
        size = np.append(middle * np.exp(_WIDE), params)
        loss = self.loss(size, self.budget / 6 / size)
        return float(loss[-1] - loss.min())


@dataclass(frozen=True)
class BrokenChinchilla:
    """A Chinchilla law whose exponents change by `turn` at `knee`, within a factor of e^sharp about it."""

    base: Chinchilla
    knee: tuple[float, float]
    turn: tuple[float, float]
    sharp: float

    def __call__(self, params: np.ndarray, tokens: np.ndarray) -> np.ndarray:
        """The loss."""
        law = self.base
        terms = ((law.A, law.alpha, params), (law.B, law.beta, tokens))
        return law.E + sum(
            amplitude * x**-exponent * (1 + (x / knee) ** (1 / self.sharp)) ** (-turn * self.sharp)
            for (amplitude, exponent, x), knee, turn in zip(terms, self.knee, self.turn, strict=True)
        )


def chinchilla(rng: np.random.Generator) -> Chinchilla:
    """Constants about the published ones."""
    E = rng.normal(1.82, 0.10)
    alpha, beta = np.clip(rng.normal((0.348, 0.366), 0.04), 0.2, 0.55)
    ratio, above = 20 * np.exp(0.8 * rng.normal()), 0.49 * np.exp(0.2 * rng.normal())
    params = np.sqrt(_REFERENCE / 6 / ratio)
    tokens = _REFERENCE / 6 / params
    # At the best split α A N^-α = β B D^-β.
    of_params, of_tokens = above * beta / (alpha + beta), above * alpha / (alpha + beta)
    return Chinchilla(*map(float, (E, of_params * params**alpha, of_tokens * tokens**beta, alpha, beta)))


def skaling(rng: np.random.Generator) -> Skaling:
    """With the margins of a Chinchilla law at its best split of the reference."""
    plain, k = chinchilla(rng), rng.uniform(0.31, 0.45)
    params, tokens = map(float, optimum(plain, _REFERENCE))
    alpha, beta = float(plain.alpha) / k, float(plain.beta) / k
    R = alpha * params**-alpha / (beta * tokens**-beta)
    above = float(plain(params=params, tokens=tokens)) - float(plain.E)
    return Skaling(plain.E, above / (params**-alpha + R * tokens**-beta) ** k, R, alpha, beta, k)


def broken(rng: np.random.Generator) -> BrokenChinchilla:
    """With knees among the runs or beyond them."""
    plain = chinchilla(rng)
    knee = (10 ** rng.uniform(8, 10.5), 10 ** rng.uniform(9.5, 12))
    return BrokenChinchilla(plain, knee, tuple(0.06 * rng.normal(size=2)), rng.uniform(0.3, 1.0))


def limited(rng: np.random.Generator) -> DataConstrained:
    """With decays about the published ones."""
    decays = np.array([15.4, 5.3]) * np.exp(0.5 * rng.normal(size=2))
    return DataConstrained(**chinchilla(rng).values, R_D=float(decays[0]), R_N=float(decays[1]))


def ladder(rng: np.random.Generator) -> tuple[dict[str, np.ndarray], float]:
    """Four to six budgets with five to eight sizes each, and the largest budget."""
    top = 10 ** rng.uniform(19, 21)
    budgets = np.geomspace(top / 10 ** rng.uniform(1, 2), top, rng.integers(4, 7))
    sizes, factor, ratio = rng.integers(5, 9), rng.uniform(2, 5), 10 ** rng.uniform(1, 1.8)
    budget = np.repeat(budgets, sizes)
    spread = np.tile(np.linspace(-1, 1, sizes), len(budgets)) * np.log(factor) + 0.05 * rng.normal(size=len(budget))
    params = np.sqrt(budget / 6 / ratio) * np.exp(spread)
    return {"params": params, "tokens": budget / 6 / params, "budget": budget}, top


def seed_of(regime: str, number: int) -> tuple[int, int, int]:
    """The seed of a world; the first number is that of the record, the third since the plan was settled on others."""
    return 3, list(REGIMES).index(regime), number


def world(regime: str, number: int) -> World:
    """The world of a number."""
    rng = np.random.default_rng(seed_of(regime, number))
    make: dict[str, Callable[[np.random.Generator], Any]]
    make = {"chinchilla": chinchilla, "skaling": skaling, "broken": broken, "data-limited": limited}
    law = make[regime](rng)
    columns, top = ladder(rng)
    distance, noise = 10 ** rng.uniform(1, 3), 10 ** rng.uniform(np.log10(0.002), -2)
    stock = None
    if regime == "data-limited":
        columns = with_repeats(columns, rng)
        once = Chinchilla(*(law.values[name] for name in Chinchilla.parameters))
        stock = float(optimum(once, top * distance)[1]) / 10 ** rng.uniform(0.3, 1.3)
    inputs = {name: columns[name] for name in ("params", "tokens", "unique_tokens") if name in columns}
    loss = law(**inputs) * np.exp(noise * rng.normal(size=len(columns["params"])))

    def truth(params: np.ndarray, tokens: np.ndarray) -> np.ndarray:
        given = {} if stock is None else {"unique_tokens": np.full_like(params, stock)}
        return np.asarray(law(params=params, tokens=tokens, **given))

    return World(truth, Runs({**columns, "loss": loss}), top * distance, stock, distance, noise)


def with_repeats(columns: dict[str, np.ndarray], rng: np.random.Generator) -> dict[str, np.ndarray]:
    """The ladder, whose runs read data once, and a third as many of its settings with data read 2 to 50 times."""
    count = len(columns["params"])
    again = rng.choice(count, count // 3, replace=False)
    epochs = 10 ** rng.uniform(0.3, 1.7, len(again))
    whole = {name: np.concatenate([column, column[again]]) for name, column in columns.items()}
    return {**whole, "unique_tokens": whole["tokens"] / np.concatenate([np.ones(count), epochs])}


def plans(one: World) -> dict[str, float]:
    """Plan → parameters."""
    budget, twenty = one.budget, float(np.sqrt(one.budget / 120))
    given = {} if one.stock is None else {"unique_tokens": one.stock}
    found = {"20 tokens": twenty, "isoFLOP": by_parabolas(one) or twenty}
    if one.stock is None:
        found |= {name: float(optimum(law, budget)[0]) for name, law in PRINTED.items()}
    else:
        found["Muennighoff"] = float(optimum(MUENNIGHOFF, budget, **given)[0])
    laws = PLAIN if one.stock is None else REPEATING
    fits = [fit(law, one.runs, draws=DRAWS) for law in laws]
    try:
        found["one law"] = allocate(fits[0], budget, **given).params.value
    except FitError:
        found["one law"] = twenty
    situation = Situation(budget, sources=() if one.stock is None else (Corpus("text", one.stock),))
    ours = plan(fits, situation, one.runs)
    found[OURS] = sized(ours)
    for name, weights in {"akaike": akaike(fits), "held out": ours.weights.shares}.items():
        found[name] = sized(plan(fits, situation, weights=weights))
    return found


def sized(planned: Plan) -> float:
    """N of the best option."""
    return planned.option(planned.best).decision["params"]


def by_parabolas(one: World) -> float | None:
    """N on the line through the minima of the budgets; None where there is no line."""
    once = np.ones(len(one.runs), dtype=bool) if one.stock is None else one.runs["unique_tokens"] == one.runs["tokens"]
    try:
        found = isoflop(one.runs.where(once), draws=0)
    except FitError:
        return None
    params = found.at_largest.value * (one.budget / found.budgets[-1]) ** found.exponent.value
    return float(np.clip(params, 1.0, one.budget / 6))


def measure(regime: str, number: int) -> dict[str, Any]:
    """One world: the regret of every plan."""
    one = world(regime, number)
    found = plans(one)
    return {
        "regime": regime,
        "number": number,
        "runs": len(one.runs),
        "noise": round(one.noise, 5),
        "distance": round(one.distance, 1),
        "parabolas": by_parabolas(one) is not None,
        "regret": {name: round(one.regret(params), 6) for name, params in found.items()},
    }


def interval(values: np.ndarray, seed: int = 0) -> dict[str, float]:
    """The mean and its 95% interval over resampled worlds."""
    chosen = np.random.default_rng(seed).integers(len(values), size=(10_000, len(values)))
    low, high = np.quantile(values[chosen].mean(axis=1), [0.025, 0.975])
    return {"mean": float(values.mean()), "low": float(low), "high": float(high)}


def summary(worlds: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Of some worlds: each plan's regret, and what it loses more than nextflop's, world by world."""
    names = [name for name in worlds[0]["regret"] if all(name in one["regret"] for one in worlds)]
    regret = {name: np.array([one["regret"][name] for one in worlds]) for name in names}
    return {
        "worlds": len(worlds),
        "regret": {name: interval(values) | {"median": float(np.median(values))} for name, values in regret.items()},
        "more_than_nextflop": {name: interval(regret[name] - regret[OURS]) for name in names if name != OURS},
        "ours_better_in": {name: float(np.mean(regret[OURS] < regret[name])) for name in names if name != OURS},
    }


def parts(worlds: Sequence[Mapping[str, Any]]) -> dict[str, Sequence[Mapping[str, Any]]]:
    """All worlds, those without a stock, every regime, and these by distance and by noise."""
    plain = [one for one in worlds if one["regime"] != "data-limited"]
    return {
        "plain": plain,
        **{regime: [one for one in worlds if one["regime"] == regime] for regime in REGIMES},
        "up to 100 times": [one for one in plain if one["distance"] <= 100],
        "beyond 100 times": [one for one in plain if one["distance"] > 100],
        "noise up to 0.5%": [one for one in plain if one["noise"] <= 0.005],
        "noise above 0.5%": [one for one in plain if one["noise"] > 0.005],
    }


def show(record: Mapping[str, Any]) -> None:
    """Prints the mean regrets, and whether nextflop's is below each."""
    for title, part in record["parts"].items():
        print(f"\n{title}: {part['worlds']} worlds, mean regret in thousandths of a nat [95%]")
        for name, found in part["regret"].items():
            line = f"  {name:12s} {1e3 * found['mean']:7.2f} [{1e3 * found['low']:.2f}, {1e3 * found['high']:.2f}]"
            more = part["more_than_nextflop"].get(name)
            if more is not None:
                verdict = "more" if more["low"] > 0 else "less" if more["high"] < 0 else "no telling"
                line += "   than nextflop {mean:+.2f} [{low:+.2f}, {high:+.2f}]".format(
                    **{end: 1e3 * value for end, value in more.items()}
                )
                line += f": {verdict}"
            print(line)


def main() -> None:
    """Measures, prints, writes."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--regime", choices=list(REGIMES), help="measure this one anew and keep the others")
    options.add_argument("--worlds", type=int, help="a quick look at so many worlds a regime; nothing is written")
    options.add_argument("--workers", type=int, default=os.cpu_count())
    chosen = options.parse_args()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    regimes = [chosen.regime] if chosen.regime else list(REGIMES)
    known = json.loads(OUT.read_text(encoding="utf-8"))["each"] if OUT.exists() and chosen.regime else []
    worlds = [one for one in known if one["regime"] not in regimes]
    clock = time.perf_counter()
    with ProcessPoolExecutor(chosen.workers) as pool:
        for regime in regimes:
            worlds += pool.map(partial(measure, regime), range(chosen.worlds or REGIMES[regime]))
    worlds.sort(key=lambda one: (list(REGIMES).index(one["regime"]), one["number"]))
    record = {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "version": nextflop.__version__,
        "date": datetime.now(UTC).date().isoformat(),
        "draws": DRAWS,
        "parts": {name: summary(part) for name, part in parts(worlds).items() if part},
        "each": worlds,
    }
    show(record)
    print(f"\n{time.perf_counter() - clock:.0f} s")
    if not chosen.worlds:
        OUT.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
