r"""Least sums of exponentials over shares that add up to 1 and have caps, for many rows at once.

$$\min_r \sum_t a_t e^{b_t \cdot r} \quad \text{with} \quad \sum_j r_j = 1, \; 0 \le r_j \le cap_j$$

The sum is convex, so what meets the conditions of Karush, Kuhn and Tucker is the optimum. A primal-dual interior point
method walks there; what it leaves within rounding of a bound is put on the bound.
"""

from typing import NamedTuple

import numpy as np

from nextflop.errors import FitError

_STEPS = 100
_DONE = 1e-15  # of the mean product of a share and its multiplier, the objective being of the order of 1
_MISSED = 1e-9  # of a slope
_BACK = 0.995  # of the way to a bound, the longest step
_ON = 1e-8  # from a bound, at which a share is put on it
_FREE = 2.0  # a cap that no share on the simplex comes to
_RIDGE = 1e-14


class Shares(NamedTuple):
    """The optimum of every row.

    Attributes:
        shares: shape (rows, domains).
        value: of the sum, shape (rows,).
        level: the slope that all shares between their bounds have, shape (rows,).
        floor: by how much a share of 0 has a higher slope, 0 for others, shape (rows, domains).
        cap: by how much a share at its cap has a lower slope: what a wider cap is worth, of that shape.
    """

    shares: np.ndarray
    value: np.ndarray
    level: np.ndarray
    floor: np.ndarray
    cap: np.ndarray


def least(a: np.ndarray, b: np.ndarray, caps: np.ndarray) -> Shares:
    """The optimum of every row.

    Args:
        a: factors, 0 or more, shape (rows, terms).
        b: exponents, shape (rows, terms, domains).
        caps: of the shares, 0 or more, shape (domains,); they add up to 1 or more.

    Raises:
        FitError: if the walk does not arrive, as with exponents beyond any reason.
    """
    if (caps <= 0).any():
        return _beside(a, b, caps > 0, least(a, b[..., caps > 0], caps[caps > 0]))
    if caps.sum() <= 1 + 1e-9:
        shares = np.broadcast_to(caps / caps.sum(), (len(a), len(caps))).copy()
        value, slope, _ = _derivatives(a, b, shares)
        top = slope.max(axis=1)  # no cap is worth less than nothing
        return Shares(shares, value, top, np.zeros_like(slope), top[:, None] - slope)
    wide = np.where(caps >= 1, _FREE, caps)
    start = np.minimum(caps, 1.0)
    r = np.broadcast_to(start / start.sum(), (len(a), len(caps))).copy()
    scale = np.maximum(_derivatives(a, b, r)[0], 1e-300)
    a = a / scale[:, None]
    room = wide - r  # carried along, for next to a cap the difference has no digits left
    low, high, level = np.full_like(r, 0.1), np.full_like(r, 0.1), np.zeros(len(r))
    going = np.arange(len(r))
    for _ in range(_STEPS):
        walk = _Walk(*(part[going] for part in (r, room, low, high, level)))
        walk, arrived = _step(a[going], b[going], walk)
        for old, new in zip((r, room, low, high, level), walk, strict=True):
            old[going] = new
        going = going[~arrived]
        if not going.size:
            return _settled(r, room, a, b, caps, scale)
    raise FitError("The best mixture was not found: the exponents of a law are beyond any reason.")


def _beside(a: np.ndarray, b: np.ndarray, open_: np.ndarray, found: Shares) -> Shares:
    """The optimum of the domains that have a cap, beside those of which there may be nothing, shape (domains,)."""
    shares, floor, cap = (np.zeros((len(a), len(open_))) for _ in range(3))
    shares[:, open_], floor[:, open_], cap[:, open_] = found.shares, found.floor, found.cap
    slope = _derivatives(a, b, shares)[1]
    cap[:, ~open_] = np.maximum(found.level[:, None] - slope, 0.0)[:, ~open_]
    return Shares(shares, found.value, found.level, floor, cap)


class _Walk(NamedTuple):
    """Shares, what is left to their caps, the multipliers of floors and caps, shape (rows, domains), and the level."""

    r: np.ndarray
    room: np.ndarray
    low: np.ndarray
    high: np.ndarray
    level: np.ndarray


