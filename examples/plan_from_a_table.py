"""From a table of runs to an allocation, in Python.

The table is made here from a law that is known, with 1% of noise, so that the answer can be held against the truth.
Run it with `python examples/plan_from_a_table.py`; it takes a second or two.
"""

import numpy as np

import nextflop as nf

TRUTH = nf.Chinchilla(E=1.8, A=480.0, B=2100.0, alpha=0.35, beta=0.37)
BUDGET = 1e22  # FLOP


def table(runs: int = 60, noise: float = 0.01, seed: int = 0) -> nf.Runs:
    """Runs of 50M to 5B parameters on 1B to 100B tokens, in base units."""
    rng = np.random.default_rng(seed)
    params, tokens = 10 ** rng.uniform(7.7, 9.7, runs), 10 ** rng.uniform(9, 11, runs)
    loss = TRUTH(params=params, tokens=tokens) * np.exp(noise * rng.standard_normal(runs))
    return nf.Runs({"params": params, "tokens": tokens, "loss": loss}, source="made from a known law")


def main() -> None:
    """Fit, check, allocate."""
    runs = table()
    fit = nf.fit(nf.Chinchilla, runs, draws=1000, seed=0)
    print(f"status: {fit.status.value}")
    for name, interval in fit.estimate.items():
        ends = f"{interval.low:.4g} to {interval.high:.4g}"
        print(f"  {name:6} {interval.value:10.4g}  ({ends}), truth {TRUTH.values[name]:g}")
    for verdict in nf.check(fit, runs):
        print(f"  {verdict.outcome.value:5} {verdict.sentence}")
    plan = nf.allocate(fit, BUDGET)
    for name in ("params", "tokens"):
        best = getattr(plan, name)
        print(f"{name}: {best.value:.3g} ({best.low:.3g} to {best.high:.3g})")


if __name__ == "__main__":
    main()
