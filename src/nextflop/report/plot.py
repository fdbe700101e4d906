"""A fit drawn on an axes of one's own, as a script or a notebook wants it."""

from typing import TYPE_CHECKING

from nextflop.errors import unknown
from nextflop.evidence.runs import Runs
from nextflop.fitting.fit import Fit
from nextflop.report.figures.fitted import panel, response_axis
from nextflop.report.style import rc

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot(fit: Fit, runs: Runs, ax: "Axes | None" = None, *, against: str | None = None) -> "Axes":
    """Draws the runs, the fitted law and its interval, as the page of the fit shows them.

    Args:
        fit: the fit.
        runs: the runs that were fitted.
        ax: where to draw; a new figure of pyplot's if not given.
        against: the input on the horizontal axis, the law's first one if not given; a second input groups by colour.

    Returns:
        The axes.

    Raises:
        InputError: if the law has no such input.
    """
    import matplotlib

    against = against or fit.law.inputs[0]
    if against not in fit.law.inputs:
        raise unknown(f"input of {fit.law.name}", against, fit.law.inputs)
    with matplotlib.rc_context(rc()):
        if ax is None:
            from matplotlib import pyplot

            _, ax = pyplot.subplots(figsize=(6.4, 4.4), layout="constrained")
        panel(ax, fit, runs, against)
        response_axis(ax, fit, runs)
    return ax
