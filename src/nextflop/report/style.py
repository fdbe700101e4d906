"""How figures look, and how they become part of a page.

Figures are drawn by matplotlib in stand-in colours, the light palette. In the page every stand-in is a CSS variable of
the same name, so that one drawing serves light, dark and print. Text stays text: it can be searched, selected and
scaled, and it takes the page's own font.
"""

import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH = 920
"""Width of a figure in CSS pixels, as wide as the page sets it; a point of matplotlib is a pixel here."""

NARROW = 400
"""Width of the drawing that takes a figure's place on a narrow screen, where it is shown at about nine tenths."""

PALETTE: Mapping[str, tuple[str, str]] = {
    # name: on light, on dark. The four hues differ by at least 10 in OKLab (x100) under simulated red and green
    # blindness (Machado et al. 2009) but for one pair, and every hue also has a marker or a label of its own.
    "paper": ("#fdfdfb", "#12161c"),
    "ink": ("#1b222c", "#e7eaee"),
    "soft": ("#596373", "#9ba6b5"),
    "line": ("#dfe3e6", "#2b333d"),
    "wash": ("#f3f4f1", "#1a2028"),
    "blue": ("#2b66c2", "#78a9f2"),
    "teal": ("#17836b", "#63dcbb"),
    "orange": ("#bd5710", "#f2a55f"),
    "purple": ("#7c2480", "#cc76c8"),
    "red": ("#b3261e", "#ff8a80"),
    # An ordered scale, from little to much, for sizes and amounts.
    "ramp0": ("#4fa69c", "#4b9a9f"),
    "ramp1": ("#3b8fb0", "#4b98b9"),
    "ramp2": ("#3a72b6", "#6eace2"),
    "ramp3": ("#4a54a6", "#98b8f4"),
    "ramp4": ("#573790", "#c3c8fb"),
    "ramp5": ("#471a63", "#ead9ff"),
}

_VARIABLES = {light: f"var(--{name})" for name, (light, _) in PALETTE.items()}


@dataclass(frozen=True)
class Picture:
    """A figure as the page shows it.

    Attributes:
        name: the anchor, unique in the page.
        svg: the drawing.
        title: what is shown, in a few words.
        caption: what is seen, in sentences.
    """

    name: str
    svg: Markup
    title: str
    caption: str


def colour(name: str) -> str:
    """The stand-in of a colour of the palette."""
    return PALETTE[name][0]


def ramp(count: int) -> list[str]:
    """`count` stand-ins of the ordered scale, as far apart as it allows, from little to much."""
    steps = [colour(f"ramp{index}") for index in range(6)]
    return [steps[round(index * 5 / max(count - 1, 1))] for index in range(count)]


def draw(name: str, alt: str, paint: Callable[["Figure"], None], height: int = 380, width: int = WIDTH) -> Markup:
    """Draws a figure and returns it as SVG for a page.

    Args:
        name: unique in the page; all ids in the drawing begin with it.
        alt: what the figure shows, for those who do not see it.
        paint: draws on the figure it is given.
        height, width: CSS pixels.
    """
    import matplotlib
    from matplotlib.figure import Figure

    text = StringIO()
    with matplotlib.rc_context(rc()), warnings.catch_warnings():
        # Signs that matplotlib's own font lacks are measured wrongly but shown by the reader's.
        warnings.filterwarnings("ignore", message=r"Glyph .* missing")
        figure = Figure(figsize=(width / 72, height / 72), layout="constrained")
        paint(figure)
        figure.savefig(
            text, format="svg", transparent=True, metadata=dict.fromkeys(("Date", "Creator", "Format", "Type"))
        )
    return _embed(text.getvalue(), name, alt)


def draw_twice(name: str, alt: str, paint: Callable[["Figure"], None], height: int, narrow: int) -> Markup:
    """Draws a figure for wide and for narrow screens; the style sheet of the page shows one of the two.

    Args:
        name, alt, paint: as for `draw`; `is_narrow` tells the two apart.
        height: of the wide drawing, CSS pixels.
        narrow: height of the narrow one.
    """
    wide, slim = draw(name, alt, paint, height), draw(f"{name}-narrow", alt, paint, narrow, NARROW)
    return wide + Markup(str(slim).replace("<svg ", '<svg class="narrow" ', 1))


def is_narrow(figure: "Figure") -> bool:
    """Whether a figure is the drawing for narrow screens."""
    return float(figure.get_figwidth()) * 72 <= NARROW


def rc() -> dict[str, object]:
    """The settings of matplotlib under which figures are drawn."""
    ink, soft, line = colour("ink"), colour("soft"), colour("line")
    return {
        "svg.fonttype": "none",
        "text.parse_math": False,  # a dollar sign in a name is a dollar sign
        "font.family": ["DejaVu Sans"],  # comes with matplotlib: the same measures everywhere
        "font.size": 11.5,
        "text.color": ink,
        "axes.edgecolor": soft,
        "axes.labelcolor": soft,
        "axes.titlesize": 12.5,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.titlepad": 10.0,
        "axes.linewidth": 0.8,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": line,
        "grid.linewidth": 0.8,
        "xtick.color": soft,
        "ytick.color": soft,
        "xtick.major.size": 4.0,
        "ytick.major.size": 0.0,
        "lines.linewidth": 2.0,
        "lines.solid_capstyle": "round",
        "legend.frameon": False,
        "legend.fontsize": 11.0,
        "legend.title_fontsize": 11.0,
        "figure.constrained_layout.w_pad": 0.12,
        "figure.constrained_layout.wspace": 0.06,
    }


def _embed(svg: str, name: str, alt: str) -> Markup:
    """The drawing without what belongs to a file of its own: prolog, namespaces, style sheet, fonts, global ids."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>|\sxmlns(?::xlink)?=\"[^\"]*\"", "", svg, flags=re.DOTALL)
    svg = svg.replace("xlink:href=", "href=")
    svg = re.sub(r"font-family: [^;\"]*;? ?", "", svg)
    svg = re.sub(
        r"(fill|stroke): (#[0-9a-f]{6})", lambda match: f"{match[1]}: {_VARIABLES.get(match[2], match[2])}", svg
    )
    svg = re.sub(r' (d|x|y|transform)="[^"]*"', lambda match: re.sub(r"(\.\d\d)\d+", r"\1", match[0]), svg)
    used = dict.fromkeys(re.findall(r'(?:href="#|url\(#)([^")]+)', svg))
    names = {old: f"{name}-{index}" for index, old in enumerate(used)}
    svg = re.sub(r' id="([^"]*)"', lambda match: f' id="{names[match[1]]}"' if match[1] in names else "", svg)
    svg = re.sub(r'(href="#|url\(#)([^")]+)', lambda match: match[1] + names[match[2]], svg)
    svg = re.sub(r">\s*\n\s*<", "><", svg)
    svg = re.sub(r'<svg width="[^"]*" height="[^"]*"', "<svg", svg, count=1)
    return Markup(svg.strip().replace("<svg", f'<svg role="img" aria-label="{escape(alt)}"', 1))
