"""Studies of self-play: strength against parameters, training and the depth of search, on one ledger."""

from nextflop.studies.selfplay.answers import Scope
from nextflop.studies.selfplay.experiment import GAMES, self_play

__all__ = ["GAMES", "Scope", "self_play"]
