"""The networks on a processor, as plain matrix products: at these sizes what lies between two products counts."""

import numpy as np

from nextflop.lab.selfplay.engines.engine import Read
from nextflop.lab.selfplay.kernels.convolution import convolve
from nextflop.lab.selfplay.kernels.perceptron import perceive
from nextflop.lab.selfplay.network import KERNEL, Network


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
    near = _neighbours(shape.height, shape.area // shape.height)
    share, under = np.asarray(network.share, np.float32), KERNEL**2
    intake, start = np.asarray(network.intake[0], np.float32), np.asarray(network.intake[1], np.float32)
    blocks, biases = (np.array(part, np.float32) for part in network.blocks)
    blocks[:, 1] *= share[:, None, None, None, None]
    biases[:, 1] *= share[:, None]
    told = (
        near,
        intake.reshape(under * shape.planes, shape.width),
        start,
        blocks.reshape(shape.depth, 2, under * shape.width, shape.width),
        biases,
    )
    policies = {True: (heads[0], heads[1]), False: (heads[0][:, :0].copy(), heads[1][:0])}

    def run(seen: np.ndarray, policy: bool = True) -> tuple[np.ndarray, np.ndarray]:
        head, shift = policies[policy]
        logits, values = np.empty((len(seen), head.shape[1]), np.float32), np.empty(len(seen), np.float32)
        convolve(np.ascontiguousarray(seen, np.float32), *told, head, heads[2], logits, values)
        return logits + shift, np.tanh(values + heads[3])

    return run


def _neighbours(height: int, width: int) -> np.ndarray:
    """Of every cell the cells under a kernel at it, in the kernel's order; one past the last cell is outside."""
    board = np.full((height + 2, width + 2), height * width)
    board[1:-1, 1:-1] = np.arange(height * width).reshape(height, width)
    windows = np.lib.stride_tricks.sliding_window_view(board, (KERNEL, KERNEL))
    return windows.reshape(height * width, KERNEL**2)
