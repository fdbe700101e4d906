"""The optimum over a life: the published cases to their digits, the numeric optimum, and what must not matter."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from scipy.optimize import minimize_scalar

import nextflop as nf
from nextflop.errors import FitError, InputError
from nextflop.laws import Chinchilla
from nextflop.planning.allocation import optimum
from nextflop.planning.constants import SETS, constants
from nextflop.planning.lifetime import break_even, lifetime, lives, quality

LAWS = st.builds(
    Chinchilla,
    E=st.floats(0.5, 2),
    A=st.floats(50, 2000),
    B=st.floats(50, 5000),
    alpha=st.floats(0.2, 0.6),
    beta=st.floats(0.2, 0.6),
)


@pytest.mark.parametrize(
    ("name", "like", "served", "saving"),
    [
        ("hoffmann", "13B", 2e12, 0.174),
        ("hoffmann", "30B", 1e13, 0.280),
        ("hoffmann", "7B", 1e11, 0.008),
        ("hoffmann-rounded", "13B", 2e12, 0.101),
        ("hoffmann-rounded", "30B", 1e13, 0.182),
        ("hoffmann-rounded", "7B", 1e11, 0.003),
        ("besiroglu", "13B", 2e12, 0.290),
        ("besiroglu", "30B", 1e13, 0.427),
        ("besiroglu", "7B", 1e11, 0.022),
    ],
)
def test_the_saving_hangs_on_the_digits_of_the_constants(name: str, like: str, served: float, saving: float) -> None:
    assert lifetime(name, served, like=like).saving.value == pytest.approx(saving, abs=0.002)


def test_the_published_cases_of_sardana_and_frankle() -> None:
    small, large = lifetime("hoffmann", 2e12, like=13e9), lifetime("hoffmann", 1e13, like=30e9)
    assert small.params.value == pytest.approx(6.97e9, rel=0.002)
    assert small.tokens.value == pytest.approx(1.248e12, rel=0.002)
    assert small.stretch.value == pytest.approx(2.16, abs=0.01)
    assert small.saved.value == pytest.approx(1.69e22, rel=0.002)
    assert large.params.value == pytest.approx(1.36e10, rel=0.002)
    assert large.stretch.value == pytest.approx(2.84, abs=0.01)


def test_every_answer_names_its_constants_with_all_their_digits() -> None:
    told = lifetime("hoffmann", 2e12, like=13e9).to_json()["law"]
    assert told["name"] == "hoffmann"
    assert told["values"] == {"E": 1.69, "A": 406.4, "B": 410.7, "alpha": 0.336, "beta": 0.283}
    assert "2401.00448" in told["source"]
    with pytest.raises(InputError, match="did you mean 'hoffmann'"):
        lifetime("hofmann", 2e12, like=13e9)


@given(LAWS, st.floats(1e8, 1e12), st.floats(0, 1e15), st.floats(0.2, 20))
def test_the_root_is_the_optimum_of_a_search(law: Chinchilla, like: float, served: float, price: float) -> None:
    loss = float(quality(law, like))
    found = lives(law, loss, served, price)
    rest = loss - float(law.E)

    def cost(share: float) -> float:  # log of the cost, by the share of the loss above E that is of tokens
        params = (law.A / (rest * (1 - share))) ** (1 / law.alpha)
        tokens = (law.B / (rest * share)) ** (1 / law.beta)
        return float(np.log(params) + np.log(6 * tokens + 2 * served * price))

    searched = minimize_scalar(cost, bounds=(1e-12, 1 - 1e-9), method="bounded", options={"xatol": 1e-12})
    assert np.log(found.cost) <= searched.fun + 1e-9
    np.testing.assert_allclose(law(params=found.params, tokens=found.tokens), loss, rtol=1e-9)


@given(LAWS, st.floats(1e8, 1e12))
def test_with_nothing_served_it_is_the_chinchilla_optimum(law: Chinchilla, like: float) -> None:
    found = lives(law, quality(law, like), 0.0)
    np.testing.assert_allclose(found.params, like, rtol=1e-6)
    params, tokens = optimum(law, float(6 * found.params * found.tokens))
    np.testing.assert_allclose([found.params, found.tokens], [params, tokens], rtol=1e-6)
    np.testing.assert_allclose(found.cost, found.plain_cost)


@given(LAWS, st.floats(1e8, 1e12), st.floats(1e8, 1e14))
def test_more_tokens_served_never_ask_for_a_larger_model(law: Chinchilla, like: float, served: float) -> None:
    found = lives(law, quality(law, like), np.array([served, 3 * served]))
    assert found.params[1] <= found.params[0] * (1 + 1e-9)
    savings = 1 - found.cost / found.plain_cost
    assert (savings >= -1e-9).all()
    assert savings[1] >= savings[0] - 1e-9


@given(LAWS, st.floats(1e9, 1e12), st.floats(1e9, 1e14))
def test_units_do_not_matter(law: Chinchilla, like: float, served: float) -> None:
    base = lives(law, quality(law, like), served)
    thousands = lives(law.in_units(params=1e3, tokens=1e3), quality(law, like), served / 1e3)
    np.testing.assert_allclose(thousands.params * 1e3, base.params, rtol=1e-6)
    np.testing.assert_allclose(thousands.tokens * 1e3, base.tokens, rtol=1e-6)


@given(st.floats(0.2, 0.95))
def test_the_break_even_is_where_both_cost_the_same(share: float) -> None:
    law = constants("besiroglu").law
    loss = float(quality(law, 13e9))
    params = 13e9 * share
    served = float(break_even(law, loss, params))
    tokens = (law.B / (loss - law.E - law.A * params**-law.alpha)) ** (1 / law.beta)
    plain = lives(law, loss, 0.0)
    small, large = (6 * n * d + 2 * n * served for n, d in ((params, tokens), (plain.plain_params, plain.plain_tokens)))
    assert small == pytest.approx(float(large))


def test_no_number_of_tokens_pays_for_a_larger_model_and_none_for_one_too_small() -> None:
    law = constants("hoffmann").law
    loss = float(quality(law, 13e9))
    assert break_even(law, loss, 2e10) == np.inf
    assert np.isnan(break_even(law, loss, 1e8))


def test_draws_give_intervals_and_those_that_cannot_reach_the_loss_are_counted(noisy) -> None:
    fit = nf.fit(nf.Chinchilla, noisy, draws=200, seed=1)
    found = lifetime(fit, "2T", like="13B")
    assert found.saving.low < found.saving.value < found.saving.high
    assert (found.draws, found.unreachable) == (200, 0)
    at_loss = lifetime(fit, "2T", loss=float(fit.law.E) + 0.001)
    assert 0 < at_loss.unreachable < 200
    assert found.to_json()["law"]["name"] == "fitted to 100 runs"


def test_the_price_of_serving_weighs_as_more_tokens_would() -> None:
    assert (
        lifetime("besiroglu", 2e12, like=13e9, serving_price=3).params == lifetime("besiroglu", 6e12, like=13e9).params
    )


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"served": -1.0}, InputError, "negative"),
        ({"like": None}, InputError, "quality once"),
        ({"loss": 2.0}, InputError, "quality once"),
        ({"like": None, "loss": 1.5}, FitError, "no model reaches it"),
        ({"like": 0.0}, InputError, "not positive"),
        ({"serving_price": 0.0}, InputError, "not positive"),
        ({"level": 1.5}, InputError, "probability"),
    ],
)
def test_what_cannot_be_asked_is_a_sentence(change: dict, error: type, said: str) -> None:
    asked = {"law": "besiroglu", "served": 1e12, "like": 13e9, **change}
    with pytest.raises(error, match=said):
        lifetime(**asked)


def test_the_sets_are_to_the_digits_that_were_published() -> None:
    assert SETS["besiroglu"].law.values == {"E": 1.8172, "A": 482.01, "B": 2085.43, "alpha": 0.3478, "beta": 0.3658}
    assert SETS["hoffmann"].law.alpha == 0.336
    assert SETS["hoffmann-rounded"].law.alpha == 0.34
