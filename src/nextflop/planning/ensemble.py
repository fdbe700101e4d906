"""Laws that some runs allow: several families, several optima, many noisy copies of the runs.

One law at one optimum knows too much: it takes its form for true and its parameters for nearly known. A member of the
ensemble is one law fitted to one copy of the runs, with fresh noise and a fresh smooth misfit added (see
`nextflop.planning.misfit`). Few runs leave most parameters open; what keeps the members sane is a weak expectation in
the space of responses and not of parameters, which mean something else in every law: settings far from the runs, the
anchors, are expected on the straight line through the runs in logarithms, give or take a fifth of the response.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from nextflop.errors import FitError, InputError
from nextflop.evidence.runs import Runs
from nextflop.fitting.estimate import Searched, prepare, search
from nextflop.fitting.newton import minimise
from nextflop.fitting.objective import Method, Squares
from nextflop.fitting.problem import Problem
from nextflop.fitting.table import Table
from nextflop.laws.base import Law
from nextflop.planning.misfit import Misfit, logs
from nextflop.planning.spread import farthest

FEWEST = 4  # runs: fewer say nothing of a law
NOISE = 1e-2
"""Of a response, what runs are expected to scatter about a law as long as there are too few to tell: published sets of
runs scatter by 0.2% (Farseer) to 2% (routed models of several kinds); to think it too small is the worse mistake."""
_KNOWN = 1.0  # runs that the noise above is worth, beside the residuals
_FEWEST_MEMBERS = 20
_ANCHORS = 16
_SPAN, _WORTH = 0.2, 4.0  # of the response: how far off the line anchors are expected; as how many runs they count
_SLOPE = 0.1  # of a logarithm of the response by one of an input: no loss falls faster by much
_APART = 0.01  # of the variance of a run, between the objectives of two basins
_LEAST_WEIGHT = 0.05  # of a law, as long as the runs do not rule it out: they may be too few to know
_OUT = 5.0  # log likelihood ratio at which a law is ruled out: e^5, decisive on the scale of Jeffreys


class Ensemble(NamedTuple):
    """Laws that the runs allow.

    Attributes:
        laws: each with one row of parameters a member.
        coordinates: of these parameters as they are searched, logarithms of what is a scale: (members, parameters).
        noise: standard deviation of a run about the truth, of the logarithm of the response if `log`.
        misfit: how far the truth may lie from a law, smoothly.
        log: whether responses are compared by logarithms.
        weights: law → its share of the members; a law that the runs rule out has none.
    """

    laws: tuple[Law, ...]
    coordinates: tuple[np.ndarray, ...]
    noise: float
    misfit: Misfit
    log: bool
    weights: Mapping[str, float]

    def predict(self, settings: Runs) -> np.ndarray:
        """What the members say of some settings, shape (members, settings), in logarithms if `log`."""
        with np.errstate(all="ignore"):
            rows = [np.asarray(law(**{name: settings[name] for name in law.inputs})) for law in self.laws]
            values = np.concatenate([np.broadcast_to(part, (len(part), len(settings))) for part in rows])
            return np.log(values) if self.log else values

    @property
    def members(self) -> int:
        """How many there are, of all laws."""
        return sum(map(len, self.coordinates))


def ensemble(laws: Sequence[type[Law]], runs: Runs, anchors: Runs, *, members: int = 200, seed: int = 0) -> Ensemble:
    """Laws that the runs allow.

    Args:
        laws: the families, of the same response; their inputs may differ.
        runs: what has been run.
        anchors: settings of interest, of which a few anchor the laws: candidates and targets.
        members: of the ensemble.
        seed: of the noise.

    Raises:
        InputError: if the laws foretell different things, a column is missing, or the members are too few.
        FitError: if the runs are too few for every law.
    """
    if members < _FEWEST_MEMBERS:
        raise InputError(f"An ensemble of {members} members shows no spread: give {_FEWEST_MEMBERS} or more.")
    fitted = anchored(laws, runs, anchors)
    weights = _weights(np.array([one.score for one in fitted]))
    counts = np.round(weights * members).astype(int)
    fitted = [one for one, count in zip(fitted, counts, strict=True) if count > 1]
    weights = weights[counts > 1] / weights[counts > 1].sum()
    best = fitted[int(weights.argmax())]
    inputs, unit = inputs_of(laws), 1.0 if best.problem.objective.log else best.problem.size
    misfit, noise = Misfit.of(logs(runs, inputs), best.residuals, best.noise, unit, inputs)
    rng = np.random.default_rng(seed)
    drawn = [
        _members(one, misfit, noise, int(count), rng) for one, count in zip(fitted, counts[counts > 1], strict=True)
    ]
    shares = {one.law.name: float(weight) for one, weight in zip(fitted, weights, strict=True)}
    log = best.problem.objective.log
    return Ensemble(tuple(law for law, _ in drawn), tuple(at for _, at in drawn), noise, misfit, log, shares)


class Anchored(NamedTuple):
    """A law fitted to runs and anchors.

    Attributes:
        law: the family.
        table, problem, found: what a fit is made of.
        made: the rows of the table that are runs, in the order of the runs.
        residuals: of the runs, measured less law.
        noise: their standard deviation, enlarged for what was fitted to them.
        score: log likelihood less a penalty for parameters (Schwarz 1978).
    """

    law: type[Law]
    table: Table
    problem: Problem
    found: Searched
    made: np.ndarray
    residuals: np.ndarray
    noise: float
    score: float


def inputs_of(laws: Sequence[type[Law]]) -> tuple[str, ...]:
    """The inputs of any of the laws."""
    return tuple(dict.fromkeys(name for law in laws for name in law.inputs))


def anchored(laws: Sequence[type[Law]], runs: Runs, anchors: Runs) -> list[Anchored]:
    """The laws that can be fitted to some runs with a few of the anchors.

    Raises:
        InputError: if the laws foretell different things, or a column is missing.
        FitError: if the runs are too few for every law.
    """
    if len({law.response for law in laws}) != 1:
        raise InputError(f"The laws {', '.join(law.name for law in laws)} foretell different things: give laws of one.")
    if len(runs) < FEWEST:
        raise FitError(f"{len(runs)} runs are too few for any law, {FEWEST} are the least: run some first.")
    log = all(law.lowest >= 0 for law in laws) and bool((runs[laws[0].response] > 0).all())
    padded = _padded(runs, anchors, inputs_of(laws), laws[0].response, log)
    fitted, why = [], ""
    for law in laws:
        try:
            fitted.append(_fitted(law, padded, len(runs), log))
        except FitError as error:
            why = str(error)
    if not fitted:
        raise FitError(f"{len(runs)} runs are too few for any of {', '.join(law.name for law in laws)}. {why}")
    return fitted


def _padded(runs: Runs, anchors: Runs, inputs: Sequence[str], response: str, log: bool) -> Runs:
    """The runs and below them the anchors, with weights: those of the anchors as a share of a run of noise `NOISE`."""
    measured = np.log(runs[response]) if log else runs[response]
    anchors = anchors.where(np.lexsort([anchors[name] for name in inputs]))  # their order is not to matter
    chosen = farthest(logs(anchors, inputs), _ANCHORS)
    made, afar = logs(runs, inputs), logs(anchors.where(chosen), inputs)
    middle, level = made.mean(axis=0), measured.mean()
    ridge = np.linalg.solve(
        (made - middle).T @ (made - middle) + (_SPAN / 4 / _SLOPE) ** 2 * np.eye(len(inputs)),
        (made - middle).T @ (measured - level),
    )
    line = level + (afar - middle) @ ridge
    weight = _WORTH / len(chosen) * (NOISE / _SPAN) ** 2
    columns = {name: np.concatenate([runs[name], anchors[name][chosen]]) for name in inputs}
    own = runs["weight"] if "weight" in runs else np.ones(len(runs))
    return Runs(
        {
            **columns,
            response: np.concatenate([runs[response], np.exp(line) if log else line]),
            "weight": np.concatenate([own, np.full(len(chosen), weight)]),
        }
    )


def _fitted(law: type[Law], padded: Runs, size: int, log: bool) -> Anchored:
    table, problem = prepare(law, padded, Method(Squares(log=log)))
    found = search(problem, table)
    best = found.optima.points[[found.optima.values.argmin()]]
    made = np.empty(len(padded), dtype=np.int64)
    made[table.order] = np.arange(len(padded))
    made = made[:size]
    residuals = -problem.residuals(best, table.response)[0][made]
    scale = 1.0 if log else problem.size
    free = min(int(problem.free.sum()), size)
    spare = size - free
    noise = float(np.sqrt(((residuals**2).sum() + _KNOWN * (NOISE * scale) ** 2) / (spare + _KNOWN)))
    if not np.isfinite(noise):
        raise FitError(f"The law {law.name!r} has no value at these runs.")
    score = -size * float(np.log(noise)) - free * float(np.log(size)) / 2
    return Anchored(law, table, problem, found, made, residuals, noise, score)


def _weights(scores: np.ndarray) -> np.ndarray:
    likely = np.exp(scores - scores.max())
    likely = np.maximum(likely / likely.sum(), _LEAST_WEIGHT * (scores > scores.max() - _OUT))
    return likely / likely.sum()


def _members(
    one: Anchored, misfit: Misfit, noise: float, count: int, rng: np.random.Generator
) -> tuple[Law, np.ndarray]:
    table, problem, optima = one.table, one.problem, one.found.optima
    predicted = np.asarray(problem.at(optima.points[[optima.values.argmin()]])(**problem.inputs))
    scatter = np.zeros((count, predicted.shape[1]))
    anchored = np.ones(predicted.shape[1], dtype=bool)
    anchored[one.made] = False
    scatter[:, ~anchored] = noise * rng.normal(size=(count, len(one.made)))
    scatter[:, one.made] += misfit.at_runs(count, rng)
    scale = 1.0 if problem.objective.log else problem.size
    scatter[:, anchored] = _SPAN * scale * np.sqrt(anchored.sum() / _WORTH) * rng.normal(size=(count, anchored.sum()))
    middle = predicted.copy()
    middle[:, anchored] = table.response[anchored]
    response = np.exp(np.log(middle) + scatter) if problem.objective.log else middle + scatter
    # What a run is worth beside an anchor follows its noise, of which nothing was known when they were weighed.
    weights = np.where(anchored, table.weights * ((noise / NOISE / scale) ** 2), table.weights)
    # Each basin once, lest the number of searches that ended in it weigh it; the deep ones as often as the shallow.
    order = np.argsort(optima.values, kind="stable")
    deep = optima.values[order] <= optima.values.min() + 4 * noise**2 * len(one.made)
    apart = np.diff(optima.values[order], prepend=-np.inf) > _APART * noise**2
    near = order[deep & apart]
    starts = optima.points[rng.choice(near, size=count)]
    ends = minimise(problem, starts, response, weights, tolerance=1e-3, steps=60)
    good = np.isfinite(ends.values)
    points = ends.points[good] if good.sum() > 1 else optima.points[rng.choice(near, size=2)]
    return one.law.from_draws(problem.parameters(points)), points
