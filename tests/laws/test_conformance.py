"""What every registered family keeps to, whichever it is."""

import doctest
import inspect
from collections.abc import Callable
from dataclasses import fields
from functools import cache

import numpy as np
import pytest

from nextflop.errors import InputError
from nextflop.evidence.runs import Runs
from nextflop.fitting import Fit, Squares, Status, fit
from nextflop.laws import LAWS, Law, find
from nextflop.laws.guess import scatter

COMPUTE = {"compute": np.geomspace(1e17, 1e22, 6)}
TEXT = {"params": np.geomspace(1e7, 1e10, 6), "tokens": np.geomspace(1e9, 1e11, 6)}
REPEATED = TEXT | {"unique_tokens": np.geomspace(3e8, 3e10, 6)}

# Parameters, and inputs at increasing values; a new family adds its line here.
CASES: dict[str, tuple[dict[str, float], dict[str, np.ndarray]]] = {
    "chinchilla": (
        {"E": 1.8, "A": 480.0, "B": 2100.0, "alpha": 0.35, "beta": 0.37},
        {"params": np.geomspace(1e7, 1e10, 6), "tokens": np.geomspace(1e9, 1e11, 6)},
    ),
    "power": ({"E": 1.7, "A": 1e3, "alpha": 0.15}, {"compute": np.geomspace(1e17, 1e22, 6)}),
    "sigmoid": (
        {"R0": 0.25, "A": 0.61, "C_mid": 2542.0, "B": 1.92},
        {"rl_flop": np.array([0.0, 3, 900, 3e3, 2e4, 1e6])},
    ),
    "coverage": ({"pi": 0.2, "mu": 0.1, "nu": 2.0}, {"samples": np.array([1.0, 2, 10, 100, 1e4, 1e6])}),
    "exponential-accuracy": ({"K": 5.0, "gamma": 8.0}, {"loss": np.array([0.3, 0.4, 0.5, 0.8, 1.0, 2.0])}),
    "reinforced": (
        {"c": 0.4, "M": 2e3, "m": 1.0, "B": 1.2},
        {"start": np.linspace(0.1, 0.6, 6), "answers": np.array([0.0, 10, 1e3, 1e4, 1e6, 1e9])},
    ),
    "routing": (
        {"a": -0.082, "b": -0.108, "c": 0.009, "d": 1.104, "E_start": 1.847, "E_max": 314.478},
        {"params": np.geomspace(1e7, 1e9, 6), "experts": np.array([1.0, 2, 8, 32, 128, 512])},
    ),
    "loss-accuracy": ({"a": -0.75, "b": 0.99, "k": 6.0, "L0": 0.9}, {"loss": np.linspace(0.3, 2.0, 6)}),
    "exponential-error": ({"epsilon": 0.857, "k": 2.21, "gamma": 0.715}, {"loss": np.linspace(2.0, 4.0, 6)}),
    "rl-log": (
        {"K_max": 0.1, "N0": 5e9, "E_max": 1.55, "N1": 4e9},
        {"params": np.geomspace(5e8, 7e10, 6), "rl_flop": np.geomspace(1e20, 1e22, 6)},
    ),
    "best-of-n": ({"alpha": 1.0, "beta": 0.25}, {"kl": np.array([0.0, 0.1, 0.5, 1, 2, 3])}),
    "rl-overoptimised": ({"alpha": 0.9, "beta": 0.4}, {"kl": np.array([0.0, 0.1, 0.5, 1, 5, 10])}),
    "coverage-both": (
        {"pi": 0.2, "omega": 0.3, "mu": 0.1, "nu": 2.0},
        {"samples": np.array([0.0, 1, 10, 100, 1e4, 1e6])},
    ),
    "beta-binomial": ({"mu": 0.1, "nu": 2.0}, {"samples": np.array([0.0, 1, 10, 100, 1e4, 1e6])}),
    "coverage-power": ({"a": 4.113, "b": 0.37}, {"samples": np.array([1.0, 2, 10, 100, 1e4, 1e6])}),
    "clamped-line": (
        {"p_b": -268.0, "p_0": 575.0, "i_F": 506.0, "i_b": -430.0, "i_0": -4399.0},
        {"board_size": np.array([9.0, 8, 7, 6, 5, 4]), "flop": np.geomspace(1e14, 4e11, 6)},
    ),
    "log-sigmoid": (
        {"H": 2400.0, "s_b": 0.11, "s_0": -0.2, "c_b": 0.6, "c_0": 9.0},
        {"board_size": np.linspace(3.0, 8.0, 6), "flop": np.geomspace(1e10, 1e17, 6)},
    ),
    "strength-params": ({"alpha": 0.88, "c": -1000.0}, {"params": np.geomspace(1e3, 1e6, 6)}),
    "strength-compute": ({"alpha": 0.55, "c": -3000.0}, {"flop": np.geomspace(1e10, 1e16, 6)}),
    "strength-simulations": ({"alpha": 0.6, "c": 100.0}, {"simulations": np.geomspace(1.0, 1e3, 6)}),
    "self-play": (
        {"E_0": 400.0, "H": 1000.0, "A": 300.0, "B": 3e4, "alpha": 0.7, "beta": 0.8, "gamma": 0.3},
        {
            "params": np.geomspace(1e3, 1e5, 6),
            "positions": np.geomspace(1e4, 1e7, 6),
            "simulations": np.array([1.0, 64.0, 4.0, 256.0, 16.0, 2.0]),
        },
    ),
    "game-regret": (
        {"R_0": 0.5, "A": 300.0, "B": 3e4, "alpha": 0.7, "beta": 0.8, "gamma": 0.3},
        {
            "params": np.geomspace(1e3, 1e5, 6),
            "positions": np.geomspace(1e4, 1e7, 6),
            "simulations": np.array([1.0, 4.0, 3.0, 64.0, 48.0, 256.0]),
        },
    ),
    "learning-rate": (
        {"c": 1.79, "p": -0.713, "q": 0.307},
        {"params": np.geomspace(1e8, 1e10, 6), "tokens": np.geomspace(1e9, 1e11, 6)},
    ),
    "growth": ({"h": -3.5, "g": 1.9}, {"date": np.linspace(2019.0, 2026.0, 6)}),
    "batch-size": ({"c": 0.58, "q": 0.571}, {"tokens": np.geomspace(1e9, 1e11, 6)}),
    "mixture:web,code,books": (
        {"c": 1.5, "k": 1.2, "t_code": 0.7, "t_books": -0.2},
        {
            "web": np.array([0.0, 0.1, 0.2, 0.5, 0.6, 0.7]),
            "code": np.array([0.8, 0.6, 0.5, 0.2, 0.1, 0.0]),
            "books": np.array([0.2, 0.3, 0.3, 0.3, 0.3, 0.3]),
        },
    ),
    "pure-power": ({"beta": 40.0, "c": 0.06}, COMPUTE),
    "shifted-power": ({"E": 2.2, "c": 0.06, "C_e": 1e21}, COMPUTE),
    "bounded-power": ({"E": 0.4, "L0": 6.0, "alpha": 1.6, "A": 5.6e6, "c": 0.35}, COMPUTE),
    "broken-1": ({"a": 1.5, "b": 30.0, "c0": 0.05, "c1": 0.1, "d1": 1e20, "f1": 0.5}, COMPUTE),
    "broken-2": (
        {"a": 1.5, "b": 30.0, "c0": 0.05, "c1": 0.2, "d1": 1e19, "f1": 0.5, "c2": -0.2, "s2": 100.0, "f2": 0.5},
        COMPUTE,
    ),
    "broken-3": (
        {"a": 1.5, "b": 30.0, "c0": 0.05, "c1": 0.3, "d1": 3e18, "f1": 0.3}
        | {"c2": -0.25, "s2": 30.0, "f2": 0.3, "c3": 0.3, "s3": 30.0, "f3": 0.3},
        COMPUTE,
    ),
    "kaplan": ({"N_c": 6.4e13, "D_c": 1.8e13, "alpha_N": 0.076, "alpha_D": 0.103}, TEXT),
    "skaling": ({"E": 1.7, "A": 120.0, "R": 5.0, "alpha": 0.9, "beta": 0.95, "k": 0.4}, TEXT),
    "farseer": (
        {"S": 0.6, "s": -0.04, "q": 0.05, "Q": 110.0, "B": -16.0, "b": -0.14, "E": 1.24, "A": -0.09, "a": 0.026},
        TEXT,
    ),
    "vocabulary": (
        {"E": -5.5, "A": 60.0, "B": 4.0, "C": 150.0, "alpha": 0.25, "beta": 0.3, "gamma": 0.25},
        {
            "params": np.geomspace(3e7, 3e9, 6),
            "vocabulary": np.geomspace(4e3, 96e3, 6),
            "characters": np.geomspace(1e9, 1e11, 6),
        },
    ),
    "over-training": (
        {"E": 1.8, "a": 140.0, "b": 190.0, "eta": 0.12},
        {"compute": np.geomspace(1e18, 1e22, 6), "tokens_per_param": np.geomspace(10, 300, 6)},
    ),
    "data-constrained": (
        {"E": 1.87, "A": 521.0, "B": 1488.0, "alpha": 0.35, "beta": 0.36, "R_D": 15.4, "R_N": 5.3},
        REPEATED,
    ),
    "overfit-penalty": (
        {"E": 1.8, "A": 480.0, "B": 2100.0, "P": 0.05, "alpha": 0.35, "beta": 0.37, "delta": 0.4, "kappa": 0.3},
        REPEATED,
    ),
    "synthetic-data": ({"x": 0.06, "K": 9.0}, {"generations": np.array([0.0, 1, 3, 8, 16, 32])}),
    "rectified": ({"B": 300.0, "D_l": 300.0, "beta": 0.3, "E": 0.16}, {"tokens": np.geomspace(1e6, 1e11, 6)}),
    "transfer": (
        {"k": 1.9e4, "alpha": 0.18, "beta": 0.38},
        {"tuning_data": np.geomspace(1e5, 1e8, 6), "params": np.geomspace(1e6, 1e9, 6)},
    ),
    "bounded": (
        {
            "E": 1.7,
            "L0": 10.8,
            "a": 50.0,
            "alpha": 0.35,
            "b": 230.0,
            "beta": 0.37,
            "c": 0.2,
            "gamma": 0.1,
            "delta": 0.2,
        },
        REPEATED,
    ),
}
RISING = {
    "sigmoid",
    "coverage",
    "reinforced",
    "exponential-error",
    "best-of-n",
    "rl-overoptimised",
    "coverage-both",
    "beta-binomial",
    "coverage-power",
    "clamped-line",
    "log-sigmoid",
    "strength-params",
    "strength-compute",
    "strength-simulations",
    "self-play",
    "batch-size",
    "growth",
    "synthetic-data",
    "transfer",
}


