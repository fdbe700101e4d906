"""The options of `nextflop cost`, by what they are about."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from nextflop.errors import InputError
from nextflop.quantities import parse, parse_positive

if TYPE_CHECKING:
    from nextflop.outlook.cost import Serve
    from nextflop.prices import MFU, Chip, Price

_Flag = Annotated[bool, Parameter(negative="", show_default=False)]


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class TrainOptions:
    """What is trained, on what, on which terms.

    Attributes:
        flop: training FLOP of the model, without recomputation, such as 3.8e25.
        params: parameters that a token passes through, such as 70B; with --tokens, C = 6ND.
        tokens: tokens trained on.
        chip_hours: paid hours of one chip; they go before what would follow from the FLOP.
        chip: on what, such as H100, A100, "TPU v5e".
        mfu: share of the peak that is made use of, such as 0.4; by default 0.375 with the spread of published runs.
        mfu_format: number format whose peak is meant; by default the 16-bit peak.
        sparse: the peak is the one with sparsity.
        recompute: the MFU counts hardware FLOP, so many times the model FLOP: 1.33 if all activations are recomputed.
        goodput: share of the paid time in steps that count.
        price: dollars a chip-hour; by default the newest record.
        commitment: the terms on which it is looked up: on-demand, spot, 1y, 3y or owned.
        purchase: dollars to buy a chip with its share of the server; by default the newest record.
        electricity: dollars a kilowatt-hour; by default the newest record.
        pue: power of the building over that of its machines.
        chips: how many chips, for the cost of buying them.
        days: or how many days the run takes.
        at: the day on which it begins, for which prices are looked up; today by default.
        bought: the day on which the chips were bought; by default that of the newest record of their price.
        development: all compute of the development over that of the final run, such as 10.
        staff: share of the staff in the cost of the development; by default 0.29 to 0.49.
    """

    flop: str | None = None
    params: str | None = None
    tokens: str | None = None
    chip_hours: str | None = None
    chip: str = "H100 SXM"
    mfu: float | None = None
    mfu_format: str | None = None
    sparse: _Flag = False
    recompute: float | None = None
    goodput: float = 1.0
    price: str | None = None
    commitment: str = "on-demand"
    purchase: str | None = None
    electricity: str | None = None
    pue: float | None = None
    chips: str | None = None
    days: float | None = None
    at: str | None = None
    bought: str | None = None
    development: float = 1.0
    staff: float | None = None

    def share(self, chip: "Chip") -> "MFU | None":
        """The MFU with its four fields; None if nothing was told of it.

        Raises:
            InputError: if it is no share, or the fields contradict each other.
        """
        from dataclasses import replace

        from nextflop.prices import MFU
        from nextflop.prices.mfu import of_sixteen_bits

        told = (self.mfu_format, self.recompute, None if self.goodput == 1 else self.goodput, self.sparse or None)
        if self.mfu is None and any(one is not None for one in told[:2]):
            raise InputError("--mfu-format and --recompute say what is meant by --mfu: give it too.")
        base = of_sixteen_bits(chip, self.mfu) if self.mfu_format is None else MFU(self.mfu or 0.0, self.mfu_format)
        named = replace(base, sparse=self.sparse, goodput=self.goodput)
        return named if self.recompute is None else replace(named, counted="hardware").of_model(self.recompute)


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class ServeOptions:
    """How a model is served; --layers and --width ask for it.

    Attributes:
        layers: layers of the model that is served.
        width: width of its residual stream.
        total_params: all parameters that lie in memory, where tokens are routed to experts; by default --params.
        kv_share: query heads that share one head of keys and values.
        weights: number format of weights and arithmetic, such as fp8.
        cache: number format of keys and values.
        context: tokens that an average sequence holds while it is written.
        prompt: tokens of an average prompt.
        batch: sequences side by side; by default the largest that latency and memory allow.
        latency: milliseconds that a reader may wait for a token.
        serve_on: the chip that serves; by default --chip.
        serve_chips: chips that serve one copy; by default the smallest power of two of which the weights fill half.
        reach: share of the roofline that the program comes to; 1 makes the prices floors.
        busy: share of the paid time in which there is work.
        written: tokens that the model will write in its life.
        read: tokens of prompts that it will read in its life.
        trials: samples a query, to count their memory traffic beside their FLOP.
        output: tokens of each sample.
        constants: of the loss law, for the cheapest model over the life: hoffmann, hoffmann-rounded or besiroglu.
        api_model: a served model whose prices by the token stand beside, with the extra `prices`.
        api_provider: who serves it.
    """

    layers: float | None = None
    width: float | None = None
    total_params: str | None = None
    kv_share: float = 1.0
    weights: str = "bf16"
    cache: str = "bf16"
    context: float = 4096.0
    prompt: float = 1024.0
    batch: float | None = None
    latency: float | None = None
    serve_on: str | None = None
    serve_chips: float | None = None
    reach: float = 1.0
    busy: float = 1.0
    written: str | None = None
    read: str | None = None
    trials: float | None = None
    output: float = 1024.0
    constants: str = "besiroglu"
    api_model: str | None = None
    api_provider: str | None = None

    def serve(self, params: str | None) -> "Serve | None":
        """How the model is served; None if it is not.

        Raises:
            InputError: if an amount cannot be used, or the figures of the model are not all there.
        """
        from nextflop.outlook.cost import Serve, Transformer

        if self.layers is None and self.width is None:
            asked = (self.batch, self.latency, self.written, self.read, self.trials, self.total_params)
            asked += (self.serve_on, self.serve_chips, self.api_model, self.api_provider)
            if any(one is not None for one in asked):
                raise InputError("To serve a model its --layers, --width and --params are needed: give them.")
            return None
        if self.layers is None or self.width is None or params is None:
            raise InputError("To serve a model its --layers, --width and --params are needed: give them all.")
        passed = parse_positive(params, "number of parameters", "parameters")
        total = (
            passed
            if self.total_params is None
            else parse_positive(self.total_params, "total number of parameters", "parameters")
        )
        model = Transformer(total, self.layers, self.width, passed, self.kv_share, self.weights, self.cache)
        return Serve(
            model,
            self.context,
            self.prompt,
            self.batch,
            None if self.latency is None else self.latency / 1000,
            self.serve_chips,
            self.reach,
            self.busy,
            0.0 if self.written is None else parse(self.written, "tokens written", "tokens"),
            0.0 if self.read is None else parse(self.read, "tokens read", "tokens"),
            self.trials,
            self.output,
        )


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class PriceOptions:
    """Where prices come from, and how uncertain inputs are drawn.

    Attributes:
        text: price so many tokens of text: generated, licensed, written.
        licensed: dollars a million tokens of licensed text.
        prices: a price file, CSV or TOML, or a JSON answer of this command; what it prices, nothing else prices.
        refresh: download today's catalogues of rented chips first; the only option that uses the network for prices.
        clouds: which of them, with commas: aws, cudo, lambda, nebius, runpod.
        trend: how fast the cost of the largest runs grows, on the public table.
        online: with --trend, download the table if it is not here.
        list: the chips that are known, with their newest prices.
        draws: draws of the inputs that are known to a range.
        seed: seed of the draws.
        level: level of the intervals.
    """

    text: str | None = None
    licensed: str | None = None
    prices: Path | None = None
    refresh: _Flag = False
    clouds: str | None = None
    trend: _Flag = False
    online: _Flag = False
    list: _Flag = False
    draws: int = 2000
    seed: int = 0
    level: float = 0.9


def money(text: str | None, item: str, unit: str, terms: str) -> "Price | None":
    """The record of a price that was typed; None if none was.

    Raises:
        InputError: if it is no amount above 0.
    """
    if text is None:
        return None
    from nextflop.prices import given

    return given(item, parse_positive(text, f"price of {item}", "$"), unit, terms, "given on the command line")
