"""How a quantity was counted, in words that can be compared; and how one way of counting turns into another.

A convention is a short text. Those of `WAYS` are known by several spellings and can be converted; any other text is
kept as it is and equals itself only. Runs that were counted in different ways are not mixed.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from nextflop.accounting import Amount, bits_per_byte, flop_from_macs, macs_from_flop, nats_per_token, six_nd
from nextflop.errors import InputError
from nextflop.evidence.runs import Runs

SIX_ND = "6ND"


class Way(NamedTuple):
    """A way of counting: to the first way of its quantity and back.

    Attributes:
        spellings: other names of it.
        needs: the columns that the conversion needs beside that of the quantity.
        to_first: the values, and the columns needed → the values as the first way counts them.
        from_first: the other direction.
        says: the conversion to the first way in words.
    """

    spellings: tuple[str, ...]
    needs: tuple[str, ...] = ()
    to_first: Callable[..., Amount] = lambda values: values
    from_first: Callable[..., Amount] = lambda values: values
    says: str = ""


WAYS: Mapping[str, Mapping[str, Way]] = {
    "loss": {
        "nats per token": Way(("nats/token", "nats", "nat per token", "natural log per token")),
        "bits per token": Way(
            ("bits/token", "bit per token"),
            to_first=lambda bits: bits * math.log(2),
            from_first=lambda nats: nats / math.log(2),
            says="nats per token = bits per token × ln 2",
        ),
        "bits per byte": Way(
            ("bits/byte", "bpb", "bit per byte"),
            ("bytes_per_token",),
            to_first=nats_per_token,
            from_first=bits_per_byte,
            says="nats per token = bits per byte × ln 2 × bytes per token",
        ),
        "perplexity": Way(("ppl",), to_first=np.log, from_first=np.exp, says="nats per token = ln perplexity"),
    },
    "flop": {
        "FLOP": Way(("flops",)),
        "MAC": Way(
            ("macs", "multiply-adds", "multiply-accumulates"),
            to_first=flop_from_macs,
            from_first=macs_from_flop,
            says="FLOP = 2 × MAC",
        ),
    },
    "params": {
        "all": Way(("total", "with embeddings", "including embeddings")),
        "non-embedding": Way(
            ("without embeddings", "nonembedding", "non embedding", "excluding embeddings"),
            ("embedding_params",),
            to_first=lambda count, embedding: count + embedding,
            from_first=lambda count, embedding: count - embedding,
            says="all = non-embedding + embedding parameters",
        ),
    },
}
"""Quantity → way → how it is counted; the first way is the one that all others are converted through."""


def canonical(quantity: str, text: str) -> str:
    """The convention that a text names, in the one spelling in which it is kept.

    Raises:
        InputError: if it is empty.
    """
    words = " ".join(text.split())
    if not words:
        raise InputError(f"The convention of {quantity} is empty: say how it was counted.")
    for name, way in WAYS.get(quantity, {}).items():
        if words.casefold() in {name.casefold(), *way.spellings}:
            return name
    return SIX_ND if quantity == "flop" and words.replace(" ", "").upper() in {"6ND", "C=6ND"} else words


def agreed(where: Path | str, known: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """The conventions of a source that has some of its own, with those that the user declares.

    Raises:
        InputError: if the two differ.
    """
    declared = {quantity: canonical(quantity, text) for quantity, text in given.items()}
    for quantity, way in declared.items():
        own = known.get(quantity, way)
        if own != way:
            raise InputError(
                f"{where} says that its {quantity} is counted as {own!r}, not as {way!r}: leave out the convention, "
                f"or convert{_advice(quantity, own, way)}."
            )
    return {**known, **declared}


def convert(runs: Runs, quantity: str, target: str) -> Runs:
    """The runs with a quantity counted in another way.

    Args:
        runs: the table; the convention of the quantity must be among its conventions.
        quantity: what is converted: loss, flop or params.
        target: a way of `WAYS`; or for flop "6ND", which replaces what was counted by 6 · params · tokens.

    Raises:
        InputError: if the convention is not known, there is no such conversion, a column that it needs is not there,
            or the result is no number.
    """
    target = canonical(quantity, target)
    own = runs.conventions.get(quantity)
    if own is not None and (own := canonical(quantity, own)) == target:
        return runs
    if quantity == "flop" and target == SIX_ND:
        values = np.asarray(six_nd(*_needed(runs, quantity, target, ("params", "tokens"))))
        return _with(runs, quantity, values, target)
    ways = WAYS.get(quantity, {})
    if own is None:
        raise InputError(f"{quantity} cannot be converted to {target!r}: declare first how it is counted.")
    if own not in ways or target not in ways:
        known = ", ".join(map(repr, ways)) or "none"
        raise InputError(
            f"There is no conversion of {quantity} from {own!r} to {target!r}; those known are of {known}."
        )
    with np.errstate(all="ignore"):
        first = ways[own].to_first(runs[quantity], *_needed(runs, quantity, target, ways[own].needs))
        values = ways[target].from_first(first, *_needed(runs, quantity, target, ways[target].needs))
    return _with(runs, quantity, np.asarray(values), target)


def join(tables: Sequence[Runs]) -> Runs:
    """One table of several, which must have the same columns and count them in the same ways.

    Raises:
        InputError: if they do not; the message names the tables, the conventions and the conversion.
    """
    first, *others = tables
    for other in others:
        if set(other.columns) != set(first.columns):
            odd = ", ".join(sorted(set(other.columns) ^ set(first.columns)))
            raise InputError(f"{first.source} and {other.source} differ in their columns ({odd}): map the same ones.")
        for quantity in sorted(first.columns):
            one, two = first.conventions.get(quantity), other.conventions.get(quantity)
            if one != two:
                raise _different(quantity, (first.source, one), (other.source, two))
    columns = {name: np.concatenate([table[name] for table in tables]) for name in first.columns}
    notes = tuple(note for table in tables for note in table.notes)
    return Runs(columns, first.conventions, "; ".join(dict.fromkeys(table.source for table in tables)), notes)


def _different(quantity: str, one: tuple[str, str | None], two: tuple[str, str | None]) -> InputError:
    (where, way), (place, other) = one, two
    if way is None or other is None:
        silent, spoken = (where, other) if way is None else (place, way)
        return InputError(
            f"{silent} does not say how its {quantity} is counted, while the other table says {spoken!r}: declare it."
        )
    return InputError(
        f"The {quantity} is counted as {way!r} in {where} and as {other!r} in {place}, which do not mix: "
        f"convert one of them first{_advice(quantity, other, way)}."
    )


def _advice(quantity: str, own: str, target: str) -> str:
    """What the conversion is, if there is one."""
    if quantity == "flop" and SIX_ND in (own, target):
        return f" with {quantity}={SIX_ND} (6 × params × tokens)"
    ways = WAYS.get(quantity, {})
    if own not in ways or target not in ways:
        return ""
    says = "; ".join(ways[way].says for way in (own, target) if ways[way].says)
    return f" with {quantity}={target} ({says})"


def _needed(runs: Runs, quantity: str, target: str, names: Sequence[str]) -> list[np.ndarray]:
    for name in names:
        if name not in runs:
            raise InputError(f"To convert {quantity} to {target!r} the column {name!r} is needed: map it too.")
    return [runs[name] for name in names]


def _with(runs: Runs, quantity: str, values: np.ndarray, way: str) -> Runs:
    if not np.isfinite(values).all() or (values <= 0).any():
        row = int(np.flatnonzero(~(np.isfinite(values) & (values > 0)))[0])
        given = runs[quantity][row] if quantity in runs else float("nan")
        raise InputError(f"{quantity} {given:g} of run {row + 1} cannot be converted to {way!r}: correct the run.")
    return replace(runs.with_columns(**{quantity: values}), conventions={**runs.conventions, quantity: way})
