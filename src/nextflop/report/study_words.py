"""One or two sentences a section: what its figure shows, from the answers and the runs alone."""

import math

import numpy as np

from nextflop.report.page import number, percent
from nextflop.report.study_data import StudyData, interval
from nextflop.report.study_tables import count


def sections(data: StudyData) -> dict[str, str]:
    """Section → its sentences."""
    return {
        "axes": _axes(data),
        "learning": _learning(data),
        "data": _data(data),
        "rl": _reinforcement(data),
        "coverage": _coverage(data),
        "break_even": _break_even(data),
    }


def _axes(data: StudyData) -> str:
    rows = sorted(data.answers["axes"], key=lambda row: -row["per_flop"]["value"])
    first, second = rows[:2]
    margins = [1e14 * row["per_flop"]["value"] for row in (first, second)]
    return (
        f"The first FLOP pay best on {first['axis']}: {margins[0]:.3g} points of accuracy for 1e12 FLOP, against "
        f"{margins[1]:.3g} on {second['axis']}. The later nine tenths of the money then earn "
        f"{first['diminishing']['value']:.2f} of that rate on {first['axis']} and {second['diminishing']['value']:.2f} "
        f"on {second['axis']}."
    )


def _learning(data: StudyData) -> str:
    answers = data.answers
    fit, entropy = answers["fits"]["loss"]["estimate"], answers["teacher"]["entropy"]
    irreducible = interval(fit["E"])
    holds = "holds" if irreducible.low <= entropy <= irreducible.high else "misses"
    return (
        f"Loss falls as N^-{number(fit['alpha']['value'], digits=3)} with parameters and as "
        f"D^-{number(fit['beta']['value'], digits=3)} with tokens. The fitted irreducible loss, "
        f"{irreducible.value:.3f} nats ({irreducible.low:.3f} to {irreducible.high:.3f}), {holds} the known entropy of "
        f"the teacher, {entropy:.4f}."
    )


def _data(data: StudyData) -> str:
    rows = data.answers["data"]
    ends = {
        arm: _mean([row["curve"][-1]["loss"] for row in rows if row["arm"] == arm])
        for arm in {row["arm"] for row in rows}
    }
    fresh, pool, both = (ends.get(arm, math.nan) for arm in ("fresh", "pool", "pool and own solutions"))
    epochs = _mean([row["curve"][-1]["epochs"] for row in rows if row["arm"] == "pool"])
    words = (
        f"A pool of demonstrations read {epochs:.0f} times ends at a loss of {pool:.3f} nats, fresh demonstrations at "
        f"{fresh:.3f}."
    )
    if pool > fresh and math.isfinite(both):
        back = (pool - both) / (pool - fresh)
        words += (
            f" The model's own verified solutions, added to the pool, win back {back:.0%} of the difference."
            if back > 0
            else f" The model's own verified solutions, added to the pool, do not help: they end at {both:.3f}."
        )
    return words


def _reinforcement(data: StudyData) -> str:
    runs = data.reinforced().values()
    gains = [run.curve[-1]["pass@1"] - run.curve[0]["pass@1"] for run in runs]
    entropies = [[point["entropy"] for point in run.curve if "entropy" in point] for run in runs]
    first, last = (_mean([values[place] for values in entropies if values]) for place in (0, -1))
    return (
        f"Over {len(gains)} runs accuracy of one sample changes by {100 * min(gains):+.0f} to {100 * max(gains):+.0f} "
        f"points, while the entropy of the policy goes from {first:.2f} to {last:.2f} nats a token on average."
    )


def _coverage(data: StudyData) -> str:
    rows = data.answers["exchange"]
    cross = [interval(row["crossing"]["samples"]).value for row in rows]
    seen = [value for value in cross if math.isfinite(value)]
    if not seen:
        return "Within the samples measured the curves before and after reinforcement learning do not cross."
    return (
        f"Reinforcement learning raises coverage at few samples and lowers it at many: in {len(seen)} of {len(rows)} "
        f"pairs the curves cross, between k = {min(seen):.1f} and k = {max(seen):.1f}."
    )


def _break_even(data: StudyData) -> str:
    rows = [row for row in data.answers["exchange"] if row["size"] == data.answers["start"]["size"]]
    if not rows:
        return ""
    last = max(row["start"]["origin"]["step"] for row in rows)
    chosen = sorted((row for row in rows if row["start"]["origin"]["step"] == last), key=lambda row: row["seed"])
    parts = []
    for row in chosen:
        queries, match = interval(row["queries"]), interval(row["match"]["samples"])
        if math.isfinite(queries.value):
            parts.append(
                f"{count(queries, 2)} queries with seed {row['seed']}, where {match.value:.1f} samples do what one "
                f"does after it ({percent(row['pass@1_after'])})"
            )
    return (
        "At its strongest start, reinforcement learning of the middle network has paid back after "
        f"{' and '.join(parts)}."
        if parts
        else "At its strongest start the middle network's samples do not reach what one reaches after reinforcement."
    )


def _mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else math.nan
