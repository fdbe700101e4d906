"""Ways of counting: one spelling each, conversions that come back, and no mixing without one."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nextflop.errors import InputError
from nextflop.evidence.conventions import SIX_ND, WAYS, agreed, canonical, convert, join
from nextflop.evidence.runs import Runs

BASE = {"loss": [2.0, 3.0], "flop": [6e18, 1e19], "params": [1e8, 2e8], "tokens": [1e10, 2e10]}
EXTRA = {"bytes_per_token": [4.0, 4.0], "embedding_params": [1e7, 1e7]}


def table(source: str = "a.csv", conventions: dict[str, str] | None = None, **columns: list[float]) -> Runs:
    return Runs(
        {name: np.array(values) for name, values in (BASE | EXTRA | columns).items()}, conventions or {}, source
    )


@pytest.mark.parametrize(
    ("quantity", "text", "name"),
    [
        ("loss", "Nats/Token", "nats per token"),
        ("loss", "  bits   per byte ", "bits per byte"),
        ("loss", "BPB", "bits per byte"),
        ("flop", "MACs", "MAC"),
        ("flop", "C = 6 N D", SIX_ND),
        ("params", "without embeddings", "non-embedding"),
        ("loss", "smoothed over 100 steps", "smoothed over 100 steps"),
        ("tokens", "unique", "unique"),
    ],
)
def test_a_convention_has_one_spelling(quantity: str, text: str, name: str) -> None:
    assert canonical(quantity, text) == name


def test_an_empty_convention_says_nothing() -> None:
    with pytest.raises(InputError, match="The convention of loss is empty"):
        canonical("loss", "  ")


@pytest.mark.parametrize(
    ("quantity", "own", "target", "values"),
    [
        ("loss", "bits per token", "nats per token", [2 * math.log(2), 3 * math.log(2)]),
        ("loss", "nats per token", "bits per byte", [2 / math.log(2) / 4, 3 / math.log(2) / 4]),
        ("loss", "perplexity", "nats per token", [math.log(2), math.log(3)]),
        ("loss", "perplexity", "bits per token", [1.0, math.log2(3)]),
        ("flop", "MAC", "FLOP", [1.2e19, 2e19]),
        ("flop", "FLOP", "MAC", [3e18, 5e18]),
        ("flop", "FLOP", "6ND", [6e18, 2.4e19]),
        ("params", "non-embedding", "all", [1.1e8, 2.1e8]),
        ("params", "all", "non-embedding", [0.9e8, 1.9e8]),
    ],
)
def test_conversions(quantity: str, own: str, target: str, values: list[float]) -> None:
    found = convert(table(conventions={quantity: own}), quantity, target)
    assert found[quantity] == pytest.approx(values, rel=1e-12)
    assert found.conventions == {quantity: target}


@given(st.sampled_from([(q, way) for q, ways in WAYS.items() for way in ways]), st.floats(1.5, 20))
def test_every_conversion_comes_back(where: tuple[str, str], value: float) -> None:
    quantity, way = where
    first = next(iter(WAYS[quantity]))
    scale = {"loss": 1.0, "flop": 1e18, "params": 1e8}[quantity]
    runs = table(conventions={quantity: first}, **{quantity: [value * scale, 2 * value * scale]})
    back = convert(convert(runs, quantity, way), quantity, first)
    assert back[quantity] == pytest.approx(runs[quantity], rel=1e-12)
    assert back.conventions == runs.conventions


@pytest.mark.parametrize(
    ("conventions", "quantity", "target", "sentence"),
    [
        ({}, "loss", "nats per token", "declare first how it is counted"),
        ({"loss": "home-made"}, "loss", "nats per token", "no conversion of loss from 'home-made' to 'nats per token'"),
        ({"loss": "nats per token"}, "loss", "furlongs", "no conversion of loss from 'nats per token' to 'furlongs'"),
        ({"tokens": "unique"}, "tokens", "seen", "no conversion of tokens from 'unique' to 'seen'; those known"),
    ],
)
def test_conversions_that_do_not_exist(conventions: dict[str, str], quantity: str, target: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        convert(table(conventions=conventions), quantity, target)


def test_a_conversion_names_the_column_that_it_needs() -> None:
    bare = Runs({"loss": np.array([0.9])}, {"loss": "bits per byte"})
    with pytest.raises(InputError, match="To convert loss to 'nats per token' the column 'bytes_per_token' is needed"):
        convert(bare, "loss", "nats per token")


def test_a_conversion_that_gives_no_amount_is_refused() -> None:
    runs = table(conventions={"params": "all"}, embedding_params=[1e7, 3e8])
    with pytest.raises(InputError, match="params 2e\\+08 of run 2 cannot be converted to 'non-embedding'"):
        convert(runs, "params", "non-embedding")


def test_tables_that_count_alike_are_joined() -> None:
    both = join([table("a", {"loss": "nats per token"}), table("b", {"loss": "nats per token"})])
    assert len(both) == 4
    assert both.conventions == {"loss": "nats per token"}
    assert both.source == "a; b"


@pytest.mark.parametrize(
    ("one", "two", "sentence"),
    [
        (
            {"loss": "nats per token"},
            {"loss": "bits per byte"},
            "loss is counted as 'nats per token' in a.csv and as 'bits per byte' in b.csv, which do not mix: "
            "convert one of them first with loss=nats per token "
            "\\(nats per token = bits per byte × ln 2 × bytes per token\\)",
        ),
        ({"flop": "FLOP"}, {"flop": "MAC"}, "with flop=FLOP \\(FLOP = 2 × MAC\\)"),
        ({"flop": "6ND"}, {"flop": "FLOP"}, "with flop=6ND \\(6 × params × tokens\\)"),
        ({"loss": "mine"}, {"loss": "yours"}, "which do not mix: convert one of them first\\."),
        ({}, {"loss": "bits per byte"}, "a.csv does not say how its loss is counted, while the other table says"),
        ({"params": "all"}, {}, "b.csv does not say how its params is counted, while the other table says 'all'"),
    ],
)
def test_tables_that_count_differently_do_not_mix(one: dict[str, str], two: dict[str, str], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        join([table("a.csv", one), table("b.csv", two)])


def test_tables_with_different_columns_do_not_mix() -> None:
    with pytest.raises(InputError, match="a and b differ in their columns \\(x\\): map the same ones"):
        join([table("a"), table("b", x=[1.0, 2.0])])


def test_what_is_declared_must_be_what_is_known() -> None:
    assert agreed("a", {"loss": "nats per token"}, {"loss": "nats", "flop": "MAC"}) == {
        "loss": "nats per token",
        "flop": "MAC",
    }
    with pytest.raises(InputError, match="a says that its loss is counted as 'nats per token', not as 'perplexity'"):
        agreed("a", {"loss": "nats per token"}, {"loss": "ppl"})
