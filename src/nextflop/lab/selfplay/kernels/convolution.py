"""A network of convolutions on many positions: a few at a time go through all layers, so that all stays near."""

import numpy as np
from jaxtyping import Float32, Int64

from nextflop.lab.selfplay.kernels.kernel import kernel, lean
from nextflop.lab.selfplay.kernels.perceptron import join

_ROOM = 2**17  # numbers of what the cells of a few positions see around them, half a core's second cache


@lean
def around(
    stream: Float32[np.ndarray, "cells width"],
    near: Int64[np.ndarray, "area kernel"],
    seen: Float32[np.ndarray, "cells kernel_width"],
) -> None:
    """Writes what lies under the kernel at every cell; beyond the board is nothing."""
    area, width = near.shape[0], stream.shape[1]
    for cell in range(stream.shape[0]):
        place = cell % area
        for at in range(near.shape[1]):
            other, left = near[place, at], at * width
            if other < area:
                other += cell - place
                for unit in range(width):
                    seen[cell, left + unit] = stream[other, unit]
            else:
                for unit in range(width):
                    seen[cell, left + unit] = 0


@lean
def enter(
    observed: Float32[np.ndarray, "rows planes_area"], area: int, stream: Float32[np.ndarray, "cells planes"]
) -> None:
    """Writes the planes of every cell side by side."""
    for row in range(observed.shape[0]):
        for plane in range(stream.shape[1]):
            for cell in range(area):
                stream[row * area + cell, plane] = observed[row, plane * area + cell]


@lean
def rectify(
    stream: Float32[np.ndarray, "cells width"],
    bias: Float32[np.ndarray, " width"],
    out: Float32[np.ndarray, "cells width"],
) -> None:
    """What is above 0 of a stream with its bias."""
    for cell in range(stream.shape[0]):
        for unit in range(stream.shape[1]):
            out[cell, unit] = max(stream[cell, unit] + bias[unit], np.float32(0))


@kernel
def convolve(
    observed: Float32[np.ndarray, "rows planes_area"],
    near: Int64[np.ndarray, "area kernel"],
    intake: Float32[np.ndarray, "kernel_planes width"],
    start: Float32[np.ndarray, " width"],
    blocks: Float32[np.ndarray, "depth two kernel_width width"],
    biases: Float32[np.ndarray, "depth two width"],
    policy: Float32[np.ndarray, "area_width actions"],
    value: Float32[np.ndarray, " width"],
    logits: Float32[np.ndarray, "rows actions"],
    values: Float32[np.ndarray, " rows"],
) -> None:
    """Writes what the heads say of every row, without their biases; the shares of the blocks are in their second half.

    Rooms are parts of one-dimensional arrays, so that every product is of arrays without gaps.
    """
    area, width, kernel_size = near.shape[0], intake.shape[1], near.shape[1]
    planes = intake.shape[0] // kernel_size
    tile = max(1, _ROOM // (area * kernel_size * max(planes, width)))
    wide = np.empty(tile * area * kernel_size * max(planes, width), np.float32)
    room = np.empty((3, tile * area * max(planes, width)), np.float32)
    for first in range(0, len(observed), tile):
        rows = min(tile, len(observed) - first)
        cells = rows * area
        stream, active, product = (
            room[0, : cells * width].reshape(cells, width),
            room[1, : cells * width].reshape(cells, width),
            room[2, : cells * width].reshape(cells, width),
        )
        entered = room[1, : cells * planes].reshape(cells, planes)
        seen = wide[: cells * kernel_size * planes].reshape(cells, kernel_size * planes)
        enter(observed[first : first + rows], area, entered)
        around(entered, near, seen)
        np.dot(seen, intake, product)
        stream[:] = 0
        join(stream, product, start, active)
        seen = wide[: cells * kernel_size * width].reshape(cells, kernel_size * width)
        for block in range(len(blocks)):
            around(active, near, seen)
            np.dot(seen, blocks[block, 0], product)
            rectify(product, biases[block, 0], active)
            around(active, near, seen)
            np.dot(seen, blocks[block, 1], product)
            join(stream, product, biases[block, 1], active)
        for row in range(rows):
            total = np.float32(0)
            for cell in range(row * area, (row + 1) * area):
                for unit in range(width):
                    total += active[cell, unit] * value[unit]
            values[first + row] = total / area
        if policy.shape[1]:
            np.dot(active.reshape(rows, area * width), policy, logits[first : first + rows])
