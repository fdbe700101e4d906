"""The vocabulary: steps on tables, questions of tables and fits, against what is known by hand."""

import math

import numpy as np
import pytest
from scipy.stats import linregress, t

from nextflop.audits.answer import Answer, holds
from nextflop.audits.declaration import Question
from nextflop.audits.of_tables import OF_TABLES
from nextflop.audits.questions import QUESTIONS, Known
from nextflop.audits.steps import apply
from nextflop.errors import FitError, InputError
from nextflop.evidence.runs import Runs
from nextflop.fitting import fit
from nextflop.judging.isoflop import surface_optimum
from nextflop.laws import Chinchilla, Power


def ask(name: str, known: Known, **of: object) -> Answer:
    return {**QUESTIONS, **OF_TABLES}[name].function(known, **of)


def tables(**columns: list[float]) -> Known:
    return Known({"t": Runs({name: np.array(values) for name, values in columns.items()})}, {}, {}, {})


@pytest.fixture(scope="module")
def fitted(noisy: Runs) -> Known:
    found = fit(Chinchilla, noisy, draws=100)
    return Known({"runs": noisy}, {"f": found}, {"f": noisy}, {"decay": Answer(15.387756, 2.0, math.inf)})


def test_records_are_rows_that_none_before_them_exceeds() -> None:
    runs = Runs({"year": np.array([3.0, 1, 2, 4, 5]), "y": np.array([2.0, 1, 3, 3, 2])})
    assert apply(runs, "records", {"column": "y", "along": "year"})["year"].tolist() == [1, 2, 4]


def test_rows_and_columns_are_chosen_and_derived() -> None:
    runs = Runs({"x": np.array([1.0, 1, 2, 3]), "name": np.array(["a", "a", "b", "b"])})
    assert apply(runs, "distinct", {"columns": ("x", "name")})["x"].tolist() == [1, 2, 3]
    assert apply(runs, "drop-highest", {"column": "x", "number": 1})["x"].tolist() == [1, 1, 2]
    assert apply(runs, "equal", {"column": "name", "text": "b"})["x"].tolist() == [2, 3]
    assert apply(runs, "power-of-ten", {"to": "y", "of": "x"})["y"].tolist() == [10, 10, 100, 1000]
    done = apply(runs, "minus", {"to": "y", "of": "x", "amount": 0.5})
    assert done["y"].tolist() == [0.5, 0.5, 1.5, 2.5]
    assert done.conventions["y"] == "derived: x - 0.5"
    with pytest.raises(InputError, match="holds text"):
        apply(runs, "log", {"to": "y", "of": "name"})
    with pytest.raises(InputError, match="leaves none"):
        apply(runs, "drop-highest", {"column": "x", "number": 9})


def test_a_line_is_that_of_least_squares_with_students_interval() -> None:
    rng = np.random.default_rng(0)
    x = rng.uniform(size=12)
    y = 2 * x + 0.1 * rng.normal(size=12)
    known = Known({"t": Runs({"x": x, "y": y})}, {}, {}, {})
    line, answer = linregress(x, y), ask("slope", known, table="t", x="x", y="y")
    assert answer.value == pytest.approx(line.slope)
    assert answer.high - answer.value == pytest.approx(line.stderr * t.ppf(0.95, 10))
    days = ask("days-to-double", known, table="t", year="x", doublings="y")
    assert days.value == pytest.approx(365.25 / line.slope)
    assert days.low < days.value < days.high


def test_what_may_not_grow_at_all_may_never_double() -> None:
    known = tables(year=[0.0, 1, 2, 3], y=[0.0, 2, -1, 1])
    answer = ask("days-to-double", known, table="t", year="year", doublings="y")
    assert answer.high == math.inf
    with pytest.raises(FitError, match="three or more"):
        ask("slope", tables(x=[1.0, 2], y=[1.0, 2]), table="t", x="x", y="y")


def test_the_lowest_row_and_where_a_law_comes_down_to_a_response() -> None:
    known = tables(x=[1.0, 2, 4, 8], y=[3.0, 1, 1, 2])
    assert ask("lowest-at", known, table="t", x="x", column="y").value == 2
    law = Power(E=1.5, A=20.0, alpha=0.25)
    runs = Runs({"compute": np.geomspace(1e3, 1e7, 9), "loss": law(compute=np.geomspace(1e3, 1e7, 9))})
    found = Known({}, {"f": fit(Power, runs, draws=0)}, {"f": runs}, {})
    assert ask("reaches", found, fit="f", response=3.0).value == pytest.approx((20 / 1.5) ** 4, rel=1e-6)
    assert ask("reaches", found, fit="f", response=1.4).value == math.inf


def test_curves_cross_between_rows_at_the_ends_or_never() -> None:
    known = tables(x=[1.0, 10, 100], a=[0.0, 1, 3], b=[1.0, 2, 2], c=[-1.0, -1, -1], d=[9.0, 9, 9])
    how = {"table": "t", "x": "x", "rounding": 0.0}
    assert ask("crossing", known, **how, first="a", second="b").value == pytest.approx(10**1.5)
    assert ask("crossing", known, **how, first="a", second="c").value == 1.0
    assert ask("crossing", known, **how, first="a", second="d").value == math.inf
    with pytest.raises(InputError, match="does not rise"):
        ask("crossing", tables(x=[2.0, 1], a=[0.0, 1], b=[1.0, 0]), **how, first="a", second="b")
    with pytest.raises(InputError, match="No row"):
        ask("change", known, table="t", x="x", column="a", start=1.0, end=11.0)


