"""The tables that `situation.toml` plans with, made from laws that are known, with noise.

Nobody measured them: they show the columns that a plan reads, and stand where your own tables will.
`python examples/plan/tables.py` writes them anew, the same to the last digit.
"""

import csv
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from nextflop.laws import DataConstrained, LossAccuracy, Sigmoid, find

LOSS = DataConstrained(E=1.87, A=521.0, B=1488.0, alpha=0.353, beta=0.353, R_D=15.4, R_N=5.3)
RL = Sigmoid(R0=0.24, A=0.62, C_mid=1e20, B=0.7)
BRIDGE = LossAccuracy(a=-0.7, b=0.72, k=4.0, L0=2.5)
STORIES = find("mixture:prose,books")(c=1.9, k=0.4, t_books=-1.1)

Table = dict[str, np.ndarray]


def tables(seed: int = 0) -> dict[str, Table]:
    """Name of a file → its columns."""
    rng = np.random.default_rng(seed)

    def noisy(values: np.ndarray, share: float) -> np.ndarray:
        return values * np.exp(share * rng.standard_normal(len(values)))

    params, unique, epochs = (
        part.ravel() for part in np.meshgrid([1e8, 4e8, 1.5e9, 6e9], [1e9, 5e9, 2e10], [1.0, 3.0, 10.0, 30.0])
    )
    runs = {"params": params, "tokens": unique * epochs, "unique_tokens": unique}
    spent, lost = np.geomspace(1e18, 3e21, 14), np.linspace(2.0, 3.4, 14)
    solved = rng.beta(0.28 * 1.5, 0.72 * 1.5, 100)
    prose = np.linspace(0.05, 0.95, 12)
    shares = {"prose": prose, "books": 1 - prose}
    return {
        "runs.csv": {**runs, "loss": noisy(np.asarray(LOSS(**runs)), 0.004)},
        "rl.csv": {"rl_flop": spent, "accuracy": noisy(np.asarray(RL(rl_flop=spent)), 0.02)},
        "tries.csv": {"problem": np.arange(100), "samples": np.full(100, 64), "correct": rng.binomial(64, solved)},
        "bridge.csv": {"loss": lost, "accuracy": noisy(np.asarray(BRIDGE(loss=lost)), 0.02)},
        "mixtures.csv": {**shares, "stories_loss": noisy(np.asarray(STORIES(**shares)), 0.003)},
    }


def text(table: Table) -> str:
    """A table as CSV, to six digits."""
    rows: Iterable[tuple] = zip(*table.values(), strict=True)
    return "".join(",".join(f"{cell:.6g}" for cell in row) + "\n" for row in rows)


def main() -> None:
    """Write them beside this file."""
    for name, table in tables().items():
        with (Path(__file__).parent / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerow(table)
            file.write(text(table))


if __name__ == "__main__":
    main()
