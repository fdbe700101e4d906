"""May the fit be believed: named checks, one verdict each."""

from nextflop.judging.checks import check
from nextflop.judging.verdict import Outcome, Verdict

__all__ = ["Outcome", "Verdict", "check"]