def test_answers_are_divided_with_their_ends_apart() -> None:
    known = Known({}, {}, {}, {"a": Answer(6.0, 4.0, 9.0), "b": Answer(2.0, 1.0, 3.0), "zero": Answer(0.0)})
    assert ask("ratio", known, answer="a", over="b") == Answer(3.0, 4 / 3, 9.0)
    assert ask("times", known, answer="a", over=2.0) == Answer(3.0, 2.0, 4.5)
    assert ask("again", known, answer="a") == known.answers["a"]
    with pytest.raises(FitError, match="nothing can be divided"):
        ask("ratio", known, answer="a", over="zero")


def test_optimum_regret_and_waste_belong_together(fitted: Known) -> None:
    law = fitted.fits["f"].law
    params = ask("optimal-params", fitted, fit="f", budget=1e22)
    tokens = ask("optimal-tokens", fitted, fit="f", budget=1e22)
    assert 6 * params.value * tokens.value == pytest.approx(1e22)
    assert tokens.low == pytest.approx(1e22 / 6 / params.high)
    best = ask("regret", fitted, fit="f", params=params.value, tokens=tokens.value)
    assert best.value == pytest.approx(0, abs=1e-7)
    far = {"params": 8 * params.value, "tokens": tokens.value / 8}
    worse = ask("regret", fitted, fit="f", **far)
    assert worse.low <= worse.value <= worse.high
    assert worse.value > 0.01
    wasted = ask("share-of-budget-wasted", fitted, fit="f", **far).value
    less = (1 - wasted) * 1e22
    size = float(surface_optimum(law, less))
    assert law(params=size, tokens=less / 6 / size) == pytest.approx(law(**far), rel=1e-9)


def test_objectives_at_other_parameters_are_worse(fitted: Known) -> None:
    law = fitted.fits["f"].law
    assert ask("objective-at", fitted, fit="f", at={"E": law.E}).value == pytest.approx(1)
    assert ask("objective-at", fitted, fit="f", at={"E": law.E + 0.1}).value > 1.1
    assert ask("objective-against", fitted, fit="f", other="f").value == 1
    fewer = fitted.tables["runs"].where(np.arange(50))
    other = fitted._replace(fits={**fitted.fits, "g": fit(Chinchilla, fewer, draws=0)})
    with pytest.raises(InputError, match="differ in runs or objective"):
        ask("objective-against", other, fit="f", other="g")


def test_repetition_is_worth_what_was_published(fitted: Known) -> None:
    answer = ask("worth-of-repetition", fitted, decay="decay", passes=4.0)
    assert answer.value == pytest.approx(3.726 / 4, abs=1e-4)
    assert answer.high == 1.0
    assert answer.low == pytest.approx((1 + 2 * (1 - math.exp(-1.5))) / 4)


def test_a_question_of_another_law_is_refused(fitted: Known) -> None:
    compute = np.geomspace(1e18, 1e22, 8)
    runs = Runs({"compute": compute, "loss": Power(1.7, 2e3, 0.17)(compute=compute)})
    known = Known({}, {"f": fit(Power, runs, draws=0)}, {"f": runs}, {})
    for name, of in (
        ("size-exponent", {}),
        ("optimal-params", {"budget": 1e22}),
        ("regret", {"params": 1e9, "tokens": 1e10}),
        ("take-off-factor", {}),
        ("objective-at", {"at": {"beta": 1.0}}),
        ("prediction", {"at": {"params": 1.0}}),
    ):
        with pytest.raises(InputError):
            ask(name, known, fit="f", **of)


@pytest.mark.parametrize(
    ("expect", "answer", "expected"),
    [
        ("near", Answer(1.05), True),
        ("near", Answer(1.2), False),
        ("near", Answer(math.nan), None),
        ("inside", Answer(2.0, 0.5, 3.0), True),
        ("inside", Answer(2.0, 1.5, math.inf), False),
        ("inside", Answer(2.0), None),
        ("at-most", Answer(1.9), True),
        ("at-least", Answer(1.9), False),
        ("high-at-most", Answer(1.0, 0.0, 3.0), False),
        ("low-at-least", Answer(3.0, 2.5, 4.0), True),
        ("ends-above", Answer(1.0, 0.0, math.inf), False),
        ("ends-below", Answer(1.0, 0.0, math.inf), True),
        ("ends-above", Answer(1.0), None),
        ("", Answer(1.0), None),
    ],
)
def test_expectations_hold_or_not_or_cannot_be_told(expect: str, answer: Answer, expected: bool | None) -> None:
    question = Question("c", "n", "a", {}, expect, published=1.0, tolerance=0.1, limit=2.0, unit="")
    assert holds(question, answer) is expected
