"""What is left to decide once the text of a plan is bought: there one more FLOP and one more token have their worth."""

from dataclasses import replace

import numpy as np

from nextflop.planning.ledger.options import Solved
from nextflop.planning.ledger.programme import Programme
from nextflop.planning.ledger.situation import Corpus
from nextflop.planning.ledger.text import kept


def after(best: Solved) -> Programme | None:
    """The problem with the text that the decision adds among what is owned, and its cost out of the budget.

    Args:
        best: the option that is taken.

    Returns:
        None where it adds no text, and everything is still to be decided.
    """
    programme, given = best.programme, best.programme.situation
    added = tuple(
        Corpus(
            lever.source.name,
            float(tokens[0]),
            domain=lever.source.domain,
            quality=float(lever.worth(tokens)[0] / tokens[0]),
        )
        for lever, tokens in zip(programme.levers, _tokens(best), strict=True)
        if tokens[0] >= 1
    )
    if not added:
        return None
    owned = (*kept(programme.owned, programme.levers), *added)
    left = given.flop - float(best.decision.spending.text[0])
    rest = replace(given, budget=left / given.flop_per_unit, sources=owned)
    return programme.but(situation=rest, owned=owned, levers=())


def _tokens(best: Solved) -> list[np.ndarray]:
    return [lever.tokens(z[:1]) for lever, z in zip(best.programme.levers, best.decision.levers.T, strict=True)]
