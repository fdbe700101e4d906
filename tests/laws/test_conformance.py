"""What every registered family keeps to, whichever it is."""

import doctest
import inspect
from dataclasses import fields

import numpy as np
import pytest

from nextflop.errors import InputError
from nextflop.laws import LAWS, Law, find

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
}
RISING = {"sigmoid", "coverage", "reinforced"}

every_law = pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
every_table_law = pytest.mark.parametrize("law", [law for law in LAWS.values() if "search" in vars(law)])


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
    np.testing.assert_allclose(np.array([one.values[k] for k in law.linear]) @ columns, one(**inputs), rtol=1e-13)


@every_table_law
def test_counting_inputs_in_other_units_changes_no_response(law: type[Law]) -> None:
    one, inputs = example(law)
    units = {name: 1.0 if name in law.pure else 7.0 * 10**index for index, name in enumerate(law.inputs)}
    counted = one.in_units(**units)(**{name: column / units[name] for name, column in inputs.items()})
    np.testing.assert_allclose(counted, one(**inputs), rtol=1e-13)


@every_table_law
def test_its_search_sets_out_within_the_bounds(law: type[Law]) -> None:
    _, inputs = example(law)
    grid = law.search(**inputs)
    assert set(grid) == set(law.parameters) - set(law.linear)
    for name, values in grid.items():
        assert (values >= law.parameters[name].lower).all()
        assert (values <= law.parameters[name].upper).all()
