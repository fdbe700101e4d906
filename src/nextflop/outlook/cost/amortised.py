"""What an hour of an owned chip wears away: the method of Cottier et al. 2024 (arXiv:2405.21015), in closed form."""

import numpy as np

Amount = int | float | np.ndarray

FALL = 0.14
"""Powers of ten a year by which the price of a given speed falls, and with it what an owned chip is worth."""

NETWORK = 0.19
"""Share of a cluster's price that is the network between its servers."""

HOURS = 8766.0
"""Hours in a year of 365.25 days."""


def hardware_per_hour(
    server_price: Amount, age: Amount, fall: int | float = FALL, network: int | float = NETWORK
) -> Amount:
    """Dollars of hardware that a chip-hour uses up.

    P(0) · 10^(-fall · age) is what the chip is worth when the run begins; it loses fall · ln 10 of that a year; the
    network adds network / (1 - network).

    Args:
        server_price: P(0), of a chip with its share of the server, when it was bought.
        age: years from then to the beginning of the run.
        fall: powers of ten a year.
        network: share of the cluster's price.
    """
    return server_price * 10.0 ** (-fall * age) * fall * np.log(10) / HOURS / (1 - network)


def energy_per_hour(server_kw: Amount, tdp_share: Amount, pue: Amount, dollars_per_kwh: Amount) -> Amount:
    """Dollars of electricity that a chip-hour takes: power of its share of the server, how much of it is drawn, the
    building around it, and the price.
    """
    return server_kw * tdp_share * pue * dollars_per_kwh


def acquisition(server_price: Amount, chips: Amount, network: int | float = NETWORK) -> Amount:
    """Dollars to buy the cluster: chips in their servers, and the network between them."""
    return server_price * chips / (1 - network)
