"""Settings as a person writes them: grids in one word, and what each costs."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from nextflop.errors import InputError, unknown
from nextflop.evidence.runs import Runs
from nextflop.quantities import UNIT_OF, parse_positive

_MOST = 100_000  # settings of a grid: more are a slip of the pen


def grid(text: str, names: Sequence[str]) -> Runs:
    """The settings of a grid such as `params=1e7:1e10:8,tokens=1e9:1e11:8`.

    Each input is a single amount, or low:high:count, which are so many values evenly spread in their logarithm. No run
    sees more unique tokens than tokens, so such settings are left out, and that is a note of the table.

    Args:
        text: one part for every input, in any order.
        names: the inputs.

    Raises:
        InputError: if a part cannot be read, or an input is missing or unknown.
    """
    axes: dict[str, np.ndarray] = {}
    for part in text.split(","):
        name, equals, values = (piece.strip() for piece in part.partition("="))
        if not (name and equals and values):
            raise InputError(f"{part!r} is no part of a grid: write input=low:high:count or input=value.")
        if name not in names:
            raise unknown("input", name, names)
        if name in axes:
            raise InputError(f"The grid gives {name} twice: give it once.")
        axes[name] = _axis(name, values)
    missing = [name for name in names if name not in axes]
    if missing:
        raise InputError(f"The grid {text!r} does not say what {' and '.join(missing)} should be: add it.")
    count = int(np.prod([len(axis) for axis in axes.values()]))
    if count > _MOST:
        raise InputError(f"The grid has {count} settings, {_MOST} are the most: make it coarser.")
    columns = [column.ravel() for column in np.meshgrid(*axes.values(), indexing="ij")]
    settings = Runs(dict(zip(axes, columns, strict=True)), source=text)
    if not {"tokens", "unique_tokens"} <= set(axes):
        return settings
    could = settings["unique_tokens"] <= settings["tokens"]
    if not could.any():
        raise InputError(f"Every setting of {text!r} has more unique tokens than tokens: give fewer unique ones.")
    left = int((~could).sum())
    said = f"{left} of {len(could)} settings of the grid have more unique tokens than tokens and are left out."
    return replace(settings.where(could), source=text, notes=(said,) if left else ())


def factors(text: str) -> list[str]:
    """The parts of a cost such as `6*params*tokens`: numbers and columns.

    Raises:
        InputError: if a part is empty.
    """
    parts = [part.strip() for part in text.split("*")]
    if not all(parts):
        raise InputError(f"The cost {text!r} cannot be read: give a column, or a product such as 6*params*tokens.")
    return parts


def is_number(text: str) -> bool:
    """Whether a factor is a number and not a column."""
    return text[0].isdigit() or text[0] in ".$"


def cost(text: str, settings: Runs) -> np.ndarray:
    """What each setting costs, shape (settings,): a column, or a product of columns and numbers.

    Raises:
        InputError: if a column is not there.
    """
    found = np.ones(len(settings))
    for part in factors(text):
        found = found * (parse_positive(part, "factor of the cost") if is_number(part) else settings[part])
    return found


def _axis(name: str, text: str) -> np.ndarray:
    parts = text.split(":")
    if len(parts) == 1:
        return np.array([parse_positive(text, name, UNIT_OF.get(name))])
    if len(parts) != 3:
        raise InputError(f"{name}={text} cannot be read: give one value or low:high:count, such as 1e7:1e10:8.")
    low, high = (parse_positive(part, name, UNIT_OF.get(name)) for part in parts[:2])
    if not parts[2].strip().isdigit() or int(parts[2]) < 2:
        raise InputError(f"{name}={text} asks for {parts[2]!r} values: give a whole number of 2 or more.")
    if low >= high:
        raise InputError(f"{name}={text} runs from {low:g} to {high:g}: give the lower end first.")
    if int(parts[2]) > _MOST:
        raise InputError(f"{name}={text} asks for {parts[2]} values, {_MOST} are the most: make the grid coarser.")
    return np.geomspace(low, high, int(parts[2]))
