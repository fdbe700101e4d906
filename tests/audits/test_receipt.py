"""Receipts: written, read back, compared, and what is refused."""

import copy
import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nextflop.audits import Conducted, conduct, find, names, parse
from nextflop.audits.receipt import Receipt, compare, of_audit, read, write
from nextflop.errors import InputError, StoreError

Get = Callable[[str], Conducted]


@pytest.fixture
def written(conducted: Get, tmp_path: Path) -> Path:
    path = tmp_path / "jones.json"
    write(path, of_audit(conducted("jones")))
    return path


def spoil(path: Path, *keys: Any, to: Any) -> Path:
    """The same receipt with one entry replaced, or left out for `...`."""
    record = json.loads(path.read_text())
    place = record
    for key in keys[:-1]:
        place = place[key]
    if to is ...:
        del place[keys[-1]]
    else:
        place[keys[-1]] = to
    path.write_text(json.dumps(record))
    return path


@pytest.mark.parametrize("name", names())
def test_a_receipt_is_read_as_it_was_written_and_holds_all_that_a_rerun_needs(
    conducted: Get, tmp_path: Path, name: str
) -> None:
    receipt = of_audit(conducted(name))
    write(tmp_path / "receipt.json", receipt)
    again = read(tmp_path / "receipt.json")
    assert again == receipt
    assert compare(receipt, again) == ()
    assert parse(again.name, again.how) == replace(find(name), record=again.how)
    assert set(again.outcomes) == {f"{name}/{headline.code}" for headline in find(name).headlines}
    assert again.versions["numpy"]


@pytest.mark.parametrize("name", ["jones", "marin", "metr", "synthllm"])
def test_a_rerun_from_the_receipt_alone_gives_the_same_numbers_to_the_last_digit(conducted: Get, name: str) -> None:
    receipt = of_audit(conducted(name))
    now = of_audit(conduct(parse(receipt.name, json.loads(json.dumps(receipt.how)))))
    assert now.numbers == receipt.numbers
    assert compare(receipt, now) == ()


def changed(receipt: Receipt, **entries: Any) -> Receipt:
    return replace(copy.deepcopy(receipt), **entries)


def test_what_differs_is_named_and_whether_it_decides(conducted: Get) -> None:
    receipt = of_audit(conducted("jones"))
    value, low, high = receipt.numbers["slope"]
    assert value is not None and low is not None and high is not None  # noqa: PT018
    cases: list[tuple[Receipt, str, str, bool]] = [
        (changed(receipt, numbers={**receipt.numbers, "slope": (value * 1.001, low, high)}), "number", "slope", True),
        (changed(receipt, numbers={**receipt.numbers, "slope": (value, low - 2, high)}), "number", "slope", True),
        (changed(receipt, numbers={**receipt.numbers, "slope": (value, None, high)}), "number", "slope", True),
        (changed(receipt, numbers={**receipt.numbers, "slope": (value,)}), "number", "slope", True),
        (changed(receipt, numbers={**receipt.numbers, "more": (1.0,)}), "number", "more", True),
        (changed(receipt, outcomes={**receipt.outcomes, "jones/slope": "fail"}), "outcome", "jones/slope", True),
        (
            changed(receipt, data={**receipt.data, "frontier": {**receipt.data["frontier"], "sha256": "0" * 64}}),
            "data",
            "frontier, sha256",
            True,
        ),
        (changed(receipt, versions={**receipt.versions, "numpy": "1.0"}), "version", "numpy", False),
    ]
    for other, what, name, decisive in cases:
        (difference,) = compare(other, receipt)
        assert (difference.what, difference.name, difference.decisive) == (what, name, decisive)


def test_rounding_elsewhere_is_within_the_tolerance(conducted: Get) -> None:
    receipt = of_audit(conducted("jones"))
    shaken = {
        name: tuple(None if part is None else part * (1 + 1e-6) for part in number)
        for name, number in receipt.numbers.items()
    }
    assert compare(changed(receipt, numbers=shaken), receipt) == ()


@pytest.mark.parametrize(
    ("keys", "to", "says"),
    [
        (("schema",), 2, "schema 2"),
        (("schema",), True, "schema True"),
        (("schema",), ..., "schema None"),
        (("kind",), "study", "no kind of receipt 'study'"),
        (("kind",), 7, "kind = 7 is not a text"),
        (("how",), ..., "has no 'how'"),
        (("extra",), 1, "no entry 'extra'"),
        (("numbers", "slope"), ["506"], "numbers = "),
        (("numbers", "slope"), [], "numbers = "),
        (("numbers", "slope"), [math.inf], "numbers = "),
        (("numbers", "slope"), [1.0, 2.0, 3.0, 4.0], "numbers = "),
        (("data",), [1], "data = "),
        (("outcomes", "jones/slope"), 1, "outcomes = "),
        (("tolerance", "value"), 0.5, "share from 0 to 0.1"),
        (("tolerance", "value"), -1, "share from 0 to 0.1"),
        (("tolerance",), {}, "has no 'value'"),
    ],
)
def test_a_file_that_is_no_receipt_is_refused(written: Path, keys: tuple[str, ...], to: Any, says: str) -> None:
    with pytest.raises(InputError, match=says):
        read(spoil(written, *keys, to=to))


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "receipt.json"
    with pytest.raises(StoreError, match="No such file"):
        read(path)
    path.write_text("[1]")
    with pytest.raises(InputError, match="not a receipt"):
        read(path)
    path.write_text("{")
    with pytest.raises(StoreError, match="not valid JSON"):
        read(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(StoreError, match="not valid JSON"):
        read(path)
    path.write_text("[" * 100_000)
    with pytest.raises(InputError, match="nested too deeply"):
        read(path)
    with pytest.raises(InputError, match="not a file"):
        read(tmp_path)
    with path.open("wb") as file:
        file.truncate(1 << 25)
    with pytest.raises(InputError, match="more than a receipt ever has"):
        read(path)
