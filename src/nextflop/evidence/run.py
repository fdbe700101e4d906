"""One run: what was measured, under which conventions, and where the record comes from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Self

from nextflop.errors import InputError
from nextflop.evidence.files import Json, digest


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
            "loss", "pass@1", "seconds", …).
        conventions: how each quantity was counted, such as {"flop": "matrix products, 2 per multiply-add"}.
        config: the settings, as JSON.
        seed: the seed of all randomness, where known.
        curve: measurements along the way, each a mapping of quantities; empty if none were kept.
        source: where the record comes from.
    """

    name: str
    kind: str
    quantities: Mapping[str, float]
    conventions: Mapping[str, str] = field(default_factory=dict)
    config: Mapping[str, Json] = field(default_factory=dict)
    seed: int | None = None
    curve: tuple[Mapping[str, float], ...] = ()
    source: Source | None = None

    def __post_init__(self) -> None:
        for name in ("quantities", "conventions", "config"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))
        object.__setattr__(self, "curve", tuple(MappingProxyType(dict(point)) for point in self.curve))

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
    def from_json(cls, record: Json, where: str = "the record") -> Self:
        """Reads a record.

        Raises:
            InputError: if a field is missing or of the wrong type; `where` names the place in the message.
        """
        try:
            source = record.get("source")
            return cls(
                name=str(record["name"]),
                kind=str(record["kind"]),
                quantities={k: float("nan") if v is None else float(v) for k, v in record["quantities"].items()},
                conventions={k: str(v) for k, v in record.get("conventions", {}).items()},
                config=record.get("config", {}),
                seed=record.get("seed"),
                curve=tuple(
                    {k: float("nan") if v is None else float(v) for k, v in point.items()}
                    for point in record.get("curve", ())
                ),
                source=None if source is None else Source(**source),
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise InputError(f"{where} is not a run ({type(error).__name__}: {error}): import it again.") from error
