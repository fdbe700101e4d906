"""Which domains to train on: the share of each, and how often it is seen."""

from typing import TYPE_CHECKING

import numpy as np

from nextflop.planning.ledger.mixture.mix import Mixed
from nextflop.quantities import show
from nextflop.report.rows import legend, name_rows, panels
from nextflop.report.style import Picture, colour, draw_twice

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LOOKS = {"stratified": "o", "natural": "D"}


def plan_mixture(mixed: Mixed, asked: float) -> Picture:
    """Draws the shares on the left, with those of the baselines, and the epochs on the right.

    Args:
        mixed: the mixture.
        asked: level of the intervals.
    """
    domains = mixed.domains

    def paint(figure: "Figure") -> None:
        left, right = panels(figure, 1.8)
        places = np.arange(len(domains))
        for place, one in enumerate(domains):
            left.barh(place, one.share, height=0.5, color=colour("blue"), alpha=0.85)
            left.plot([one.shares.low, one.shares.high], [place] * 2, color=colour("ink"), linewidth=1.6)
            if one.limit < 1:
                left.plot([one.limit] * 2, [place - 0.36, place + 0.36], color=colour("red"), linewidth=2)
            right.barh(place, one.epochs, height=0.5, color=colour("teal"), alpha=0.85)
            right.annotate(f"{one.epochs:.1f}", (one.epochs, place), (5, 0), textcoords="offset points", va="center")
        for base in mixed.baselines:
            left.plot(
                base.shares,
                places,
                _LOOKS[base.name],
                markersize=7,
                markerfacecolor=colour("paper"),
                markeredgecolor=colour("orange"),
                markeredgewidth=1.6,
                label=f"{base.name} mixture",
            )
        if any(one.limit < 1 for one in domains):
            left.plot([], [], color=colour("red"), linewidth=2, label="limit by epochs")
        legend(figure, 3)
        left.set_xlim(
            0,
            1.04
            * max(
                max(one.share, one.shares.high, *(b.shares[i] for b in mixed.baselines))
                for i, one in enumerate(domains)
            ),
        )
        left.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        left.locator_params(axis="x", nbins=5)
        left.set_xlabel("Share of the tokens")
        right.set_xlim(0, 1.2 * max(one.epochs for one in domains))
        right.locator_params(axis="x", nbins=4)
        right.set_xlabel("Epochs")
        name_rows(figure, [one.name for one in domains])

    said = ", ".join(f"{one.name} {one.share:.0%}" for one in domains)
    caption = (
        f"Shares of {show(mixed.tokens)} tokens; the thin line is the {asked:.0%} interval of what would be best under "
        "each draw. Open marks are mixtures that ask for no law: all domains alike, and each as its stock."
    )
    alt, rows = f"Shares of the mixture: {said}.", len(domains)
    svg = draw_twice("mixture-shares", alt, paint, 96 + 46 * rows, 180 + 84 * rows)
    return Picture("mixture-shares", svg, "What to mix", caption)
