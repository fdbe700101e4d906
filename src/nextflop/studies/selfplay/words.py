"""What a study of self-play says in sentences."""

from collections.abc import Mapping
from typing import Any

from nextflop.quantities import show
from nextflop.studies.selfplay.across_words import say_across
from nextflop.studies.selfplay.alphas import say_alphas
from nextflop.studies.selfplay.intrinsic_words import say_intrinsic
from nextflop.studies.selfplay.measure import MEASURES, Measure
from nextflop.studies.selfplay.recipes import say_recipes

DECIDED = 0.9  # of the draws
_A = {"longer training": "longer training", "wider network": "a wider network", "deeper search": "a deeper search"}


def recommend(answers: Mapping[str, Any]) -> list[str]:
    """Sentences, the most important first."""
    measure = MEASURES[answers["measure"]]
    return [
        _next(answers, measure),
        _whole(answers, measure),
        _slope(answers, measure),
        _exchange(answers),
        say_intrinsic(answers),
        _sizes(answers),
        *say_recipes(answers["recipes"], measure),
        *say_across(answers),
        _foretold(answers, measure),
    ]


def _next(answers: Mapping[str, Any], measure: Measure) -> str:
    axes = sorted(answers["axes"], key=lambda axis: -axis["probability_best"])
    best, moves = axes[0], answers["scope"]["moves"]
    course = (
        f"with {show(answers['next'], 'FLOP')} more for the middle network and {show(moves)} moves to play, "
        f"{show(best['from'])} → {show(best['to'])} {best['unit']} brings {measure.say_gain(best['gain'])}, the most "
        f"in {best['probability_best']:.0%} of the draws"
    )
    if best["probability_best"] >= DECIDED:
        return f"The next FLOP should buy {_A[best['axis']]}: {course}."
    other = axes[1]
    return (
        f"The next FLOP should buy {_A[best['axis']]}, but the runs do not decide it: {course}; {other['axis']} is "
        f"best in {other['probability_best']:.0%}."
    )


def _whole(answers: Mapping[str, Any], measure: Measure) -> str:
    plan = answers["plan"]
    if plan is None:
        return f"{show(answers['budget'])} FLOP pay for no agent and its moves: give fewer moves or a larger budget."
    return (
        f"From nothing, {show(answers['budget'])} FLOP in all are best spent on {show(plan['params'])} parameters, "
        f"{show(plan['positions'])} positions of self-play and {show(plan['simulations'])} simulations a move: "
        f"{measure.say_level(plan['strength'])}."
    )


def _slope(answers: Mapping[str, Any], measure: Measure) -> str:
    slope = answers["slope"]
    published = "; 500 Elo are published for boards of 5 and more (Jones 2021)" if _hex_in_elo(answers) else ""
    return (
        f"Ten times the training compute is worth {measure.say_gain(slope['steepest'])} where strength rises fastest, "
        f"{measure.say_gain(slope['last'])} over the last decade, at {show(slope['simulations'])} simulations a "
        f"move{published}."
    )


def _exchange(answers: Mapping[str, Any]) -> str:
    exchange = answers["exchange"]
    if exchange["high"] > 1e6:
        return (
            f"Ten times the training compute is worth a search at least {show(exchange['low'])} times as deep: the "
            "runs do not say how many times at most. About 15 is published, in Elo on Hex (Jones 2021)."
        )
    return (
        "Ten times the training compute is worth a search {value:.3g} times ({low:.3g} to {high:.3g}) as deep; about "
        "15 is published, in Elo on Hex (Jones 2021).".format(**exchange)
    )


def _sizes(answers: Mapping[str, Any]) -> str:
    optimal = "{value:.2f} ({low:.2f} to {high:.2f})".format(**answers["sizes"]["optimal"])
    grows = (
        f"The best size grows as the compute of training to the power {optimal}; 0.62 is published for Connect Four "
        "(Neumann and Gros 2023)."
    )
    return grows if answers["alphas"] is None else f"{grows} {say_alphas(answers['alphas'])}"


def _foretold(answers: Mapping[str, Any], measure: Measure) -> str:
    held = answers["held_out"]
    if held is None:
        return "The beginnings of the runs are too few to foretell their ends."
    error, bias = (measure.say_apart(abs(held[name])) for name in ("error", "bias"))
    return (
        f"Foretold from the first {held['share']:.0%} of every run, the ends were missed by {error} on average, taken "
        f"together told by {bias} too {'strong' if held['bias'] > 0 else 'weak'}; {held['held']:.0%} of the "
        f"{answers['level']:.0%} intervals held."
    )


def _hex_in_elo(answers: Mapping[str, Any]) -> bool:
    return answers["measure"] == "elo" and answers["boards"][-1]["game"]["name"] == "hex"
