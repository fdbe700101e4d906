"""A mixture in sentences."""

import math

from nextflop.planning.ledger import money
from nextflop.planning.ledger.equivalent import Compute
from nextflop.planning.ledger.mixture.mix import Baseline, DomainShare, Mixed
from nextflop.planning.ledger.plan import Plan
from nextflop.planning.ledger.words import NOTHING, span
from nextflop.quantities import listed, show

_HALF = 0.5
_STOCK = ("owned", "bought", "made")


def title(mixed: Mixed) -> str:
    """What is mixed, and of what its epochs are counted."""
    having = [how for how in _STOCK if how == "owned" or any(getattr(one, how) >= 1 for one in mixed.domains)]
    return f"The mixture of {show(mixed.tokens)} tokens, each at its quality, of what is {listed(having)}"


def held(domain: DomainShare) -> str:
    """How much of a domain's stock is owned, bought and made."""
    return listed([f"{show(there)} {how}" for how in _STOCK if (there := getattr(domain, how)) >= 1] or ["none"])


def stock(mixed: Mixed) -> str:
    """What there is of every domain, and how it came."""
    told = "; ".join(f"{one.name} {held(one)}" for one in mixed.domains)
    made = " Made text counts as the text that it stands for." if any(one.made >= 1 for one in mixed.domains) else ""
    return f"Stock: {told}.{made}"


def token(domain: DomainShare, compute: Compute) -> str:
    """What one more token of a domain is worth to the targets, at the price of compute; a dash where it is none.

    A loss of the targets counts as much as the plan's: dollars a million tokens, or FLOP a token without a price.
    """
    if domain.worth.high <= 0:
        return "–"
    flop = domain.worth.value * compute.per_loss
    if math.isinf(flop):
        return "any price"
    return f"{flop:.2g}" if math.isnan(compute.price) else money.dollars(1e6 * flop * compute.price)


def unit(compute: Compute) -> str:
    """Of `token`."""
    return "FLOP a token" if math.isnan(compute.price) else "dollars a million tokens"


def for_sale(found: Plan) -> list[str]:
    """Text that would bring the targets more than it costs, beside what it brings the loss by the laws of the plan."""
    said: list[str] = []
    if found.mixture is None:
        return said
    targets = listed(list(found.mixture.targets))
    for one in found.for_targets:
        if one.gain.low <= NOTHING or found.compute_after.flop(one.gain.value) <= one.flop:
            continue
        price = next(price for price in found.prices if price.name == one.name)
        overall = "worth" if price.probability >= _HALF else "not worth"
        asked, worth = (
            money.dollars(1e6 * flop * found.compute_after.price) for flop in (price.asked, price.flop.value)
        )
        said.append(
            f"Text of {one.name} is {overall} its {asked} a million tokens to the loss overall, by which it is worth "
            f"{worth}. For {targets}, {show(one.tokens)} tokens more of it, "
            f"{money.paid(one.flop, found.situation)}, lower the loss by {span(one.gain, '.3f')}: "
            f"{money.as_much(one.gain.value, found.compute_after)}, if that loss counts as much as the plan's."
        )
    return said


def losses(mixed: Mixed) -> str:
    """What the mixture is expected to come to, target by target."""
    told = ", ".join(f"{name} {span(loss, '.3f')}" for name, loss in mixed.targets.items())
    together = f"; {span(mixed.outcome, '.3f')} by their importance" if len(mixed.targets) > 1 else ""
    return f"Loss: {told}{together}."


def regret(mixed: Mixed) -> str:
    """What not knowing costs."""
    return f"Not knowing the laws of the mixture costs {mixed.regret:.4f}."


def baseline(base: Baseline) -> str:
    """What a mixture that asks for no law loses, or would gain were it allowed."""
    loses = f"loses {span(base.regret, '.4f')} by comparison"
    if base.within:
        return f"The {base.name} mixture {loses}."
    refused = f"Stock and limit of epochs do not allow the {base.name} mixture"
    if base.gain.value > 0:
        return f"{refused}; allowing it would gain {span(base.gain, '.4f')}, by laws that know nothing of repetition."
    return f"{refused}, which {loses}."
