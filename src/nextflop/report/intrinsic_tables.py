"""The tables of intrinsic performance on the page of a study of self-play."""

from nextflop.evidence.files import Json
from nextflop.quantities import show
from nextflop.studies.selfplay.intrinsic_words import say_flop, say_seen, say_share


def intrinsic_tables(answers: Json) -> dict[str, Json]:
    """Agents by size and by depth of search, and what is said of them."""
    found = answers["intrinsic"]
    low, high = (show(found["reach"][end], "FLOP") for end in ("low", "high"))
    check = found["without_law"]
    return {
        "simulations": show(found["simulations"]),
        "reach": f"{low.removesuffix(' FLOP')} to {high}",
        "sizes": [
            {
                "params": show(size["params"]),
                "spent": show(size["spent"], "FLOP"),
                "performance": say_flop(size["performance"], found["reach"]),
                "efficiency": say_share(size, found["reach"]),
                "seen": say_seen(size["without_law"]),
            }
            for size in found["sizes"]
        ],
        "search": [
            {
                "simulations": show(row["simulations"]),
                "performance": say_flop(row["performance"], found["reach"]),
                "times": "" if row["times"]["value"] is None else show(row["times"]["value"]),
                "seen": say_seen(row["without_law"]),
            }
            for row in found["search"]
        ],
        "by_params": _power(found["exponents"]["params"]),
        "by_positions": _power(found["exponents"]["positions"]),
        "check": f"in the {check['compared']} of {check['snapshots']} snapshots that both tell, the measured frontier "
        f"says {check['ratio']:.2f} times as much as the law in the median, half of them within a factor "
        f"of {check['apart']:.2f} of it",
    }


def _power(told: Json) -> str:
    value, low, high = ("∞" if told[end] is None else f"{told[end]:.2f}" for end in ("value", "low", "high"))
    return f"{value} ({low} to {high})"