def _step(a: np.ndarray, b: np.ndarray, walk: _Walk) -> tuple[_Walk, np.ndarray]:
    """One step, and which rows had arrived before it."""
    r, room, low, high, level = walk
    gap = ((low * r).sum(axis=1) + (high * room).sum(axis=1)) / (2 * r.shape[1])
    _, slope, bend = _derivatives(a, b, r)
    missed = slope - level[:, None] - low + high
    arrived = (gap < _DONE) & (np.abs(missed).max(axis=1) < _MISSED * (1 + np.abs(slope).max(axis=1)))
    aim = np.maximum(np.minimum(0.1, np.sqrt(gap)) * gap, _DONE / 100)[:, None]
    ridge = _RIDGE * (1 + np.trace(bend, axis1=1, axis2=2))[:, None]
    matrix = bend + np.einsum("rj,jk->rjk", low / r + high / room + ridge, np.eye(r.shape[1]))
    right = -missed + (aim / r - low) - (aim / room - high)
    solved = np.linalg.solve(matrix, np.stack([right, np.ones_like(right)], axis=-1))
    lift = (1 - r.sum(axis=1) - solved[..., 0].sum(axis=1)) / solved[..., 1].sum(axis=1)
    step = solved[..., 0] + lift[:, None] * solved[..., 1]
    low_step = aim / r - low - low / r * step
    high_step = aim / room - high + high / room * step
    length = np.where(arrived, 0.0, 1.0)
    for value, change in ((r, step), (room, -step), (low, low_step), (high, high_step)):
        with np.errstate(divide="ignore", invalid="ignore"):
            reach = np.where(change < 0, -value / change, np.inf).min(axis=1)
        length = np.minimum(length, _BACK * reach)
    by = length[:, None]
    after = _Walk(r + by * step, room - by * step, low + by * low_step, high + by * high_step, level + length * lift)
    return after, arrived


def _derivatives(a: np.ndarray, b: np.ndarray, r: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    term = a * np.exp(np.einsum("rtj,rj->rt", b, r))
    weighted = term[..., None] * b
    return term.sum(axis=1), weighted.sum(axis=1), np.swapaxes(weighted, 1, 2) @ b


def _settled(
    r: np.ndarray, room: np.ndarray, a: np.ndarray, b: np.ndarray, caps: np.ndarray, scale: np.ndarray
) -> Shares:
    """Shares on their bounds where they belong, adding up to 1 to the last digit; the multipliers from the slopes."""
    at_floor, at_cap = r < _ON, (room < _ON) & (caps < 1)
    r = np.where(at_floor, 0.0, np.where(at_cap, caps, r))
    free = ~(at_floor | at_cap)
    held = np.where(free, 0.0, r).sum(axis=1, keepdims=True)
    total = np.where(free, r, 0.0).sum(axis=1, keepdims=True)
    r = np.where(free, r * np.where(total > 0, (1 - held) / np.where(total > 0, total, 1.0), 1.0), r)
    r = np.minimum(r, caps)
    left = 1 - r.sum(axis=1)  # of the order of `_ON`; it goes where there is most room, or comes from the largest
    open_ = np.where(free, caps - r, 0.0)
    open_ = np.where((open_ > _ON).any(axis=1, keepdims=True), open_, caps - r)
    place = np.where(left > 0, open_.argmax(axis=1), r.argmax(axis=1))
    for _ in range(2):  # the second time for what rounding left
        r[np.arange(len(r)), place] += 1 - r.sum(axis=1)
    value, slope, _ = _derivatives(a, b, r)
    # Without a free share the level may be anything between the slopes at the caps and those at the floors.
    level = np.where(
        free.any(axis=1),
        np.where(free, slope, 0.0).sum(axis=1) / np.maximum(free.sum(axis=1), 1),
        np.where(at_cap, slope, -np.inf).max(axis=1),
    )
    floor = np.where(at_floor, np.maximum(slope - level[:, None], 0.0), 0.0)
    cap = np.where(at_cap & (caps < 1), np.maximum(level[:, None] - slope, 0.0), 0.0)
    wide = scale[:, None]
    return Shares(r, value * scale, level * scale, floor * wide, cap * wide)
