"""What an audit may ask of its fits: the vocabulary of questions, each a function by name."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from nextflop.audits.answer import Answer
from nextflop.audits.words import ANSWER, FIT, NUMBER, NUMBERS_BY_NAME, POSITIVE, TABLE, TEXT, Word
from nextflop.errors import InputError
from nextflop.evidence.runs import Runs
from nextflop.fitting.fit import Fit
from nextflop.fitting.prediction import predict
from nextflop.fitting.profile import profile
from nextflop.judging.isoflop import surface_optimum
from nextflop.laws import ClampedLine
from nextflop.laws.base import Law, Value
from nextflop.laws.data_constrained import repeated


class Known(NamedTuple):
    """What a question may look at.

    Attributes:
        tables: name → table.
        fits: name → fit.
        fitted: name of a fit → the table that was fitted.
        answers: code → the answers so far.
    """

    tables: Mapping[str, Runs]
    fits: Mapping[str, Fit]
    fitted: Mapping[str, Runs]
    answers: Mapping[str, Answer]


def _of_draws(fit: Fit, value: Value, draws: Value) -> Answer:
    low, high = fit.quantiles(np.asarray(draws, dtype=np.float64).reshape(-1)) if len(fit.draws) else (np.nan, np.nan)
    return Answer(float(value), float(low), float(high))


def _needs(fit: Fit, what: str, *parameters: str) -> Law:
    missing = [name for name in parameters if name not in fit.law.parameters]
    if missing:
        raise InputError(f"{what} needs a law with {', '.join(parameters)}, and {fit.law.name} has no {missing[0]}.")
    return fit.law


def _values(law: Law, *names: str) -> list[np.ndarray]:
    return [np.asarray(law.values[name], dtype=np.float64).reshape(-1) for name in names]


def _parameter(known: Known, fit: str, parameter: str) -> Answer:
    found = known.fits[fit]
    _needs(found, "The question 'parameter'", parameter)
    return Answer(*found.estimate[parameter])


def _ratio_to_sum(law: Law) -> np.ndarray:
    alpha, beta = _values(law, "alpha", "beta")
    return beta / (alpha + beta)


def _size_exponent(known: Known, fit: str) -> Answer:
    """The exponent a of the best size, N ∝ C^a: β/(α+β)."""
    found = known.fits[fit]
    law = _needs(found, "The exponent of the best size", "alpha", "beta")
    return _of_draws(found, _ratio_to_sum(law)[0], _ratio_to_sum(found.laws))


def _best(law: Law, budget: float) -> np.ndarray:
    return np.asarray(surface_optimum(law, budget), dtype=np.float64).reshape(-1)


def _surface(fit: Fit) -> Law:
    if set(fit.law.inputs) != {"params", "tokens"}:
        raise InputError(f"An optimum needs a law of params and tokens; {fit.law.name} is one of {fit.law.inputs}.")
    return fit.law


def _optimal_params(known: Known, fit: str, budget: float) -> Answer:
    found = known.fits[fit]
    return _of_draws(found, _best(_surface(found), budget)[0], _best(found.laws, budget))


def _optimal_tokens(known: Known, fit: str, budget: float) -> Answer:
    params = _optimal_params(known, fit, budget)
    return Answer(*(budget / 6 / end for end in (params.value, params.high, params.low)))


def _regret(known: Known, fit: str, params: float, tokens: float) -> Answer:
    """The loss of an allocation above the least at its own cost."""
    found = known.fits[fit]
    _surface(found)

    def above(law: Law) -> np.ndarray:
        best = _best(law, 6 * params * tokens)[:, None]
        here, least = law(params=params, tokens=tokens), law(params=best, tokens=params * tokens / best)
        return np.asarray(here).reshape(-1) - np.asarray(least).reshape(-1)

    return _of_draws(found, above(type(found.law).from_draws(_row(found)))[0], above(found.laws))


def _row(fit: Fit) -> np.ndarray:
    return np.array([list(fit.law.values.values())], dtype=np.float64)


def _share_of_budget(known: Known, fit: str, params: float, tokens: float) -> Answer:
    """The share of an allocation's compute that the best allocation of equal loss would save."""
    found = known.fits[fit]
    law = _surface(found)
    aim, top = float(np.asarray(law(params=params, tokens=tokens))), 6 * params * tokens
    low, high = np.log(top) - 20.0, np.log(top)
    for _ in range(60):
        middle = (low + high) / 2
        best = float(_best(law, float(np.exp(middle)))[0])
        enough = float(np.asarray(law(params=best, tokens=np.exp(middle) / 6 / best))) <= aim
        low, high = (low, middle) if enough else (middle, high)
    return Answer(float(-np.expm1(high - np.log(top))))


