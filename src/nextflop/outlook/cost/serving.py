"""What it takes to serve a transformer: FLOP and bytes of a token, and the time in which a machine can move both.

The time of a step is that of its arithmetic or that of its memory traffic, whichever is longer (the roofline of
Williams et al. 2009). Writing a token reads all weights once for the whole batch and the keys and values of every
sequence in it, so a small batch waits for memory, and the price of a token is the price of a second and not of a FLOP.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from nextflop.errors import InputError
from nextflop.prices import Chip
from nextflop.prices.chip import BYTES


@dataclass(frozen=True)
class Transformer:
    """The figures of a model that serving depends on.

    Attributes:
        params: all parameters, which have to lie in memory.
        active: those that a token passes through; all of them unless the model routes tokens to experts.
        layers: layers with attention.
        width: width of the residual stream, which is that of all query heads together.
        shared: how many query heads share the keys and values of one (grouped queries); 1 if none do.
        weights: number format of the weights and of the arithmetic.
        cache: number format of keys and values in memory.
    """

    params: int | float
    layers: int | float
    width: int | float
    active: int | float = math.nan
    shared: int | float = 1.0
    weights: str = "bf16"
    cache: str = "bf16"

    def __post_init__(self) -> None:
        for name, what in (
            ("params", "number of parameters"),
            ("layers", "number of layers"),
            ("width", "width"),
            ("shared", "number of query heads a head of keys and values"),
        ):
            if not 0 < getattr(self, name) < math.inf:
                raise InputError(f"The {what} of the model is {getattr(self, name):g}: give a number above 0.")
        if not math.isnan(self.active) and not 0 < self.active <= self.params:
            raise InputError(f"The model has {self.params:g} parameters, and {self.active:g} active ones cannot be.")
        for form in (self.weights, self.cache):
            if form not in BYTES:
                raise InputError(f"There is no number format {form!r}: choose one of {', '.join(BYTES)}.")

    @property
    def passed(self) -> float:
        """Parameters that a token passes through."""
        return self.params if math.isnan(self.active) else self.active

    @property
    def cache_bytes(self) -> float:
        """Bytes of keys and values of one token: two vectors a layer."""
        return 2 * self.layers * self.width / self.shared * BYTES[self.cache]

    def decode_flop(self, context: int | float) -> float:
        """FLOP to write one token after so many others: 2N, and queries against keys and weights against values,
        2 · width each a layer and token of context, a multiply-add being two.
        """
        return 2 * self.passed + 4 * self.layers * self.width * context

    def prompt_flop(self, tokens: int | float) -> float:
        """FLOP to read a prompt: 2N a token, and attention over half of it on average."""
        return tokens * (2 * self.passed + 2 * self.layers * self.width * tokens)

    def read_bytes(self, batch: int | float | np.ndarray) -> float | np.ndarray:
        """Bytes of weights that a step reads: all of them, or of experts those that some token of the batch asks for.

        With tokens routed evenly and independently, a share 1 - (1 - active/params)^batch of the weights.
        """
        asked = 1 - (1 - self.passed / self.params) ** batch
        return self.params * BYTES[self.weights] * asked


class Point(NamedTuple):
    """Serving at one batch size, an entry a batch.

    Attributes:
        batch: sequences that are written side by side.
        seconds: for one token of each, which is also the time that a reader waits for a token.
        compute: share of it that the arithmetic alone would take.
        memory: share of it that the memory traffic alone would take; the larger of the two is 1.
        tokens_per_second: of the whole machine.
    """

    batch: np.ndarray
    seconds: np.ndarray
    compute: np.ndarray
    memory: np.ndarray
    tokens_per_second: np.ndarray


@dataclass(frozen=True)
class Machine:
    """Chips that serve one copy of a model together.

    Attributes:
        chip: the chip.
        chips: how many.
        reach: the share of both roofs that the program comes to; 1 is what no program passes.
    """

    chip: Chip
    chips: int | float
    reach: int | float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.chips < math.inf:
            raise InputError(f"{self.chips:g} chips cannot serve a model: give 1 or more.")
        if not 0 < self.reach <= 1:
            raise InputError(f"The reach {self.reach:g} is no share of the roof: give one above 0 and at most 1.")
        if math.isnan(self.chip.bandwidth):
            raise InputError(f"The memory bandwidth of {self.chip.name} is not known: take another chip.")

    def largest_batch(self, model: Transformer, context: int | float) -> float:
        """Sequences whose keys and values fit beside the weights.

        Raises:
            InputError: if not even one fits.
        """
        held = self.chips * self.chip.memory - model.params * BYTES[model.weights]
        fit = math.floor(held / (model.cache_bytes * context))
        if fit < 1:
            least = math.ceil((model.params * BYTES[model.weights] + model.cache_bytes * context) / self.chip.memory)
            raise InputError(
                f"{model.params:.3g} parameters in {model.weights} with a context of {context:g} do not fit into "
                f"{self.chips:g} {self.chip.name}: take {least} or more, or fewer bytes a number."
            )
        return float(fit)

    def decode(self, model: Transformer, context: int | float, batch: np.ndarray) -> Point:
        """The roofline of one step of writing, for every batch.

        Raises:
            InputError: if the chip has no peak for the number format.
        """
        flops = self.reach * self.chips * self.chip.peak(model.weights)
        speed = self.reach * self.chips * self.chip.bandwidth
        compute = batch * model.decode_flop(context) / flops
        memory = (model.read_bytes(batch) + batch * context * model.cache_bytes) / speed
        seconds = np.maximum(compute, memory)
        return Point(batch, seconds, compute / seconds, memory / seconds, batch / seconds)

    def prompt_seconds(self, model: Transformer, tokens: int | float) -> float:
        """Seconds to read a prompt: arithmetic, or one reading of the weights if that takes longer."""
        compute = model.prompt_flop(tokens) / (self.chips * self.chip.peak(model.weights))
        memory = float(model.read_bytes(tokens)) / (self.chips * self.chip.bandwidth)
        return max(compute, memory) / self.reach

    def within(self, model: Transformer, context: int | float, latency: int | float) -> float:
        """The largest batch that fits into memory and writes every token within so many seconds.

        Raises:
            InputError: if not even a single sequence does.
        """
        high = self.largest_batch(model, context)
        alone = float(self.decode(model, context, np.array([1.0])).seconds[0])
        if alone > latency:
            raise InputError(
                f"A token takes {alone * 1000:.3g} ms on {self.chips:g} {self.chip.name} even for a single sequence: "
                f"{latency * 1000:.3g} ms need more chips, a smaller model or fewer bytes a number."
            )
        low = 1.0  # the time of a step never falls with the batch
        while high - low > 0.5:
            middle = math.ceil((low + high) / 2)
            if float(self.decode(model, context, np.array([float(middle)])).seconds[0]) <= latency:
                low = float(middle)
            else:
                high = middle - 1.0
        return low


def kinetics(
    params: int | float,
    cache: int | float,
    shared: int | float,
    trials: int | float,
    prompt: int | float,
    output: int | float,
    intensity: int | float,
) -> float:
    """Equivalent FLOP of answering one query in several trials, memory traffic counted at the chip's intensity.

    2 n P L + 2 r n L_in D L + r n D L² + 2 I L_in D L + I n D L² (Sadhukhan et al. 2025, arXiv:2506.05333): arithmetic
    of the weights, attention over prompt and output, and two bytes a number of the cache, the prompt's read once for
    all trials and every trial's own output read as it grows.

    Args:
        params: P, parameters that a token passes through.
        cache: D, numbers in the keys and values of one token.
        shared: r, query heads a head of keys and values.
        trials: n.
        prompt: L_in, tokens.
        output: L, tokens a trial.
        intensity: I, FLOP that the chip makes in the time in which it reads a byte.

    Returns:
        FLOP, those that the chip could have made in the same time.
    """
    arithmetic = 2 * trials * params * output + shared * trials * cache * output * (2 * prompt + output)
    traffic = intensity * cache * output * (2 * prompt + trials * output)
    return arithmetic + traffic
