"""Runs that were made to decide: they weigh laws and draws by what each had foretold of them."""

from collections.abc import Sequence

import numpy as np

from nextflop.errors import InputError
from nextflop.evidence.runs import Runs
from nextflop.judging.verdict import Outcome, Verdict
from nextflop.planning.ledger.candidates import off
from nextflop.planning.ledger.members import Member
from nextflop.planning.ledger.pooled import Pool
from nextflop.planning.ledger.programme import Spending

_FAR_OFF = 3.0  # standard deviations, from which on no law has foretold a run
_AS_GOOD = 2.0  # of a logarithm of likelihood, by which an estimate may be less likely than the best draw


def seen(members: Sequence[Member], made: Runs, noise: float, runs: Runs | None) -> tuple[tuple[Member, ...], Verdict]:
    """The members after runs that none of them was fitted to, by Bayes' rule, and whether any had foretold these.

    A run speaks for a draw by the normal density of its loss about what the draw foretells, with the standard deviation
    by which what it is worth was reckoned (`candidates.off`). Of every law as many draws are kept as there were, each
    as often as its belief asks, in their order: no chance is involved.

    Args:
        members: with weights that add up to 1.
        made: the runs, with the inputs of every law and its response.
        noise: of a run's loss, as a share of it.
        runs: that the members were fitted to, which tell where laws miss.

    Raises:
        InputError: if a column is missing.
    """
    needed = {name for member in members for name in (*member.law.inputs, member.law.response)}
    if missing := sorted(needed - set(made.columns)):
        raise InputError(
            f"The runs that were made to decide do not tell {', '.join(missing)}: give a table with the columns that "
            "the laws take, named as in the table of runs."
        )
    pool = Pool(tuple(members))
    likely = _likelihood(pool, made, off(_settings(made), pool, noise, runs))
    top = max(float(part[member.shares > 0].max()) for member, part in zip(members, likely, strict=True))
    found = []
    for member, part in zip(members, likely, strict=True):
        share = np.exp(np.minimum(part - top, 0.0)) * member.shares
        found.append(_drawn(member, part, share))
    total = sum(member.weight for member in found)
    after = tuple(member._replace(weight=member.weight / total) for member in found)
    return after, _foretold(members, likely, len(made), after)


def _settings(made: Runs) -> Spending:
    """The settings of runs, as those of candidates: shape (1, runs)."""
    params, tokens = made["params"], made["tokens"]
    unique = made["unique_tokens"] if "unique_tokens" in made.columns else tokens
    zero = np.zeros_like(params)
    parts = (params, tokens, tokens / unique, unique, unique, zero, zero, zero, zero)
    return Spending(*(part[None] for part in parts))


def _likelihood(pool: Pool, made: Runs, share: np.ndarray) -> list[np.ndarray]:
    """Logarithm of the likelihood of every row, member by member, but for a constant."""
    said = [
        np.broadcast_to(
            np.asarray(member.law(**{name: made[name] for name in member.law.inputs})), (member.rows, len(made))
        )
        for member in pool.members
    ]
    shown = made[pool.members[0].law.response]
    sigma = share * pool.mean(np.concatenate(said))
    return [-(((shown - part) / sigma) ** 2).sum(axis=1) / 2 for part in said]


def _drawn(member: Member, likely: np.ndarray, share: np.ndarray) -> Member:
    """A member whose draws are taken as often as their belief asks, and whose weight is that of all of them."""
    weight = float(share.sum())
    if member.rows == 1 or not weight > 0:
        return member._replace(weight=weight)
    draws = member.rows - 1
    places = (np.arange(draws) + 0.5) / draws * weight
    taken = np.searchsorted(np.cumsum(share[1:]), places).clip(max=draws - 1) + 1
    first = 0 if likely[0] >= likely.max() - _AS_GOOD else int(likely.argmax())
    return member._replace(law=member.take(np.concatenate([[first], taken])), weight=weight)


def _foretold(members: Sequence[Member], likely: Sequence[np.ndarray], count: int, after: Sequence[Member]) -> Verdict:
    """Whether some law had foretold what was seen, by the draw that came closest."""
    off_by = {
        member.name: float(np.sqrt(-2 * part.max() / count)) for member, part in zip(members, likely, strict=True)
    }
    best = min(off_by.values())
    told = "; ".join(f"{one.name} {one.weight:.0%}, its closest draw {off_by[one.name]:.1f}" for one in after)
    sentence = f"Belief after {count} run{'s' if count > 1 else ''}: {told} standard deviations off."
    outcome = Outcome.passed if best <= _FAR_OFF else Outcome.fail
    return Verdict(
        "plan_seen", "some law had foretold the runs that were made to decide", outcome, best, _FAR_OFF, sentence
    )
