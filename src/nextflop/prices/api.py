"""What a served model costs by the token: the table that comes with the package `genai-prices`, without network."""

from datetime import UTC, date, datetime
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from nextflop.errors import InputError
from nextflop.evidence.dates import parse_date, show_date
from nextflop.evidence.files import digest
from nextflop.prices.record import Price, today

_TOKENS = 1000  # of either kind: below every tier of long contexts


def api_prices(model: str, at: str | int | float | None = None, provider: str | None = None) -> tuple[Price, ...]:
    """The prices of a model's tokens, in and out.

    Args:
        model: the model as its provider names it.
        at: the day, as `parse_date` reads it; today if not given.
        provider: who serves it, such as "openrouter"; who is most likely meant, if not given.

    Returns:
        One record for a million tokens in and one for a million tokens out, of standard requests; what is free is left
        out.

    Raises:
        InputError: if the extra is not installed, or neither model nor provider are known.
    """
    day = show_date(parse_date(today() if at is None else at, "day of the price"))
    package = _package()
    usage = package.Usage(input_tokens=_TOKENS, output_tokens=_TOKENS)
    noon = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC).replace(hour=12)
    try:
        found = package.calc_price(usage, model, provider_id=provider, genai_request_timestamp=noon)
    except LookupError as error:
        raise InputError(
            f"genai-prices knows no model {model!r}{f' of {provider}' if provider else ''} ({error}): name it as its "
            "provider does, or give a price."
        ) from error
    terms = {"million tokens in": found.input_price, "million tokens out": found.output_price}
    return tuple(
        Price(
            found.model.id,
            float(value) * 1e6 / _TOKENS,
            "USD",
            unit,
            "list",
            day,
            (found.provider.pricing_urls or [found.provider.name])[0],
            found.provider.name,
            grade="table",
            via=f"genai-prices {package.__version__}",
            sha256=_digest(),
            note="standard requests, nothing from a cache; held on that day as far as this version of the table knows",
        )
        for unit, value in terms.items()
        if value
    )


def _package() -> Any:
    try:
        return import_module("genai_prices")
    except ImportError as error:
        raise InputError(
            "Prices of served models need the extra `prices`: pip install 'nextflop[prices]', or give a price."
        ) from error


@cache
def _digest() -> str:
    return digest(Path(str(import_module("genai_prices.data").__file__)).read_bytes())
