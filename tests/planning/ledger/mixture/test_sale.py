"""Text that is not worth its price to the whole loss and is to a target: what it brings there, and what is said."""

import numpy as np
import pytest
from tests.planning.ledger.mixture.test_stock import MIXING, SHARES
from tests.planning.ledger.worlds import MUENNIGHOFF, member

from nextflop.planning.ledger.mixture import words
from nextflop.planning.ledger.mixture.sale import Offer
from nextflop.planning.ledger.plan import Plan, plan
from nextflop.planning.ledger.situation import Corpus, Limits, Situation


def planned(price: float) -> Plan:
    """Plenty of prose, no code, and code for sale; the target wants code, as exp(-0.8 share) says."""
    sources = (
        Corpus("web", 400e9, "prose"),
        Corpus("hub", 100e9, "code", "licensed", quality=2.0, price=price),
    )
    given = Situation(1e22, flop_price=1e-18, sources=sources, limits=Limits(most_epochs=2.0))
    return plan([member(MUENNIGHOFF)], given, mixture=MIXING)


def test_what_the_loss_does_not_want_a_target_may() -> None:
    found = planned(2e-7)
    assert found.option(found.best).added.get("hub", 0.0) < 1
    (price,) = [one for one in found.prices if one.name == "hub"]
    assert price.probability == 0.0  # not worth its price overall
    (offer,) = found.for_targets
    mixed = found.mixture
    assert mixed is not None
    # As many tokens as the share that is best then asks for, each seen twice and counted twice.
    share = offer.tokens * 2.0 * 2.0 / mixed.tokens
    assert 0.5 < share <= 1.0 + 1e-9
    now, then = (float(SHARES(prose=1 - some, code=some)) for some in (0.0, share))
    assert offer.gain.value == pytest.approx(now - then, rel=1e-6)
    assert offer.flop == pytest.approx(offer.tokens * 2e-7 / 1e-18)
    (said,) = words.for_sale(found)
    assert said.startswith("Text of hub is not worth its $0.2 a million tokens to the loss overall, by which it is")
    assert "For both, " in said
    code = next(one for one in mixed.domains if one.name == "code")
    assert words.token(code, found.compute).startswith("$")
    record = found.to_json()["for_targets"]
    assert record[0]["dollars"] == pytest.approx(offer.tokens * 2e-7)  # type: ignore[index]


def test_a_price_above_what_it_brings_is_no_advice() -> None:
    found = planned(2e-7)
    (offer,) = found.for_targets
    dear = Plan(**(vars(found) | {"for_targets": (Offer(offer.name, offer.tokens, np.inf, offer.gain),)}))
    assert not words.for_sale(dear)
