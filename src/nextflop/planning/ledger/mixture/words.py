"""A mixture in sentences."""

from nextflop.planning.ledger.mixture.mix import Baseline, Mixed
from nextflop.planning.ledger.words import span
from nextflop.quantities import show


def title(mixed: Mixed) -> str:
    """What is mixed, and of what its epochs are counted."""
    return f"The mixture of {show(mixed.tokens)} tokens, of what is owned"


def losses(mixed: Mixed) -> str:
    """What the mixture is expected to come to, target by target."""
    told = ", ".join(f"{name} {span(loss, '.3f')}" for name, loss in mixed.targets.items())
    together = f"; {span(mixed.outcome, '.3f')} by their importance" if len(mixed.targets) > 1 else ""
    return f"Loss: {told}{together}."


def regret(mixed: Mixed) -> str:
    """What not knowing costs."""
    return f"Not knowing the laws of the mixture costs {mixed.regret:.4f}."


def baseline(base: Baseline) -> str:
    """What a mixture that asks for no law loses."""
    said = f"The {base.name} mixture loses {span(base.regret, '.4f')} by comparison"
    return f"{said}." if base.within else f"{said}, and repeats text more often than the limit."
