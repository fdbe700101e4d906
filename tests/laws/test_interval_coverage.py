"""Do the default intervals of every family hold the truth as often as they promise?"""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from scipy.stats import binom

from nextflop.evidence.runs import Runs
from nextflop.fitting import Huber, Squares
from nextflop.fitting.bootstrap import resample, sample
from nextflop.fitting.estimate import prepare
from nextflop.fitting.newton import minimise
from nextflop.fitting.objective import Method
from nextflop.laws import Law

# The least and the largest of 19 draws hold one more of their kind with probability 18 in 20: 90%.
DRAWS, PROMISE = 19, 0.9
FALSE_ALARM = 1e-6  # of one comparison; the default suite makes some 200
# Nine or more parameters that trade off. Searches from one start do not come to an end for about half of their draws
# in the steps given here, and intervals of single coefficients held the truth as seldom as 63% of the time. Whether the
# two starts of a fit mend that is not known, so nothing is asserted of their coefficients; their predictions are asked.
ENTANGLED = {"farseer", "broken-2", "broken-3"}
LONG = {"broken-2", "broken-3"}  # a minute and more each


def _conformance() -> ModuleType:
    """The examples of every family, which a test module beside this one holds."""
    spec = spec_from_file_location("conformance_examples", Path(__file__).with_name("test_conformance.py"))
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


CASES = _conformance()
TABLE_LAWS = [law for law in CASES.FAMILIES if law.for_tables()]


def held(law: type[Law], repeats: int) -> tuple[dict[str, int], np.ndarray]:
    """How often the intervals hold every parameter, and the response in the middle and three times beyond the runs.

    One design of 80 runs, so many draws of the noise, each with its own bootstrap: all are rows of one batch. Noise is
    0.5% of a loss, a hundredth of the spread of any other response.
    """
    truth, _ = CASES.example(law)
    columns = CASES.spread(law)
    loss = law.lowest >= 0 and law.highest == np.inf
    objective = Huber() if loss else Squares()  # the defaults of a fit, with its default draws
    runs = Runs({**columns, law.response: np.asarray(truth(**columns))})
    table, problem = prepare(law, runs, Method(objective))
    expected = problem.coordinates(truth)
    noise = np.random.default_rng(1).normal(size=(repeats, len(runs)))
    response = table.response * np.exp(0.005 * noise) if loss else table.response + 0.01 * table.response.std() * noise
    response = np.clip(response, law.lowest, law.highest)
    ends = minimise(problem, np.tile(expected, (repeats, 1)), response, table.weights).points
    if loss:
        drawn = np.repeat(response, DRAWS, axis=0)
        weights = np.concatenate([resample(table, DRAWS, seed) for seed in range(repeats)])
    else:
        weights = table.weights
        pairs = enumerate(zip(response, ends, strict=True))
        drawn = np.concatenate(
            [
                sample(problem, table._replace(response=row), end, "wild", DRAWS, seed).response
                for seed, (row, end) in pairs
            ]
        )
    found = minimise(problem, np.repeat(ends, DRAWS, axis=0), drawn, weights, tolerance=1e-3, steps=60).points
    where = {name: middle_and_beyond(law, name, column) for name, column in problem.inputs.items()}
    predicted = problem.at(found)(**where)
    return (
        dict(zip(law.parameters, counted(found, expected, repeats).tolist(), strict=True)),
        counted(predicted, problem.at(expected[None])(**where)[0], repeats),
    )


def middle_and_beyond(law: type[Law], name: str, column: np.ndarray) -> np.ndarray:
    """One value in the middle of the runs, and one three times beyond them unless it is a pure number."""
    if law.name.startswith("mixture"):  # shares, which must add up to one
        return column[:2]
    return np.array([np.exp(np.log(column[column > 0]).mean()), column.max() * (1 if name in law.pure else 3)])


def counted(values: np.ndarray, truth: np.ndarray, repeats: int) -> np.ndarray:
    """How many of the intervals hold the truth."""
    low, high = np.sort(values.reshape(repeats, DRAWS, -1), axis=1)[:, [0, -1]].swapaxes(0, 1)
    return ((low <= truth) & (truth <= high)).sum(axis=0)


@pytest.mark.parametrize("law", [law for law in TABLE_LAWS if law.name not in LONG], ids=lambda law: law.name)
def test_the_intervals_of_a_family_hold_the_truth(law: type[Law]) -> None:
    # 90 of 120 at least: a true coverage of 0.6 passes once in 2,500 times, one of 0.7 once in seven. What
    # holds too often is not caught by so few; the longer test below sees it.
    repeats = 120
    least = binom.ppf(FALSE_ALARM, repeats, PROMISE)
    parameters, predicted = held(law, repeats)
    assert (predicted >= least).all(), predicted
    assert law.name in ENTANGLED or min(parameters.values()) >= least, parameters


@pytest.mark.slow
@pytest.mark.parametrize("law", TABLE_LAWS, ids=lambda law: law.name)
def test_and_neither_too_seldom_nor_too_often(law: type[Law]) -> None:
    # Bands about coverages from 0.88 to 0.96: the pairs bootstrap of a near-median errs to the safe side.
    repeats = 120 if law.name in LONG else 600
    least, most = binom.ppf(FALSE_ALARM, repeats, 0.88), binom.ppf(1 - FALSE_ALARM, repeats, 0.96)
    parameters, predicted = held(law, repeats)
    assert (predicted >= least).all(), predicted
    assert (predicted <= most).all(), predicted
    if law.name not in ENTANGLED:
        assert min(parameters.values()) >= least, parameters
