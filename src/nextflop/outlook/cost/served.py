"""What a served token costs: seconds of a machine at its price, at the batch that the latency and the memory allow."""

import math
from dataclasses import dataclass, field, replace

import numpy as np

from nextflop.errors import InputError
from nextflop.evidence.files import Json
from nextflop.fitting.fit import Interval
from nextflop.outlook.cost.draws import between, interval
from nextflop.outlook.cost.serving import Machine, Point, Transformer, kinetics
from nextflop.prices import Chip, Price, Quote
from nextflop.prices.chip import BYTES

_POINTS = 9  # of the curve against the batch


@dataclass(frozen=True)
class Serve:
    """How a model will be served.

    Attributes:
        model: its figures.
        context: tokens of keys and values that an average sequence holds while it is written.
        prompt: tokens of an average prompt.
        batch: sequences side by side; else the largest that the latency and the memory allow.
        latency: seconds that a reader may wait for a token; no limit if not given.
        chips: that serve one copy; if not given, the smallest power of two of which the weights fill
            at most half.
        reach: the share of the roofline that the program comes to; 1 gives a floor of the price.
        busy: the share of the paid time in which there is work.
        written: tokens that the model will write in its life.
        read: tokens of prompts that it will read in its life.
        trials: sequences that are sampled for one query, for the count with memory traffic; none if not given.
        output: tokens of each of them.
    """

    model: Transformer
    context: int | float = 4096
    prompt: int | float = 1024
    batch: int | float | None = None
    latency: int | float | None = None
    chips: int | float | None = None
    reach: int | float = 1.0
    busy: int | float = 1.0
    written: int | float = 0.0
    read: int | float = 0.0
    trials: int | float | None = None
    output: int | float = 1024

    def __post_init__(self) -> None:
        for name in ("context", "prompt", "batch", "latency", "chips", "trials", "output"):
            value = getattr(self, name)
            if value is not None and not 0 < value < math.inf:
                raise InputError(f"The {name} of serving is {value:g}: give a number above 0.")
        for name in ("written", "read"):
            if not 0 <= getattr(self, name) < math.inf:
                raise InputError(f"The tokens {name} are {getattr(self, name):g}: give 0 or more.")
        if self.batch is not None and self.batch < 1:
            raise InputError(f"A batch of {self.batch:g} is less than one sequence: give 1 or more.")
        if not 0 < self.busy <= 1:
            raise InputError(f"The busy share {self.busy:g} is no share of the time: give one above 0 and at most 1.")


@dataclass(frozen=True)
class Served:
    """What serving costs.

    Attributes:
        serve: as asked, with the number of chips and the batch that were found.
        chip: on what.
        point: the roofline at the batch.
        curve: the roofline at batches from 1 to the largest that fits.
        largest: that batch.
        flop_per_token: of a written token at the context.
        intensity: FLOP that the chip makes in the time in which it reads a byte.
        out: dollars a million tokens written; nan where no rent is known.
        into: dollars a million tokens read.
        curve_out: dollars a million tokens written along the curve, at the price alone.
        by_flop: dollars a million tokens written, if only the FLOP cost something: what a large batch comes close to.
        life: dollars for all tokens written and read.
        query: equivalent FLOP of a query with its trials, and the share of memory traffic in it; nan if not asked.
        api: prices by the token of somebody who serves the model.
        records: the prices that it rests on.
    """

    serve: Serve
    chip: Chip
    point: Point
    curve: Point
    largest: int | float
    flop_per_token: int | float
    intensity: int | float
    out: Interval
    into: Interval
    curve_out: np.ndarray
    by_flop: Interval
    life: Interval
    query: tuple[float, float] = (math.nan, math.nan)
    api: tuple[Price, ...] = field(default=())
    records: tuple[Price, ...] = field(default=())

    @property
    def bound(self) -> str:
        """What a step waits for: "memory" or "compute"."""
        return "memory" if float(self.point.memory[0]) >= 1 else "compute"

    def to_json(self) -> dict[str, Json]:
        """The costs as JSON."""
        told = {**vars(self.serve), "model": vars(self.serve.model).copy()}
        return {
            "serve": told,
            "chip": self.chip.name,
            "bound": self.bound,
            "milliseconds_per_token": float(self.point.seconds[0]) * 1000,
            "tokens_per_second": float(self.point.tokens_per_second[0]),
            "largest_batch": self.largest,
            "flop_per_token": self.flop_per_token,
            "flop_per_byte": self.intensity,
            "dollars_per_million_out": self.out._asdict(),
            "dollars_per_million_in": self.into._asdict(),
            "dollars_per_million_out_by_flop": self.by_flop._asdict(),
            "curve": {**self.curve._asdict(), "dollars_per_million_out": self.curve_out},
            "life_dollars": self.life._asdict(),
            "query": {"equivalent_flop": self.query[0], "memory_share": self.query[1]},
            "api": [one.to_json() for one in self.api],
            "records": [one.to_json() for one in self.records],
        }


