"""A mixture in sentences."""

from nextflop.planning.ledger.mixture.mix import Baseline, DomainShare, Mixed
from nextflop.planning.ledger.words import span
from nextflop.quantities import listed, show

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
