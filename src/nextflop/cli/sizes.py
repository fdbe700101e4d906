"""Sizes of networks and boards, and choices of which there may be several, as they are typed."""

from typing import TypeVar

from nextflop.errors import InputError

N = TypeVar("N", int, float)


def parse_sizes(text: str) -> tuple[tuple[int, int], ...]:
    """Width and depth of networks, such as "32x2,64x2".

    Raises:
        InputError: if the text is no such list.
    """
    try:
        pairs = [size.split("x") for size in text.split(",")]
        return tuple((int(width), int(depth)) for width, depth in pairs)
    except ValueError:
        raise InputError(
            f"--sizes {text!r} is not a list of sizes: write width x depth, such as 32x2,64x2,128x2."
        ) from None


def parse_board(text: str) -> tuple[int, ...]:
    """The numbers that tell a board, such as "5" or "6x7".

    Raises:
        InputError: if they are not whole numbers.
    """
    try:
        return tuple(int(side) for side in text.split("x"))
    except ValueError:
        raise InputError(f"--board {text!r} is not a board: write whole numbers, such as 5, 6x7 or 5x5x4.") from None


def parse_several(text: str, option: str, kind: type[N]) -> tuple[N, ...]:
    """Numbers, such as "16" or "16,4,64".

    Raises:
        InputError: if they are not numbers of that kind.
    """
    try:
        return tuple(kind(number) for number in text.split(","))
    except ValueError:
        wanted = "whole numbers, such as 16 or 16,4,64" if kind is int else "numbers, such as 4 or 4,1,16"
        raise InputError(f"{option} {text!r} cannot be read: write {wanted}.") from None
