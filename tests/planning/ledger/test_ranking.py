"""Options that come to the same are one row, and what a row says of gain and chance is told."""

import numpy as np
import pytest
from tests.planning.ledger.test_regret import torn
from tests.planning.ledger.worlds import MUENNIGHOFF, PENALTY, spread

from nextflop.judging.verdict import Outcome
from nextflop.planning.ledger.plan import Plan, plan
from nextflop.planning.ledger.situation import Corpus, Situation
from nextflop.planning.ledger.words import code, legend, name, unlikely
from nextflop.report.plan_tables import options

OWN, GOOD = Corpus("web", 25e9), Corpus("good", 5e9, quality=2.0)
BOOKS = Corpus("books", 1e12, kind="licensed", price=1e-4)


def test_options_that_come_to_the_same_are_one_row_with_their_chances_together() -> None:
    found = torn()
    (row,) = found.ledger
    assert code(row) == "once = repeat"
    assert name(found, row) == "every token once; here the same as parameters and tokens, repeated"
    assert row.probability == pytest.approx(1)
    assert [one.probability for one in found.options] == pytest.approx([1, 1])
    assert [one["code"] for one in options(found)] == ["once = repeat"]
    assert [one["same"] for one in found.to_json()["options"]] == [["once"], ["repeat"]]
    # One of them is surely the best, and that is no certainty: which of them it is under a draw is not known.
    choice = next(one for one in found.verdicts if one.code == "plan_choice")
    assert choice.outcome is Outcome.warn
    assert choice.statistic == pytest.approx(found.regret.safe)
    assert "Every token once and parameters and tokens, repeated come to the same here." in choice.sentence


def test_what_is_too_dear_to_buy_is_the_base_by_another_name() -> None:
    laws = [spread(MUENNIGHOFF, "m", 1), spread(PENALTY, "p", 2)]
    found = plan(laws, Situation(1e22, flop_price=1e-18, sources=(OWN, BOOKS)))
    assert [one.codes for one in found.ledger] == [("repeat", "buy books"), ("once",)]
    assert sum(one.probability for one in found.ledger) == pytest.approx(1)


def filtered() -> Plan:
    """Of text that is twice as good under one law's wide draws, and never enough of it."""
    rng = np.random.default_rng(5)
    law = spread(PENALTY, "p", 2, draws=200)
    wide = {key: values * np.exp(0.3 * rng.normal(size=values.shape)) for key, values in law.law.values.items()}
    wide = {key: np.where(np.arange(201)[:, None] % 8 == 0, wide[key], law.law.values[key]) for key in wide}
    return plan([law._replace(law=type(PENALTY)(**wide))], Situation(1e22, sources=(OWN, GOOD)))


def test_an_option_that_loses_as_decided_and_may_be_best_all_the_same_says_why() -> None:
    found = filtered()
    assert found.option("only good").gain.high < 0 < found.option("only good").probability
    for one in found.ledger:
        told = unlikely(found, one)
        assert bool(told) == (one.code == "only good")
    assert "under the same draw of the same law" in legend(found)
