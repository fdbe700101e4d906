"""Compute as one axis: what an amount of it buys, and how many times of it a response takes."""

from collections.abc import Callable, Mapping

import numpy as np

from nextflop.errors import InputError
from nextflop.evidence.runs import Runs
from nextflop.judging.isoflop import surface_optimum
from nextflop.laws.base import Law, Value

Path = Callable[[np.ndarray], dict[str, np.ndarray]]

_FARTHEST = np.log(1e9)  # a factor that nobody will ever spend stands for infinity
_HALVINGS = 42  # of twice that range: 1e-11 of a logarithm is left
_PLACES = 65  # of the path, between which it is straight in logarithms
_SIZED = {"params", "tokens"}
_SETTINGS = {"learning_rate", "batch_size"}


def lower_is_better(law: type[Law]) -> bool:
    """Whether the law's response is a loss or an error, and not a score.

    Raises:
        InputError: if it is neither: a setting, of which no value is better than another.
    """
    if law.response in _SETTINGS:
        raise InputError(
            f"The law {law.name!r} foretells the best {law.response.replace('_', ' ')}, of which neither more nor less "
            "is better: compare by a law of a loss or a score."
        )
    return law.response in {"loss", "unigram_normalized_loss", "error"}


def path(law: Law, low: float, high: float) -> Path:
    """What compute buys: compute, of any shape, → the law's inputs.

    A law of one input takes the compute itself, whatever it is counted in. For a law of params and tokens it is
    C = 6ND, spent as is best for this law.

    Args:
        law: one set of parameters.
        low, high: the compute that will be asked for lies between them, or in a straight continuation.

    Raises:
        InputError: if the law has other inputs.
    """
    if len(law.inputs) == 1:
        name = law.inputs[0]
        return lambda compute: {name: compute}
    if set(law.inputs) != _SIZED or law.response != "loss":
        raise InputError(
            f"The law {law.name!r} of {', '.join(law.inputs)} has no one axis of compute: take a law of one input, or "
            "of params and tokens."
        )
    places = np.linspace(np.log(low), np.log(high) + 1e-9, _PLACES)
    sizes = np.log([float(surface_optimum(law, float(budget))) for budget in np.exp(places)])
    slope = (sizes[-1] - sizes[0]) / (places[-1] - places[0])

    def bought(compute: np.ndarray) -> dict[str, np.ndarray]:
        log = np.log(compute)
        inside = np.clip(log, places[0], places[-1])
        params = np.exp(np.interp(inside, places, sizes) + slope * (log - inside))
        return {"params": params, "tokens": compute / (6 * params)}

    return bought


def compute_range(law: type[Law], runs: Runs, name: str) -> tuple[float, float]:
    """The smallest compute above 0 and the largest of a table.

    Args:
        law: the family: one of a single input, or of params and tokens.
        runs: the table.
        name: what to call its recipe.

    Raises:
        InputError: if a column is missing, or a compute is not above 0.
    """
    for column in (*law.inputs, law.response):
        if column not in runs:
            raise InputError(
                f"The table of {name} has no column {column!r} (there are {', '.join(runs.columns)}): add or map it."
            )
    if len(law.inputs) == 1:
        scale = runs[law.inputs[0]]
    else:
        path(law(**dict.fromkeys(law.parameters, 0.5)), 1e18, 1e20)  # refuses what has no axis of compute
        scale = 6 * runs["params"] * runs["tokens"]
    zero = set(law.inputs) <= {*law.zeros}
    if scale.dtype.kind != "f" or not (np.isfinite(scale) & ((scale > 0) | (zero & (scale == 0)))).all():
        raise InputError(f"Every run of {name} needs a compute that is a finite number above 0: correct its table.")
    if not (scale > 0).any():
        raise InputError(f"No run of {name} has a compute above 0: there is nothing to compare at.")
    return float(scale[scale > 0].min()), float(scale.max())


def grown(law: type[Law], inputs: Mapping[str, Value], factor: np.ndarray) -> dict[str, np.ndarray]:
    """The inputs that `factor` times the compute buys when it is spent in the same proportions.

    Raises:
        InputError: if the law's inputs are neither one resource nor params and tokens.
    """
    if len(law.inputs) == 1:
        return {name: np.asarray(column * factor) for name, column in inputs.items()}
    if set(law.inputs) == _SIZED:
        return {name: np.asarray(column * np.sqrt(factor)) for name, column in inputs.items()}
    raise InputError(f"The law {law.name!r} of {', '.join(law.inputs)} has no one axis of compute.")


def times(response: Callable[[np.ndarray], np.ndarray], aim: np.ndarray, lower: bool) -> np.ndarray:
    """The factor on compute at which a response comes to an aim, by bisection; of the shape of the aim.

    Args:
        response: factor, of the shape of the aim → response, better with every larger factor.
        aim: what is to be reached.
        lower: whether a lower response is better.

    Returns:
        Infinite where no factor below a billion is enough, 0 where a billionth already is.
    """
    below, above = np.full(aim.shape, -_FARTHEST), np.full(aim.shape, _FARTHEST)

    def reached(log: np.ndarray) -> np.ndarray:
        there = response(np.exp(log))
        return there <= aim if lower else there >= aim

    never, always = ~reached(above), reached(below)
    for _ in range(_HALVINGS):
        middle = (below + above) / 2
        enough = reached(middle)
        below, above = np.where(enough, below, middle), np.where(enough, middle, above)
    return np.where(never, np.inf, np.where(always, 0.0, np.exp((below + above) / 2)))
