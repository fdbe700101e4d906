"""What a check says: one outcome, one number against one threshold, one sentence."""

from dataclasses import dataclass
from enum import Enum

from nextflop.evidence.files import Json


class Outcome(Enum):
    """The four answers of a check; the value is what the user reads."""

    passed = "pass"
    warn = "warn"
    fail = "fail"
    unknown = "cannot tell"


@dataclass(frozen=True)
class Verdict:
    """The answer of one check.

    Attributes:
        code: for machines, stable across versions.
        name: for people.
        outcome: pass, warn, fail or cannot tell.
        statistic: what was measured; nan if it could not be.
        threshold: where the outcome turns from pass to warn.
        sentence: what was found and what it means.
    """

    code: str
    name: str
    outcome: Outcome
    statistic: float
    threshold: float
    sentence: str

    def to_json(self) -> dict[str, Json]:
        """The verdict as JSON."""
        return {**vars(self), "outcome": self.outcome.value}
