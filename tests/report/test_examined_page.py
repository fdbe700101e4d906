"""The page of an examined fit: the verdict first, every section that applies and no other, numbers as in the JSON."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nextflop.evidence.quality import flags, without
from nextflop.evidence.runs import Runs
from nextflop.fitting import Fit, Huber, Squares, fit
from nextflop.judging import check as check_fit
from nextflop.judging.backtest import backtest
from nextflop.judging.examine import DOUBTED, Examination
from nextflop.judging.identifiability import identifiability, profiles
from nextflop.judging.isoflop import against_surface, isoflop, surface_optimum
from nextflop.judging.multiverse import multiverse
from nextflop.judging.verdict import Outcome
from nextflop.laws.chinchilla import Chinchilla
from nextflop.laws.power import Power
from nextflop.planning.allocation import Allocation
from nextflop.quantities import show
from nextflop.report import examined_words
from nextflop.report.examined import doubted
from nextflop.report.figures.foretold import error
from nextflop.report.fit_page import write_fit_report
from nextflop.report.page import between, number

from .html_page import HOSTILE, Page, check

SECTIONS = ("ends", "reach", "ways", "isoflop", "doubt")


def quickly(fitted: Fit, runs: Runs, **parts: object) -> Examination:
    """What `examine` finds, asked for in fewer ways and without what takes long."""
    found = Examination(check_fit(fitted, runs), (), None, (), None, None, None)
    return replace(found, **parts)


@pytest.fixture(scope="module")
def examined(chinchilla: Fit, runs: Runs) -> Examination:
    doubts = flags(runs, ("params", "tokens"))
    clean = without(runs, doubts, DOUBTED)
    less = fit(Chinchilla, clean, draws=40)
    past = backtest(Chinchilla, runs, "flop", folds=3, draws=40)
    ways = multiverse(
        "the best size at 1e22 FLOP",
        lambda law: surface_optimum(law, 1e22),
        [Chinchilla],
        {"all runs": runs, "without flagged runs": clean, "four runs": runs.where(np.arange(4))},
        objectives=(Huber(), Squares(log=True)),
    )
    ends = profiles(chinchilla, runs)
    found = quickly(chinchilla, runs, flags=doubts, without=less, profiles=ends, backtest=past, multiverse=ways)
    return replace(found, verdicts=(*found.verdicts, identifiability(ends), *past.verdicts, ways.verdict))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, chinchilla: Fit, runs: Runs, examined: Examination) -> Path:
    return written(tmp_path_factory.mktemp("page"), chinchilla, runs, examined)


def written(folder: Path, fitted: Fit, runs: Runs, found: Examination, plan: Allocation | None = None) -> Path:
    return write_fit_report(
        folder / "check.html", fitted, runs, found.verdicts, plan, runs.source, examination=found, command="nextflop …"
    )


def budgets() -> Runs:
    """Five budgets on seven sizes each, with a fifth of a per cent of noise."""
    flop, share = (axis.ravel() for axis in np.meshgrid(np.geomspace(1e18, 1e20, 5), np.geomspace(1 / 6, 6, 7)))
    params = share * np.sqrt(flop / 120)
    tokens = flop / 6 / params
    loss = Chinchilla(1.8, 480.0, 2100.0, 0.35, 0.37)(params=params, tokens=tokens)
    return Runs(
        {"params": params, "tokens": tokens, "loss": loss * np.exp(np.random.default_rng(0).normal(0, 0.002, 35))}
    )


def test_the_page_is_whole_and_every_figure_says_what_is_seen(page: Path) -> None:
    read = Page.read(page)
    check(read)
    assert {"profiles", "foretold", "multiverse", "fitted", "residuals"} <= set(read.ids)


def test_it_leads_with_the_verdict_and_its_reasons(page: Path, examined: Examination) -> None:
    text = Page.read(page).text
    verdict = examined_words.verdict(examined)
    assert text.count(verdict) == 2  # the title of the page, and its heading
    for one in examined.verdicts:
        assert one.sentence in text
    worst = [v for v in examined.verdicts if v.outcome in (Outcome.fail, Outcome.warn)]
    assert all(f"“{one.name}”" in text for one in worst if one.outcome is worst[0].outcome)


def test_a_section_is_there_exactly_if_it_applies(tmp_path: Path, page: Path, examined: Examination) -> None:
    assert set(SECTIONS) & set(Page.read(page).ids) == {"ends", "reach", "ways", "doubt"}
    runs = budgets()
    fitted = fit(Chinchilla, runs, draws=20)
    parabolas = isoflop(runs)
    found = quickly(fitted, runs, isoflop=parabolas)
    found = replace(found, verdicts=(*found.verdicts, against_surface(parabolas, fitted.law, runs)))
    read = Page.read(written(tmp_path, fitted, runs, found))
    check(read)
    assert {"isoflop", "parabolas"} <= set(read.ids)
    assert f"C^{parabolas.exponent.value:.3f}" in read.text
    bare = replace(found, profiles=(), backtest=None, multiverse=None, isoflop=None, flags=(), without=None)
    read = Page.read(written(tmp_path, fitted, runs, bare))
    check(read)
    assert not set(SECTIONS) & set(read.ids)
    links = [attributes["href"] for attributes in read.named("a")]
    assert links == ["#answer", "#law", "#belief", "#methods"]


def test_hostile_names_are_text_in_the_flags_too(page: Path, runs: Runs, examined: Examination) -> None:
    rows = doubted(examined)
    assert 7 in rows  # the run that was set six per cent too high
    read = Page.read(page)
    assert "<script" not in read.source
    assert f"{HOSTILE} 7".split("$")[0] in read.text
    assert examined.without is not None
    assert examined.without.runs == len(runs) - len(rows)


def test_the_numbers_are_those_of_the_json(page: Path, chinchilla: Fit, examined: Examination) -> None:
    text, record = Page.read(page).text, examined.to_json()
    for one in record["profiles"]:
        if not (one["open_above"] or one["open_below"]):
            assert f"{number(one['interval']['low'])} to {number(one['interval']['high'])}" in text
    for fold in record["backtest"]["folds"]:
        told = [error(value, record["backtest"]["log"]) for value in fold["errors"].values()]
        assert f"{fold['trained']} {fold['tested']} {fold['reach']:.1f} {' '.join(told)}" in text
    for universe in record["multiverse"]["universes"]:
        assert show(universe["value"]) in text
    assert examined.without is not None
    for name, interval in examined.without.estimate.items():
        both = chinchilla.estimate[name], interval
        assert " ".join(f"{number(one.value)} {between(one)}" for one in both) in text


def test_the_same_examination_gives_the_same_bytes(
    page: Path, tmp_path: Path, chinchilla: Fit, runs: Runs, examined: Examination
) -> None:
    assert written(tmp_path, chinchilla, runs, examined).read_bytes() == page.read_bytes()


def test_an_end_that_the_data_do_not_set_is_said_in_words(
    tmp_path: Path, chinchilla: Fit, runs: Runs, examined: Examination
) -> None:
    first, second, *others = examined.profiles
    above = replace(first, rise=np.where(first.values > first.interval.value, 0.0, first.rise))
    both = replace(second, rise=np.zeros_like(second.rise), interval=second.interval._replace(low=0.0, high=np.inf))
    ends = (above, both, *others)
    found = replace(examined, profiles=ends, verdicts=(*examined.verdicts, identifiability(ends)))
    read = Page.read(written(tmp_path, chinchilla, runs, found))
    check(read)
    assert "Do not believe this fit as it stands." in read.text
    assert above.sentence in read.text
    assert both.sentence in read.text
    assert f"above {number(above.interval.low)} " in read.text
    assert read.text.count("no end ▸") == 2


def test_a_law_of_one_input_and_a_fit_without_draws_have_pages_too(tmp_path: Path) -> None:
    compute = np.geomspace(1e18, 1e22, 12)
    noise = np.exp(0.003 * np.random.default_rng(0).normal(size=12))
    runs = Runs({"compute": compute, "loss": Power(1.7, 2e3, 0.17)(compute=compute) * noise})
    fitted = fit(Power, runs, draws=0)
    past = backtest(Power, runs, "compute", folds=2, draws=0)
    there = {"compute": np.array([1e23])}
    halves = {"all runs": runs, "every other run": runs.where(np.arange(12) % 2 == 0)}
    ways = multiverse("the loss 10 times beyond the runs", lambda law: law(**there), [Power], halves)
    found = quickly(fitted, runs, backtest=past, multiverse=ways)
    found = replace(found, verdicts=(*found.verdicts, *past.verdicts, ways.verdict))
    read = Page.read(written(tmp_path, fitted, runs, found))
    check(read)
    assert "No intervals" in read.text
    assert "the loss 10 times beyond the runs" in read.text
    assert "doubt" not in read.ids


def test_with_a_budget_the_split_keeps_its_place(
    tmp_path: Path, chinchilla: Fit, runs: Runs, examined: Examination, plan: Allocation
) -> None:
    read = Page.read(written(tmp_path, chinchilla, runs, examined, plan))
    check(read)
    assert {"budget", "regret"} <= set(read.ids)
    assert "The valley is flat" in read.text
    assert "are best spent on about" in read.text


def test_the_words_of_the_verdict_follow_the_worst_outcome(examined: Examination) -> None:
    def with_outcomes(*outcomes: Outcome) -> Examination:
        return replace(examined, verdicts=tuple(replace(examined.verdicts[0], outcome=outcome) for outcome in outcomes))

    passed, warn, fail, unknown = Outcome.passed, Outcome.warn, Outcome.fail, Outcome.unknown
    assert examined_words.verdict(with_outcomes(passed, fail, warn)).startswith("Do not believe")
    assert examined_words.verdict(with_outcomes(passed, warn)).endswith("with reservations.")
    assert examined_words.verdict(with_outcomes(passed, unknown)) == "This fit may be believed."


def test_the_quick_page_has_no_section_of_an_examination(
    tmp_path: Path, chinchilla: Fit, runs: Runs, examined: Examination
) -> None:
    quick = Page.read(write_fit_report(tmp_path / "fit.html", chinchilla, runs, examined.verdicts, None, "x"))
    assert not set(SECTIONS) & set(quick.ids)
    assert "By its profile" not in quick.text


def test_the_browser_has_nothing_to_say(page: Path, console) -> None:
    assert console(page) == []
