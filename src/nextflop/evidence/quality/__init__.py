"""Which runs to doubt, and why: flags with reasons, and the table without the flagged runs. Nothing is dropped here."""

from nextflop.evidence.quality.find import flags
from nextflop.evidence.quality.flag import CODES, Flag, without

__all__ = ["CODES", "Flag", "flags", "without"]
