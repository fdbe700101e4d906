"""A folder of runs: one sub-folder a run, written atomically, readable with `cat`, mergeable with `cp`.

    store.json                   {"schema": 1}
    runs/<id>/run.json           the record; written last, so a folder without it is an unfinished run
    runs/<id>/…                  what else the run keeps: learning curve, snapshots, counts

Every writer owns the folder of its run, so many writers need no lock.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nextflop.errors import StoreError
from nextflop.evidence.files import read_json, write_json
from nextflop.evidence.run import Run

SCHEMA = 1


@dataclass(frozen=True)
class Store:
    """A store of runs on disk; opening one that does not exist makes it.

    Raises:
        StoreError: if the folder cannot be used, or was written under another schema.
    """

    root: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "root", Path(self.root))
        marker = self.root / "store.json"
        if not marker.exists():
            write_json(marker, {"schema": SCHEMA})
        record = read_json(marker)
        schema = record.get("schema") if isinstance(record, dict) else record
        if schema != SCHEMA:
            raise StoreError(
                f"{marker} has schema {schema!r}, this version reads {SCHEMA}: install the version that wrote it."
            )

    def folder(self, id: str) -> Path:
        """The folder of one run."""
        return self.root / "runs" / id

    def add(self, run: Run, id: str | None = None) -> str:
        """Writes a finished run and returns its id; adding the same run again changes nothing.

        Args:
            run: the record.
            id: the name of its folder, for a run that was declared before it was made; else the id of the record.
        """
        id = run.id if id is None else id
        write_json(self.folder(id) / "run.json", run.to_json())
        return id

    def load(self, id: str) -> Run:
        """Reads a finished run.

        Raises:
            StoreError: if it is absent or cannot be read.
            InputError: if what is there is not a run.
        """
        path = self.folder(id) / "run.json"
        return Run.from_json(read_json(path), where=str(path))

    def finished(self) -> tuple[str, ...]:
        """The ids of the finished runs, sorted."""
        return tuple(id for id, done in self._folders() if done)

    def unfinished(self) -> tuple[str, ...]:
        """The ids of the runs that were begun and have no record yet, sorted."""
        return tuple(id for id, done in self._folders() if not done)

    def __iter__(self) -> Iterator[Run]:
        return (self.load(id) for id in self.finished())

    def _folders(self) -> Iterator[tuple[str, bool]]:
        folders = self.root / "runs"
        for path in sorted(folders.iterdir()) if folders.exists() else ():
            if path.is_dir():
                yield path.name, (path / "run.json").exists()
