"""The recommendation in words, made from the numbers of the answers alone."""

from collections.abc import Mapping

from nextflop.evidence.files import Json
from nextflop.quantities import show

SURE = 0.8  # probability of being the best from which an axis is called so
UNSETTLED = 0.02  # accuracy: a plan whose mean regret is larger is not recommended without saying so
WORTH = 0.005  # accuracy: a smaller value of perfect information is not worth a further run


def recommend(answers: Mapping[str, Json]) -> list[str]:
    """A few sentences, the most important first."""
    return [
        _split(answers),
        _best(answers),
        _without(answers),
        _diminishing(answers),
        _exchange(answers),
        _entropy(answers),
        _next(answers),
    ]


def _split(answers: Mapping[str, Json]) -> str:
    """The best division of the money, or that there is none to be had from these data."""
    split = answers["split"]
    parts = [
        f"{share['value']:.0%} on {axis} ({share['low']:.0%} to {share['high']:.0%})"
        for axis, share in sorted(split["shares"].items(), key=lambda item: -item[1]["value"])
        if share["value"] >= 0.005
    ]
    money, asked = show(answers["next"], "FLOP"), show(answers["scope"]["queries"])
    before, after = answers["start"]["accuracy"]["value"], split["accuracy"]
    what = (
        f"for {asked} queries the share of problems solved goes from {before:.1%} to {after['value']:.1%} "
        f"({after['low']:.1%} to {after['high']:.1%}), with {' and '.join(parts)}."
    )
    if split["regret"] > UNSETTLED:
        return (
            f"These data cannot settle how to divide the next {money}: {what} Knowing the laws exactly would gain "
            f"{split['regret']:.3f} more on average."
        )
    axes = [axis for axis, share in split["shares"].items() if share["value"] >= 0.005]
    names = sorted(axes, key=lambda axis: -split["shares"][axis]["value"])
    return f"Spend the next {money} on {' and '.join(names)}: {what}"


def _best(answers: Mapping[str, Json]) -> str:
    """Every axis alone."""
    axes = sorted(answers["axes"], key=lambda axis: -axis["probability_best"])
    first, second = axes[:2]
    if first["probability_best"] < SURE:
        return (
            f"If all of it goes to one axis, these data cannot tell to which: {first['axis']} is best with probability "
            f"{first['probability_best']:.2f}, {second['axis']} with {second['probability_best']:.2f}."
        )
    other = max(axes[1:], key=lambda axis: axis["gain"]["value"])
    return (
        f"If all of it goes to one axis, {first['axis']} is the best of the four with probability "
        f"{first['probability_best']:.2f}: it gains {_points(first['gain'])}, {other['axis']} {_points(other['gain'])}."
    )


def _without(answers: Mapping[str, Json]) -> str:
    """What changes with the number of queries, and where nothing can check an answer."""
    rows = answers["by_queries"]
    leaders = [max(row["axes"], key=lambda axis: axis["probability_best"])["axis"] for row in rows]
    turns = [
        f"{leader} up to {show(row['queries'])} queries"
        for leader, follower, row in zip(leaders, leaders[1:], rows, strict=False)
        if leader != follower
    ]
    course = ", ".join([*turns, f"{leaders[-1]} {'beyond' if turns else 'at every number of queries looked at'}"])
    near = min(rows, key=lambda row: abs(row["queries"] - answers["scope"]["queries"]))
    alone = max(near["axes"], key=lambda axis: axis["probability_best_without_verifier"])
    return (
        f"The same by the number of queries: {course}. Where nothing can check an answer, a second sample is "
        f"worth nothing, and {alone['axis']} is the best of the rest with probability "
        f"{alone['probability_best_without_verifier']:.2f}."
    )


def _diminishing(answers: Mapping[str, Json]) -> str:
    kept = {axis["axis"]: axis["diminishing"]["value"] for axis in answers["axes"]}
    words = [f"{axis} {share:.2f}" for axis, share in kept.items() if share is not None]
    return (
        "Returns diminish: the later nine tenths of that money earn, for a FLOP and against the first tenth, "
        + ", ".join(words)
        + "."
    )


def _exchange(answers: Mapping[str, Json]) -> str:
    """The two seeds of the middle network at its strongest."""
    rows = [row for row in answers["exchange"] if row["size"] == answers["start"]["size"]]
    rows = sorted(rows, key=lambda row: -row["start"]["origin"]["step"])[: answers["settings"]["seeds"]]
    said = []
    for row in sorted(rows, key=lambda row: row["seed"]):
        cross, queries = row["crossing"]["samples"]["value"], row["queries"]["value"]
        where = "do not cross within the samples measured" if cross is None else f"cross at {cross:.1f} samples"
        pays = "" if queries is None else f", and it repays its cost from {show(queries, '', 2)} queries on"
        said.append(
            f"seed {row['seed']}: one sample from {row['pass@1_before']:.1%} to {row['pass@1_after']:.1%}, "
            f"coverage curves {where}{pays}"
        )
    return (
        "Reinforcement learning makes the middle network surer of what it could do before; against sampling more, with "
        f"a verifier ({'; '.join(said)})."
    )


def _entropy(answers: Mapping[str, Json]) -> str:
    known, fitted = answers["teacher"]["entropy"], answers["fits"]["loss"]["estimate"]["E"]
    floor = answers["fits"]["link"]["floor"]

    def verdict(interval: Mapping[str, float]) -> str:
        word = "holds" if interval["low"] <= known <= interval["high"] else "misses"
        return f"{interval['value']:.3f} ({interval['low']:.3f} to {interval['high']:.3f}, which {word} it)"

    return (
        f"The irreducible loss is known here by enumeration: {known:.4f} nats a token. The loss law puts it at "
        f"{verdict(fitted)}, the accuracy law, which reaches 1 there, at {verdict(floor)}."
    )


def _next(answers: Mapping[str, Json]) -> str:
    best, regret = answers["further"][0], answers["split"]["regret"]
    settled = regret < WORTH
    knowing = "The choice is settled as far as these laws go: knowing them" if settled else "Knowing the laws"
    return (
        f"{knowing} exactly would gain {regret:.4f} of accuracy on average. The one run that would tell most is "
        f"{best['run']} ({show(best['flop'], 'FLOP')}), worth {best['gain']:.4f} of it."
    )


def _points(gain: Mapping[str, float]) -> str:
    return f"{100 * gain['value']:.1f} points ({100 * gain['low']:.1f} to {100 * gain['high']:.1f})"
