"""What boards together say, in words."""

from collections.abc import Mapping
from typing import Any

from nextflop.quantities import show

_JUDGED = 64.0  # simulations at which the published agents were judged
_MOST = 1e4  # beyond which a number says nothing


def say_across(answers: Mapping[str, Any]) -> list[str]:
    """What a larger board costs, and where perfect play was reached; nothing where boards do not stand together."""
    told = answers["across"]
    if told is None:
        return []
    slope, factor = told["parameters"]["i_F"], told["factors"]["perfect"]
    sentence = (
        f"Over {len(told['rises'])} boards a decade of training is worth {slope['value']:.0f} Elo "
        f"({slope['low']:.0f} to {slope['high']:.0f}; published: {told['published']['i_F']:.0f}), and perfect play "
        f"takes {say_number(factor, '.1f')} times as much compute on a board one larger "
        f"(published: {told['published_factors']['perfect']:.1f})."
    )
    return [sentence, *(_reached(row, told["near"]) for row in told["reached"][-1:])]


def _reached(row: Mapping[str, Any], near: float) -> str:
    board = f"{row['size']:.0f} × {row['size']:.0f}"
    found = [at for at in row["flop"] if at["flop"] is not None]
    published = show(row["published"], "FLOP")
    if not found:
        return f"On {board} no agent came within {near:.0f} Elo of perfect play; {published} are published for it."
    at = min(found, key=lambda one: (abs(one["simulations"] - _JUDGED), one["flop"]))
    return (
        f"On {board} an agent with {show(at['simulations'])} simulations a move came within {near:.0f} Elo of perfect "
        f"play after {show(at['flop'], 'FLOP')} of training, {at['flop'] / row['published']:.2g} times the {published} "
        f"that are published for {show(_JUDGED)} simulations, which leave the learner out (Jones 2021)."
    )


def say_number(told: Mapping[str, float], form: str) -> str:
    """A parameter or a factor with its interval; an end that the frontiers leave open, as a plateau, is "any"."""
    value, low, high = (
        "any" if abs(told[end]) > _MOST else format(told[end], form) for end in ("value", "low", "high")
    )
    return f"{value} ({low} to {high})"
