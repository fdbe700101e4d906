"""What a situation refuses, each in one sentence, and what it adds up."""

from dataclasses import replace

import pytest

from nextflop.errors import InputError
from nextflop.planning.ledger.situation import Corpus, Limits, Situation, Use
from nextflop.planning.ledger.text import levers

TEXT = Corpus("text", 25e9)
BOOKS = Corpus("books", 1e9, kind="licensed", price=1e-6)
MADE = Corpus("m", 0.0, kind="synthetic", made_from="text", price=1e-9)


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (lambda: Corpus("web", -1.0), "tokens = -1: give 0 or more"),
        (lambda: Corpus("web", 1e9, quality=0.0), "quality = 0"),
        (lambda: Corpus("web", 1e9, access=1.5), "access = 1.5"),
        (lambda: Corpus("web", 1e9, kind="rented"), "kind of source 'rented'"),
        (lambda: Corpus("books", 1e9, kind="licensed"), "costs nothing: give its price"),
        (lambda: Corpus("made", 0.0, kind="synthetic", price=1e-8), "name with made_from the owned source"),
        (lambda: Use(queries=-1.0), "queries = -1"),
        (lambda: Limits(most_epochs=0.5), "every token is seen once"),
        (lambda: Limits(fewest_params=1e9, most_params=1e8), "contradict each other"),
        (lambda: Situation(0.0), "budget 0 is not positive"),
        (lambda: Situation(1e22, unit="EUR"), "unit of a budget 'EUR'"),
        (lambda: Situation(1e22, flop_price=0.0), "price of compute, $0 a FLOP, is not positive"),
        (lambda: Situation(1e22, sources=(TEXT, TEXT)), "Two sources are called 'text'"),
        (
            lambda: Situation(1e22, sources=(TEXT, Corpus("books", 1e9, kind="licensed", price=1e-6))),
            "has a price and compute has none",
        ),
        (
            lambda: Situation(1e22, flop_price=1e-18, sources=(Corpus("b", 1e9, kind="licensed", price=1e-6),)),
            "no owned text",
        ),
        (lambda: Situation(1e22, sources=(Corpus("web", 1e9, epochs_used=2.0),)), "a model is trained further"),
        (
            lambda: Situation(
                1e22, flop_price=1.0, sources=(TEXT, Corpus("m", 0.0, kind="synthetic", made_from="x", price=1e-9))
            ),
            "owned source that 'm' is made from 'x': choose one of text.",
        ),
        (
            lambda: Situation(1e22, flop_price=1.0, sources=(TEXT, BOOKS, replace(MADE, made_from="books"))),
            "owned source that 'm' is made from 'books': choose one of text.",
        ),
        (
            lambda: Situation(1e22, flop_price=1.0, sources=(TEXT, replace(MADE, domain="code"))),
            "is said to be 'code' and is made from 'text', which is 'text': drop its domain",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(made: object, says: str) -> None:
    with pytest.raises(InputError, match=r"\.$") as refused:
        made()  # type: ignore[operator]
    assert says in str(refused.value)


def test_a_source_that_leaves_nothing_to_use_is_refused() -> None:
    made = Corpus("m", 0.0, kind="synthetic", made_from="text", price=1e-9, share=0.3, replaces=True)
    with pytest.raises(InputError, match="replaces all real text"):
        levers(Situation(1e22, flop_price=1e-18, sources=(TEXT, made)))


def test_made_text_is_of_the_domain_of_what_it_is_made_from() -> None:
    prose = replace(TEXT, domain="prose")
    for said in (MADE, replace(MADE, domain="prose")):
        given = Situation(1e22, flop_price=1.0, sources=(said, prose))
        assert [one.domain for one in given.sources] == ["prose", "prose"]
        assert given.to_json()["sources"][0]["domain"] == "prose"  # type: ignore[index]


def test_tokens_count_by_access_and_quality() -> None:
    given = Situation(1e22, sources=(Corpus("a", 10e9, access=0.5, quality=0.4), Corpus("b", 3e9)))
    assert given.unique == pytest.approx(2e9 + 3e9)
    assert [one.name for one in given.owned] == ["b", "a"]


def test_a_budget_in_hours_is_worth_its_flop() -> None:
    assert Situation(100.0, "chip-hours", flop_per_unit=1.4e18).flop == pytest.approx(1.4e20)
