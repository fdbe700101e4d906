"""Pages: one HTML file that holds all it shows and asks the network for nothing."""

import math
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from nextflop import __version__
from nextflop.evidence.files import write_bytes
from nextflop.fitting.fit import Interval
from nextflop.quantities import show
from nextflop.report.style import PALETTE

if TYPE_CHECKING:
    from jinja2 import Environment

_TEMPLATES = Path(__file__).parent / "templates"


def render(template: str, **context: object) -> str:
    """Fills a template; whatever is not `Markup` is escaped, and a name that is not given is an error.

    Args:
        template: the name of a file in `templates`.
        context: what it shows.
    """
    page = {"version": __version__, "light": _colours(0), "dark": _colours(1), "script_policy": "", **context}
    return _environment().get_template(template).render(**page)


def write(path: Path, html: str) -> Path:
    """Writes a page, whole or not at all.

    Raises:
        StoreError: if it cannot be written.
    """
    write_bytes(path, html.encode(errors="replace"))
    return path


def number(value: float | int, unit: str = "", digits: int = 4) -> str:
    """A number as `quantities.show` writes it; without a unit, powers of ten take the place of k, M, B and T."""
    if not unit and 1e3 <= abs(value) < 1e4:
        return f"{float(f'{value:.{digits - 1}e}'):g}"
    return show(value, unit, digits) if unit else show(value, "FLOP", digits).removesuffix(" FLOP")


def between(interval: Interval, unit: str = "", digits: int = 4) -> str:
    """The ends of an interval: `0.33 to 0.36`; "not known" where there are none."""
    if math.isnan(interval.low) and math.isnan(interval.high):
        return "interval not known"
    return f"{number(interval.low, '', digits)} to {number(interval.high, unit, digits)}"


def amounts(interval: Interval, unit: str = "", digits: int = 3) -> str:
    """The ends of an interval with suffixes: `12.3B to 45.6B`."""
    if math.isnan(interval.low) and math.isnan(interval.high):
        return "interval not known"
    tail = f" {unit}" if unit else ""
    return f"{show(interval.low, unit, digits).removesuffix(tail)} to {show(interval.high, unit, digits)}"


def percent(value: float | int, digits: int = 1) -> str:
    """A share in per cent."""
    return "unknown" if math.isnan(value) else f"{100 * value:.{digits}f}%"


def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "amount": show,
        "number": number,
        "between": between,
        "amounts": amounts,
        "percent": percent,
    }
    return environment


def _colours(place: int) -> Markup:
    """The palette as CSS declarations."""
    return Markup(" ".join(f"--{name}: {pair[place]};" for name, pair in PALETTE.items()))
