"""What a study of self-play says in sentences."""

from collections.abc import Mapping
from typing import Any

from nextflop.quantities import show

DECIDED = 0.9  # of the draws
_A = {"longer training": "longer training", "wider network": "a wider network", "deeper search": "a deeper search"}


def recommend(answers: Mapping[str, Any]) -> list[str]:
    """Sentences, the most important first."""
    return [_next(answers), _whole(answers), _slope(answers), _exchange(answers), _foretold(answers)]


def _next(answers: Mapping[str, Any]) -> str:
    axes = sorted(answers["axes"], key=lambda axis: -axis["probability_best"])
    best, moves = axes[0], answers["scope"]["moves"]
    gain = "{value:+.0f} Elo ({low:+.0f} to {high:+.0f})".format(**best["gain"])
    course = (
        f"with {show(answers['next'], 'FLOP')} more for the middle network and {show(moves)} moves to play, "
        f"{show(best['from'])} → {show(best['to'])} {best['unit']} brings {gain}, the most in "
        f"{best['probability_best']:.0%} of the draws"
    )
    if best["probability_best"] >= DECIDED:
        return f"The next FLOP should buy {_A[best['axis']]}: {course}."
    other = axes[1]
    return (
        f"The next FLOP should buy {_A[best['axis']]}, but the runs do not decide it: {course}; {other['axis']} is "
        f"best in {other['probability_best']:.0%}."
    )


def _whole(answers: Mapping[str, Any]) -> str:
    plan = answers["plan"]
    if plan is None:
        return f"{show(answers['budget'])} FLOP pay for no agent and its moves: give fewer moves or a larger budget."
    strength = "{value:.0f} Elo ({low:.0f} to {high:.0f})".format(**plan["elo"])
    return (
        f"From nothing, {show(answers['budget'])} FLOP in all are best spent on {show(plan['params'])} parameters, "
        f"{show(plan['positions'])} positions of self-play and {show(plan['simulations'])} simulations a move: "
        f"{strength}."
    )


def _slope(answers: Mapping[str, Any]) -> str:
    slope = answers["slope"]
    steepest = "{value:.0f} Elo ({low:.0f} to {high:.0f})".format(**slope["steepest"])
    last = "{value:.0f} ({low:.0f} to {high:.0f})".format(**slope["last"])
    return (
        f"Ten times the training compute is worth {steepest} where strength rises fastest, {last} over the last "
        f"decade, at {show(slope['simulations'])} simulations a move; 500 is published for boards of 5 and more "
        "(Jones 2021)."
    )


def _exchange(answers: Mapping[str, Any]) -> str:
    exchange = answers["exchange"]
    if exchange["high"] > 1e6:
        return (
            f"Ten times the training compute is worth a search at least {show(exchange['low'])} times as deep: the "
            "runs do not say how many times at most. About 15 is published (Jones 2021)."
        )
    return (
        "Ten times the training compute is worth a search {value:.3g} times ({low:.3g} to {high:.3g}) as deep; about "
        "15 is published (Jones 2021).".format(**exchange)
    )


def _foretold(answers: Mapping[str, Any]) -> str:
    held = answers["held_out"]
    if held is None:
        return "The beginnings of the runs are too few to foretell their ends."
    return (
        f"Foretold from the first {held['share']:.0%} of every run, the ends were missed by {held['error']:.0f} Elo on "
        f"average, by {held['bias']:+.0f} taken together; {held['held']:.0%} of the {answers['level']:.0%} intervals "
        "held."
    )
