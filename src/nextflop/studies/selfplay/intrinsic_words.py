"""Intrinsic performance in words."""

from collections.abc import Callable, Mapping
from typing import Any

from nextflop.quantities import show

Told = Mapping[str, Any]


def say_intrinsic(answers: Mapping[str, Any]) -> str:
    """What the middle network and the best used size make of their training, and what the deepest search adds."""
    found = answers["intrinsic"]
    middle = found["sizes"][len(found["sizes"]) // 2]
    best = max(found["sizes"], key=lambda size: size["efficiency"]["value"] or 0.0)
    deepest, check = found["search"][-1], found["without_law"]
    times = "" if deepest["times"]["value"] is None else f", {show(deepest['times']['value'])} times as much"
    ends, goes = (say_flop(agent["performance"], found["reach"]) for agent in (middle, deepest))
    share, most = (say_share(size, found["reach"]) for size in (middle, best))
    return (
        f"Intrinsic performance, the least training that gets as strong at {show(found['simulations'])} simulations "
        f"(Hilton et al. 2023): the middle network ends at {ends}, {share} of what it cost; {show(best['params'])} "
        f"parameters make the most of theirs, {most}. {show(deepest['simulations'])} simulations take the middle "
        f"network to {goes}{times}; by the snapshots alone, without the law, it is "
        f"{say_seen(deepest['without_law'])}. Over all snapshots these say {check['ratio']:.2f} times as much as the "
        "law in the median."
    )


def say_flop(told: Told, reach: Told) -> str:
    """Training compute with its interval: "2.6e11 FLOP (1.5e11 to 4.7e11)", or "above 6.2e13 FLOP"."""
    return _say(told, reach, lambda flop: show(flop, "FLOP"))


def say_share(size: Told, reach: Told) -> str:
    """The efficiency of a size: "26% (15% to 47%)"."""
    edges = {end: flop / size["spent"] for end, flop in reach.items()}
    return _say(size["efficiency"], edges, lambda share: f"{share:.0%}")


def say_seen(told: Told) -> str:
    """What the snapshots say without the law: "2.6e11 FLOP", or on which side of all of them an agent lies."""
    if told["beyond"] is None:
        return show(told["value"], "FLOP")
    return f"{'stronger' if told['beyond'] == 'above' else 'weaker'} than all"


def _say(told: Told, edges: Told, write: Callable[[float], str]) -> str:
    if told["beyond"] is not None:
        return f"{told['beyond']} {write(edges['high' if told['beyond'] == 'above' else 'low'])}"
    low = f"below {write(edges['low'])}" if told["low"] is None else write(told["low"])
    high = f"above {write(edges['high'])}" if told["high"] is None else write(told["high"])
    return f"{write(told['value'])} ({low.removesuffix(' FLOP')} to {high.removesuffix(' FLOP')})"
