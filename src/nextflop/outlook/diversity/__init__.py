"""What a corpus has: how much of it repeats itself, how its rare words thin out, what it kept of the text behind it."""

from nextflop.outlook.diversity.compare import Diversity, Measured, diversity

__all__ = ["Diversity", "Measured", "diversity"]
