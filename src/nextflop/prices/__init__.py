"""Dated records of prices and of chips: each with its unit, its source and the digest of where it was read."""

from nextflop.prices.api import api_prices
from nextflop.prices.chip import Chip, chip, chips
from nextflop.prices.lookup import Quote, known, price
from nextflop.prices.mfu import MFU, measured
from nextflop.prices.rate import Rate, rate
from nextflop.prices.record import COMMITMENTS, GRADES, UNITS, Price, given
from nextflop.prices.refresh import refresh
from nextflop.prices.table import read_prices

__all__ = [
    "COMMITMENTS",
    "GRADES",
    "MFU",
    "UNITS",
    "Chip",
    "Price",
    "Quote",
    "Rate",
    "api_prices",
    "chip",
    "chips",
    "given",
    "known",
    "measured",
    "price",
    "rate",
    "read_prices",
    "refresh",
]
