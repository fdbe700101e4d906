"""Sizes of networks and boards as they are typed."""

from nextflop.errors import InputError


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
