"""Purchases and the mixture on the page of a plan, in the words of the terminal."""

import math
import re
from dataclasses import replace
from html import unescape

import pytest

from nextflop.fitting.fit import Interval
from nextflop.judging.verdict import Outcome
from nextflop.laws import LossAccuracy, Sigmoid, ZeroInflatedBetaBinomial, mixture
from nextflop.planning.ledger.bought import words as bought
from nextflop.planning.ledger.bought.purchase import Bridge, Cost, Purchase, answer_cost
from nextflop.planning.ledger.mixture import words as mixed
from nextflop.planning.ledger.mixture.domains import Domain, Mixing, Target
from nextflop.planning.ledger.plan import Plan, plan
from nextflop.planning.ledger.situation import Use
from nextflop.planning.selection import Verifier
from nextflop.report.plan_page import plan_page

from .html_page import HOSTILE, Page, check
from .made_plan import drawn, laws, situation


@pytest.fixture(scope="module")
def found() -> Plan:
    """Hostile names of purchases, task, domains and targets."""
    rl = drawn(Sigmoid(0.25, 0.61, 1e21, 1.2), "rl law", 1.0, 60)._replace(ranges={})
    search = drawn(ZeroInflatedBetaBinomial(0.1, 0.28, 1.5), "search law", 1.0, 60)._replace(ranges={})
    judge, task = Verifier(0.95, 0.02), f"MATH {HOSTILE}"
    buys = [
        Purchase("rl", (rl,), Cost(flop=1.0), name=f"training {HOSTILE}", task=task),
        Purchase("search", (search,), answer_cost(7e9, 1000.0), start=1.0, most=256.0, verifier=judge, task=task),
    ]
    over = drawn(LossAccuracy(-0.75, 0.9, 6.0, 2.2), "over", 1.0, 60, 0.01)._replace(ranges={})
    shares = drawn(mixture(("web", "code"))(1.5, 1.0, -0.8), "shares", 1.0, 60)._replace(ranges={})
    mixing = Mixing((Domain("web", 1e12), Domain("code", 1e9, 4.0)), (Target(f"target {HOSTILE}", shares),))
    given = situation(use=Use(1e7, 1000.0))
    return plan(laws(20), given, purchases=buys, bridge=Bridge(over, task=task), mixture=mixing)


def test_the_page_says_what_the_terminal_says(found: Plan) -> None:
    source = re.sub(r"<script.*?</script>", "", plan_page(found), flags=re.DOTALL)
    page = Page(source)
    check(page)
    assert {"bought", "bought-0", "break-even-0", "mixture", "mixture-shares"} <= set(page.ids)
    (part,) = found.bought.parts
    text = " ".join(page.text.split())
    use = found.situation.use
    assert found.mixture is not None
    said = [
        bought.standing(part),
        f"That is expected to come to {bought.comes_to(part)}",  # what is best stands in the headline
        *(f"{one.sentence} {bought.served(one, use)}".strip() for one in part.break_evens),
        *(bought.worth(one, part) for one in part.experiments),
        *(one.sentence for one in (*part.verdicts, *found.mixture.verdicts)),
        *(mixed.baseline(one) for one in found.mixture.baselines),
        mixed.title(found.mixture),
        mixed.stock(found.mixture),
        mixed.regret(found.mixture),
    ]
    for sentence in said:
        assert " ".join(sentence.split()) in text
    assert part.break_evens
    for row in part.rows:
        assert bought.level(row.outcome.value) in text
    assert "what else the budget buys and the mixture, further below, are as planned" in unescape(source)


@pytest.mark.parametrize("end", [0.0, math.inf])
def test_a_break_even_that_there_is_not_is_a_sentence_and_no_figure(found: Plan, end: float) -> None:
    (part,) = found.bought.parts
    never = "Paid once, training never beats search at this budget."
    nowhere = tuple(replace(one, value=Interval(end, end, end), sentence=never) for one in part.break_evens)
    assert len(nowhere) == 2  # in queries and in tokens
    page = Page(plan_page(replace(found, bought=replace(found.bought, parts=(replace(part, break_evens=nowhere),)))))
    below = page.text.partition("From how many queries on")[2]
    assert below.count(never) == 1
    assert "break-even-0" not in page.ids


def test_without_a_measurement_the_page_says_what_that_rests_on(found: Plan) -> None:
    (part,) = found.bought.parts
    failed = replace(part.verdicts[0], outcome=Outcome.fail)
    for verdicts, first in (((), False), ((failed,), True)):
        parts = replace(found.bought, parts=(replace(part, experiments=(), verdicts=verdicts),))
        text = " ".join(Page(plan_page(replace(found, bought=parts, experiments=()))).text.split())
        assert "change the decision by anything that matters, as far as these fits are to be believed." in text
        assert ("What failed above is not weighed in that: mend it first." in text) is first
        regret = found.option(found.best).regret
        assert f"by anything that matters: not knowing the law costs {regret:.4f} of loss in the mean." in text
