"""The page for a fit: self-contained, escaped, and saying what the fit says."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nextflop.evidence.runs import Runs
from nextflop.fitting import Fit, Status, fit
from nextflop.judging.verdict import Outcome
from nextflop.laws.base import Law
from nextflop.laws.chinchilla import Chinchilla
from nextflop.laws.coverage import ZeroInflatedBetaBinomial
from nextflop.laws.exponential import ExponentialAccuracy
from nextflop.laws.power import Power
from nextflop.laws.reinforced import Reinforced
from nextflop.laws.sigmoid import Sigmoid
from nextflop.planning.allocation import Allocation
from nextflop.quantities import show
from nextflop.report import fit_words
from nextflop.report.fit_page import write_fit_report
from nextflop.report.page import amounts, between, number

from .html_page import HOSTILE, VERDICTS, Page, check

# A law, inputs that suit it, and the pins without which so few runs would not do.
FITTED: dict[str, tuple[Law, dict[str, np.ndarray]]] = {
    "power": (Power(1.7, 1e3, 0.15), {"compute": np.geomspace(1e18, 1e22, 12)}),
    "sigmoid": (Sigmoid(0.1, 0.6, 1e11, 1.5), {"rl_flop": np.array([0.0, *np.geomspace(1e9, 1e12, 11)])}),
    "exponential-accuracy": (ExponentialAccuracy(4.0, 8.0), {"loss": np.linspace(0.3, 0.9, 12)}),
    "reinforced": (
        Reinforced(0.4, 2e3, 1.0, 1.2),
        {"start": np.repeat([0.05, 0.1, 0.2], 4), "answers": np.tile([0.0, 1e3, 1e4, 1e5], 3)},
    ),
}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, chinchilla: Fit, runs: Runs, plan: Allocation) -> Path:
    path = tmp_path_factory.mktemp("page") / "new" / "fit.html"
    return write_fit_report(path, chinchilla, runs, VERDICTS, plan, runs.source)


def test_the_page_holds_all_it_shows_and_is_whole(page: Path) -> None:
    check(Page.read(page))


def test_a_hostile_name_is_text_wherever_it_comes_from(page: Path) -> None:
    read = Page.read(page)
    assert "<script" not in read.source
    assert "<b>for</b>" not in read.source
    # In the table of missed runs, the drawing of residuals, the source and the conventions.
    assert read.text.count(HOSTILE.split("$")[0].strip()) >= 4


def test_the_numbers_are_those_of_the_fit(page: Path, chinchilla: Fit, plan: Allocation) -> None:
    text = Page.read(page).text
    for interval in chinchilla.estimate.values():
        assert f"{number(interval.value)} {between(interval)}" in text
    assert f"{show(plan.params.value)} {amounts(plan.params)}" in text
    assert f"{plan.regret:g}" in text
    assert f"{chinchilla.objective:.6g}" in text
    assert chinchilla.runs_digest in text
    for verdict in VERDICTS:
        assert verdict.sentence in text


def test_the_same_fit_gives_the_same_bytes(
    page: Path, tmp_path: Path, chinchilla: Fit, runs: Runs, plan: Allocation
) -> None:
    again = write_fit_report(tmp_path / "again.html", chinchilla, runs, VERDICTS, plan, runs.source)
    assert again.read_bytes() == page.read_bytes()


def test_the_browser_has_nothing_to_say(page: Path, console) -> None:
    assert console(page) == []


def test_without_a_budget_the_law_itself_is_the_headline(tmp_path: Path, chinchilla: Fit, runs: Runs) -> None:
    read = Page.read(write_fit_report(tmp_path / "fit.html", chinchilla, runs, (), None, ""))
    check(read)
    assert f"Loss falls towards {number(chinchilla.estimate['E'].value, digits=3)} nats" in read.text
    assert "from memory" in read.text
    assert "valley" not in read.text


@pytest.mark.parametrize("name", FITTED)
@pytest.mark.parametrize("draws", [0, 25])
def test_every_law_has_a_page_with_draws_and_without(name: str, draws: int, tmp_path: Path) -> None:
    law, inputs = FITTED[name]
    rng = np.random.default_rng(0)
    response = law(**inputs) * np.exp(rng.normal(0, 0.004, 12))
    runs = Runs({**inputs, law.response: response})
    read = Page.read(
        write_fit_report(tmp_path / "fit.html", fit(type(law), runs, draws=draws), runs, VERDICTS, None, "x")
    )
    check(read)
    assert ("interval not known" in read.text) == (draws == 0)
    assert len(read.named("figure")) == 2 + (draws > 0) + (len(inputs) == 2)


def test_a_law_of_counts_has_a_page_too(tmp_path: Path, chinchilla: Fit) -> None:
    law = ZeroInflatedBetaBinomial(0.1, 0.25, 4.0)
    k = np.array([1.0, 2, 4, 8, 16, 32, 64])
    draws = np.random.default_rng(0).normal([0.1, 0.25, 4.0], [0.01, 0.01, 0.2], (40, 3))
    counted = replace(chinchilla, law=law, draws=draws, ranges={"samples": (1.0, 64.0)}, method=None, runs=7)
    runs = Runs({"samples": k, "coverage": law(samples=k)})
    check(Page.read(write_fit_report(tmp_path / "fit.html", counted, runs, (), None, "counts")))


def test_trust_follows_the_worst_that_is_known(chinchilla: Fit) -> None:
    passed, warned, unknown = VERDICTS
    failed = replace(passed, outcome=Outcome.fail, name="the law holds")
    converged = replace(chinchilla, status=Status.converged)
    stopped = replace(chinchilla, status=Status.max_steps)
    assert fit_words.trust(stopped, [passed]).startswith("Do not rely on it")
    assert fit_words.trust(converged, [passed, warned, failed]) == (
        "Do not rely on it yet: 1 of 3 checks fails (the law holds)."
    )
    assert fit_words.trust(converged, [passed, warned]).startswith("Read it with care: 1 of 2 checks warns")
    assert fit_words.trust(converged, [passed, unknown]).startswith("Nothing speaks against it, but 1 of 2")
    assert fit_words.trust(converged, [passed, passed]) == "The search converged and all 2 checks pass."
    assert fit_words.trust(replace(converged, status=Status.at_bound), [passed]).startswith(
        "Read it with care: a parameter"
    )


def test_a_failed_check_comes_before_the_valley(chinchilla: Fit, plan: Allocation) -> None:
    failed = replace(VERDICTS[0], outcome=Outcome.fail)
    assert fit_words.belief(chinchilla, [failed], plan)[0].startswith("Do not rely")
    assert fit_words.belief(chinchilla, [VERDICTS[0]], plan)[0].startswith("The valley is flat")


def test_a_valley_that_no_draw_agrees_on_is_said_to_be_none(
    tmp_path: Path, chinchilla: Fit, runs: Runs, plan: Allocation
) -> None:
    nothing = replace(plan, robust=plan.robust._replace(**dict.fromkeys(plan.robust._fields, float("nan"))))
    read = Page.read(write_fit_report(tmp_path / "fit.html", chinchilla, runs, VERDICTS, nothing, "x"))
    check(read)
    assert "No split is within" in read.text


def test_draws_over_decades_are_shown_by_their_logarithms(tmp_path: Path, chinchilla: Fit, runs: Runs) -> None:
    draws = chinchilla.draws.copy()
    draws[:, 1:3] *= np.geomspace(0.01, 100, len(draws))[:, None]
    wide = replace(chinchilla, draws=draws, law=replace(chinchilla.law, alpha=0.3))
    check(Page.read(write_fit_report(tmp_path / "fit.html", wide, runs, (), None, "x")))


def test_ten_thousand_draws_stay_small(tmp_path: Path, chinchilla: Fit, runs: Runs) -> None:
    many = replace(chinchilla, draws=np.tile(chinchilla.draws, (200, 1)))
    assert write_fit_report(tmp_path / "fit.html", many, runs, (), None, "x").stat().st_size < 600_000


def test_the_law_of_hoffmann_is_shown_with_its_numbers(page: Path) -> None:
    assert len(Page.read(page).named("math")) == 2 + len(Chinchilla.parameters)
