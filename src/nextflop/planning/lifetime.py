"""The cheapest model of a given quality over its life: trained once, then asked for tokens (Sardana & Frankle)."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from nextflop.errors import FitError, InputError
from nextflop.evidence.files import Json
from nextflop.fitting.fit import Fit, Interval
from nextflop.laws.chinchilla import Chinchilla
from nextflop.planning.constants import Constants, constants
from nextflop.quantities import parse, parse_positive

_STEPS = 200  # of Newton's method; from the right of a convex function it never overshoots


class Lives(NamedTuple):
    """Models of equal loss, an entry a law; nan where the law cannot reach the loss.

    Attributes:
        params: N of least cost over the life.
        tokens: D with which it reaches the loss.
        plain_params: N of least training FLOP at that loss, the Chinchilla optimum.
        plain_tokens: its D.
        cost: training FLOP and serving FLOP of the first, the latter at their price in training FLOP.
        plain_cost: the same of the second, which serves as many tokens.
    """

    params: np.ndarray
    tokens: np.ndarray
    plain_params: np.ndarray
    plain_tokens: np.ndarray
    cost: np.ndarray
    plain_cost: np.ndarray


@dataclass(frozen=True)
class Lifetime:
    """What it saves to train a smaller model for longer, because it will be asked.

    Every number but the first two is an interval: of the draws if a fit with draws was given, else a value alone.

    Attributes:
        law: the constants by name, or what was fitted; with the values used, for rounding moves the answer.
        served: tokens that the model will read and write in its life.
        serving_price: what a FLOP of serving costs in FLOP of training.
        loss: the quality that is held fixed.
        params: N of least cost over the life.
        tokens: its D.
        plain_params: N of the Chinchilla optimum with the same loss.
        plain_tokens: its D.
        saving: share of the cost over the life that the first saves against the second.
        saved: FLOP saved, in FLOP of training.
        stretch: D of the first over D of the second.
        draws: draws used.
        unreachable: draws under which the loss cannot be reached; left out of the intervals.
    """

    law: dict[str, Json]
    served: int | float
    serving_price: int | float
    loss: Interval
    params: Interval
    tokens: Interval
    plain_params: Interval
    plain_tokens: Interval
    saving: Interval
    saved: Interval
    stretch: Interval
    draws: int
    unreachable: int

    def to_json(self) -> dict[str, Json]:
        """The answer as JSON."""
        return {name: value._asdict() if isinstance(value, Interval) else value for name, value in vars(self).items()}


def quality(law: Chinchilla, params: int | float | np.ndarray) -> np.ndarray:
    """The loss of a Chinchilla-optimal model with N parameters: that whose D spends 6ND best.

    There αA N^-α = βB D^-β, so the reducible loss is A N^-α (1 + α/β).
    """
    A, alpha, beta = (np.asarray(value, dtype=np.float64) for value in (law.A, law.alpha, law.beta))
    return np.asarray(law.E + A * params**-alpha * (1 + alpha / beta))


def lives(
    law: Chinchilla,
    loss: int | float | np.ndarray,
    served: int | float | np.ndarray,
    serving_price: int | float = 1.0,
    flop_per_param_token: tuple[float, float] = (6.0, 2.0),
) -> Lives:
    """The N and D that minimise 6ND + 2N · served · price subject to L(N, D) = loss (arXiv:2401.00448, equation 2).

    With r = L - E, u = A N^-α and v = B D^-β on the curve u + v = r, the first-order condition reads
    α (r - v) = β v (1 + w (v/B)^(1/β)), w = 2 · served · price / 6. Its left side falls in v and its right side rises
    and is convex, so there is one root; Newton's method from the root at w = 0 comes down to it and never overshoots.

    Args:
        law: the law; its parameters may be arrays.
        loss: L, broadcast against them.
        served: tokens served, broadcast likewise; 0 gives the Chinchilla optimum.
        serving_price: what a FLOP of serving costs in FLOP of training.
        flop_per_param_token: FLOP a parameter and token in training and in serving.
    """
    values = (law.E, law.A, law.B, law.alpha, law.beta, loss, served)
    E, A, B, alpha, beta, loss, served = np.broadcast_arrays(*(np.asarray(one, dtype=np.float64) for one in values))
    training, serving = flop_per_param_token
    exists = (A > 0) & (B > 0) & (alpha > 0) & (beta > 0) & (loss > E)
    A, B, alpha, beta = (np.where(exists, one, 1.0) for one in (A, B, alpha, beta))
    rest = np.where(exists, loss - E, 1.0)
    weight = served * (serving * serving_price / training)

    def model(of_tokens: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        params, tokens = (A / (rest - of_tokens)) ** (1 / alpha), (B / of_tokens) ** (1 / beta)
        cost = training * params * (tokens + weight)
        params, tokens, cost = (np.where(exists, one, np.nan) for one in (params, tokens, cost))
        return params, tokens, cost

    plain = np.asarray(alpha * rest / (alpha + beta))
    v = plain
    for _ in range(_STEPS):
        power = weight * (v / B) ** (1 / beta)
        excess = beta * v * (1 + power) - alpha * (rest - v)
        step = excess / (beta * (1 + power) + power + alpha)
        v = np.asarray(v - step)
        if not np.any(step > 1e-15 * v):
            break
    params, tokens, cost = model(v)
    plain_params, plain_tokens, plain_cost = model(plain)
    return Lives(params, tokens, plain_params, plain_tokens, cost, plain_cost)


def break_even(law: Chinchilla, loss: int | float | np.ndarray, params: int | float | np.ndarray) -> np.ndarray:
    """Tokens served from which a model of N parameters costs less over its life than the Chinchilla optimum.

    Both have the same loss. 0 < N below the optimum: training costs more and every token served costs less. Infinite
    for a model that is no smaller; nan where N cannot reach the loss.
    """
    base = lives(law, loss, 0.0)
    beta, alpha = np.asarray(law.beta), np.asarray(law.alpha)
    with np.errstate(invalid="ignore", divide="ignore"):
        of_tokens = loss - law.E - law.A * np.asarray(params, dtype=np.float64) ** -alpha
        tokens = np.where(of_tokens > 0, law.B / of_tokens, np.nan) ** (1 / beta)
        more = 6 * (params * tokens - base.plain_params * base.plain_tokens)
        paid = np.where(base.plain_params > params, more / (2 * (base.plain_params - params)), np.inf)
        return np.asarray(np.where(np.isnan(tokens), np.nan, paid))


def lifetime(
    law: Fit | Constants | str,
    served: int | float | str,
    *,
    like: int | float | str | None = None,
    loss: int | float | None = None,
    serving_price: int | float | int = 1.0,
    level: int | float | None = None,
) -> Lifetime:
    """The cheapest model of a given quality, when it will be asked for tokens.

    Args:
        law: a fit of `Chinchilla`, or published constants, by name or as such.
        served: tokens that it will read and write in its life.
        like: the quality is that of a Chinchilla-optimal model of so many parameters, under each draw of its own;
        loss: or the quality is this loss.
        serving_price: what a FLOP of serving costs in FLOP of training: above 1 where serving makes less of its chips.
        level: level of the intervals; default the fit's, or 0.9.

    Raises:
        InputError: if an amount is not positive, not exactly one of `like` and `loss` is given, or the fit is of
            another law.
        FitError: if the law cannot reach the loss.
    """
    served = parse(served, "tokens served", "tokens")
    if served < 0:
        raise InputError(f"The tokens served {served:g} are negative: give 0 or more.")
    price = parse_positive(serving_price, "price of serving")
    if (like is None) == (loss is None):
        raise InputError("Say the quality once: as the size of a Chinchilla-optimal model, or as a loss.")
    named, rows = _rows(law)
    laws = Chinchilla(*rows.T)
    target = np.full(len(rows), float(loss)) if loss is not None else quality(laws, parse_positive(like or 0, "size"))
    found = lives(laws, target, served, price)
    if not np.isfinite(found.params[0]):
        raise FitError(
            f"Under these constants the loss {target[0]:.4g} is not above the irreducible {rows[0, 0]:.4g}: no model "
            "reaches it; ask for a higher one."
        )
    level = (law.level if isinstance(law, Fit) else 0.9) if level is None else level
    if not 0 < level < 1:
        raise InputError(f"The level {level} is no probability between 0 and 1: give one such as 0.9.")

    def interval(values: np.ndarray) -> Interval:
        drawn = values[1:][np.isfinite(values[1:])]
        if len(drawn) < 2:
            return Interval(float(values[0]), np.nan, np.nan)
        return Interval(float(values[0]), *map(float, np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])))

    return Lifetime(
        law=named,
        served=served,
        serving_price=price,
        loss=interval(target),
        params=interval(found.params),
        tokens=interval(found.tokens),
        plain_params=interval(found.plain_params),
        plain_tokens=interval(found.plain_tokens),
        saving=interval(1 - found.cost / found.plain_cost),
        saved=interval(found.plain_cost - found.cost),
        stretch=interval(found.tokens / found.plain_tokens),
        draws=len(rows) - 1,
        unreachable=int((~np.isfinite(found.params[1:])).sum()),
    )


def law_of(law: Fit | Constants | str) -> Chinchilla:
    """The law of a fit at its estimate, or of published constants.

    Raises:
        InputError: if the fit is of another law, or there are no constants of that name.
    """
    found = constants(law).law if isinstance(law, str) else law.law
    if not isinstance(found, Chinchilla):
        raise InputError(f"The law {found.name!r} has no optimum over a life: give a fit or constants of 'chinchilla'.")
    return found


def _rows(law: Fit | Constants | str) -> tuple[dict[str, Json], np.ndarray]:
    """What the constants are called, and their values: the estimate first, the draws after it, shape (1 + draws, 5)."""
    values = {name: float(value) for name, value in law_of(law).values.items()}
    if isinstance(law, Fit):
        told = {"name": f"fitted to {law.runs} runs", "source": f"runs {law.runs_digest[:12]}…", "note": ""}
        return {**told, "values": values}, np.array([[*values.values()], *law.draws])
    known = constants(law) if isinstance(law, str) else law
    return {"name": known.name, "source": known.source, "note": known.note, "values": values}, np.array(
        [[*values.values()]]
    )
