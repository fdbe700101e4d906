"""How many real tokens synthetic text stands for, and how much of it a mixture may hold."""

import numpy as np

from nextflop.errors import InputError
from nextflop.laws.synthetic_data import SyntheticData

SHARE = 0.3
"""The share of synthetic text near which Kang et al. (2025), arXiv:2510.01631, find the best mixtures."""


def effective_tokens(law: SyntheticData, unique_tokens: float, generations: float) -> float:
    """What a source is worth once each of its documents has been rewritten g times, its own text included.

    Args:
        law: data efficiency against rewritings.
        unique_tokens: U, real tokens of the source.
        generations: g, rewritings of each document.

    Raises:
        InputError: if an amount is negative.
    """
    return _amount("unique_tokens", unique_tokens) * float(law(generations=_amount("generations", generations)))


def next_token(law: SyntheticData, generations: float) -> float:
    """What the next synthetic token is worth in real unique ones: x e^{-g/K}, the exchange rate at the margin.

    Args:
        law: data efficiency against rewritings.
        generations: g, rewritings that each document has had.

    Raises:
        InputError: if the number is negative.
    """
    return float(law.x * np.exp(-_amount("generations", generations) / law.K))


def most_generations(unique_tokens: float, real_tokens: float, share: float = SHARE) -> float:
    """Rewritings of a source up to which its synthetic text stays within a share of the mixture.

    Args:
        unique_tokens: U, tokens of the source; a rewriting of all of it is as many.
        real_tokens: real tokens that the mixture holds, those of the source among them; repeated ones count.
        share: the largest share of synthetic text, below 1.

    Raises:
        InputError: if an amount is negative, the source is empty, or the share leaves no room for real text.
    """
    if not 0 <= share < 1:
        raise InputError(f"share {share:g} cannot be used: give a share from 0 to below 1, such as {SHARE}.")
    if not _amount("unique_tokens", unique_tokens):
        raise InputError("unique_tokens 0 leaves nothing to be rewritten: give the tokens of the source.")
    return share / (1 - share) * _amount("real_tokens", real_tokens) / unique_tokens


def _amount(name: str, value: float) -> float:
    if not 0 <= value < np.inf:
        raise InputError(f"{name} {value:g} cannot be used: give a finite amount, 0 or more.")
    return value
