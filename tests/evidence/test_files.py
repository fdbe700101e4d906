"""Files: whole or not at all, and readable after a kill."""

import json
import math
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nextflop.errors import StoreError
from nextflop.evidence.files import append_line, digest, plain, read_json, read_lines, to_json, write_bytes, write_json

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@settings(deadline=None)
@given(JSON)
def test_json_comes_back_as_it_was(value: object) -> None:
    assert json.loads(to_json(value)) == value


def test_equal_values_give_equal_text_whatever_the_order_of_keys() -> None:
    assert to_json({"b": 1, "a": 2}) == to_json({"a": 2, "b": 1})
    assert digest({"b": 1, "a": 2}) == digest({"a": 2, "b": 1})
    assert digest({"a": 2}) != digest({"a": 3})


def test_the_digest_of_bytes_is_plain_sha256() -> None:
    assert digest(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-2, B.1


def test_numpy_and_what_is_not_finite_become_plain() -> None:
    value = {"a": np.float64("nan"), "b": np.arange(2), "c": (math.inf, np.int32(3)), 4: np.bool_(True)}
    assert plain(value) == {"a": None, "b": [0, 1], "c": [None, 3], "4": True}


def test_a_name_that_is_not_unicode_can_still_be_written(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"name": "caf\udce9"})
    assert read_json(tmp_path / "a.json") == {"name": "caf\udce9"}


def test_a_write_that_fails_leaves_the_old_content_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.json"
    write_json(path, "old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match=r"Cannot write .*a\.json: No space left on device; make room there"):
        write_json(path, "new")
    assert read_json(path) == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.json"]


def test_an_interrupted_write_leaves_no_litter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", stopped)
    with pytest.raises(KeyboardInterrupt):
        write_bytes(tmp_path / "a", b"x")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match=r"Cannot write .*; choose a folder you may write to\.$"):
        write_json(tmp_path / "file" / "a.json", 1)
    with pytest.raises(StoreError, match=r"Cannot append to .*; choose a folder you may write to\.$"):
        append_line(tmp_path / "file" / "a.jsonl", 1)


def test_a_file_that_is_not_json_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"cut": ')
    with pytest.raises(StoreError, match=r"a\.json is not valid JSON .*: restore it"):
        read_json(tmp_path / "a.json")
    with pytest.raises(StoreError, match=r"Cannot read .*none\.json: No such file"):
        read_json(tmp_path / "none.json")


@settings(deadline=None)
@given(st.lists(st.text() | st.integers()))
@example(["one line\u2028to JSON", "and one\x85here"])
def test_lines_come_back_as_they_were_appended(values: list[object]) -> None:
    import tempfile  # a fixture would be shared between the examples

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.jsonl"
        for value in values:
            append_line(path, value)
        assert list(read_lines(path)) == values


@pytest.mark.parametrize("cut", range(1, 14))
def test_a_line_that_a_kill_cut_short_is_left_out_and_then_overwritten(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "a.jsonl"
    append_line(path, "first")
    append_line(path, "zweite é")
    whole = path.read_bytes()
    assert len(whole) == len(b'"first"\n') + 13 - 1
    path.write_bytes(whole[:-cut])
    assert list(read_lines(path)) == (["first"] if cut < 13 else [])
    append_line(path, "third")
    assert list(read_lines(path)) == (["first", "third"] if cut < 13 else ["third"])


def test_a_long_line_that_was_cut_short_is_removed_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    append_line(path, "first")
    with path.open("ab") as file:
        file.write(b'"' + b"x" * 200_000)  # more than one block of the search for the last line feed
    append_line(path, "second")
    assert list(read_lines(path)) == ["first", "second"]


def test_a_spoiled_line_in_the_middle_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("1\nx\n3\n")
    with pytest.raises(StoreError, match=r"a\.jsonl, line 2, is not valid JSON .*: restore the file"):
        list(read_lines(path))


def test_a_file_that_was_never_begun_has_no_lines(tmp_path: Path) -> None:
    assert list(read_lines(tmp_path / "none.jsonl")) == []
