"""Runs that were made to decide: they weigh laws and draws by what each had foretold of them."""

from collections.abc import Sequence

import numpy as np
from scipy.special import ndtr

from nextflop.errors import InputError
from nextflop.evidence.runs import Runs
from nextflop.judging.verdict import Outcome, Verdict
from nextflop.planning.ledger.candidates import off, trained
from nextflop.planning.ledger.members import Member
from nextflop.planning.ledger.pooled import Pool, believed, evenly
from nextflop.planning.ledger.programme import Spending

_UNLIKELY = 0.01  # chance of a run like that or farther off, of all runs together, below which no law has foretold them
_TOLD = 0.001  # a chance below which no figure is told
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
    said = _foretold(pool, made)
    shown = made[members[0].law.response]
    sigma = off(_settings(made), pool, noise, runs) * pool.mean(said)
    away = (shown - said) / sigma
    likely = -(away**2).sum(axis=1) / 2
    top = float(likely[pool.shares > 0].max())
    share = np.exp(np.minimum(likely - top, 0.0)) * pool.shares
    found = [_drawn(one, likely[part], share[part]) for one, part in zip(members, pool.parts, strict=True)]
    total = sum(member.weight for member in found)
    after = tuple(member._replace(weight=member.weight / total) for member in found)
    below = pool.mean(ndtr(away))  # chance of a lower loss than was seen, run by run
    chance = min(1.0, 2 * len(made) * float(np.minimum(below, 1 - below).min()))
    return after, _verdict(after, len(made), chance)


def _settings(made: Runs) -> Spending:
    params, tokens = made["params"], made["tokens"]
    unique = made["unique_tokens"] if "unique_tokens" in made.columns else tokens
    return trained(params, tokens, unique, np.zeros_like(params))  # what they cost is not asked


def _foretold(pool: Pool, made: Runs) -> np.ndarray:
    """What every row foretells for every run, shape (rows, runs)."""
    said = [
        np.broadcast_to(one.law(**{name: made[name] for name in one.law.inputs}), (one.rows, len(made)))
        for one in pool.members
    ]
    return np.concatenate(said)


def _drawn(member: Member, likely: np.ndarray, share: np.ndarray) -> Member:
    """A member whose draws are taken as often as their belief asks, and whose weight is that of all of them."""
    weight = float(share.sum())
    if member.rows == 1 or not weight > 0:
        return member._replace(weight=weight)
    taken = believed(share, evenly(member.rows - 1))
    first = 0 if likely[0] >= likely.max() - _AS_GOOD else int(likely.argmax())
    return member._replace(law=member.take(np.concatenate([[first], taken])), weight=weight)


def _verdict(after: Sequence[Member], count: int, chance: float) -> Verdict:
    """Whether the laws together had foretold what was seen."""
    told = ", ".join(f"{one.name} {one.weight:.0%}" for one in after)
    runs = "the run that was" if count == 1 else f"the {count} runs that were"
    odds = f"{chance:.1%}" if chance >= _TOLD else f"less than {_TOLD:.1%}"
    sentence = f"Belief after {runs} made to decide: {told}. Before, a loss so far off had a chance of {odds}."
    outcome = Outcome.passed if chance >= _UNLIKELY else Outcome.fail
    name = "some law had foretold the runs that were made to decide"
    return Verdict("plan_seen", name, outcome, chance, _UNLIKELY, sentence)
