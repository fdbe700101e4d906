"""Published claims rerun on their own data and judged, and receipts that anyone can rerun."""

from nextflop.audits.catalogue import find, names
from nextflop.audits.conduct import Conducted, absent, conduct
from nextflop.audits.parse import parse

__all__ = ["Conducted", "absent", "conduct", "find", "names", "parse"]
