"""The store: many writers, no lock, nothing lost."""

import inspect
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nextflop.errors import InputError, StoreError
from nextflop.evidence.run import Run, Source
from nextflop.evidence.store import Store


def made(number: int) -> Run:
    return Run(f"run {number}", "supervised", {"loss": 2.0 + number}, seed=number, source=Source("a", "b", "c"))


def test_a_run_is_loaded_as_it_was_added(tmp_path: Path) -> None:
    store = Store(tmp_path)
    id = store.add(made(1))
    assert id == made(1).id
    assert store.load(id) == made(1)
    assert list(Store(tmp_path)) == [made(1)]


def test_adding_a_run_twice_changes_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path)
    id = store.add(made(1))
    before = (store.folder(id) / "run.json").read_bytes()
    assert store.add(made(1)) == id
    assert (store.folder(id) / "run.json").read_bytes() == before
    assert store.finished() == (id,)


def test_a_run_that_was_begun_and_not_finished_is_listed_as_such(tmp_path: Path) -> None:
    store = Store(tmp_path)
    (store.folder("begun")).mkdir(parents=True)
    (store.folder("begun") / "curve.jsonl").write_text('{"step": 1}\n')
    store.add(made(1), id="done")
    assert store.finished() == ("done",)
    assert store.unfinished() == ("begun",)
    store.add(made(2), id="begun")
    assert store.unfinished() == ()
    assert store.load("begun") == made(2)


def test_a_new_store_is_empty(tmp_path: Path) -> None:
    assert Store(tmp_path / "new").finished() == ()
    assert (tmp_path / "new" / "store.json").exists()


def test_a_missing_or_corrupt_record_is_one_sentence(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with pytest.raises(StoreError, match=r"Cannot read .*run\.json: No such file"):
        store.load("none")
    id = store.add(made(1))
    path = store.folder(id) / "run.json"
    path.write_text(path.read_text()[:-20])
    with pytest.raises(StoreError, match=r"run\.json is not valid JSON .*: restore it"):
        store.load(id)
    path.write_text('{"name": "a"}')
    with pytest.raises(InputError, match=r"run\.json is not a run .*: import it again"):
        store.load(id)


@pytest.mark.parametrize("marker", ['{"schema": 99}', "[]", "{}"])
def test_a_store_of_another_schema_is_refused_and_not_touched(tmp_path: Path, marker: str) -> None:
    (tmp_path / "store.json").write_text(marker)
    with pytest.raises(StoreError, match="this version reads 1: install the version that wrote it"):
        Store(tmp_path)
    assert (tmp_path / "store.json").read_text() == marker


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="choose a folder you may write to"):
        Store(tmp_path / "file")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_leave_to_write_is_one_sentence(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="Permission denied; choose a folder you may write to"):
        Store(tmp_path / "new")


def _write_many(root: Path, first: int) -> "subprocess.Popen[bytes]":
    """A process of its own that writes thirty runs."""
    program = f"""
from pathlib import Path
from nextflop.evidence.run import Run, Source
from nextflop.evidence.store import Store

{inspect.getsource(made)}
store = Store(Path({str(root)!r}))
for number in range({first}, {first + 30}):
    store.add(made(number))
"""
    return subprocess.Popen([sys.executable, "-c", program])


def test_two_processes_write_into_one_store_at_once(tmp_path: Path) -> None:
    # Ten runs are written by both; every reader sees whole records all the while.
    writers = [_write_many(tmp_path / "store", first) for first in (0, 20)]
    while any(writer.poll() is None for writer in writers):
        for run in Store(tmp_path / "store"):
            assert run == made(run.seed if run.seed is not None else -1)
    assert [writer.wait() for writer in writers] == [0, 0]
    store = Store(tmp_path / "store")
    assert sorted(run.seed or 0 for run in store) == list(range(50))
    assert not [path for path in store.root.rglob("*") if path.name.startswith(".")]
