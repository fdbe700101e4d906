"""A perceptron on many rows: a few at a time go through all layers, so that what lies between two stays near."""

import numpy as np
from jaxtyping import Float32

from nextflop.lab.selfplay.kernels.kernel import kernel, lean

_TILE = 128  # rows: three arrays of them, 64 wide, fit the cache of a core; fewer make slower products


@lean
def join(
    stream: Float32[np.ndarray, "rows width"],
    product: Float32[np.ndarray, "rows width"],
    bias: Float32[np.ndarray, " width"],
    active: Float32[np.ndarray, "rows width"],
) -> None:
    """Adds what a layer says to the stream, and writes what the next layer reads of it."""
    for row in range(stream.shape[0]):
        for unit in range(stream.shape[1]):
            stream[row, unit] += product[row, unit] + bias[unit]
            active[row, unit] = max(stream[row, unit], np.float32(0))


@kernel
def perceive(
    seen: Float32[np.ndarray, "rows planes_cells"],
    intake: Float32[np.ndarray, "planes_cells width"],
    start: Float32[np.ndarray, " width"],
    blocks: Float32[np.ndarray, "depth width width"],
    biases: Float32[np.ndarray, "depth width"],
    head: Float32[np.ndarray, "width answers"],
    shift: Float32[np.ndarray, " answers"],
    out: Float32[np.ndarray, "rows answers"],
) -> None:
    """Writes what the head says of every row; the shares of the blocks are in their weights and biases."""
    room = np.empty((3, _TILE, intake.shape[1]), np.float32)
    for first in range(0, len(seen), _TILE):
        rows = min(_TILE, len(seen) - first)
        stream, active, product = room[0, :rows], room[1, :rows], room[2, :rows]
        stream[:] = 0
        np.dot(seen[first : first + rows], intake, product)
        join(stream, product, start, active)
        for block in range(len(blocks)):
            np.dot(active, blocks[block], product)
            join(stream, product, biases[block], active)
        answer = out[first : first + rows]
        np.dot(active, head, answer)
        answer += shift