def boards(inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Every board size at the same amounts of compute."""
    pairs = np.meshgrid(np.unique(inputs["board_size"]), np.geomspace(1e11, 1e17, 14))
    return dict(zip(inputs, (part.ravel() for part in pairs), strict=True))


def shares(inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Mixtures of every kind."""
    return dict(zip(inputs, np.random.default_rng(0).dirichlet(np.ones(len(inputs)), 80).T, strict=True))


# Designs for families whose inputs cannot be scattered one by one.
SPREAD: dict[str, Callable[[dict[str, np.ndarray]], dict[str, np.ndarray]]] = {
    "clamped-line": boards,
    "mixture:web,code,books": shares,
}
FAMILIES = [*LAWS.values(), find("mixture:web,code,books")]

every_law = pytest.mark.parametrize("law", FAMILIES, ids=lambda law: law.name)
every_table_law = pytest.mark.parametrize(
    "law", [law for law in FAMILIES if law.for_tables()], ids=lambda law: law.name
)


def other_units(law: type[Law]) -> dict[str, float]:
    """A unit for every input, far from the old one; common to those that count the same."""
    units = {name: 1.0 if name in law.pure else 7.0 * 10**index for index, name in enumerate(law.inputs)}
    return units | {name: units[group[0]] for group in law.alike for name in group}


def example(law: type[Law]) -> tuple[Law, dict[str, np.ndarray]]:
    values, inputs = CASES[law.name]
    return law(**values), inputs


@every_law
def test_it_is_registered_under_its_name_and_says_what_it_is(law: type[Law]) -> None:
    assert find(law.name) is law
    assert law.inputs
    assert law.response not in law.inputs
    assert law.reference
    assert inspect.getdoc(law) != inspect.getdoc(Law)


def test_a_law_that_is_not_there_is_named_with_its_nearest_neighbour() -> None:
    with pytest.raises(InputError, match=r"'chinchila'.*did you mean 'chinchilla'"):
        find("chinchila")


@every_law
def test_its_formula_is_latex_that_can_be_set(law: type[Law]) -> None:
    from matplotlib.mathtext import MathTextParser

    for text in (law.formula, *(parameter.symbol for parameter in law.parameters.values())):
        assert MathTextParser("path").parse(f"${text}$").width > 0


@every_law
def test_its_parameters_are_its_fields_and_their_bounds_hold_the_example(law: type[Law]) -> None:
    assert list(law.parameters) == [field.name for field in fields(law)]
    assert set(law.linear) <= set(law.parameters)
    assert set(law.zeros) <= set(law.inputs)
    for name, value in CASES[law.name][0].items():
        assert law.parameters[name].lower < value < law.parameters[name].upper


@every_law
def test_a_thousand_draws_are_answered_as_one_by_one(law: type[Law]) -> None:
    one, inputs = example(law)
    rows = np.array(list(one.values.values())) * np.linspace(0.9, 1.1, 5)[:, None]
    together = law.from_draws(rows)(**inputs)
    assert together.shape == (5, 6)
    apart = [[law(*row)(**{k: float(v[i]) for k, v in inputs.items()}) for i in range(6)] for row in rows.tolist()]
    np.testing.assert_allclose(together, apart, rtol=1e-13)  # rounding of the vectorised power alone


@every_law
def test_it_moves_one_way_along_its_inputs(law: type[Law]) -> None:
    one, inputs = example(law)
    steps = np.diff(one(**inputs))
    assert (steps > 0).all() if law.name in RISING else (steps < 0).all()


@every_law
def test_its_responses_are_ones_that_can_be_observed(law: type[Law]) -> None:
    one, inputs = example(law)
    assert (one(**inputs) >= law.lowest).all()
    assert (one(**inputs) <= law.highest).all()


@every_law
def test_inputs_that_it_does_not_take_are_refused(law: type[Law]) -> None:
    one, inputs = example(law)
    with pytest.raises(InputError, match=f"takes {', '.join(law.inputs)}; given: nothing"):
        one()
    with pytest.raises(InputError, match="bananas"):
        one(**inputs, bananas=np.ones(6))


@every_law
def test_the_examples_in_its_docstring_are_true(law: type[Law]) -> None:
    module = inspect.getmodule(law)
    for test in doctest.DocTestFinder(recurse=False).find(law, globs=vars(module).copy()):
        assert doctest.DocTestRunner().run(test).failed == 0


@every_table_law
def test_its_derivatives_are_those_of_its_formula(law: type[Law]) -> None:
    one, inputs = example(law)
    values = one.values
    slopes = one.jacobian(**inputs)
    assert slopes.shape == (len(values), 6)
    for row, (name, value) in zip(slopes, values.items(), strict=True):
        h = 1e-6 * value
        ends = [law(**{**values, name: value + side * h})(**inputs) for side in (1, -1)]
        # A central difference with a relative step of 1e-6 is good to 1e-12 / 1e-6 of the response, and its own h².
        np.testing.assert_allclose(row * value, (ends[0] - ends[1]) / 2e-6, rtol=1e-6, atol=1e-8)


@every_table_law
def test_its_second_derivatives_are_those_of_its_first(law: type[Law]) -> None:
    one, inputs = example(law)
    values = one.values
    scale = np.array(list(values.values()))
    weights = np.array([0.3, -1.0, 2.0, 0.5, 1.0, -0.2])
    bends = one.curvature(weights, **inputs) * scale * scale[:, None]
    differences = []
    for name, value in values.items():
        ends = [law(**{**values, name: value * (1 + side * 1e-5)}).jacobian(**inputs) @ weights for side in (1, -1)]
        differences.append((ends[0] - ends[1]) / 2e-5 * scale)
    np.testing.assert_allclose(bends, differences, rtol=1e-5, atol=1e-7 * np.abs(bends).max())


@every_table_law
def test_its_basis_times_its_amplitudes_is_its_response(law: type[Law]) -> None:
    if not law.linear:
        pytest.skip("not linear in any parameter")
    one, inputs = example(law)
    columns = law.basis({k: v for k, v in one.values.items() if k not in law.linear}, **inputs)
    logs = [law.log_linear and law.parameters[name].log for name in law.linear]
    amplitudes = [np.log(one.values[k]) if log else one.values[k] for k, log in zip(law.linear, logs, strict=True)]
    line = np.array(amplitudes) @ columns
    np.testing.assert_allclose(np.exp(line) if law.log_linear else line, one(**inputs), rtol=1e-13)


@every_table_law
def test_counting_inputs_in_other_units_changes_no_response(law: type[Law]) -> None:
    one, inputs = example(law)
    units = other_units(law)
    counted = one.in_units(**units)(**{name: column / units[name] for name, column in inputs.items()})
    np.testing.assert_allclose(counted, one(**inputs), rtol=1e-13)


@every_table_law
def test_its_search_sets_out_within_the_bounds(law: type[Law]) -> None:
    _, inputs = example(law)
    grid, points = law.search(**inputs), law.nodes(**inputs)
    assert set(grid) == set(points) == set(law.parameters) - set(law.linear)
    assert len({len(values) for values in points.values()}) <= 1
    for name, values in (*grid.items(), *points.items()):
        assert (values >= law.parameters[name].lower).all()
        assert (values <= law.parameters[name].upper).all()


def spread(law: type[Law]) -> dict[str, np.ndarray]:
    """The inputs of 80 runs, scattered over the example's ranges."""
    _, inputs = example(law)
    if law.name in SPREAD:
        return SPREAD[law.name](inputs)
    logs = {name: np.log(column[column > 0]) for name, column in inputs.items()}
    ends = {name: np.array([column.min(), column.max()]) for name, column in logs.items()}
    return {name: np.exp(column) for name, column in scatter(ends, 80).items()}


@cache
def fitted(law: type[Law], renamed: bool) -> tuple[Runs, Fit]:
    """A fit to 80 runs without noise in one or other units."""
    one, _ = example(law)
    columns = spread(law)
    response = np.asarray(one(**columns))
    units = other_units(law) if renamed else {}
    runs = Runs({**{name: x / units.get(name, 1.0) for name, x in columns.items()}, law.response: response})
    return runs, fit(law, runs, objective=Squares() if law.lowest < 0 else None, draws=0)


@every_table_law
def test_runs_that_follow_the_law_are_met_and_the_optimum_is_certified(law: type[Law]) -> None:
    runs, found = fitted(law, False)
    met = found.law(**{name: runs[name] for name in law.inputs})
    # The floor of the search is a residual of 1e-7 of the typical response.
    np.testing.assert_allclose(met, runs[law.response], rtol=1e-6, atol=1e-6 * np.abs(runs[law.response]).max())
    assert found.status is not Status.max_steps
    assert found.certificate.gradient < 1e-6


@every_table_law
def test_a_fit_in_other_units_predicts_the_same(law: type[Law]) -> None:
    (runs, found), (renamed, other) = fitted(law, False), fitted(law, True)
    one = found.law(**{name: runs[name] for name in law.inputs})
    two = other.law(**{name: renamed[name] for name in law.inputs})
    np.testing.assert_allclose(two, one, rtol=1e-6, atol=1e-6 * np.abs(one).max())