def _prediction(known: Known, fit: str, at: Mapping[str, float]) -> Answer:
    """The response, with the interval of the law."""
    told = predict(known.fits[fit], **at)
    return Answer(float(told.value), float(told.low), float(told.high))


def _reaches(known: Known, fit: str, response: float) -> Answer:
    """The compute, or other one input, at which L = E + A C^-α comes down to a response; infinite if it never does."""
    found = known.fits[fit]
    _needs(found, "The question 'reaches'", "E", "A", "alpha")
    if len(found.law.inputs) != 1:
        raise InputError(f"The question 'reaches' needs a law of one input; {found.law.name} has {found.law.inputs}.")

    def where(law: Law) -> np.ndarray:
        offset, amplitude, exponent = _values(law, "E", "A", "alpha")
        above = np.maximum(response - offset, 0.0)
        with np.errstate(divide="ignore"):
            return (amplitude / above) ** (1 / exponent)

    return _of_draws(found, where(found.law)[0], where(found.laws))


def _difference(known: Known, fit: str, at: Mapping[str, float], against: Mapping[str, float]) -> Answer:
    """The response at some inputs less that at others."""
    found = known.fits[fit]
    predict(found, **at), predict(found, **against)  # refuses inputs that are not the law's
    laws = found.laws
    gaps = np.asarray(laws(**at)) - np.asarray(laws(**against))
    return _of_draws(found, float(found.law(**at)) - float(found.law(**against)), gaps)


def _forecast_error(known: Known, fit: str, table: str) -> Answer:
    """What the law foretells less what was measured, at the row of a table with the largest input.

    The interval is that of a single run, so that 0 outside of it is a surprise.
    """
    found, runs = known.fits[fit], known.tables[table]
    row = int(np.argmax(runs[found.law.inputs[0]]))
    told = predict(found, **{name: float(runs[name][row]) for name in found.law.inputs})
    measured = float(runs[found.law.response][row])
    return Answer(*(float(end) - measured for end in (told.value, told.run_low, told.run_high)))


def _profile(known: Known, fit: str, parameter: str) -> Answer:
    """A parameter with the ends of its profile, which may be infinite, or a bound of the family where it is open."""
    one = profile(known.fits[fit], known.fitted[fit], parameter)
    low, high = one.interval.low, one.interval.high
    return Answer(one.interval.value, -np.inf if one.open_below else low, np.inf if one.open_above else high)


def _objective(known: Known, fit: str) -> Answer:
    return Answer(known.fits[fit].objective)


def _objective_at(known: Known, fit: str, at: Mapping[str, float]) -> Answer:
    """The objective at some other parameters, over the least."""
    found, runs = known.fits[fit], known.fitted[fit]
    _needs(found, "The question 'objective-at'", *at)
    law = type(found.law)(**{**found.law.values, **at})
    if found.method is None:
        raise InputError(f"{found.law.name} was not fitted to a table, so it has no such objective.")
    predicted = np.asarray(law(**{name: runs[name] for name in law.inputs}))
    return Answer(float(found.method.objective.losses(predicted, runs[law.response]).sum()) / found.objective)


def _objective_against(known: Known, fit: str, other: str) -> Answer:
    """The least objective of one fit over that of another of the same runs under the same objective."""
    first, second = known.fits[fit], known.fits[other]
    if (first.runs_digest, first.objective_name) != (second.runs_digest, second.objective_name):
        raise InputError(f"{fit} and {other} differ in runs or objective: compare fits that differ in the law alone.")
    return Answer(first.objective / second.objective)


