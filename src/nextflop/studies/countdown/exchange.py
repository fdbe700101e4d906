"""Reinforcement learning against sampling: where coverage crosses, and at how many queries training pays back."""

from collections.abc import Mapping, Sequence

import numpy as np

from nextflop.evidence.counts import pass_at_k, pass_at_k_draws
from nextflop.evidence.files import Json
from nextflop.fitting.fit import Fit, Interval
from nextflop.planning.coverage import break_even_queries, crossing, samples_to_match
from nextflop.studies.countdown.tables import Sampled

LEVEL = 0.9
DRAWS = 1000
SHOWN = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)


def coverage(sampled: Sequence[Sampled], fits: Mapping[str, Fit], seed: int) -> list[dict[str, Json]]:
    """For every snapshot: unbiased pass@k with intervals, the fitted law, and the beams at equal tokens."""
    rows = []
    for one in sampled:
        k = np.array([k for k in SHOWN if k <= np.min(one.counts.samples)])
        low, high = np.quantile(pass_at_k_draws(one.counts, k, DRAWS, seed), [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
        values = pass_at_k(one.counts, k)
        fit = fits.get(one.id)
        rows.append(
            {
                **one.key,
                "problems": len(one.counts),
                "samples": int(np.min(one.counts.samples)),
                "pass_at_k": [
                    {"k": int(k[i]), "value": values[i], "low": low[i], "high": high[i]} for i in range(len(k))
                ],
                "beams": [
                    {"samples": int(name.removeprefix("beam@")), "solved": value}
                    for name, value in sorted(one.run.quantities.items(), key=lambda item: (len(item[0]), item[0]))
                    if name.startswith("beam@")
                ],
                "fit": None if fit is None else fit.to_json(),
                "curve": [] if fit is None else [{"k": int(x), "value": float(fit.law(samples=float(x)))} for x in k],
            }
        )
    return rows


def exchange(sampled: Sequence[Sampled], seed: int) -> list[dict[str, Json]]:
    """For every start that was reinforced to the end: crossing, samples that match, queries at which RL pays back.

    Sampling is granted the exact verifier: the first right answer counts. Without a verifier it buys nothing.
    """
    supervised = {one.origin: one for one in sampled if not one.reinforced}
    rows = []
    for end in (one for one in sampled if one.share == 1.0):
        start = supervised[end.origin]
        cross = crossing(start.counts, end.counts, LEVEL, DRAWS, seed)
        match = samples_to_match(start.counts, end.counts, LEVEL, DRAWS, seed)
        rl_flop = end.trained.quantities["rl_flop"]
        sample_flop = end.run.quantities["sample_flop"]
        queries = break_even_queries(rl_flop, sample_flop, match.draws)
        rows.append(
            {
                **end.key,
                "start": start.key,
                "pass@1_before": float(pass_at_k(start.counts, 1)),
                "pass@1_after": float(pass_at_k(end.counts, 1)),
                "rl_flop": rl_flop,
                "sample_flop": sample_flop,
                "prompt_flop": end.run.quantities["prompt_flop"],
                "crossing": cross.to_json(),
                "match": match.to_json(),
                "queries": interval(
                    float(break_even_queries(rl_flop, sample_flop, match.samples.value)), queries
                )._asdict(),
            }
        )
    return rows


def interval(value: float, draws: np.ndarray) -> Interval:
    """A value with the central interval of some draws, infinite ones included; nan ends if a draw is nan."""
    if np.isnan(draws).any():
        return Interval(value, np.nan, np.nan)
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], method="inverted_cdf")
    return Interval(value, float(low), float(high))
