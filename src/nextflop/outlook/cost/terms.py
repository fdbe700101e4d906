"""On which terms a run is paid, and what stands in where nothing was told."""

from dataclasses import dataclass

from nextflop.prices import Quote

BUILDING = (1.1, 1.25)
"""Power of a data centre over that of its machines: of those who run very many, and of others (Cottier et al.)."""

STAFF = (0.29, 0.49)
"""Share of staff in what four models cost to develop (Cottier et al., arXiv:2405.21015)."""

FINAL = 0.1
"""About the share of final runs in OpenAI's compute for research and development in 2024 (Epoch AI's reading)."""


@dataclass(frozen=True)
class Terms:
    """On which terms the hours are paid; None stands for what nothing is known of.

    Attributes:
        rent: of a chip-hour.
        purchase: of a chip, with its share of the server or without.
        electricity: of a kilowatt-hour.
        start: the day on which the run begins, as a decimal year.
        bought: the day on which the chips were bought; that of the purchase price, if not given.
        chips: how many, for the purchase.
        days: how long the run takes, from which their number follows.
        pue: power of the building over that of the machines; drawn from `BUILDING` if not given.
        development: all compute of the development over that of the final run; 1 counts the final run alone.
        staff: share of the staff in the cost of the development; drawn from `STAFF` if not given.
    """

    rent: Quote | None
    purchase: Quote | None
    electricity: Quote | None
    start: int | float
    bought: int | float | None = None
    chips: int | float | None = None
    days: int | float | None = None
    pue: int | float | None = None
    development: int | float = 1.0
    staff: int | float | None = None