def _scatter(known: Known, fit: str) -> Answer:
    """Root mean square of the residuals."""
    return Answer(float(np.sqrt(np.mean(known.fits[fit].residuals ** 2))))


def _hex(fit: Fit) -> tuple[ClampedLine, ClampedLine]:
    if not isinstance(fit.law, ClampedLine):
        raise InputError(f"Take-off and perfect play are of the clamped line; {fit.law.name} has none.")
    laws = fit.laws
    assert isinstance(laws, ClampedLine)
    return fit.law, laws


def _perfect_play_factor(known: Known, fit: str) -> Answer:
    """Compute of perfect play, times as much for each board size."""
    law, laws = _hex(known.fits[fit])
    return _of_draws(known.fits[fit], law.perfect_factor, laws.perfect_factor)


def _take_off_factor(known: Known, fit: str) -> Answer:
    """Compute at which play leaves the random level, times as much for each board size."""
    law, laws = _hex(known.fits[fit])
    return _of_draws(known.fits[fit], law.takeoff_factor, laws.takeoff_factor)


def _random_to_perfect(known: Known, fit: str) -> Answer:
    """Elo that a board size adds between random and perfect play."""
    law, laws = _hex(known.fits[fit])
    return _of_draws(known.fits[fit], law.distance, laws.distance)


def _two_thirds_factor(known: Known, fit: str) -> Answer:
    """Compute with which an agent wins two of three games, times its rival's."""
    law, laws = _hex(known.fits[fit])
    return _of_draws(known.fits[fit], law.two_thirds_factor, laws.two_thirds_factor)


def _worth(known: Known, decay: str, passes: float) -> Answer:
    """What tokens are worth that are seen so many times, as a share of as many fresh ones.

    Args:
        known: what was found so far.
        decay: the question whose answer is R*_D, with the ends of its profile.
        passes: how often each token is seen, 1 for once.
    """
    ends = []
    for value in known.answers[decay]:
        far = np.isinf(value) and value > 0
        ends.append(1.0 if far else float(repeated(1.0, passes, value)) / passes if value > 0 else np.nan)
    return Answer(*ends)


QUESTIONS: dict[str, Word] = {
    "parameter": Word(_parameter, {"fit": FIT, "parameter": TEXT}),
    "size-exponent": Word(_size_exponent, {"fit": FIT}),
    "optimal-params": Word(_optimal_params, {"fit": FIT, "budget": POSITIVE}),
    "optimal-tokens": Word(_optimal_tokens, {"fit": FIT, "budget": POSITIVE}),
    "regret": Word(_regret, {"fit": FIT, "params": POSITIVE, "tokens": POSITIVE}),
    "share-of-budget-wasted": Word(_share_of_budget, {"fit": FIT, "params": POSITIVE, "tokens": POSITIVE}),
    "prediction": Word(_prediction, {"fit": FIT, "at": NUMBERS_BY_NAME}),
    "reaches": Word(_reaches, {"fit": FIT, "response": NUMBER}),
    "difference": Word(_difference, {"fit": FIT, "at": NUMBERS_BY_NAME, "against": NUMBERS_BY_NAME}),
    "forecast-error": Word(_forecast_error, {"fit": FIT, "table": TABLE}),
    "profile": Word(_profile, {"fit": FIT, "parameter": TEXT}),
    "objective": Word(_objective, {"fit": FIT}),
    "objective-at": Word(_objective_at, {"fit": FIT, "at": NUMBERS_BY_NAME}),
    "objective-against": Word(_objective_against, {"fit": FIT, "other": FIT}),
    "scatter": Word(_scatter, {"fit": FIT}),
    "perfect-play-factor": Word(_perfect_play_factor, {"fit": FIT}),
    "take-off-factor": Word(_take_off_factor, {"fit": FIT}),
    "random-to-perfect": Word(_random_to_perfect, {"fit": FIT}),
    "two-thirds-factor": Word(_two_thirds_factor, {"fit": FIT}),
    "worth-of-repetition": Word(_worth, {"decay": ANSWER, "passes": POSITIVE}),
}
