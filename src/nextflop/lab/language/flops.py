"""What a network costs, counted from its shape.

The convention, stated in every record: matrix products alone, two FLOP for a multiply and an add, attention over all
positions of the window whether masked or not (that is what runs), embeddings looked up free, the output matrix
counted. Normalisation, softmax and the optimiser's element-wise work are left out; at the sizes of this laboratory
they add some percent. A backward pass costs twice the forward one.
"""

from nextflop.lab.language.transformer import Shape

CONVENTION = "matrix products of the network, 2 FLOP a multiply-add, attention and output matrix included"


def read_flop(shape: Shape, time: int, predicted: int | None = None) -> float:
    """FLOP of reading one sequence of `time` positions at once, with logits at `predicted` of them (all by default)."""
    positions = time * _position(shape, window=time)
    return positions + (time if predicted is None else predicted) * _logits(shape)


def train_flop(shape: Shape, time: int, predicted: int) -> float:
    """FLOP of one sequence in training: forward and backward."""
    return 3 * read_flop(shape, time, predicted)


def prompt_flop(shape: Shape, prompt: int) -> float:
    """FLOP of reading a prompt before generation; its last token is read by the first generated one.

    Of the last block only keys, values and queries are computed: nothing reads its output at these positions.
    """
    time, width = prompt - 1, shape.width
    whole_blocks = _position(shape, window=time) * (shape.depth - 1) / shape.depth
    return time * (whole_blocks + 2.0 * 3 * width**2)


def sample_flop(shape: Shape, prompt: int, length: int) -> float:
    """FLOP of generating `length` tokens after a prompt that has been read."""
    return length * (_position(shape, window=prompt - 1 + length) + _logits(shape))


def _position(shape: Shape, window: int) -> float:
    weights = 12 * shape.width**2 * shape.depth
    attention = 2 * window * shape.width * shape.depth  # scores and their mix of values
    return 2.0 * (weights + attention)


def _logits(shape: Shape) -> float:
    return 2.0 * shape.width * shape.vocabulary
