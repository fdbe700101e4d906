"""What a chip can do and what it draws, with the peak of every number format apart, and dense apart from sparse."""

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from nextflop.errors import InputError, unknown
from nextflop.evidence.files import Json

FORMATS = ("fp4", "int8", "fp8", "fp16", "bf16", "tf32", "fp32")
"""Number formats of the multiplications, by their bits."""

BYTES: Mapping[str, float] = MappingProxyType(
    {"fp4": 0.5, "int8": 1.0, "fp8": 1.0, "fp16": 2.0, "bf16": 2.0, "tf32": 4.0, "fp32": 4.0}
)
"""Bytes of a number in memory."""


@dataclass(frozen=True)
class Chip:
    """One accelerator.

    Attributes:
        name: what it is called here.
        maker: who makes it.
        released: the day of its release, as 2022-09-20.
        peaks: number format → dense peak in FLOP/s, a multiply-add being two; integer formats in operations/s.
        sparse: by how many times the peak is higher with two zeros in four numbers; 1 if the chip knows no such mode.
        memory: bytes.
        bandwidth: of the memory, in bytes/s; nan if not known.
        tdp: watts of the chip by design; nan if not known.
        server_power: watts of its share of the server for each watt of the chip.
        server_price: price of its share of the server for each dollar of the chip.
        tdp_share: what the server draws in training, as a share of what it could.
        aliases: other names.
        source: where the figures stand.
        note: what else there is to know.
    """

    name: str
    maker: str
    released: str
    peaks: Mapping[str, float]
    sparse: float
    memory: float
    bandwidth: float = math.nan
    tdp: float = math.nan
    server_power: float = 1.8
    server_price: float = 1.64
    tdp_share: float = 0.75
    aliases: tuple[str, ...] = ()
    source: str = ""
    note: str = ""

    def peak(self, number: str = "bf16", sparse: bool = False) -> float:
        """The peak in FLOP/s for a number format.

        Raises:
            InputError: if the chip has no such format, or no sparse mode.
        """
        form = _format(number)
        if form not in self.peaks:
            raise InputError(f"{self.name} has no peak for {form}: its formats are {', '.join(self.peaks)}.")
        if sparse and (self.sparse <= 1 or form == "fp32"):
            raise InputError(f"{self.name} has no sparse mode for {form}: take the dense peak.")
        return self.peaks[form] * (self.sparse if sparse else 1.0)

    @property
    def server_kw(self) -> float:
        """Kilowatts of the chip's share of a server at full load.

        Raises:
            InputError: if the chip's power is not known.
        """
        if math.isnan(self.tdp):
            raise InputError(
                f"The power of {self.name} is not public: give it as `tdp` in watts, or take another chip."
            )
        return self.tdp * self.server_power / 1000

    def to_json(self) -> dict[str, Json]:
        """The record as JSON."""
        return {**vars(self), "peaks": dict(self.peaks), "aliases": list(self.aliases)}


@dataclass(frozen=True)
class _Catalogue:
    chips: tuple[Chip, ...]
    named: Mapping[str, Chip] = field(default_factory=dict)


def chips() -> tuple[Chip, ...]:
    """The chips of the snapshot, by maker and age."""
    return _catalogue().chips


def chip(name: str | Chip) -> Chip:
    """A chip by one of its names; capitals, spaces and dashes do not matter.

    Raises:
        InputError: if there is none of that name; the message has the nearest match.
    """
    if isinstance(name, Chip):
        return name
    found = _catalogue().named.get(_plain(name))
    if found is None:
        near = get_close_matches(_plain(name), _catalogue().named, n=2, cutoff=0.5)
        hint = " or ".join(repr(one) for one in dict.fromkeys(_catalogue().named[one].name for one in near))
        known = ", ".join(one.name for one in chips())
        raise InputError(
            f"There is no chip {name!r}: choose one of {known}{f'; did you mean {hint}?' if hint else '.'}"
        )
    return found


def _format(number: str) -> str:
    form = number.strip().casefold()
    if form not in FORMATS:
        raise unknown("number format", number, FORMATS)
    return form


def _plain(name: str) -> str:
    return re.sub(r"[\s_\-/]+", "", name).casefold().removeprefix("nvidia").removeprefix("google").removeprefix("amd")


@cache
def _catalogue() -> _Catalogue:
    text = (files("nextflop.prices") / "snapshot" / "chips.toml").read_text(encoding="utf-8")
    made = []
    entries: dict[str, dict[str, Json]] = tomllib.loads(text)
    for name, entry in entries.items():
        entry["peaks"] = MappingProxyType({form: entry["peaks"][form] for form in FORMATS if form in entry["peaks"]})
        entry["aliases"] = tuple(entry.get("aliases", ()))
        made.append(Chip(name=name, **entry))
    named = {_plain(alias): one for one in made for alias in (one.name, *one.aliases)}
    return _Catalogue(tuple(made), named)
