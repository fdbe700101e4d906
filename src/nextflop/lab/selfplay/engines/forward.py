"""The networks on a processor, as plain matrix products: at these sizes what lies between two products counts."""

import numpy as np

from nextflop.lab.selfplay.engines.engine import Read
from nextflop.lab.selfplay.kernels.perceptron import perceive
from nextflop.lab.selfplay.network import KERNEL, Network

_AT_ONCE = 4e6  # numbers of a convolution's unfolded input: what fits a cache


def forward(network: Network) -> Read:
    """The network as a function of arrays."""
    heads = _heads(network)
    return _mlp(network, heads) if network.shape.kind == "mlp" else _conv(network, heads)


def _heads(network: Network) -> tuple[np.ndarray, ...]:
    return tuple(np.asarray(part, np.float32) for head in (network.policy, network.value) for part in head)


def _mlp(network: Network, heads: tuple[np.ndarray, ...]) -> Read:
    intake, bias = (np.asarray(part, np.float32) for part in network.intake)
    share = np.asarray(network.share, np.float32)
    blocks = np.asarray(network.blocks[0], np.float32) * share[:, None, None]
    biases = np.asarray(network.blocks[1], np.float32) * share[:, None]
    both = np.column_stack([heads[0], heads[2]]), np.append(heads[1], heads[3])  # one product
    value = np.ascontiguousarray(both[0][:, -1:]), both[1][-1:]

    def run(seen: np.ndarray, policy: bool = True) -> tuple[np.ndarray, np.ndarray]:
        read, shift = both if policy else value
        out = np.empty((len(seen), read.shape[1]), np.float32)
        perceive(np.ascontiguousarray(seen, np.float32), intake, bias, blocks, biases, read, shift, out)
        return np.ascontiguousarray(out[:, :-1]), np.tanh(out[:, -1])

    return run


def _conv(network: Network, heads: tuple[np.ndarray, ...]) -> Read:
    shape = network.shape
    height, width = shape.height, shape.area // shape.height
    near = _neighbours(height, width)
    intake, blocks = (
        tuple(np.asarray(part, np.float32) for part in parts) for parts in (network.intake, network.blocks)
    )
    share = np.asarray(network.share, np.float32)
    rows = max(1, int(_AT_ONCE / (shape.area * KERNEL**2 * shape.width)))

    def convolve(stream: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
        padded = np.concatenate([stream, np.zeros_like(stream[:, :1])], 1)  # beyond the board is nothing
        unfolded = padded[:, near].reshape(len(stream) * shape.area, -1)
        product = unfolded @ weight.reshape(-1, weight.shape[-1])
        product += bias
        return product.reshape(len(stream), shape.area, -1)

    def part(seen: np.ndarray, policy: bool) -> tuple[np.ndarray, np.ndarray]:
        stream = convolve(seen.reshape(len(seen), shape.planes, shape.area).transpose(0, 2, 1), *intake)
        for weights, biases, one in zip(*blocks, share, strict=True):
            inner = convolve(np.maximum(stream, 0), weights[0], biases[0])
            stream += one * convolve(np.maximum(inner, 0, out=inner), weights[1], biases[1])
        np.maximum(stream, 0, out=stream)
        actions = slice(None if policy else 0)
        logits = stream.reshape(len(seen), -1) @ heads[0][:, actions] + heads[1][actions]
        return logits, np.tanh(stream.mean(1) @ heads[2] + heads[3])

    def run(seen: np.ndarray, policy: bool = True) -> tuple[np.ndarray, np.ndarray]:
        parts = [part(seen[first : first + rows], policy) for first in range(0, len(seen), rows)]
        return np.concatenate([logits for logits, _ in parts]), np.concatenate([values for _, values in parts])

    return run


def _neighbours(height: int, width: int) -> np.ndarray:
    """Of every cell the cells under a kernel at it, in the kernel's order; one past the last cell is outside."""
    board = np.full((height + 2, width + 2), height * width)
    board[1:-1, 1:-1] = np.arange(height * width).reshape(height, width)
    windows = np.lib.stride_tricks.sliding_window_view(board, (KERNEL, KERNEL))
    return windows.reshape(height * width, KERNEL**2)
