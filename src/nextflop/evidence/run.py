"""One run: what was measured, under which conventions, and where the record comes from."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from nextflop.errors import InputError
from nextflop.evidence.files import Json, digest, plain


@dataclass(frozen=True)
class Source:
    """Where a run comes from: the file (or program), its SHA-256 and the reader (or recipe) that made the record."""

    file: str
    digest: str
    reader: str


@dataclass(frozen=True)
class Run:
    """One training, reinforcement-learning or sampling run.

    Attributes:
        name: what a person calls it.
        kind: what was done, such as "supervised", "rl", "sampling".
        quantities: measured and chosen amounts at the end of the run, in base units ("params", "tokens", "flop",
            "loss", "pass@1", "seconds", …); what is not finite becomes `nan`.
        conventions: how each quantity was counted, such as {"flop": "matrix products, 2 per multiply-add"}.
        config: the settings, as JSON.
        seed: the seed of all randomness, where known.
        curve: measurements along the way, each a mapping of quantities; empty if none were kept.
        source: where the record comes from.
    """

    name: str
    kind: str
    quantities: Mapping[str, int | float]
    conventions: Mapping[str, str] = field(default_factory=dict)
    config: Mapping[str, Json] = field(default_factory=dict)
    seed: int | None = None
    curve: tuple[Mapping[str, int | float], ...] = ()
    source: Source | None = None

    def __post_init__(self) -> None:
        # In the form that JSON gives back, so that a record that was written and read is equal and has the same id.
        for name, value in (
            ("quantities", _amounts(self.quantities)),
            ("conventions", MappingProxyType(dict(self.conventions))),
            ("config", MappingProxyType(plain(self.config))),
            ("curve", tuple(_amounts(point) for point in self.curve)),
        ):
            object.__setattr__(self, name, value)

    @property
    def id(self) -> str:
        """The first 16 hexadecimal digits of the digest of the record: equal records are one run."""
        return digest(self.to_json())[:16]

    def to_json(self) -> dict[str, Json]:
        """The record as JSON, `from_json` reads it back."""
        return {
            "name": self.name,
            "kind": self.kind,
            "quantities": dict(self.quantities),
            "conventions": dict(self.conventions),
            "config": dict(self.config),
            "seed": self.seed,
            "curve": [dict(point) for point in self.curve],
            "source": None if self.source is None else vars(self.source).copy(),
        }

    @classmethod
    def from_json(cls, record: Json, where: str = "the record") -> "Run":
        """Reads a record.

        Raises:
            InputError: if a field is missing or of the wrong type; `where` names the place in the message.
        """
        try:
            seed, source = record.get("seed"), record.get("source")
            return cls(
                name=str(record["name"]),
                kind=str(record["kind"]),
                quantities=_amounts(record["quantities"]),
                conventions={key: str(way) for key, way in record.get("conventions", {}).items()},
                config=record.get("config", {}),
                seed=None if seed is None else int(seed),
                curve=tuple(_amounts(point) for point in record.get("curve", ())),
                source=None if source is None else Source(**source),
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise InputError(f"{where} is not a run ({type(error).__name__}: {error}): import it again.") from error


def _amounts(quantities: Json) -> Mapping[str, float]:
    """Plain floats; null and whatever is not finite become the one `math.nan`, which equals itself inside a mapping."""
    numbers = {key: math.nan if value is None else float(value) for key, value in quantities.items()}
    return MappingProxyType({key: value if math.isfinite(value) else math.nan for key, value in numbers.items()})
