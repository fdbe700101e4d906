"""What is left to decide once the text of a plan is bought: there one more FLOP and one more token have their worth."""

from dataclasses import replace

import numpy as np

from nextflop.planning.ledger.options import Solved
from nextflop.planning.ledger.programme import Programme
from nextflop.planning.ledger.situation import Corpus
from nextflop.planning.ledger.text import Lever, added, kept


def after(best: Solved) -> Programme | None:
    """The problem with the text that the decision adds among what is owned, and its cost out of the budget.

    Args:
        best: the option that is taken.

    Returns:
        None where it adds no text, and everything is still to be decided.
    """
    programme, given = best.programme, best.programme.situation
    text = added(programme.levers, best.decision.levers[0])
    bought = tuple(
        Corpus(name, tokens, domain=lever.source.domain, quality=_quality(lever, tokens))
        for lever, (name, tokens) in zip(programme.levers, text.items(), strict=True)
        if tokens >= 1
    )
    if not bought:
        return None
    owned = (*kept(programme.owned, programme.levers), *bought)
    left = given.flop - float(best.decision.spending.text[0])
    rest = replace(given, budget=left / given.flop_per_unit, sources=owned)
    return programme.but(situation=rest, owned=owned, levers=())


def _quality(lever: Lever, tokens: float) -> float:
    """What one of them counts in the mean."""
    return float(lever.worth(np.array([tokens]))[0]) / tokens
