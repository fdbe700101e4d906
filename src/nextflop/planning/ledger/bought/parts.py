"""All purchases of a plan, in parts that can each be compared, and what would bring the parts together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nextflop.errors import InputError
from nextflop.evidence.files import Json
from nextflop.evidence.runs import Runs
from nextflop.planning.ledger.bought.break_even import BreakEven
from nextflop.planning.ledger.bought.part import Part, part
from nextflop.planning.ledger.bought.purchase import Bridge, Purchase
from nextflop.planning.ledger.bought.search import buy
from nextflop.planning.ledger.bought.text_options import Carried
from nextflop.planning.ledger.candidates import NOISE
from nextflop.planning.ledger.options import Solved
from nextflop.planning.ledger.pooled import Pool
from nextflop.planning.ledger.situation import Situation
from nextflop.quantities import listed


@dataclass(frozen=True)
class Parts:
    """The purchases of a plan.

    Attributes:
        parts: one for each response of each task.
        apart: sentences on what cannot be compared, and what to measure so that it can.
        carried: how draws were paired over the bridge, in a sentence; empty without one.
        purchases: as they were declared.
    """

    parts: tuple[Part, ...] = ()
    apart: tuple[str, ...] = ()
    carried: str = ""
    purchases: tuple[Purchase, ...] = ()

    @property
    def break_evens(self) -> tuple[BreakEven, ...]:
        """Those of all parts."""
        return tuple(one for some in self.parts for one in some.break_evens)

    def to_json(self) -> dict[str, Json]:
        """The parts as JSON."""
        return {
            "parts": [one.to_json() for one in self.parts],
            "apart": list(self.apart),
            "carried": self.carried,
            "purchases": [one.to_json() for one in self.purchases],
        }


BRIDGED = ("accuracy", "error")
"""Responses that a bridge from loss leads to."""

NONE = Parts()
"""Where nothing but text is bought."""


def parts(
    purchases: Sequence[Purchase],
    situation: Situation,
    *,
    bridge: Bridge | None = None,
    text: Sequence[Solved] = (),
    rows: Sequence[tuple[int, ...]] = (),
    pool: Pool | None = None,
    runs: Runs | None = None,
    marginal: np.ndarray | None = None,
    level: float = 0.9,
    noise: float = NOISE,
) -> Parts:
    """Puts purchases on the ledger, beside the options of text where a bridge leads to them.

    Args:
        purchases: ways to spend that are not text.
        situation: budget, prices, use.
        bridge: from loss to the response of one part.
        text: the options of text, solved; may be none.
        rows: their places, those together that come to the same, the one that stands for them first; by default each
            alone. Places beyond the options are passed over.
        pool: their laws.
        runs: that these were fitted to.
        marginal: by how much each row's least loss of the base falls for one per cent more of the budget.
        level: of the intervals.
        noise: of one more run of text, as a share of its loss.

    Raises:
        InputError: if two purchases share a code, a cost cannot be weighed, or the bridge leads nowhere.
    """
    codes = [one.code for one in (*purchases, *text)]
    for code in codes:
        if codes.count(code) > 1:
            raise InputError(f"Two options are called {code!r}: tell them apart.")
    groups: dict[tuple[str, str], list[Purchase]] = {}
    for one in purchases:
        groups.setdefault((one.response, one.task), []).append(one)
    carried = _carried(bridge, groups, text, rows, pool, runs, marginal)
    found = []
    for key, some in groups.items():
        led = bridge is not None and key == (bridge.response, bridge.task)
        bought = [buy(one, situation, level) for one in some]
        found.append(part(bought, carried if led else None, situation, level, noise))
    sentence = ""
    if carried is not None and bridge is not None:
        how = "draw by draw, as they were made together" if bridge.together else "at random, as they come of other runs"
        sentence = (
            f"The loss is carried to {_titled(bridge.response, bridge.task)} by {bridge.member.name}; "
            f"draws of the bridge meet those of the laws {how}."
        )
    return Parts(tuple(found), _apart(found, carried is not None, pool), sentence, tuple(purchases))


def _carried(
    bridge: Bridge | None,
    groups: dict[tuple[str, str], list[Purchase]],
    text: Sequence[Solved],
    rows: Sequence[tuple[int, ...]],
    pool: Pool | None,
    runs: Runs | None,
    marginal: np.ndarray | None,
) -> Carried | None:
    if bridge is None:
        return None
    bridge.check()
    if not text or pool is None:
        raise InputError("A bridge from loss has no options of text to carry: give laws of the loss, or no bridge.")
    if (bridge.response, bridge.task) not in groups:
        there = "; ".join(_titled(*key) for key in groups) or "nothing"
        raise InputError(
            f"The bridge leads to {_titled(bridge.response, bridge.task)}, and the options foretell {there}: "
            "give it the same response and task."
        )
    if pool.members[0].law.response != "loss":
        raise InputError(f"The bridge takes a loss and the laws foretell {pool.members[0].law.response}.")
    alone = [(place,) for place in range(len(text))]
    seen = [tuple(place for place in row if place < len(text)) for row in rows or alone]
    slope = np.zeros(len(pool.shares)) if marginal is None else marginal
    return Carried(tuple(text), tuple(filter(None, seen)), pool, bridge, slope, runs)


def _apart(found: Sequence[Part], bridged: bool, pool: Pool | None) -> tuple[str, ...]:
    """One sentence for every part that cannot be compared with the first."""
    titles = [one.title for one in found]
    sentences = []
    if pool is not None and not bridged and found:
        sentences.append(
            f"Text is valued by {pool.members[0].law.response} and {listed(titles)} otherwise: they cannot be "
            f"compared. {_joined(found)}"
        )
    for one in found[1:]:
        sentences.append(
            f"{titles[0][0].upper()}{titles[0][1:]} and {one.title} cannot be compared: measure both for the same "
            "models, at the amounts that would be bought."
        )
    return tuple(sentences)


def _joined(found: Sequence[Part]) -> str:
    """What would join text to a part; a bridge leads to shares of right or wrong answers alone."""
    reached = [one.title for one in found if one.response in BRIDGED]
    if reached:
        return f"Measure {reached[0]} of models at several losses and fit loss-accuracy to them: a bridge."
    coverage = [one.title for one in found if one.response == "coverage"]
    if coverage:
        return f"Say with which verifier a sample is picked, so that {coverage[0]} becomes accuracy, and give a bridge."
    return f"No law here leads from loss to {found[0].response}: they stay two decisions."


def _titled(response: str, task: str) -> str:
    return f"{response} on {task}" if task else response
