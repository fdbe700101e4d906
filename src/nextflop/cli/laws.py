"""`nextflop laws`: the families, and one of them in full."""

from typing import TYPE_CHECKING, Annotated

import numpy as np
from cyclopts import Parameter

from nextflop.cli.latex import to_text
from nextflop.cli.output import print_json, print_line, print_table
from nextflop.evidence.files import Json

if TYPE_CHECKING:
    from nextflop.laws.base import Law


def laws(
    name: str | None = None, /, *, json: Annotated[bool, Parameter(negative="", show_default=False)] = False
) -> None:
    """List the families of laws, or show one in full.

    Args:
        name: the family to show in full.
        json: print JSON.
    """
    from nextflop.laws import LAWS, find

    if name is None:
        if json:
            print_json({"laws": [law_to_json(law) for law in LAWS.values()]})
        else:
            _list(list(LAWS.values()))
        return
    law = find(name)
    if json:
        print_json(law_to_json(law))
    else:
        _show(law)


def law_to_json(law: type["Law"]) -> dict[str, Json]:
    """What is known of a family before any data; a bound that is not there is null."""
    return {
        "name": law.name,
        "formula": {"latex": law.formula, "text": to_text(law.formula)},
        "reference": law.reference,
        "inputs": list(law.inputs),
        "response": law.response,
        "parameters": {
            name: {key: getattr(entry, key) for key in ("symbol", "unit", "meaning", "lower", "upper")}
            for name, entry in law.parameters.items()
        },
    }


def headline(law: type["Law"]) -> None:
    """Prints name, formula and reference of a family."""
    print_line(f"{law.name}:  {to_text(law.formula)}", style="bold")
    print_line(law.reference, style="dim")
    print_line()


def _list(families: list[type["Law"]]) -> None:
    for law in families:
        headline(law)
    print_line(
        "nextflop laws NAME shows the parameters of a law, their units and bounds. mixture:web,code is the law of a "
        "mixture of these domains, whatever they are called."
    )


def _show(law: type["Law"]) -> None:
    headline(law)
    print_line(f"From {', '.join(law.inputs)} to {law.response}.")
    if law.for_tables():
        print_line(_columns(law))
    print_line()
    print_table(
        ("parameter", "symbol", "lowest", "highest", "unit", "meaning"),
        [
            (name, to_text(entry.symbol), _bound(entry.lower), _bound(entry.upper), entry.unit or "-", entry.meaning)
            for name, entry in law.parameters.items()
        ],
        right=("lowest", "highest"),
    )


def _columns(law: type["Law"]) -> str:
    """Which columns a table must have."""
    from nextflop.laws.mixture import Mixture

    said = f"A table has a column of each, or --map {law.inputs[0]}=COLUMN says which one it is."
    if not issubclass(law, Mixture):
        return said
    return f"{said} That of a domain holds its share of the data; the shares of a row add up to 1."


def _bound(value: float) -> str:
    if np.isinf(value):
        return "-∞" if value < 0 else "∞"
    return f"{value:g}"
