"""One job of a study, and what it is given to work with."""

import fcntl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import sleep

from nextflop.errors import NextflopError, StoreError
from nextflop.evidence.files import Json, digest
from nextflop.evidence.store import Store


class Stopped(NextflopError):
    """The study was asked to stop; what was done is on disk."""


@dataclass(frozen=True)
class Trial:
    """A declared job. Its id is the digest of what it does, so the same job is made once in a store.

    Attributes:
        kind: what it does, such as "supervised".
        name: what a person calls it.
        spec: everything that determines the outcome, as JSON.
        needs: ids of the trials whose results it reads.
        seconds: how long one process is expected to take; for the time left, not for the outcome.
    """

    kind: str
    name: str
    spec: Mapping[str, Json]
    needs: tuple[str, ...] = ()
    seconds: float = 1.0

    @property
    def id(self) -> str:
        """The first 16 hexadecimal digits of the digest of kind and spec."""
        return digest({"kind": self.kind, "spec": self.spec})[:16]

    def to_json(self) -> dict[str, Json]:
        """The declaration, with its id for the reader."""
        return {**vars(self), "spec": dict(self.spec), "needs": list(self.needs), "id": self.id}

    @classmethod
    def from_json(cls, record: Mapping[str, Json]) -> "Trial":
        """Reads a declaration."""
        return cls(record["kind"], record["name"], record["spec"], tuple(record["needs"]), record["seconds"])


@dataclass(frozen=True)
class Bench:
    """Where a trial works.

    Attributes:
        store: the store of the study; other trials' results are read from it.
        trial: the job.
        report: called with the share done (0 to 1) and a few words on how it goes.
        stopped: says whether the study was asked to stop.
    """

    store: Store
    trial: Trial
    report: Callable[[float, str], None] = field(default=lambda share, words: None)
    stopped: Callable[[], bool] = field(default=lambda: False)

    @property
    def folder(self) -> Path:
        """The folder of this trial's run."""
        return self.store.folder(self.trial.id)

    @contextmanager
    def owned(self) -> Iterator[None]:
        """Holds the folder against other processes at the same study; the lock dies with its holder.

        Raises:
            Stopped: if the study is asked to stop while another process holds the folder.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with (self.folder / "lock").open("w") as file:
                while not _locked(file.fileno()):
                    if self.stopped():
                        raise Stopped("stopped while another process worked on this run")
                    sleep(0.2)
                yield
        except OSError as error:
            raise StoreError(f"Cannot work in {self.folder}: {error.strerror or error}.") from error


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
