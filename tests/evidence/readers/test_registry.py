"""Which reader a path gets, and the one sentence for a path that none can read."""

import os
import shutil
import sqlite3
import struct
from contextlib import closing
from pathlib import Path

import pytest

import nextflop as nf
from nextflop.errors import InputError
from nextflop.evidence.readers.read import read_log, read_runs
from nextflop.evidence.readers.registry import find

from .test_framing import castagnoli, framed, mask

LOSS = {"loss": "val/loss"}
AS_ROOT = pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may read everything")


@pytest.mark.parametrize(
    ("tool", "place", "reader"),
    [
        ("tensorboardx", ".", "tensorboard"),
        ("tensorboardx", "r0", "tensorboard"),
        ("wandb", ".", "wandb"),
        ("wandb", "wandb/latest-run", "wandb"),
        ("mlflow", "mlflow.db", "mlflow"),
        ("mlflow", ".", "mlflow"),
        ("mlruns", ".", "mlruns"),
        ("mlruns", "mlruns", "mlruns"),
        ("trackio", ".", "trackio"),
        ("trackio", "sweep.db", "trackio"),
    ],
)
def test_what_a_path_holds_decides(written, tool: str, place: str, reader: str) -> None:
    found = find(written(tool) / place)
    assert found is not None
    assert found.reader == reader


def test_the_name_of_a_database_does_not_matter(written, tmp_path: Path) -> None:
    shutil.copyfile(written("trackio") / "sweep.db", tmp_path / "anything.bin")
    assert len(read_runs(tmp_path / "anything.bin", LOSS)) == 2


def test_the_link_to_the_latest_run_does_not_count_it_twice(written) -> None:
    reading = read_log(written("wandb"))
    assert reading is not None
    assert (written("wandb") / "wandb" / "latest-run").is_symlink()
    assert len(reading.runs) == 2


def test_logs_of_two_kinds_in_one_folder_are_not_mixed(written, tmp_path: Path) -> None:
    shutil.copyfile(written("trackio") / "sweep.db", tmp_path / "sweep.db")
    (tmp_path / "events.out.tfevents.1").write_bytes(framed([b"\x10\x01"]))
    with pytest.raises(InputError, match="holds logs of tensorboard and trackio, perhaps of the same runs"):
        read_log(tmp_path)


def test_a_store_of_our_own_is_evidence_too(tmp_path: Path) -> None:
    store = nf.Store(tmp_path / "store")
    for seed in range(3):
        store.add(nf.Run(f"r{seed}", "supervised", {"loss": 2.0 + seed}, {"loss": "nats per token"}, seed=seed))
    runs = nf.read_runs(tmp_path / "store", {"loss": "loss"})
    assert sorted(runs["loss"]) == [2.0, 3.0, 4.0]
    assert runs.conventions == {"loss": "nats per token"}


def refused(path: Path | str, *parts: str) -> None:
    with pytest.raises(InputError) as caught:
        read_runs(path, LOSS)
    for part in (str(path), *parts):
        assert part in str(caught.value)


NAMES = ["events.out.tfevents.1", "run-x.wandb", "mlflow.db", "runs.csv", "runs.jsonl", "runs.parquet"]


@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_is_not_there(name: str, tmp_path: Path) -> None:
    refused(tmp_path / name, "Cannot read", "No such file or directory; give the path of a")


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_file(name: str, tmp_path: Path) -> None:
    (tmp_path / name).touch()
    refused(tmp_path / name)


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_of_that_name(name: str, tmp_path: Path) -> None:
    (tmp_path / name).mkdir()
    refused(tmp_path / name, "is a folder without a table or a log that is known")


@pytest.mark.parametrize("name", NAMES)
def test_a_file_of_another_kind(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(bytes(range(256)) * 4)
    refused(tmp_path / name)


@AS_ROOT
@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_may_not_be_read(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"x")
    (tmp_path / name).chmod(0)
    refused(tmp_path / name, "Cannot read", "Permission denied")


@pytest.mark.parametrize("name", NAMES)
def test_permission_denied_is_said(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def deny(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    (tmp_path / name).write_bytes(b"x")
    monkeypatch.setattr(Path, "read_bytes", deny)
    monkeypatch.setattr(Path, "open", deny)
    refused(tmp_path / name, "Cannot read", "Permission denied")


def test_a_version_of_wandb_that_is_not_known(tmp_path: Path) -> None:
    (tmp_path / "run-x.wandb").write_bytes(b":W&B\xe1\xbe\x09" + bytes(100))
    refused(tmp_path / "run-x.wandb", "does not begin as a file of W&B does")


def test_an_sqlite_file_of_another_program(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE t (a)")
        connection.commit()
    refused(tmp_path / "other.db", "is an SQLite file of neither MLflow nor Trackio: export its runs as a table")
    refused_folder = pytest.raises(InputError, match="is a folder without a table or a log that is known")
    with refused_folder:
        read_log(tmp_path)


def test_a_database_that_was_cut(written, tmp_path: Path) -> None:
    data = (written("trackio") / "sweep.db").read_bytes()
    (tmp_path / "sweep.db").write_bytes(data[: len(data) // 2])
    refused(tmp_path / "sweep.db", "is damaged", "recover it with `sqlite3 FILE .recover`")


def test_huge_lengths_in_headers_take_no_room(tmp_path: Path) -> None:
    head = struct.pack("<Q", 2**62)
    (tmp_path / "events.out.tfevents.1").write_bytes(head + struct.pack("<I", mask(castagnoli(head))) + bytes(20))
    refused(tmp_path / "events.out.tfevents.1", "holds no record of an event file")
    page = b"SQLite format 3\x00" + b"\x00\x01" + bytes(82) + b"\xff" * 4000
    (tmp_path / "mlflow.db").write_bytes(page)
    refused(tmp_path / "mlflow.db", "is damaged")
    (tmp_path / "run-x.wandb").write_bytes(b":W&B\xe1\xbe\x00" + b"\0\0\0\0\xff\xff\x01" + bytes(20))
    refused(tmp_path / "run-x.wandb")


def test_a_damaged_file_among_good_ones_is_counted_and_named(written, tmp_path: Path) -> None:
    for index, path in enumerate(sorted(written("wandb").glob("wandb/offline*/*.wandb"))):
        shutil.copyfile(path, tmp_path / f"run-{index}.wandb")
    (tmp_path / "run-bad.wandb").write_bytes(b"nothing of the kind")
    runs = read_runs(tmp_path, LOSS)
    assert len(runs) == 2
    assert runs.notes == (f"{tmp_path / 'run-bad.wandb'}: 1 file without the header of W&B left out",)


def test_a_damaged_stretch_is_counted_and_named(written, tmp_path: Path) -> None:
    source = next(written("tensorboardx").glob("r0/*tfevents*"))
    data = bytearray(source.read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / source.name).write_bytes(data)
    runs = read_runs(tmp_path / source.name, LOSS, points="every")
    assert runs.notes == (f"{tmp_path / source.name}: 1 damaged stretch left out",)
    assert len(runs) in {5, 6}


def test_the_choice_of_points_is_no_option_of_a_table(tmp_path: Path) -> None:
    (tmp_path / "runs.csv").write_text("loss\n2.0\n")
    with pytest.raises(InputError, match="is a table, of which every row counts: leave out the choice of points"):
        read_runs(tmp_path / "runs.csv", {"loss": "loss"}, points="best")
