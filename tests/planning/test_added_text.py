"""Text that is bought or made: how much, at what cost, and never to one's harm."""

import numpy as np
import pytest

from nextflop.laws import DataConstrained
from nextflop.planning.ledger.members import Member
from nextflop.planning.ledger.plan import plan
from nextflop.planning.ledger.situation import Corpus, Situation

LAW = DataConstrained(E=1.75, A=420.0, B=800.0, alpha=0.33, beta=0.31, R_D=5.5, R_N=20.0)


def member(draws: int = 6) -> Member:
    rng = np.random.default_rng(0)
    centre = np.array(list(LAW.values.values()))
    rows = np.vstack([centre, centre * np.exp(0.02 * rng.normal(size=(draws, len(centre))))])
    return Member("law", DataConstrained.from_draws(rows), 1.0, {}, "made up")


def situation(budget: float, owned: float, price: float) -> Situation:
    sources = (Corpus("web", owned), Corpus("archive", 1e12, kind="licensed", price=price))
    return Situation(budget, flop_price=1.4e-18, sources=sources)


def test_what_is_added_costs_what_the_ledger_says() -> None:
    given = situation(1e22, 25e9, 1e-7)
    bought = plan([member()], given).option("buy archive")
    assert bought.added["archive"] > 1e9
    assert bought.added["archive"] * 1e-7 / 1.4e-18 == pytest.approx(bought.decision["text"])
    assert bought.added["archive"] + 25e9 == pytest.approx(bought.decision["raw"])
    assert plan([member()], given).option("repeat").added == {}


@pytest.mark.parametrize(("budget", "owned", "price"), [(3e20, 4.7e11, 1.8e-6), (1e19, 1e12, 1e-5), (1e22, 25e9, 1e-3)])
def test_a_source_of_which_next_to_nothing_can_be_paid_does_no_harm(budget: float, owned: float, price: float) -> None:
    found = plan([member()], situation(budget, owned, price))
    assert found.option("buy archive").outcome.value <= found.option("repeat").outcome.value * (1 + 1e-7)
