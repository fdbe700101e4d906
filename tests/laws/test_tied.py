"""Ties: a family with a parameter fewer that is the parent wherever the two are equal."""

import numpy as np
import pytest

from nextflop.errors import InputError
from nextflop.evidence.runs import Runs
from nextflop.fitting import Status, fit
from nextflop.laws import LAWS, Chinchilla, DataConstrained, Law, OverTraining, find, tie

EQUAL = tie(Chinchilla, beta="alpha")
PARAMS, TOKENS = 10 ** np.random.default_rng(0).uniform((7.5, 9), (10, 11.5), (60, 2)).T
COLUMNS = {"params": PARAMS, "tokens": TOKENS}


def test_it_is_the_parent_with_equal_parameters() -> None:
    law = EQUAL(E=1.8, A=480.0, B=2100.0, alpha=0.35)
    parent = Chinchilla(E=1.8, A=480.0, B=2100.0, alpha=0.35, beta=0.35)
    np.testing.assert_array_equal(law(**COLUMNS), parent(**COLUMNS))
    assert law.untied == parent
    moved = law.in_units(params=1e9, tokens=1e6)
    np.testing.assert_allclose(moved(params=PARAMS / 1e9, tokens=TOKENS / 1e6), parent(**COLUMNS), rtol=1e-13)


def test_it_says_what_it_is() -> None:
    assert EQUAL.name == "chinchilla[beta=alpha]"
    assert EQUAL.formula.endswith(r"\; \beta = \alpha")
    assert list(EQUAL.parameters) == ["E", "A", "B", "alpha"]
    assert EQUAL.parameters["alpha"].meaning == "exponent of parameters, and exponent of tokens"
    assert EQUAL.linear == ("E", "A", "B")


def test_the_same_tie_is_the_same_family_by_any_way() -> None:
    assert tie(Chinchilla, beta="alpha") is EQUAL
    assert find("chinchilla[beta=alpha]") is EQUAL
    assert find("chinchilla[ beta = alpha ]") is EQUAL
    two = find("data-constrained[R_N=R_D,beta=alpha]")
    assert two is tie(DataConstrained, beta="alpha", R_N="R_D")
    assert two.name == "data-constrained[beta=alpha,R_N=R_D]"
    assert find(two.name) is two


def test_its_derivatives_are_those_of_its_formula() -> None:
    law = EQUAL(E=1.8, A=480.0, B=2100.0, alpha=0.35)
    np.testing.assert_allclose(law.jacobian(**COLUMNS), Law.jacobian(law, **COLUMNS), rtol=1e-12)
    weights = np.sin(np.arange(60.0))
    by_difference = Law.curvature(law, weights, **COLUMNS)
    np.testing.assert_allclose(law.curvature(weights, **COLUMNS), by_difference, rtol=1e-6, atol=1e-9)


def test_its_fit_is_that_of_the_over_training_law() -> None:
    # Gadre et al. (2024), section 2.2: the same family in other inputs, η = α/2.
    loss = Chinchilla(E=1.8, A=480.0, B=2100.0, alpha=0.35, beta=0.38)(**COLUMNS)
    loss = loss * np.exp(0.003 * np.random.default_rng(1).normal(size=60))
    tied = fit(EQUAL, Runs({**COLUMNS, "loss": loss}), draws=50)
    other = {"compute": 6 * PARAMS * TOKENS, "tokens_per_param": TOKENS / PARAMS}
    gadre = fit(OverTraining, Runs({**other, "loss": loss}), draws=0)
    assert tied.status is Status.converged
    assert tied.objective == pytest.approx(gadre.objective, rel=1e-9)
    assert tied.law.values["alpha"] == pytest.approx(2 * gadre.law.values["eta"], rel=1e-6)
    assert tied.law.values["A"] * 6 ** (tied.law.values["alpha"] / 2) == pytest.approx(gadre.law.values["a"], rel=1e-5)
    free = fit(Chinchilla, Runs({**COLUMNS, "loss": loss}), draws=0)
    assert free.objective < tied.objective


def test_guesses_that_need_the_response_are_made_for_ties_too() -> None:
    law = find("data-constrained[beta=alpha]")
    truth = law(E=1.87, A=521.0, B=1488.0, alpha=0.35, R_D=15.4, R_N=5.3)
    columns = COLUMNS | {"unique_tokens": TOKENS / 10 ** np.random.default_rng(2).uniform(0, 1.5, 60)}
    found = fit(law, Runs({**columns, "loss": truth(**columns)}), draws=0)
    np.testing.assert_allclose(list(found.law.values.values()), list(truth.values.values()), rtol=1e-5)


@pytest.mark.parametrize("name", ["chinchilla", "skaling", "data-constrained", "overfit-penalty", "bounded"])
def test_equal_exponents_leave_every_law_of_two_resources_with_a_parameter_fewer(name: str) -> None:
    assert len(find(f"{name}[beta=alpha]").parameters) == len(LAWS[name].parameters) - 1


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("chinchilla[B=A]", "counted in different units: tie pure numbers"),
        ("chinchilla[E=A]", "have different bounds"),
        ("chinchilla[A=B,B=A]", "B is given up itself"),
        ("chinchilla[alpha=alpha]", "alpha is given up itself"),
        ("chinchilla[beta=gamma]", "no parameter of chinchilla 'gamma'"),
        ("chinchilla[beta]", "is no tie: give the parameters as in chinchilla"),
        ("chinchilla[]", "is no tie"),
        ("chinchila[beta=alpha]", "did you mean 'chinchilla'"),
        ("coverage[pi=mu]", "is not fitted to a table of runs"),
    ],
)
def test_ties_that_cannot_be_are_refused_with_the_reason(name: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        find(name)
