"""Draws of a model: scores of its inputs, and the whole paths that follow from them."""

from collections.abc import Mapping
from typing import NamedTuple
from zlib import crc32

import numpy as np

from nextflop.errors import InputError
from nextflop.outlook.wall.model import Model, Side, Trend
from nextflop.outlook.wall.paths import Paths, first_passage

Scores = Mapping[str, np.ndarray]
"""Input or series → standard normal scores, shape (draws,)."""

_FLOOR = 1e-9
"""A correlation matrix whose smallest eigenvalue is below minus this is impossible."""


class Sides(NamedTuple):
    """Paths of demand and stock, and which account of demand each draw follows."""

    demand: Paths
    stock: Paths
    account: np.ndarray


def scores(model: Model, draws: int, seed: int) -> Scores:
    """Standard normal scores of all uncertain inputs.

    An input has a stream of its own, named by seed and name: models that share an input share its draws, and a change
    of one input leaves all others as they were.

    Raises:
        InputError: if the correlations are not possible together.
    """
    drawn = {name: _stream(seed, name, draws) for name in model.uncertain}
    joint = _joint(model)
    if joint:
        names, root = joint
        mixed = root @ np.stack([drawn[name] for name in names])
        drawn |= dict(zip(names, mixed, strict=True))
    return drawn


def accounts(model: Model, draws: int, seed: int) -> np.ndarray:
    """Which account of demand each draw follows, shape (draws,); shares are exact up to rounding."""
    if len(model.demands) == 1:
        return np.zeros(draws, dtype=np.intp)
    weights = np.array([side.weight for side in model.demands])
    edges = np.cumsum(weights / weights.sum())[:-1]
    places = np.random.default_rng([seed, crc32(b"account of demand")]).permutation(draws)
    return np.searchsorted(edges, (places + 0.5) / draws, side="right")


def given(model: Model, drawn: Scores, name: str, score: float) -> Scores:
    """The same draws with one input held at a score; what is correlated with it follows."""
    held = dict(drawn)
    shift = score - drawn[name]
    for pair, value in model.correlations.items():
        if name in pair:
            other = pair[0] if pair[1] == name else pair[1]
            if other in drawn:
                held[other] = drawn[other] + value * shift
    held[name] = np.full_like(drawn[name], score)
    return held


def sides(model: Model, drawn: Scores, account: np.ndarray) -> Sides:
    """Whole paths of demand and stock at some scores."""
    every = (model.stock, *model.demands)
    values = {name: _log10(model, name, drawn) for side in every for name in side.factors}
    paces = {trend.input: _pace(model, trend, drawn) for side in every for trend in side.trends}
    stock = _path(model, model.stock, values, paces, drawn, np.arange(len(account)))
    parts = [
        _path(model, side, values, paces, drawn, np.flatnonzero(account == index))
        for index, side in enumerate(model.demands)
    ]
    if len(parts) == 1:
        return Sides(parts[0], stock, account)
    years = parts[0].years
    for part in parts[1:]:
        years = np.union1d(years, part.years)
    together = np.empty((len(account), len(years)))
    for index, part in enumerate(parts):
        together[account == index] = part.at(years)
    return Sides(Paths(years, together), stock, account)


def dates(model: Model, drawn: Scores, account: np.ndarray) -> np.ndarray:
    """The first passage of each draw, shape (draws,)."""
    found = sides(model, drawn, account)
    return first_passage(found.demand, found.stock)


def _stream(seed: int, name: str, draws: int) -> np.ndarray:
    return np.random.default_rng([seed, crc32(name.encode())]).standard_normal(draws)


def _value(model: Model, name: str, drawn: Scores) -> np.ndarray:
    """The values of an input, shape (draws,), or (1,) where it is known."""
    return model.inputs[name].belief(drawn[name] if name in drawn else np.zeros(1))


def _log10(model: Model, name: str, drawn: Scores) -> np.ndarray:
    return np.log10(_value(model, name, drawn))


def _pace(model: Model, trend: Trend, drawn: Scores) -> np.ndarray:
    """The pace of a trend in orders of magnitude a year."""
    value = _value(model, trend.input, drawn)
    return value if trend.orders else np.log10(value)


def _path(model: Model, side: Side, values: Scores, paces: Scores, drawn: Scores, rows: np.ndarray) -> Paths:
    """The path of one side in some draws."""

    def of(known: np.ndarray) -> np.ndarray:
        return known if len(known) == 1 else known[rows]

    knots = {model.start, model.horizon, *(trend.until for trend in side.trends)}
    if side.series:
        knots |= set(model.series[side.series[0]].years.tolist())
    years = np.array(sorted(year for year in knots if model.start <= year <= model.horizon))
    path = np.zeros((len(rows), len(years)))
    level = sum((power * of(values[name]) for name, power in side.factors.items()), np.zeros(1))
    path += level[:, None]
    steady = sum((of(paces[trend.input]) for trend in side.trends if np.isinf(trend.until)), np.zeros(1))
    path += steady[:, None] * (years - side.at)
    for trend in side.trends:
        if np.isfinite(trend.until):
            path += of(paces[trend.input])[:, None] * (np.minimum(years, trend.until) - side.at)
    if side.series:
        name, power = side.series
        series = model.series[name]
        path += power * Paths(series.years, series(drawn[name][rows])).at(years)
    return Paths(years, path)


def _joint(model: Model) -> tuple[list[str], np.ndarray] | None:
    """The inputs that are correlated, and a root of the matrix of their correlations."""
    uncertain = set(model.uncertain)
    pairs = {pair: value for pair, value in model.correlations.items() if set(pair) <= uncertain}
    if not pairs:
        return None
    names = sorted({name for pair in pairs for name in pair})
    matrix = np.eye(len(names))
    for (one, other), value in pairs.items():
        place = names.index(one), names.index(other)
        matrix[place] = matrix[place[::-1]] = value
    size, direction = np.linalg.eigh(matrix)
    if size.min() < -_FLOOR:
        said = ", ".join(f"{one} with {other} {value:g}" for (one, other), value in pairs.items())
        raise InputError(f"These correlations cannot hold together ({said}): bring them nearer to 0.")
    return names, direction * np.sqrt(np.maximum(size, 0)) @ direction.T
