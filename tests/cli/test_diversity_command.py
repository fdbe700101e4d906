"""`nextflop diversity`: files side by side, what is lost of the real text, and what cannot be read."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from nextflop.cli import diversity as command
from nextflop.outlook.diversity.measures import NAMES


def write(path: Path, seed: int, last: int = 5000, documents: int = 300) -> Path:
    rng = np.random.default_rng(seed)
    edges = np.cumsum(np.arange(1, last + 1) ** -1.1)
    rows = np.searchsorted(edges, rng.random((documents, 60)) * edges[-1])
    path.write_text("".join(" ".join(f"w{rank}" for rank in row) + "\n" for row in rows.tolist()))
    return path


def test_files_are_shown_side_by_side(nextflop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    one, other = write(tmp_path / "one.txt", 0), tmp_path / "other.txt.gz"
    other.write_bytes(gzip.compress(one.read_bytes()))
    done = nextflop("diversity", one, other, "--window", 1024)
    assert done.code == 0
    assert done.err == ""
    for name in NAMES.values():
        (line,) = (line for line in done.out.splitlines() if line.startswith(name + "  "))
        values = line.removeprefix(name).split()
        assert values[: len(values) // 2] == values[len(values) // 2 :]
    assert "in windows of 1,024 words" in done.out
    assert "at 18,000 words" in done.out
    assert "seed 0" in done.out


def test_the_json_has_every_measure_with_its_interval(nextflop, tmp_path: Path) -> None:
    done = nextflop("diversity", write(tmp_path / "one.txt", 0), "--window", 1024, "--seed", 3, "--json")
    assert done.code == 0
    (corpus,) = done.json["corpora"]
    assert list(corpus["measures"]) == list(NAMES)
    assert set(corpus["measures"]["distinct_2"]) == {"value", "low", "high"}
    assert corpus["measures"]["vendi"]["low"] < corpus["measures"]["vendi"]["value"]
    assert (corpus["documents"], corpus["words"], corpus["against"]) == (300, 18_000, None)
    assert done.json["seed"] == 3


def test_a_lost_tail_is_exit_code_1_and_as_much_as_is_allowed_is_not(nextflop, tmp_path: Path) -> None:
    real, cut = write(tmp_path / "real.txt", 0), write(tmp_path / "cut.txt", 1, last=600)
    words = ("diversity", cut, "--real", real, "--window", 1024, "--tail", 300)
    done = nextflop(*words)
    assert done.code == 1
    assert "cut.txt: fail:" in done.out
    assert "replace" in done.out
    assert "real.txt (real)" in done.out
    assert nextflop(*words, "--lost", 0.9).code == 0
    told = nextflop(*words, "--json")
    assert told.code == 1
    against = told.json["corpora"][1]["against"]
    assert against["verdict"]["code"] == "tail_kept"
    assert against["lost"]["low"] > 0.1
    assert told.json["real"] is True


def test_records_are_read_by_their_field(nextflop, tmp_path: Path) -> None:
    lines = write(tmp_path / "a.txt", 0).read_text().splitlines()
    records = tmp_path / "a.jsonl"
    records.write_text("".join(json.dumps({"body": line, "text": "x"}) + "\n" for line in lines))
    done = nextflop("diversity", records, "--field", "body", "--window", 1024, "--json")
    assert done.json["corpora"][0]["words"] == 18_000


@pytest.mark.parametrize(
    ("name", "data", "words", "told"),
    [
        ("a.txt", b"", (), "a.txt is empty: give a file with text."),
        ("a.txt", b"\x7fELF\0\0", (), "is not text (byte 4 is 0)"),
        ("a.jsonl", b'{"body": "x"}', (), "has no field 'text': name one of 'body' with --field."),
        ("a.txt", b"few words\n", (), "has 2 words, fewer than a window of 8192"),
        ("a.txt", b"few words\n", ("--window", "7"), "window 7 cannot be used"),
        ("a.txt", b"few words\n", ("--real", "absent.txt"), "Cannot read absent.txt (No such file or directory)"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(
    nextflop, tmp_path: Path, name: str, data: bytes, words: tuple[str, ...], told: str
) -> None:
    (tmp_path / name).write_bytes(data)
    done = nextflop("diversity", name, *words)
    assert done.code == 2
    assert told in done.err
    assert done.err.count("\n") == 1
    assert done.out == ""


def test_a_name_in_a_refusal_cannot_steer_the_terminal(nextflop) -> None:
    done = nextflop("diversity", "absent\x1b[31m.txt")
    assert (done.code, done.err.count("\x1b")) == (2, 0)
    assert "absent\\x1b[31m.txt" in done.err


def test_no_file_is_wrong_use(nextflop) -> None:
    done = nextflop("diversity")
    assert done.code == 2
    assert "no file to measure" in done.err


def test_what_was_left_out_is_said_and_names_are_never_markup(
    nextflop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nextflop.outlook.diversity.documents.BLOCK", 1 << 14)
    path = write(tmp_path / "[red]\x1b[31m.txt", 0)
    with path.open("ab") as file:
        file.write(b"bad \xff\n" + b"x " * 2000)
    done = nextflop("diversity", path, "--window", 1024)
    assert done.code == 0
    assert "[red]\\x1b[31m.txt: signs in place of bytes that are not UTF-8: 1." in done.err
    assert "\x1b[31m" not in done.out + done.err


def test_progress_says_how_far_it_is_and_what_is_left(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    clock = iter([0.0, 20.0, 21.0, 60.0])
    monkeypatch.setattr(command.time, "monotonic", lambda: next(clock))
    watch = command.Watch(None)
    watch("dir/a.txt", 0.0)
    watch("dir/a.txt", 0.02)  # too soon for another line
    watch("dir/a.txt", 0.25)
    assert capsys.readouterr().err.splitlines() == ["  0% of a.txt", " 25% of a.txt, 2:00 left"]
