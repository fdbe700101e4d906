"""What the page of an examined fit shows beside the page of the fit alone: pictures, tables and sentences."""

from collections.abc import Mapping

import numpy as np

from nextflop.evidence.runs import Runs
from nextflop.fitting.fit import Fit
from nextflop.fitting.named import name_of as name_of_objective
from nextflop.judging.backtest import LAST, LINE, Backtest
from nextflop.judging.examine import DOUBTED, Examination
from nextflop.judging.multiverse import Multiverse
from nextflop.quantities import show
from nextflop.report import examined_words
from nextflop.report.axes import name_of, shown
from nextflop.report.figures.foretold import error, foretold_figure
from nextflop.report.figures.multiverse import multiverse_figure
from nextflop.report.figures.parabolas import parabola_figure
from nextflop.report.figures.profiles import profile_figure
from nextflop.report.figures.residuals import names
from nextflop.report.mathml import symbol
from nextflop.report.page import between, number

_LISTED = 25  # flags, before the rest is counted

Row = Mapping[str, object]


def doubted(found: Examination) -> list[int]:
    """The rows of the runs without which an answer is also given, in order."""
    return sorted({flag.row for flag in found.flags if flag.row is not None and flag.code in DOUBTED})


def sections(fit: Fit, runs: Runs, found: Examination) -> dict[str, object]:
    """What the sections of the template show; None or empty is a section that does not apply."""
    verdicts = {one.code: one.sentence for one in found.verdicts}
    past, ways = found.backtest, found.multiverse
    return {
        "said": verdicts,
        "profiles": profile_figure(fit, found.profiles) if found.profiles else None,
        "ends": [one.sentence for one in found.profiles if one.open_above or one.open_below],
        "foretold": None if past is None else foretold_figure(past, fit.law.response),
        "folds": [] if past is None else _folds(past),
        "ways": None if ways is None else multiverse_figure(ways, (fit.law.name, _objective(fit)), _unit(fit)),
        "universes": [] if ways is None else _universes(ways, _unit(fit)),
        "silent": examined_words.silence(found),
        "parabolas": None if found.isoflop is None else parabola_figure(found.isoflop, fit, runs),
        "left_out": [] if found.isoflop is None else examined_words.left_out(found.isoflop),
        "flags": _flags(runs, found),
        "more_flags": max(0, len(found.flags) - _LISTED),
        "without": [] if found.without is None else _without(fit, found.without),
        "doubted": len(doubted(found)),
    }


def contents(shown: Mapping[str, object]) -> list[tuple[str, str]]:
    """Anchors and names of the sections that apply."""
    every = (
        ("profiles", "ends", "What the data cannot tell"),
        ("foretold", "reach", "How far it reaches"),
        ("ways", "ways", "Other ways to ask"),
        ("parabolas", "isoflop", "Parabolas"),
        ("flags", "doubt", "Runs to doubt"),
    )
    return [(anchor, words) for key, anchor, words in every if shown[key]]


def reach_tile(found: Examination) -> dict[str, str] | None:
    """How far the law has been shown to extrapolate."""
    past = found.backtest
    if past is None:
        return None
    fold = max(past.folds, key=lambda fold: fold.reach)
    if not np.isfinite([fold.reach, fold.errors[past.law]]).all():
        return None
    return {
        "meaning": f"decades of {name_of(past.axis)} beyond the runs that were fitted, at the farthest test",
        "value": f"{fold.reach:.1f}",
        "unit": "",
        "range": f"missed by {error(fold.errors[past.law], past.log)} there",
    }


def _objective(fit: Fit) -> str:
    return "" if fit.method is None else name_of_objective(fit.method.objective)


def _unit(fit: Fit) -> str:
    """Of the decision: a size where params are traded against tokens, else a response."""
    return "parameters" if set(fit.law.inputs) == {"params", "tokens"} else ""


def _folds(past: Backtest) -> list[Row]:
    return [
        {
            "cut": shown(fold.cut, past.axis),
            "trained": fold.trained,
            "tested": fold.tested,
            "reach": f"{fold.reach:.1f}",
            "errors": [error(fold.errors[name], past.log) for name in (past.law, LAST, LINE)],
            "bias": "unknown" if np.isnan(fold.bias) else f"{fold.bias:+.2%}" if past.log else f"{fold.bias:+.3g}",
            "covered": "unknown" if np.isnan(fold.covered) else f"{fold.covered:.0%}",
        }
        for fold in past.folds
    ]


def _universes(ways: Multiverse, unit: str) -> list[Row]:
    def amount(value: float) -> str:
        return show(value, unit, 3).removesuffix(f" {unit}") if unit else number(value, digits=4)

    return [
        {
            "choices": (one.law, one.objective, one.exclusion),
            "runs": one.runs,
            "value": amount(one.value),
            "range": f"{amount(one.low)} to {amount(one.high)}"
            if np.isfinite([one.low, one.high]).all()
            else "not known",
        }
        for one in sorted(ways.universes, key=lambda one: one.value)
    ]


def _flags(runs: Runs, found: Examination) -> list[Row]:
    called = names(runs)
    return [
        {
            "name": "the table" if flag.row is None else called[flag.row],
            "code": flag.code,
            "why": flag.told(called),
        }
        for flag in found.flags[:_LISTED]
    ]


def _without(fit: Fit, less: Fit) -> list[Row]:
    return [
        {
            "symbol": symbol(about.symbol),
            "all": number(fit.estimate[name].value),
            "all_range": between(fit.estimate[name]),
            "less": number(less.estimate[name].value),
            "less_range": between(less.estimate[name]),
        }
        for name, about in fit.law.parameters.items()
    ]
