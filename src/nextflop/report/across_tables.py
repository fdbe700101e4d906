"""The tables of the boards together on the page of a study of self-play."""

from nextflop.evidence.files import Json
from nextflop.laws.clamped_line import ClampedLine
from nextflop.quantities import show
from nextflop.report.figures.across import boards_together
from nextflop.report.mathml import formula
from nextflop.report.page import percent
from nextflop.studies.selfplay.across_words import say_number

_FACTORS = {
    "perfect": ("compute of perfect play, times as much a board size", ".2f"),
    "distance": ("from random to perfect play, more a board size, Elo", ".0f"),
    "two_thirds": ("compute that wins two games of three", ".2f"),
}


def across_tables(answers: Json) -> dict[str, Json] | None:
    """The law of all boards beside the published one, what the largest was foretold, and what perfect play costs."""
    told = answers["across"]
    if told is None:
        return None
    law = ClampedLine.parameters
    return {
        "picture": boards_together(told),
        "formula": formula(ClampedLine.formula),
        "scatter": f"{told['scatter']:.0f}",
        "near": f"{told['near']:.0f}",
        "rows": [
            *(
                {
                    "name": f"{law[name].meaning} ({law[name].unit})",
                    "value": say_number(found, ".0f"),
                    "published": f"{told['published'][name]:.0f}",
                }
                for name, found in ((name, told["parameters"][name]) for name in law)
            ),
            *(
                {
                    "name": name,
                    "value": say_number(told["factors"][key], form),
                    "published": f"{told['published_factors'][key]:{form}}",
                }
                for key, (name, form) in _FACTORS.items()
            ),
        ],
        "reached": [
            {
                "board": f"{row['size']:.0f} × {row['size']:.0f}",
                "flop": [("—" if at["flop"] is None else show(at["flop"], "FLOP")) for at in row["flop"]],
                "published": show(row["published"], "FLOP"),
            }
            for row in told["reached"]
        ],
        "depths": [show(at["simulations"]) for at in told["reached"][0]["flop"]],
        "foretold": None if told["held_out"] is None else _foretold(told["held_out"], answers["level"]),
    }


def _foretold(held: Json, level: float) -> str:
    inside = sum(row["low"] <= row["measured"] <= row["high"] for row in held["rows"]) / len(held["rows"])
    side = "strong" if held["bias"] > 0 else "weak"
    return (
        f"By the smaller boards alone, the frontier of {held['size']:.0f} × {held['size']:.0f} is missed by "
        f"{held['error']:.0f} Elo (root mean square), told {abs(held['bias']):.0f} too {side} on average; "
        f"{percent(inside, 0)} of its points lie within the {level:.0%} interval of the law's draws. As a share of the "
        f"mean square of its Elo that is {held['variance']:.3f}; 0.038 is what boards 3 and 4 of the published runs "
        "leave of 9 × 9."
    )
