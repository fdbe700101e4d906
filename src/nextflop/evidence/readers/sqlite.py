"""SQLite files of other programs, opened so that nothing about them changes."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from nextflop.errors import InputError
from nextflop.evidence.files import digest
from nextflop.evidence.readers.reading import content

MAGIC = b"SQLite format 3\x00"
_COMPANIONS = ("-wal", "-journal")


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that cannot write, to a file that has been found whole.

    The file is opened as one that nobody changes, so that neither a lock nor a file beside it is made. What a running
    program has not yet written back to it (a file ending in -wal or -journal) is read too: then a copy is opened.

    Raises:
        InputError: if it is no SQLite file, cannot be read, or is damaged.
    """
    if content(path)[: len(MAGIC)] != MAGIC:
        raise InputError(f"{path} is not an SQLite file: give the database that the tracker wrote.")
    try:
        with _settled(path) as file, closing(sqlite3.connect(_uri(file), uri=True)) as connection:
            connection.text_factory = bytes
            connection.execute("PRAGMA query_only = 1")
            connection.execute("PRAGMA trusted_schema = 0")
            (said,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            if said not in ("ok", b"ok"):
                raise sqlite3.DatabaseError(said.decode(errors="replace") if isinstance(said, bytes) else said)
            yield connection
    except (sqlite3.Error, UnicodeDecodeError) as error:  # its messages may quote what is not UTF-8
        says = " ".join(str(error).split())
        raise InputError(
            f"{path} is damaged ({says}): restore a backup, or recover it with `sqlite3 FILE .recover`."
        ) from error


@contextmanager
def _settled(path: Path) -> Iterator[Path]:
    """The file, or a copy into which what lies beside it has been worked."""
    beside = [path.with_name(path.name + ending) for ending in _COMPANIONS]
    if not any(file.exists() and file.stat().st_size for file in beside):
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        try:
            for file in (path, *(file for file in beside if file.exists())):
                shutil.copyfile(file, Path(folder) / file.name)
        except OSError as error:
            raise InputError(
                f"Cannot read {path}: {error.strerror or error}; close the program that writes it."
            ) from error
        copy = Path(folder) / path.name
        with closing(sqlite3.connect(copy)) as connection:  # rolls back or works in what was left
            connection.execute("PRAGMA journal_mode = DELETE")
        yield copy


def _uri(path: Path) -> str:
    return f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1"


def tables(connection: sqlite3.Connection) -> dict[str, tuple[str, ...]]:
    """The names of the tables and of their columns."""
    names = [plain(name) for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {
        name: tuple(plain(column) for (column,) in connection.execute("SELECT name FROM pragma_table_info(?)", (name,)))
        for name in names
    }


def plain(value: object) -> str:
    """A text as it stands in the file, in which what is not UTF-8 is shown as such."""
    return value.decode(errors="backslashreplace") if isinstance(value, bytes) else str(value)


def fingerprint(path: Path) -> str:
    """SHA-256 of the file, or of the digests of it and what lies beside it."""
    beside = [path.with_name(path.name + ending) for ending in _COMPANIONS]
    there = [file for file in beside if file.exists() and file.stat().st_size]
    if not there:
        return digest(content(path))
    return digest({file.name: digest(content(file)) for file in (path, *there)})
