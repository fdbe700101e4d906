"""What text to train on costs: made by a model, written by people, or licensed."""

import math
from dataclasses import dataclass

from nextflop.errors import InputError
from nextflop.evidence.files import Json
from nextflop.prices import Price

FINEPHRASE = (612 * 24, 486e9)
"""GPU-hours of H100 and tokens of FinePhrase (Hugging Face, March 2026): a 1.7B model that rephrases the web."""

WORDS_PER_TOKEN = 0.75


@dataclass(frozen=True)
class TextCost:
    """The price of one kind of text.

    Attributes:
        kind: "synthetic", "human writing" or "licensed".
        per_million: dollars a million tokens.
        dollars: for all tokens that were asked for; nan if none were.
        said: how it comes about.
        record: the price record, where it is one.
    """

    kind: str
    per_million: int | float
    dollars: int | float
    said: str
    record: Price | None = None

    def to_json(self) -> dict[str, Json]:
        """The price as JSON."""
        return {**vars(self), "record": None if self.record is None else self.record.to_json()}


def generated(chip_hours: int | float, tokens: int | float, dollars_per_hour: int | float) -> float:
    """Dollars a million tokens of text that took so many chip-hours to generate."""
    return chip_hours * dollars_per_hour / tokens * 1e6


def written(
    dollars_per_hour: int | float = 20.0,
    words_per_minute: int | float = 40.0,
    words_per_token: int | float = WORDS_PER_TOKEN,
) -> float:
    """Dollars a million tokens of text that people write: 3,200 tokens an hour at forty words a minute."""
    return dollars_per_hour / (words_per_minute * 60 / words_per_token) * 1e6


def texts(
    dollars_per_hour: int | float, tokens: int | float = math.nan, licensed: Price | None = None
) -> tuple[TextCost, ...]:
    """The kinds of text side by side.

    Args:
        dollars_per_hour: of the chips that generate.
        tokens: how much text is wanted.
        licensed: the price of licensed text, which is rarely public and has to be given.

    Raises:
        InputError: if the price is not of a million tokens of text.
    """
    hours, made = FINEPHRASE
    kinds: list[tuple[str, int | float, str, Price | None]] = [
        (
            "synthetic",
            generated(hours, made, dollars_per_hour),
            f"FinePhrase took {hours:,} H100-hours for {made / 1e9:.0f} billion tokens, here at "
            f"${dollars_per_hour:.2f} an hour",
            None,
        )
    ]
    if licensed is not None:
        if licensed.unit != "million tokens of text":
            raise InputError(f"Licensed text is priced per million tokens of text, not per {licensed.unit}.")
        kinds.append(("licensed", licensed.dollars, f"as given, {licensed.date}", licensed))
    kinds.append(("human writing", written(), "40 words a minute, 0.75 words a token, $20 an hour", None))
    return tuple(
        TextCost(kind, float(price), price * tokens / 1e6, said, record) for kind, price, said, record in kinds
    )
