"""Which single further run would sharpen the answer most: candidates, what they cost, what their outcome is worth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nextflop.evidence.files import Json
from nextflop.fitting.fit import Fit
from nextflop.planning.choice import value_of_information
from nextflop.studies.countdown.ledger import Ledger
from nextflop.studies.countdown.spending import Search
from nextflop.studies.countdown.world import Point, World

PROBLEMS = 512  # on which a candidate's accuracy would be measured, as in the runs of the study


@dataclass(frozen=True)
class Candidate:
    """A run that could be made.

    Attributes:
        name: what it is, in words.
        measures: "loss" or "accuracy".
        outcome: what each draw of the world predicts, shape (draws,).
        noise: standard deviation of the measurement.
        flop: cost, inference of the evaluation apart.
        settings: what to ask the laboratory for.
    """

    name: str
    measures: str
    outcome: np.ndarray
    noise: float
    flop: float
    settings: Mapping[str, Json]


def candidates(
    world: World, ledger: Ledger, loss: Fit, start: Point, largest: float, answers: float
) -> list[Candidate]:
    """Four times the data, a larger network, four times the reinforcement learning, the same from a stronger start.

    Args:
        world: the joint law.
        ledger: prices.
        loss: the loss law, for the scatter of single runs.
        start: where the plan departs from.
        largest: parameters of the largest network so far.
        answers: answers sampled in the longest reinforcement learning so far.
    """
    size, tokens = float(start.params), float(start.tokens)
    scatter = float(np.std(loss.residuals))  # of the logarithm of the loss

    def supervised(name: str, params: float, tokens: float) -> Candidate:
        outcome = world.predicted_loss(np.array([params]), np.array([tokens]))[1:, 0]
        flop = float(ledger.at("token", np.array(params)) * tokens)
        noise = scatter * float(np.median(outcome))
        return Candidate(name, "loss", outcome, noise, flop, {"params": params, "tokens": tokens})

    def reinforced(name: str, tokens: float, tried: float, trained: bool) -> Candidate:
        point = Point(np.array([size]), np.array([tokens]), np.array([tried]), np.ones(1))
        outcome = world.accuracy(point)[1:, 0]
        mean = float(np.median(outcome))
        noise = max(float(np.sqrt(mean * (1 - mean) / PROBLEMS)), 1 / PROBLEMS)
        parts = ledger.parts(point)
        flop = float(parts["rl"][0] + (0.0 if trained else parts["training"][0]))
        settings = {"params": size, "tokens": tokens, "answers": tried}
        return Candidate(name, "accuracy", outcome, noise, flop, settings)

    return [
        supervised("the middle network on four times the demonstrations", size, 4 * tokens),
        supervised("a network of four times the largest size on the same demonstrations", 4 * largest, tokens),
        reinforced("the middle network's reinforcement learning, four times as long", tokens, 4 * answers, True),
        reinforced(
            "reinforcement learning of the middle network after four times the demonstrations",
            4 * tokens,
            answers,
            False,
        ),
    ]


def further(world: World, found: Sequence[Candidate], search: Search, flop_per_second: float) -> list[dict[str, Json]]:
    """The candidates in order of what their outcome is worth to the choice of a plan.

    Args:
        world: the joint law.
        found: the candidates.
        search: the plans that one chooses from.
        flop_per_second: what the study's machine did per process, to say how long a candidate takes.
    """
    gains = value_of_information(
        search.values, np.stack([one.outcome for one in found]), np.array([one.noise for one in found])
    )
    rows = [
        {
            "run": one.name,
            "measures": one.measures,
            "predicted": {"value": float(np.median(one.outcome)), "spread": float(np.std(one.outcome))},
            "noise": one.noise,
            "flop": one.flop,
            "seconds": one.flop / flop_per_second,
            "settings": dict(one.settings),
            "gain": float(gain),
            "of_regret": float(gain / search.choice.regret) if search.choice.regret > 0 else 0.0,
        }
        for one, gain in zip(found, gains, strict=True)
    ]
    return sorted(rows, key=lambda row: -row["gain"])
