"""The Countdown study: four ways of spending compute on one task, one metric and one ledger."""

from nextflop.studies.countdown.conduct import Scope, conduct

__all__ = ["Scope", "conduct"]
