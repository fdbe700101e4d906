"""Live prices of rented chips, on request: public catalogues, one CSV file a cloud, kept with date and digest.

The catalogues are those of SkyPilot (skypilot-org/skypilot-catalog, version 7), which programs refresh every few hours.
A file is downloaded whole or not at all, and what it says is read into records dated on the day of the download.
"""

import csv
import io
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from nextflop.errors import InputError, StoreError, unknown
from nextflop.evidence.files import Json, digest, read_json, write_bytes, write_json
from nextflop.evidence.places import cache
from nextflop.prices.chip import chip
from nextflop.prices.record import Price

ADDRESS = "https://raw.githubusercontent.com/skypilot-org/skypilot-catalog/master/catalogs/v7"
"""Where the catalogues are; NEXTFLOP_PRICE_CATALOGUE names another place with the same files."""

CLOUDS: Mapping[str, str] = {
    "aws": "Amazon Web Services",
    "cudo": "Cudo Compute",
    "lambda": "Lambda",
    "nebius": "Nebius",
    "runpod": "RunPod",
}
"""Clouds whose files hold the price of a whole machine. Google's is left out: it splits host and chip over two rows."""

LARGEST = 64 << 20
"""Bytes: no catalogue is nearly so long."""

SILENCE, PATIENCE = 20.0, 180.0
"""Seconds for which a server may say nothing, and seconds for one file in all."""

_NAMES: Mapping[str, str] = {"A100": "A100 SXM 40GB", "V100": "V100 16GB"}
"""Names that mean another chip in these catalogues than here."""

_COLUMNS = ("InstanceType", "AcceleratorName", "AcceleratorCount", "Price", "Region", "SpotPrice")
_SCHEMA = 1


def refresh(clouds: Sequence[str] = tuple(CLOUDS), address: str | None = None) -> tuple[Price, ...]:
    """Downloads the catalogues and keeps them on this machine; the only function here that uses the network.

    Args:
        clouds: which of `CLOUDS`.
        address: where they are; `ADDRESS` if not given.

    Returns:
        The records that all kept catalogues hold.

    Raises:
        InputError: if there is no such cloud, or the address is not of the web.
        StoreError: if a catalogue cannot be downloaded, is none, or cannot be kept; what was kept before stays.
    """
    base = (address or os.environ.get("NEXTFLOP_PRICE_CATALOGUE") or ADDRESS).rstrip("/")
    if urlsplit(base).scheme not in ("https", "http"):
        raise InputError(f"The address {base!r} is not of the web: give one that starts with https://.")
    for cloud in clouds:
        if cloud not in CLOUDS:
            raise unknown("catalogue of a cloud", cloud, CLOUDS)
    for cloud in clouds:
        url = f"{base}/{cloud}/vms.csv"
        data = _receive(url)
        record = {
            "schema": _SCHEMA,
            "cloud": cloud,
            "url": url,
            "retrieved": datetime.now(UTC).isoformat(timespec="seconds"),
            "sha256": digest(data),
            "bytes": len(data),
        }
        if not any(_offers(data.decode("utf-8", "replace"), record)):
            raise StoreError(
                f"{url} offers no chip that is known here: it is another file, or its columns have changed."
            )
        write_bytes(folder() / f"{cloud}.csv", data)
        write_json(folder() / f"{cloud}.json", record)
    return kept()


def kept() -> tuple[Price, ...]:
    """The records of the catalogues that were downloaded to this machine; none if there are none.

    Raises:
        StoreError: if a catalogue is not the one that was downloaded.
    """
    found: list[Price] = []
    for cloud in CLOUDS:
        place = folder() / f"{cloud}.json"
        if not place.is_file():
            continue
        record = read_json(place)
        try:
            data = place.with_suffix(".csv").read_bytes()
        except OSError as error:
            raise StoreError(f"The prices of {cloud} are lost ({error.strerror or error}): refresh them.") from error
        if not isinstance(record, dict) or digest(data) != record.get("sha256"):
            raise StoreError(f"{place.with_suffix('.csv')} is not the file that was downloaded: refresh the prices.")
        found += _offers(data.decode("utf-8", "replace"), record)
    return tuple(found)


def folder() -> Path:
    """Where the catalogues are kept."""
    return cache() / "prices"


def _offers(text: str, record: Mapping[str, Json]) -> Iterator[Price]:
    """The cheapest region of every chip, on demand and on the spot market."""
    rows = csv.DictReader(io.StringIO(text))
    if not set(_COLUMNS) <= set(rows.fieldnames or ()):
        return
    cheapest: dict[tuple[str, str], Price] = {}
    cloud = str(record["cloud"])
    for row in rows:
        try:
            named = row["AcceleratorName"] or ""
            known, count = chip(_NAMES.get(named, named)), float(row["AcceleratorCount"] or 0)
        except (InputError, ValueError):
            continue  # a machine without a chip, or with one that nobody trains on
        for commitment, column in (("on-demand", "Price"), ("spot", "SpotPrice")):
            value = _number(row[column]) / count if count > 0 else 0.0
            held = cheapest.get((known.name, commitment))
            if value <= 0 or (held is not None and held.value <= value):
                continue
            cheapest[known.name, commitment] = Price(
                known.name,
                value,
                "USD",
                "chip-hour",
                commitment,
                str(record["retrieved"])[:10],
                str(record["url"]),
                CLOUDS[cloud],
                row["Region"] or "",
                "table",
                via="skypilot-catalog",
                sha256=str(record["sha256"]),
                note=f"{row['InstanceType']} ({named} × {count:g}) in its cheapest region; SXM and PCIe share names",
            )
    yield from (one for _, one in sorted(cheapest.items()))


def _number(cell: str | None) -> float:
    try:
        return float(cell or 0)
    except ValueError:
        return 0.0


def _receive(url: str) -> bytes:
    deadline = time.monotonic() + PATIENCE
    data = bytearray()
    try:
        with urlopen(Request(url, headers={"User-Agent": "nextflop"}), timeout=SILENCE) as answer:
            # read1 returns what has come, so that a server that drips cannot outlast the deadline inside one call.
            while block := answer.read1(1 << 16):
                data += block
                if len(data) > LARGEST:
                    raise StoreError(f"{url} is longer than {LARGEST} bytes: it is no catalogue.")
                if time.monotonic() > deadline:
                    raise TimeoutError(f"{len(data)} bytes in {PATIENCE:.0f} s")
    except (OSError, HTTPException) as error:
        raise StoreError(
            f"Cannot download {url} ({error}): try again on-line; the bundled prices need no network."
        ) from error
    return bytes(data)
