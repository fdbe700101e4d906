"""nextflop's own folders of runs."""

from pathlib import Path

from nextflop.errors import InputError
from nextflop.evidence.files import digest
from nextflop.evidence.origin import beside, origin
from nextflop.evidence.readers.reading import Reading
from nextflop.evidence.store import Store

READER = "store"
MARKER = "store.json"


def read_store(root: Path) -> Reading:
    """Reads the finished runs of a store; those of an import must be the ones that were imported.

    Raises:
        InputError: if they are not.
        StoreError: if it was written under another schema, or a record cannot be read.
    """
    runs = tuple(Store(root))
    if beside(root / "runs").is_file():
        origin(root / "runs", fingerprint(root))
        for id, run in zip(Store(root).finished(), runs, strict=True):
            if run.id != id:
                raise InputError(f"{root}: run {id} is not the one that was imported: import it again.")
    return Reading(runs)


def fingerprint(root: Path) -> str:
    """The digest of the ids of a store's runs."""
    return digest(list(Store(root).finished()))
