"""Files become documents: lines, paragraphs and records, in blocks of any size, compressed or not."""

import gzip
import json
from pathlib import Path

import pytest

from nextflop.errors import InputError
from nextflop.outlook.diversity import documents
from nextflop.outlook.diversity.documents import batches, source


def read(path: Path, field: str | None = None) -> list[str]:
    return [text for batch in batches(source(path, field)) for text in batch.texts]


@pytest.mark.parametrize("block", [1, 3, 7, 1 << 20])
@pytest.mark.parametrize("packed", [False, True])
def test_lines_paragraphs_and_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int, packed: bool
) -> None:
    monkeypatch.setattr(documents, "_start", lambda path: path_start)
    monkeypatch.setattr(documents, "BLOCK", block)
    path = tmp_path / ("text.gz" if packed else "text")

    def write(data: bytes) -> bytes:
        path.write_bytes(gzip.compress(data) if packed else data)
        return data

    path_start = write("one é\r\ntwo\n three ".encode())
    assert read(path) == ["one é", "two", " three "]
    path_start = write(b"\xef\xbb\xbfa\nb\n\n\n \nc d\n\ne\n")
    assert [text.strip() for text in read(path)] == ["a\nb", "c d", "e"]
    path_start = write(b'{"text": "x y"}\n\n{"n": 1, "text": "z\\n\\u00e9"}\n{"text": null}\n{"text": "last"}')
    assert read(path, "text") == ["x y", "z\né", "last"]


def test_what_is_left_out_cut_and_replaced_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "LONGEST", 10)
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": " "}\n{"text": "0123456789abcdefghijxyz"}\n')
    (batch,) = batches(source(path))
    assert batch.texts == ["0123456789", "abcdefghij", "xyz"]
    assert (batch.blank, batch.cut, batch.done) == (1, 2, 1.0)
    path = tmp_path / "a.txt"
    path.write_bytes(b"fine\n" * 300_000 + b"bad \xff\xfe\n")
    assert sum(batch.replaced for batch in batches(source(path))) == 2


def test_text_without_an_end_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "LONGEST", 1000)
    monkeypatch.setattr(documents, "BLOCK", 512)
    path = tmp_path / "a.txt"
    path.write_text("word " * 1000)
    found = read(path)
    assert max(map(len, found)) == 1000
    assert "".join(found) == "word " * 1000
    assert sum(batch.cut for batch in batches(source(path))) == 5


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("a.txt", b"", "is empty"),
        ("a.txt", b" \n\n ", "is empty"),
        ("a.txt", b"PAR1\x00\x01", "is not text"),
        ("a.txt", b"caf\xe9 noir", "not text in UTF-8 .byte 3 is 0xe9"),
        ("a.gz", b"\x1f\x8bnonsense", "Cannot read"),
        ("a.gz", gzip.compress(b"some text to be cut short", mtime=0)[:-12], "Cannot read"),
        ("a.jsonl", b'{"text": "x"}\nnot json\n', "Line 2 of .* is not JSON"),
        ("a.jsonl", b"[1, 2]\n", "Line 1 of .* is not a JSON object"),
        ("a.jsonl", b'{"body": "x", "id": 1}\n', "has no field 'text': name one of 'body', 'id' with --field"),
        ("a.jsonl", b"{}\n", "name one of nothing"),
        ("a.jsonl", b'{"text": 3}\n', "Field 'text' in line 1 of .* is no text"),
        ("a.jsonl", b'{"\\u001b[31m\\u202e": "x"}\n', r"name one of '\\x1b\[31m\\u202e'"),
    ],
)
def test_what_is_no_text_is_one_sentence(tmp_path: Path, name: str, data: bytes, told: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=told) as caught:
        read(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_a_field_does_not_make_records_of_plain_text(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one\ntwo\n")
    (tmp_path / "a").write_text('{"body": "one"}\n')
    assert read(tmp_path / "a.txt", "body") == ["one", "two"]
    assert read(tmp_path / "a", "body") == ["one"]


def test_a_file_that_is_not_there_and_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.txt", tmp_path):
        with pytest.raises(InputError, match=f"Cannot read {path}"):
            source(path)


def test_a_line_of_json_that_would_fill_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "LONGEST_LINE", 1 << 20)
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"text": "x" * (3 << 20)}))
    with pytest.raises(InputError, match=r"Line 1 of .* has more than 1 MiB"):
        read(path)
