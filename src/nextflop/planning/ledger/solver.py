"""The optimum of a problem: the best of its pieces, and of lesser budgets where a law knows overfitting.

Where a deadline may bind the training alone it is the better of the optima in either coordinates, see `programme`.
"""

from collections.abc import Callable

import numpy as np

from nextflop.planning.ledger.members import Member
from nextflop.planning.ledger.piece import NARROW, Best, Mean, Piece, fewer
from nextflop.planning.ledger.programme import CORNERS, MARGIN, Programme, Spending

Losses = Callable[[Spending, np.ndarray], np.ndarray]
"""A spending and the numbers of the rows that it is for, shape (some,) → losses, shape (some, points)."""


def solve(programme: Programme, member: Member) -> Best:
    """The optimum of every row of a law."""
    return _lower([_solve(one, member) for one in _coordinates(programme)])


def _coordinates(programme: Programme) -> tuple[Programme, ...]:
    """The problem, and where a deadline may bind the same in a hurry."""
    return (programme, programme.hurry()) if programme.binds else (programme,)


def _solve(programme: Programme, member: Member) -> Best:
    """As `solve`, in one kind of coordinates."""
    found = [piece.solve(member) for piece in pieces(programme)]
    best, first = _lower(found), member.take(np.zeros(1, int))

    def loss(spent: Spending, rows: np.ndarray) -> np.ndarray:
        return programme.loss(member, member.take(rows), spent)

    less = _wasteful(programme, found, lambda spent: programme.loss(member, member.law, spent))
    less |= _saves(programme, best, loss, lambda spent: programme.loss(member, first, spent))
    if not less.any():
        return best
    rows = np.flatnonzero(less)
    some = member._replace(law=member.take(np.concatenate([[0], rows])))  # a first look is one at the first row
    other = _solve(programme.but(thrifty=True), some)
    return _lower([best, _spread(other, rows, best)])


def least(programme: Programme, mean: Mean, like: Mean, few: Mean) -> Best:
    """The optimum of one function of the spending, such as the mean of many laws; one row.

    Args:
        programme: the problem.
        mean: the function; above 0, for what is nearly as low is told by shares of it.
        like: one that is far cheaper and has its optimum nearby, for the first look.
        few: one that is cheaper and has all of its hollows, to see whether a lesser budget has an optimum of its own.
    """
    return _lower([_least(one, mean, like, few) for one in _coordinates(programme)])


def _least(programme: Programme, mean: Mean, like: Mean, few: Mean) -> Best:
    """As `least`, in one kind of coordinates."""
    found = [piece.least(mean, like) for piece in pieces(programme)]
    best = _lower(found)
    if not (_wasteful(programme, found, mean).any() or _spares(programme, best, few)):
        return best
    return _lower([best, _least(programme.but(thrifty=True), mean, like, few)])


def pieces(programme: Programme) -> tuple[Piece, ...]:
    """Those along which there is any way; the last where there is none at all."""
    every = [Piece(programme, index) for index in range(CORNERS - 1)]
    return tuple(piece for piece in every if piece.width > NARROW) or (every[-1],)


def _wasteful(programme: Programme, found: list[Best], loss: Mean) -> np.ndarray:
    """Where it would be better not to spend everything at the optimum of any piece, shape (rows,).

    Of any, for with thrift the optimum of one piece may fall below that of another, which needs none.
    """
    less = np.zeros(len(found[0].loss), bool)
    if programme.thrifty:
        return less
    for best in found:
        spent = Spending(*(part[:, None] for part in best.spending))
        less |= np.any([loss(one)[:, 0] < best.loss * (1 - MARGIN) for one in fewer(spent)], axis=0)
    return less


def _saves(programme: Programme, best: Best, loss: Losses, first: Mean) -> np.ndarray:
    """Where a lesser budget may have an optimum of its own, shape (rows,).

    Args:
        programme: the problem.
        best: the optimum without thrift.
        loss: of some rows at ways to spend.
        first: the loss of one row, which tells whether the law knows overfitting at all: whether fewer tokens or
            fewer parameters are better anywhere.
    """
    others = () if programme.thrifty else pieces(programme.but(thrifty=True))
    found = np.zeros(len(best.loss), bool)
    if not any(piece.overfits(first, best.levers[:1]) for piece in others):
        return found
    every = np.arange(len(found))
    for piece in others:
        rows = np.flatnonzero(piece.falls(lambda spent: loss(spent, every), best.levers))
        if rows.size:
            some = piece.spared(lambda spent, rows=rows: loss(spent, rows), best.levers[rows])
            found[rows] |= some
    return found


def _spares(programme: Programme, best: Best, few: Mean) -> bool:
    """As `_saves`, of the mean of many laws: whether a look over lesser budgets sees anything that is nearly as good.

    Whether it falls does not tell: a bound on what a law may lose leaves it flat where all lose that much.
    """
    others = () if programme.thrifty else pieces(programme.but(thrifty=True))
    if not any(piece.overfits(few, best.levers) for piece in others):
        return False
    here = few(Spending(*(part[:, None] for part in best.spending)))[0, 0]
    return any(piece.rivals(few, best.levers, here) for piece in others)


def _lower(found: list[Best]) -> Best:
    """Row by row the better one."""
    best = found[0]
    for other in found[1:]:
        better = other.loss < best.loss
        spending = Spending(
            *(np.where(better, new, old) for old, new in zip(best.spending, other.spending, strict=True))
        )
        best = Best(
            np.where(better, other.loss, best.loss),
            spending,
            np.where(better[:, None], other.levers, best.levers),
            np.where(better, other.converged, best.converged),
        )
    return best


def _spread(some: Best, rows: np.ndarray, like: Best) -> Best:
    """The optima of some rows, of which the first is left out, among all; infinite elsewhere."""
    every = Best(
        np.full_like(like.loss, np.inf),
        Spending(*(part.copy() for part in like.spending)),
        like.levers.copy(),
        like.converged.copy(),
    )
    every.loss[rows], every.levers[rows], every.converged[rows] = some.loss[1:], some.levers[1:], some.converged[1:]
    for part, new in zip(every.spending, some.spending, strict=True):
        part[rows] = new[1:]
    return every
