"""In what the strength of an agent is told: Elo above random play, or regret against perfect play."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from nextflop.evidence.files import Json
from nextflop.evidence.runs import Runs
from nextflop.fitting import Squares
from nextflop.laws.base import Value
from nextflop.laws.game_regret import GameRegret
from nextflop.laws.self_play import SelfPlay

Interval = Callable[[np.ndarray], dict[str, float]]
"""The law's own value and those of its draws → value, low and high."""


@dataclass(frozen=True)
class Measure:
    """A measure of strength.

    Gains are taken on a scale on which they add up: Elo as it is, regret by its logarithm, upside down. They are told
    as differences of Elo, and as the number by which regret is divided.

    Attributes:
        name: of the column of agents, and of the response of the law.
        law: of strength against parameters, positions and simulations.
        objective: that the law is fitted by.
        rise: strength → the scale on which gains add up and more is stronger.
        slope: strength → how fast that scale changes with it.
        level: back again.
        gain: a difference on that scale → as it is told.
        decade: of odds, or of regret, on that scale.
        errors: the column of standard errors.
        words: for a level, a gain, and how far two levels lie apart.
    """

    name: str
    law: type[SelfPlay] | type[GameRegret]
    objective: Squares
    rise: Callable[[Value], Value]
    slope: Callable[[Value], Value]
    level: Callable[[Value], Value]
    gain: Callable[[Value], Value]
    decade: float
    errors: str
    words: tuple[str, str, str]

    def of(self, agents: Runs) -> np.ndarray:
        """Agents on the scale on which gains add up."""
        return np.asarray(self.rise(agents[self.name]))

    def error(self, agents: Runs) -> np.ndarray:
        """Standard errors of agents on the scale on which gains add up."""
        return agents[self.errors] * self.slope(agents[self.name])

    def say_level(self, told: Mapping[str, Json]) -> str:
        """A strength with its interval, such as "812 Elo (780 to 850)"."""
        return self.words[0].format(**told)

    def say_gain(self, told: Mapping[str, Json]) -> str:
        """A gain with its interval, such as "+64 Elo (+37 to +85)"."""
        return self.words[1].format(**told)

    def say_apart(self, difference: float) -> str:
        """How far two strengths lie apart, such as "94 Elo", told of their difference on the scale of gains."""
        return self.words[2].format(float(self.gain(difference)))


def _same(values: Value) -> Value:
    return values


def _even(values: Value) -> Value:
    return np.ones_like(values)


def _per_regret(regret: Value) -> Value:
    return 1 / (np.log(10) * np.asarray(regret))


def _decades(regret: Value) -> Value:
    return -np.log10(regret)


def _regret(decades: Value) -> Value:
    return 10.0**-decades


def _divided(decades: Value) -> Value:
    return 10.0**decades


ELO = Measure(
    "elo",
    SelfPlay,
    Squares(),
    _same,
    _even,
    _same,
    _same,
    400.0,
    "error",
    ("{value:.0f} Elo ({low:.0f} to {high:.0f})", "{value:+.0f} Elo ({low:+.0f} to {high:+.0f})", "{:.0f} Elo"),
)
REGRET = Measure(
    "regret",
    GameRegret,
    Squares(log=True),
    _decades,
    _per_regret,
    _regret,
    _divided,
    1.0,
    "regret_error",
    (
        "a regret of {value:.3g} ({low:.3g} to {high:.3g})",
        "regret divided by {value:.2f} ({low:.2f} to {high:.2f})",
        "a factor of {:.2f}",
    ),
)
MEASURES: Mapping[str, Measure] = {measure.name: measure for measure in (ELO, REGRET)}
