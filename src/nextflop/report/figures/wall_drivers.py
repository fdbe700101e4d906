"""What moves the date: a bar an input, from its 10% to its 90% point, the greatest first."""

from typing import TYPE_CHECKING

import numpy as np

from nextflop.outlook.wall.forecast import Wall
from nextflop.report.style import Picture, colour, draw
from nextflop.report.wall_words import held, when, years

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ROW = 34  # pixels
_LONG = 46  # signs of a name, before it is broken


def drivers_figure(found: Wall) -> Picture | None:
    """Draws the bars around the median date; the two ends carry the value of the input there.

    Returns:
        The picture; None where no input moves the date within the years of the model.
    """
    drivers = found.drivers
    ends = [date for driver in drivers for date in (driver.low_date, driver.high_date, found.median)]
    known = [date for date in ends if np.isfinite(date)]
    if not known or (min(known) == max(known) and len(known) == len(ends)):
        return None
    first, last = min(known), max(known)
    width = (last - first) or 1.0
    if len(known) < len(ends):  # a bar that leaves the years of the model leaves the picture
        last += 0.1 * width
    middle = float(np.clip(found.median, first, last))

    def paint(figure: "Figure") -> None:
        from matplotlib.ticker import MaxNLocator

        axes = figure.subplots()
        for row, driver in enumerate(drivers):
            low_says, high_says = held(driver)
            for hue, date, says in (("teal", driver.low_date, low_says), ("orange", driver.high_date, high_says)):
                end = float(np.clip(date, first, last))
                axes.barh(-row, end - middle, left=middle, height=0.62, color=colour(hue), alpha=0.75)
                before = date < found.median or (date == found.median and hue == "teal")
                axes.text(
                    end + (-1 if before else 1) * 0.012 * width,
                    -row,
                    says if np.isfinite(date) else f"{says} ▸",
                    ha="right" if before else "left",
                    va="center",
                    fontsize=11,
                    color=colour("ink"),
                )
        axes.axvline(middle, color=colour("ink"), linewidth=1.2)
        axes.set_yticks(
            [-float(row) for row in range(len(drivers))], [_broken(driver.meaning) for driver in drivers], fontsize=11
        )
        axes.tick_params(axis="y", labelcolor=colour("ink"))
        axes.set_ylim(-len(drivers) + 0.4, 0.6)
        axes.set_xlim(first - 0.13 * width, last + 0.13 * width)
        axes.grid(axis="y", visible=False)
        axes.spines["left"].set_visible(False)
        axes.xaxis.set_major_locator(MaxNLocator(8, steps=[1, 2, 5, 10]))
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:.1f}".removesuffix(".0"))
        axes.set_xlabel("Median date")

    greatest = drivers[0]
    caption = (
        "Each input is held at its 10% point (teal, the value beside it) and at its 90% point (orange), the others are "
        "drawn as before, and the median date moves to the end of the bar. An input that is correlated with others "
        f"takes them along. The longest bar, of {years(greatest.swing)} years, belongs to the input to measure first: "
        f"{greatest.meaning}. Were it known to lie at its median, the {found.level:.0%} interval would be "
        f"{years(greatest.width_known)} instead of {years(greatest.width)} years wide."
    )
    told = "; ".join(
        f"{driver.meaning} {when(driver.low_date, found.passage)} to {when(driver.high_date, found.passage)}"
        for driver in drivers
    )
    svg = draw("wall-drivers", f"What moves the date: {told}.", paint, 80 + _ROW * len(drivers))
    return Picture("wall-drivers", svg, f"What moves the date, {found.model.name}", caption)


def _broken(text: str) -> str:
    """A long name in two lines."""
    if len(text) <= _LONG:
        return text
    cut = text.rfind(" ", 0, _LONG)
    return f"{text[:cut]}\n{text[cut + 1 :]}"
