"""`nextflop laws`: what is known of a family before any data."""

import pytest

from nextflop.laws import LAWS


def test_every_family_is_listed_with_formula_and_reference(nextflop) -> None:
    outcome = nextflop("laws")
    assert outcome.code == 0
    text = " ".join(outcome.out.split())
    for law in LAWS.values():
        assert f"{law.name}: " in text
        assert law.reference in text


def test_json_lists_them_with_latex_and_text(nextflop) -> None:
    laws = nextflop("laws", "--json").json["laws"]
    assert [law["name"] for law in laws] == list(LAWS)
    assert laws[0]["formula"] == {
        "latex": r"L(N, D) = E + A N^{-\alpha} + B D^{-\beta}",
        "text": "L(N, D) = E + A N^-α + B D^-β",
    }


@pytest.mark.parametrize("name", LAWS)
def test_one_family_in_full_has_every_parameter_with_its_meaning(nextflop, name: str) -> None:
    outcome = nextflop("laws", name)
    assert outcome.code == 0
    assert max(map(len, outcome.out.splitlines())) <= 80
    record = nextflop("laws", name, "--json").json
    assert list(record["inputs"]) == list(LAWS[name].inputs)
    assert set(record["parameters"]) == set(LAWS[name].parameters)
    for parameter, entry in record["parameters"].items():
        assert f"\n{parameter} " in outcome.out
        assert set(entry) == {"symbol", "unit", "meaning", "lower", "upper"}


def test_a_bound_that_is_not_there_is_null(nextflop) -> None:
    assert nextflop("laws", "chinchilla", "--json").json["parameters"]["E"]["lower"] == 0.0
    assert nextflop("laws", "chinchilla", "--json").json["parameters"]["E"]["upper"] is None


def test_the_law_of_a_mixture_says_which_columns_it_takes(nextflop) -> None:
    outcome = nextflop("laws", "mixture")
    assert outcome.code == 2
    assert "the columns with the share of each in the data: give mixture:web,code" in outcome.err
    shown = " ".join(nextflop("laws", "mixture:web,code").out.split())
    assert "From web, code to loss." in shown
    assert "the shares of a row add up to 1" in shown
    assert "--map params=COLUMN" in nextflop("laws", "chinchilla").out
    assert "COLUMN" not in nextflop("laws", "coverage").out  # it is fitted to counts
    assert "mixture:web,code" in nextflop("laws").out


def test_an_unknown_family_is_answered_with_the_nearest(nextflop) -> None:
    outcome = nextflop("laws", "sigmod")
    assert (outcome.code, outcome.out) == (2, "")
    assert "There is no law 'sigmod'; did you mean 'sigmoid'? Choose one of batch-size, " in outcome.err
