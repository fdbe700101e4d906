"""The share of the peak that a run makes use of: four fields, of which a bare "40% MFU" names none.

Which peak (the number format), dense or with sparsity, which FLOP are counted (those of the model, or those that the
hardware made, recomputation with them), and how much of the time that was paid for was spent in steps that count.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from nextflop.errors import InputError
from nextflop.evidence.files import Json
from nextflop.prices.chip import Chip

Counted = Literal["model", "hardware"]

USUAL = 0.375
"""What Cottier et al. (arXiv:2405.21015) take where the share is not known: the median of what was published then."""

SPREAD: Mapping[float, float] = MappingProxyType({0.1: 0.231, 0.5: 0.381, 0.9: 0.564})
"""Quantiles of the 62 published shares in Epoch AI's table of models (commit 263c40a1), whatever peak they name."""

FULL_RECOMPUTATION = 4 / 3
"""Hardware FLOP over model FLOP where every activation is computed twice: forward, forward again, backward (2 + 2 + 4)
against (2 + 4)."""


@dataclass(frozen=True)
class MFU:
    """A share of a peak, and what is meant by it.

    Attributes:
        share: between 0 and 1.
        number: the number format whose peak is meant.
        sparse: whether the peak is the one with sparsity.
        counted: "model" FLOP, or "hardware" FLOP with recomputation.
        goodput: the share of the paid time that was spent in steps that count: without restarts, failures and waiting.
        assumed: whether nobody measured it.
    """

    share: int | float
    number: str = "bf16"
    sparse: bool = False
    counted: Counted = "model"
    goodput: int | float = 1.0
    assumed: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.share <= 1:
            raise InputError(f"The MFU {self.share:g} is no share of a peak: give one above 0 and at most 1, as 0.4.")
        if not 0 < self.goodput <= 1:
            raise InputError(f"The goodput {self.goodput:g} is no share of the time: give one above 0 and at most 1.")
        if self.counted not in ("model", "hardware"):
            raise InputError(f"MFU counts {self.counted!r}: say 'model' or 'hardware' FLOP.")

    def against(self, chip: Chip, number: str, sparse: bool = False) -> "MFU":
        """The same speed as a share of another peak of the chip.

        Raises:
            InputError: if the chip lacks one of the two peaks, or the speed is above the other peak.
        """
        speed = self.share * chip.peak(self.number, self.sparse)
        other = chip.peak(number, sparse)
        if speed > other:
            raise InputError(
                f"An MFU of {self.share:g} of the {self.number} peak of {chip.name} is {speed / other:.3g} times its "
                f"{number} peak: it was not measured in {number}."
            )
        return replace(self, share=speed / other, number=number, sparse=sparse)

    def of_model(self, ratio: int | float = FULL_RECOMPUTATION) -> "MFU":
        """The share in model FLOP, where the share counts what the hardware made.

        Args:
            ratio: hardware FLOP over model FLOP; between 1, without recomputation, and 4/3, with all of it.

        Raises:
            InputError: if the ratio is below 1.
        """
        if not 1 <= ratio < float("inf"):
            raise InputError(f"Hardware FLOP cannot be {ratio:g} times the model FLOP: the ratio is 1 or more.")
        return self if self.counted == "model" else replace(self, share=self.share / ratio, counted="model")

    def flops(self, chip: Chip) -> float:
        """Model FLOP a second that a chip brings forward while it is paid for.

        Raises:
            InputError: if the chip lacks the peak, or the share counts hardware FLOP.
        """
        if self.counted == "hardware":
            raise InputError(
                f"An MFU of {self.share:g} that counts hardware FLOP does not say how fast a model is trained: convert "
                "it with of_model(ratio), 4/3 if all activations were recomputed."
            )
        return self.share * self.goodput * chip.peak(self.number, self.sparse)

    def to_json(self) -> dict[str, Json]:
        """The share and its fields as JSON."""
        return vars(self).copy()

    def __str__(self) -> str:
        peak = f"{'sparse' if self.sparse else 'dense'} {self.number} peak"
        return (
            f"{self.share:.3g} of the {peak}, {self.counted} FLOP, goodput {self.goodput:.3g}"
            f"{' (assumed)' if self.assumed else ''}"
        )


def of_sixteen_bits(chip: Chip, share: int | float | None = None) -> MFU:
    """A bare share, which means that of the dense 16-bit peak: bf16, or fp16 where a chip has no other.

    Args:
        chip: the chip.
        share: the share; `USUAL`, marked as assumed, if not given.

    Raises:
        InputError: if it is no share, or the chip has no 16-bit peak, so that the format must be named.
    """
    number = next((form for form in ("bf16", "fp16") if form in chip.peaks), None)
    if number is None:
        raise InputError(
            f"{chip.name} has no 16-bit peak: say of which format the MFU is, one of {', '.join(chip.peaks)}."
        )
    return MFU(USUAL, number, assumed=True) if share is None else MFU(share, number)


def measured(flop: float, chip: Chip, chip_hours: float, number: str = "bf16", sparse: bool = False) -> MFU:
    """The share that a finished run had of a peak: model FLOP over chip-hours, so goodput is inside it.

    Raises:
        InputError: if the amounts are not positive, or the run was faster than the peak.
    """
    if not (flop > 0 and chip_hours > 0):
        raise InputError(f"{flop:g} FLOP in {chip_hours:g} chip-hours have no speed: give amounts above 0.")
    share = flop / (chip_hours * 3600 * chip.peak(number, sparse))
    if share > 1:
        raise InputError(
            f"{flop:.3g} FLOP in {chip_hours:.3g} hours of {chip.name} are {share:.3g} times its {number} peak: the "
            "FLOP, the hours or the chip are others."
        )
    return MFU(share, number, sparse)
