"""A file of a data set on this machine: from a mirror, from the cache, or, if asked, from where it was published."""

import os
import time
from http.client import HTTPException
from pathlib import Path
from urllib.request import Request, urlopen

from nextflop.errors import StoreError
from nextflop.evidence.files import digest, write_bytes
from nextflop.evidence.places import cache
from nextflop.published.catalogue import File, find

SILENCE = 30.0
"""Seconds for which a server may say nothing."""

PATIENCE = 300.0
"""Seconds that a download may take in all; the largest file, of 4 MB, needs 14 kB/s."""

_BLOCK = 1 << 16


def mirror() -> Path | None:
    """The folder that NEXTFLOP_MIRROR names, with one folder a data set; None if it names none."""
    folder = os.environ.get("NEXTFLOP_MIRROR")
    return Path(folder) if folder else None


def located(name: str, file: str | None = None) -> Path | None:
    """Where a file of a data set is on this machine, its content unread; None if it is not here.

    Raises:
        InputError: if there is no such data set or file.
    """
    wanted = find(name).file(file)
    places = [folder / name / wanted.name for folder in (mirror(), cache()) if folder is not None]
    return next((place for place in places if place.is_file()), None)


def fetch(name: str, file: str | None = None, *, online: bool = False) -> Path:
    """The path of a file of a data set, its content checked against the digest in the register.

    The mirror is asked first, then the cache. Nothing is downloaded unless `online` says so.

    Args:
        name: the data set.
        file: a file of it; the main one if not given.
        online: whether the file may be downloaded into the cache.

    Raises:
        InputError: if there is no such data set or file.
        StoreError: if the file is not here and may not or cannot be downloaded, or is not the one in the register.
    """
    wanted = find(name).file(file)
    place = located(name, wanted.name)
    if place is not None:
        _check(wanted, _read(place), str(place))
        return place
    if not wanted.url:
        raise StoreError(
            f"{name}/{wanted.name} is not on this machine and not published as it is ({wanted.derived}): "
            f"set NEXTFLOP_MIRROR to a folder that has it."
        )
    if not online:
        raise StoreError(
            f"{name}/{wanted.name} is not on this machine: allow the download of {wanted.bytes} bytes "
            "(online=True, or --online), or set NEXTFLOP_MIRROR to a folder that has it."
        )
    place = cache() / name / wanted.name
    download(wanted, place)
    return place


def download(wanted: File, place: Path) -> None:
    """Downloads a file and writes it, whole and checked, or not at all.

    Raises:
        StoreError: if the server cannot be reached or is too slow, or what it sends is not the file.
    """
    try:
        data = _receive(wanted)
    except (OSError, HTTPException) as error:
        raise StoreError(f"Cannot download {wanted.url} ({error}): try again, or set NEXTFLOP_MIRROR.") from error
    _check(wanted, data, wanted.url)
    write_bytes(place, data)


def _receive(wanted: File) -> bytes:
    """At most one byte more than is expected, in bounded time."""
    deadline = time.monotonic() + PATIENCE
    data = bytearray()
    request = Request(wanted.url, headers={"User-Agent": "nextflop"})
    with urlopen(request, timeout=SILENCE) as answer:
        # read1 returns what has come, so that a server that drips cannot outlast the deadline inside one call.
        while block := answer.read1(min(_BLOCK, wanted.bytes + 1 - len(data))):
            data += block
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(data)} of {wanted.bytes} bytes in {PATIENCE:.0f} s")
    return bytes(data)


def _check(wanted: File, data: bytes, where: str) -> None:
    if len(data) > wanted.bytes:
        raise StoreError(f"{where} is longer than the {wanted.bytes} bytes of {wanted.name}: it is another file.")
    found = digest(data)
    if found != wanted.sha256:
        raise StoreError(
            f"{where} has {len(data)} bytes and SHA-256 {found}, and {wanted.name} has {wanted.bytes} bytes and "
            f"{wanted.sha256}: it is another file or damaged; remove it and fetch it again."
        )


def _read(place: Path) -> bytes:
    try:
        return place.read_bytes()
    except OSError as error:
        raise StoreError(f"Cannot read {place}: {error.strerror or error}.") from error