def served(
    serve: Serve,
    chip: Chip,
    rent: Quote | None,
    rng: np.random.Generator,
    draws: int,
    level: int | float,
    api: tuple[Price, ...] = (),
) -> Served:
    """What it costs to serve a model on a chip.

    Args:
        serve: how.
        chip: on what.
        rent: of a chip-hour; without it there are times and no money.
        rng: for the draws of the price.
        draws: of the price.
        level: of the intervals.
        api: prices by the token to stand beside.

    Raises:
        InputError: if the model does not fit, or the latency cannot be kept.
    """
    model = serve.model
    machine = Machine(chip, serve.chips or _smallest(serve, chip), serve.reach)
    largest = machine.largest_batch(model, serve.context)
    most = largest if serve.latency is None else machine.within(model, serve.context, serve.latency)
    batch = most if serve.batch is None else float(serve.batch)
    if batch > largest:
        raise InputError(
            f"A batch of {batch:g} does not fit: beside the weights there is room for {largest:g} sequences of "
            f"{serve.context:g} tokens on {machine.chips:g} {chip.name}."
        )
    if batch > most:
        raise InputError(f"A batch of {batch:g} is too slow for the latency: the largest that keeps it is {most:g}.")
    curve = machine.decode(model, serve.context, np.unique(np.round(np.geomspace(1, largest, _POINTS))))
    point = machine.decode(model, serve.context, np.array([batch]))
    peak = chip.peak(model.weights)
    if rent is None:
        second = np.full(1 + draws, math.nan)
    else:
        second = between(rng, draws, rent.price.dollars, *rent.ends) * machine.chips / 3600 / serve.busy
    out = second / float(point.tokens_per_second[0]) * 1e6
    into = second * machine.prompt_seconds(model, serve.prompt) / serve.prompt * 1e6
    flop = model.decode_flop(serve.context)
    by_flop = second * flop / (serve.reach * machine.chips * peak) * 1e6
    life = (serve.written * out + serve.read * into) / 1e6
    found = replace(serve, chips=machine.chips, batch=batch)
    return Served(
        found,
        chip,
        point,
        curve,
        largest,
        flop,
        peak / chip.bandwidth,
        interval(out, level),
        interval(into, level),
        float(second[0]) / curve.tokens_per_second * 1e6,
        interval(by_flop, level),
        interval(life, level),
        _query(serve, peak / chip.bandwidth),
        api,
        () if rent is None else (rent.used,),
    )


def _query(serve: Serve, intensity: int | float) -> tuple[float, float]:
    if serve.trials is None:
        return math.nan, math.nan
    model = serve.model
    numbers = model.cache_bytes / BYTES[model.cache]
    amounts = (model.passed, numbers, model.shared, serve.trials, serve.prompt, serve.output)
    whole, arithmetic = kinetics(*amounts, intensity), kinetics(*amounts, 0.0)
    return float(whole), float(1 - arithmetic / whole)


def _smallest(serve: Serve, chip: Chip) -> float:
    """The smallest power of two of chips whose memory the weights fill to one half."""
    chips = 1.0
    while chips * chip.memory < 2 * serve.model.params * BYTES[serve.model.weights]:
        chips *= 2
    return chips
