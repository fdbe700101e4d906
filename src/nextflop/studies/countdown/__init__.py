"""The Countdown study: four ways of spending compute on one task, one metric and one ledger."""

from nextflop.studies.countdown.answers import Scope
from nextflop.studies.countdown.experiment import countdown

__all__ = ["Scope", "countdown"]
