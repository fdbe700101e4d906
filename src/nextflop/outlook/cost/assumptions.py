"""What was assumed because it was not told, in sentences."""

import math

from nextflop.outlook.cost.served import Served
from nextflop.outlook.cost.terms import FINAL, Terms
from nextflop.outlook.cost.training import Training
from nextflop.prices import MFU


def assumptions(trained: Training | None, share: MFU, terms: Terms | None, asked: Served | None) -> tuple[str, ...]:
    """What was assumed because it was not told, a sentence each."""
    told = []
    if trained is not None and terms is not None:
        if share.assumed and math.isnan(trained.work.chip_hours):
            told.append(
                f"MFU {share.share:g} of the dense {share.number} peak, 80% of published runs from "
                "0.23 to 0.56; goodput 1: give what yours has."
            )
        if terms.development == 1:
            told.append(
                f"The final run alone: of OpenAI's compute for development in 2024 about {FINAL:.0%} were final runs, "
                "so the whole may be ten times as much; say by how much with the development multiple."
            )
        if terms.pue is None:
            told.append("The building draws 1.1 to 1.25 times what its machines do.")
        if terms.staff is None:
            told.append("Staff are 29% to 49% of the cost of the development, as in four models of Cottier et al.")
        if terms.bought is None and terms.purchase is not None:
            told.append(f"The chips were bought on the day of their price record, {terms.purchase.price.date}.")
    if asked is not None:
        if asked.serve.reach == 1:
            told.append("Serving comes up to the roofline: its prices are floors that no program passes.")
        if asked.serve.busy == 1:
            told.append("The serving machines always have work.")
    return tuple(told)
