"""Strength against the size of the network at the end of training: its exponent, and whether larger ones are weaker."""

import itertools

import numpy as np
from scipy.stats import norm

from nextflop.evidence.files import Json
from nextflop.evidence.runs import Runs
from nextflop.judging import Verdict
from nextflop.judging.verdict import Outcome
from nextflop.studies.selfplay.measure import Interval, Measure

ERROR_RATE = 0.05  # of the check that larger networks are no weaker, over all pairs of sizes
_SEED = 0


def progress(agents: Runs) -> np.ndarray:
    """How far the run of every agent had come, as a share of its generations, shape (agents,)."""
    last = {run: agents["step"][agents["run"] == run].max() for run in np.unique(agents["run"])}
    return agents["step"] / np.array([last[run] for run in agents["run"]])


def ends(agents: Runs, simulations: float) -> Runs:
    """The agents at the end of their runs, with a search of so many simulations."""
    return agents.where((progress(agents) == 1) & (agents["simulations"] == simulations))


def exponents(agents: Runs, measure: Measure, draws: int, interval: Interval) -> list[dict[str, Json]]:
    """How strength grows with the parameters, for every depth of search.

    The odds of winning go as N^α, as of Neumann and Gros 2023 (arXiv:2210.00849, eq. 1), or regret as N^-α. Runs are
    drawn again whole; a draw of one size alone says nothing and is left out.

    Args:
        agents: of a board.
        measure: of strength.
        draws: how many.
        interval: the value and those of the draws → value, low and high.
    """
    depths = [float(simulations) for simulations in np.unique(agents["simulations"])]
    return [
        {"simulations": depth, "exponent": interval(exponent(ends(agents, depth), measure, draws))} for depth in depths
    ]


def exponent(last: Runs, measure: Measure, draws: int) -> np.ndarray:
    """How the strength of the agents at the end of their runs grows with the parameters: the value, then the draws."""
    rng = np.random.default_rng(_SEED)
    x, y = np.log10(last["params"]), measure.of(last) / measure.decade
    rows = [np.arange(len(last)), *rng.integers(0, len(last), (draws, len(last)))]
    return np.array([_slope(x[row], y[row]) for row in rows if np.ptp(x[row]) > 0])


def no_weaker(agents: Runs, measure: Measure, simulations: float) -> Verdict:
    """Whether no network is weaker at the end of its training than a smaller one: inverse scaling is looked for.

    Pairs of sizes are held against the scatter of seeds and the error of measurement, at `ERROR_RATE` over all pairs.
    """
    last = ends(agents, simulations)
    sizes = np.unique(last["params"])
    groups = [last.where(params=float(size)) for size in sizes]
    means = np.array([measure.of(group).mean() for group in groups])
    counts = np.array([len(group) for group in groups])
    measured = np.array([np.mean(measure.error(group) ** 2) for group in groups])
    among = sum(((measure.of(group) - mean) ** 2).sum() for group, mean in zip(groups, means, strict=True))
    free = int(counts.sum() - len(sizes))
    variance = np.maximum(measured, among / free if free else 0.0) / counts
    pairs = list(itertools.combinations(range(len(sizes)), 2))
    gaps = np.array(
        [(means[large] - means[small]) / np.sqrt(variance[small] + variance[large]) for small, large in pairs]
    )
    bound = float(norm.ppf(ERROR_RATE / len(pairs)))
    worst = int(gaps.argmin())
    if gaps[worst] >= bound:
        outcome, sentence = Outcome.passed, "No network is weaker than a smaller one by more than chance allows."
    else:
        outcome = Outcome.warn
        less, more = pairs[worst]
        apart = measure.say_apart(float(means[less] - means[more]))
        sentence = (
            f"Inverse scaling: {sizes[more]:,.0f} parameters are weaker than {sizes[less]:,.0f}, by {apart}. The law "
            "cannot say so; trust no size beyond the smaller one."
        )
    return Verdict("no_weaker", "larger networks are no weaker", outcome, float(gaps[worst]), bound, sentence)


def _slope(x: np.ndarray, y: np.ndarray) -> float:
    return float(np.polyfit(x, y, 1)[0])
