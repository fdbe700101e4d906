"""A chip, a price and an MFU together: what a FLOP costs, and what a budget of FLOP takes."""

from dataclasses import dataclass

from nextflop.accounting import Amount
from nextflop.errors import InputError
from nextflop.evidence.files import Json
from nextflop.prices.chip import Chip, chip
from nextflop.prices.lookup import price as look_up
from nextflop.prices.mfu import MFU, of_sixteen_bits
from nextflop.prices.record import Price, given

PUE = 1.1
"""Power of a data centre over that of its machines, for those who run very many of them (Cottier et al.); else 1.25."""

_BY_THE_HOUR = "chip-hour"


@dataclass(frozen=True)
class Rate:
    """What FLOP cost on a chip at a price.

    Attributes:
        chip: the chip.
        price: of a chip-hour, in US dollars.
        mfu: the share of the peak that is made use of.
    """

    chip: Chip
    price: Price
    mfu: MFU

    def __post_init__(self) -> None:
        if self.price.unit != _BY_THE_HOUR:
            raise InputError(f"A rate needs the price of a chip-hour, and this one is of a {self.price.unit}.")
        _ = self.price.dollars, self.mfu.flops(self.chip)  # refuses what does not fit together

    @property
    def flop_per_hour(self) -> float:
        """Model FLOP that a paid chip-hour brings."""
        return 3600 * self.mfu.flops(self.chip)

    @property
    def dollars_per_flop(self) -> float:
        """US dollars a model FLOP."""
        return self.price.dollars / self.flop_per_hour

    def hours(self, flop: Amount) -> Amount:
        """Chip-hours for so many model FLOP."""
        return flop / self.flop_per_hour

    def dollars(self, flop: Amount) -> Amount:
        """US dollars for so many model FLOP."""
        return flop * self.dollars_per_flop

    def flop(self, dollars: Amount) -> Amount:
        """Model FLOP for so many US dollars."""
        return dollars / self.dollars_per_flop

    def kwh(self, flop: Amount, pue: float = PUE) -> Amount:
        """Kilowatt-hours at the meter of the data centre: chip-hours × server power × its share in use × PUE.

        Raises:
            InputError: if the power of the chip is not known.
        """
        return self.hours(flop) * (self.chip.server_kw * self.chip.tdp_share * pue)

    def to_json(self) -> dict[str, Json]:
        """The records that were used, and what follows from them."""
        return {
            "chip": self.chip.to_json(),
            "price": self.price.to_json(),
            "mfu": self.mfu.to_json(),
            "flop_per_chip_hour": self.flop_per_hour,
            "dollars_per_flop": self.dollars_per_flop,
        }


def rate(
    on: str | Chip = "H100 SXM",
    mfu: int | float | MFU | None = None,
    dollars_per_hour: int | float | Price | None = None,
    *,
    at: str | int | float | None = None,
    commitment: str = "on-demand",
    records: tuple[Price, ...] | None = None,
) -> Rate:
    """A rate from what is known: a chip by name, a share of its bf16 peak, a price, or the newest record of one.

    Args:
        on: the chip.
        mfu: the share of the dense 16-bit peak in model FLOP, or an `MFU`; where nothing is given, `USUAL`, marked as
            assumed.
        dollars_per_hour: a price of a chip-hour, which is recorded as given today; or a record.
        at: the day for which a price is looked up, today if not given.
        commitment: on which terms it is looked up.
        records: where it is looked up; the bundled snapshot and what was refreshed, if not given.

    Raises:
        InputError: if one of them is not known, or they do not fit together.
    """
    known = chip(on)
    share = mfu if isinstance(mfu, MFU) else of_sixteen_bits(known, mfu)
    if isinstance(dollars_per_hour, Price):
        paid = dollars_per_hour
    elif dollars_per_hour is not None:
        paid = given(known.name, dollars_per_hour, _BY_THE_HOUR, commitment)
    else:
        paid = look_up(known, at=at, commitment=commitment, records=records).price
    return Rate(known, paid, share)
