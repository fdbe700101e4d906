"""The other recipes of training on the page of a study of self-play."""

from nextflop.evidence.files import Json
from nextflop.quantities import show
from nextflop.report.figures.play_strength import DEPTHS
from nextflop.report.figures.recipes import by_recipe
from nextflop.studies.selfplay.measure import MEASURES
from nextflop.studies.selfplay.recipes import say_gain, say_recipe, say_times

_UNITS = {"elo": ("Elo", "{:.0f}"), "regret": ("the outcome given away a move", "{:.3f}")}


def recipe_tables(answers: Json) -> dict[str, Json] | None:
    """What each recipe spent, how strong it is, and what it is worth; None if there is only the study's own."""
    rows = answers["recipes"]
    if not rows:
        return None
    depths = [end["simulations"] for end in rows[0]["ends"] if end["simulations"] in DEPTHS]
    measure = MEASURES[answers["measure"]]
    unit, form = _UNITS[answers["measure"]]
    return {
        "picture": by_recipe(answers),
        "depths": ["Policy alone" if depth == 1 else f"{depth:g}" for depth in depths],
        "unit": unit,
        "at": show(answers["slope"]["simulations"]),
        "rows": [
            {
                "name": say_recipe(row, rows),
                "positions": show(row["positions"]),
                "flop": show(row["flop"], "FLOP"),
                "ends": [form.format(end["strength"]) for end in row["ends"] if end["simulations"] in depths],
                "gain": "" if row is rows[0] else say_gain(row, measure),
                "times": "" if row is rows[0] else say_times(row),
            }
            for row in rows
        ],
    }
