"""The chips that serve a model, and the largest model that they can decode within a latency."""

from dataclasses import dataclass

import numpy as np

from nextflop.errors import InputError
from nextflop.quantities import show


@dataclass(frozen=True)
class Serving:
    """What one copy of the model is served on.

    Decoding one token at a time reads all weights from memory: time is bytes over bandwidth (see also `nextflop cost`).

    Attributes:
        chip: its name.
        bandwidth: of the memory of one chip, in bytes/s; nan if not known.
        memory: of one chip, in bytes.
        chips: that serve one copy together.
        bytes_per_param: of the weights as they are served.
        latency: seconds a token; infinite where only the memory limits.
    """

    chip: str
    bandwidth: float
    memory: float
    chips: float = 1.0
    bytes_per_param: float = 2.0
    latency: float = np.inf

    def __post_init__(self) -> None:
        for name, value in (
            ("latency", self.latency),
            ("serving_chips", self.chips),
            ("bytes_per_param", self.bytes_per_param),
        ):
            if not value > 0:
                raise InputError(f"The limit {name} = {value:g} is not positive: give more than 0.")
        if not self.bandwidth > 0 and self.latency < np.inf:
            raise InputError(f"The bandwidth of {self.chip} is not on record: give most_params instead of a latency.")

    @property
    def most_params(self) -> float:
        """The most parameters whose weights fit into the memory and can be read once within the latency."""
        read = self.bandwidth * self.latency if self.latency < np.inf else np.inf
        return float(self.chips * min(read, self.memory) / self.bytes_per_param)

    @property
    def why(self) -> str:
        """What sets `most_params`."""
        said = f"{show(self.chips)} {self.chip}"
        if self.latency == np.inf or self.memory < self.bandwidth * self.latency:
            return f"weights that fit into the memory of {said}"
        return f"{self.latency * 1e3:g} ms a token, decoded on {said}"
