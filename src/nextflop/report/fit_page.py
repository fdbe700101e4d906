"""The page for one fit: the answer, the law, how far to believe it, and the receipt."""

import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np

from nextflop import __version__
from nextflop.evidence.runs import Runs
from nextflop.fitting.fit import Fit, Interval
from nextflop.judging.examine import Examination
from nextflop.judging.verdict import Verdict
from nextflop.planning.allocation import Allocation, Valley
from nextflop.quantities import show
from nextflop.report import examined_words, fit_words
from nextflop.report.axes import name_of, shown
from nextflop.report.examined import contents, doubted, reach_tile, sections
from nextflop.report.figures.draws import draws_figure
from nextflop.report.figures.fitted import fitted
from nextflop.report.figures.plane import plane
from nextflop.report.figures.regret import regret
from nextflop.report.figures.residuals import names, relative, residual_figure, residuals
from nextflop.report.mathml import formula, symbol
from nextflop.report.page import amounts, between, number, render, write

_MISSED = 5  # runs listed as those that the law misses most


def write_fit_report(
    path: Path,
    fit: Fit,
    runs: Runs,
    verdicts: Sequence[Verdict],
    allocation: Allocation | None,
    source: str,
    examination: Examination | None = None,
    command: str = "",
) -> Path:
    """Writes the page for a fit as one self-contained HTML file.

    With an examination it leads with the verdict, and shows what the data cannot tell, how far the law has been shown
    to extrapolate, the decision under other choices, and the runs to doubt.

    Args:
        path: where it goes.
        fit: the fit, of any law.
        runs: the runs that were fitted; a column "name" or "run" names them.
        verdicts: the checks of the fit.
        allocation: the split of a budget, if one was asked for.
        source: where the runs come from.
        examination: what `judging.examine` found of this fit.
        command: what a person types to make the page again.

    Returns:
        The path.

    Raises:
        StoreError: if the page cannot be written.
    """
    doubts = [] if examination is None else doubted(examination)
    examined = None if examination is None else sections(fit, runs, examination)
    pictures = {
        "fitted": fitted(fit, runs, doubts),
        "residuals": residual_figure(fit, runs, doubts),
        "draws": draws_figure(fit) if len(fit.draws) > 1 else None,
        "plane": plane(fit, runs, allocation) if len(fit.law.inputs) == 2 else None,
        "regret": None if allocation is None else regret(allocation),
    }
    law = type(fit.law)
    headline = fit_words.headline(fit, allocation) if examination is None else examined_words.verdict(examination)
    html = render(
        "fit.html.jinja",
        title=f"{headline} · nextflop",
        kind="Fit of a scaling law" if examination is None else "Examination of a scaling law",
        subject=f"{law.name}, {fit.runs} runs",
        headline=headline,
        belief=fit_words.belief(fit, verdicts, allocation)
        if examination is None
        else examined_words.why(fit, examination, allocation),
        tiles=_tiles(fit, allocation, examination),
        contents=_contents(allocation, examined),
        examined=examined,
        plan=allocation,
        plan_words=fit_words.plan_words(allocation) if allocation else [],
        split=_split(allocation) if allocation else [],
        level=f"{fit.level:.0%}",
        formula=formula(law.formula),
        numbers=formula(
            law.formula, {p.symbol: number(fit.estimate[name].value) for name, p in law.parameters.items()}
        ),
        reference=law.reference,
        fit=fit,
        parameters=[
            {"symbol": symbol(p.symbol), "meaning": p.meaning, "unit": p.unit, "interval": fit.estimate[name]}
            | {"profile": _profile(examination, name)}
            for name, p in law.parameters.items()
        ],
        pictures=pictures,
        status=fit_words.status(fit),
        notes=fit.notes,
        verdicts=verdicts,
        inputs=[name_of(name) for name in law.inputs],
        missed=_missed(fit, runs),
        receipt=_receipt(fit, runs, source, command),
    )
    return write(path, html)


def _contents(plan: Allocation | None, examined: Mapping[str, object] | None) -> list[tuple[str, str]]:
    budget = [("budget", "The budget")] if plan else []
    more = contents(examined) if examined else []
    belief = "The checks" if examined else "How far to believe it"
    return [*budget, ("law", "The law"), *more, ("belief", belief), ("methods", "Methods and receipt")]


def _tiles(fit: Fit, plan: Allocation | None, examination: Examination | None) -> list[Mapping[str, str]]:
    reach = None if examination is None else reach_tile(examination)
    return [*(_plan_tiles(plan) if plan else _law_tiles(fit)), *([reach] if reach else [])]


def _profile(examination: Examination | None, name: str) -> str:
    """The interval by the profile of a parameter, which may lack an end; "held" where it is pinned."""
    found = {} if examination is None else {one.parameter: one for one in examination.profiles}
    if name not in found:
        return "held"
    one = found[name]
    if one.open_above and one.open_below:
        return "no end"
    if one.open_above:
        return f"above {number(one.interval.low)}"
    return f"below {number(one.interval.high)}" if one.open_below else between(one.interval)


def _tile(meaning: str, value: str, unit: str, span: str) -> Mapping[str, str]:
    return {"meaning": meaning, "value": value, "unit": unit, "range": span}


def _law_tiles(fit: Fit) -> list[Mapping[str, str]]:
    """The parameters that a person compares between papers: not the amplitudes, whose size hangs on the units."""
    known = type(fit.law).parameters
    shown = [name for name, about in known.items() if not about.log or "FLOP" in about.unit or len(known) < 3]
    return [
        _tile(known[name].meaning, number(fit.estimate[name].value), "", between(fit.estimate[name])) for name in shown
    ]


def _plan_tiles(plan: Allocation) -> list[Mapping[str, str]]:
    def tile(meaning: str, interval: Interval) -> Mapping[str, str]:
        return _tile(meaning, show(interval.value), "", amounts(interval))

    loss = _tile("predicted loss there", number(plan.loss.value), "nats per token", between(plan.loss))
    return [
        tile("parameters", plan.params),
        tile("training tokens", plan.tokens),
        tile("tokens a parameter", plan.tokens_per_param),
        loss,
    ]


def _split(plan: Allocation) -> list[Mapping[str, str]]:
    def params(valley: Valley) -> str:
        return amounts(Interval(np.nan, valley.params_low, valley.params_high))

    def tokens(valley: Valley) -> str:
        return amounts(Interval(np.nan, valley.tokens_low, valley.tokens_high))

    return [
        {
            "name": name,
            "value": show(interval.value),
            "range": amounts(interval),
            "valley": span(plan.valley),
            "robust": "none" if np.isnan(plan.robust.params_low) else span(plan.robust),
        }
        for name, interval, span in (("Parameters", plan.params, params), ("Training tokens", plan.tokens, tokens))
    ]


def _missed(fit: Fit, runs: Runs) -> list[Mapping[str, object]]:
    gaps, called = residuals(fit, runs), names(runs)
    law = fit.law(**{name: runs[name] for name in fit.law.inputs})
    return [
        {
            "name": called[row],
            "inputs": [shown(float(runs[name][row]), name) for name in fit.law.inputs],
            "measured": float(runs[fit.law.response][row]),
            "law": float(law[row]),
            "gap": f"{gaps[row]:+.2f}%" if relative(fit) else f"{gaps[row]:+.3g}",
        }
        for row in np.argsort(-np.abs(gaps), kind="stable")[:_MISSED]
    ]


def _receipt(fit: Fit, runs: Runs, source: str, command: str) -> list[tuple[str, str]]:
    failed = f"; {fit.failed_draws} more gave no estimate" if fit.failed_draws else ""
    method = fit.method
    pinned = "" if method is None else ", ".join(f"{name} = {number(value)}" for name, value in method.pinned.items())
    packages = f"NumPy {np.__version__}, SciPy {version('scipy')}, matplotlib {version('matplotlib')}"
    optional = {
        "Held fixed": pinned,
        "Drawn together": "" if method is None or method.cluster is None else f"runs of equal {method.cluster}",
    }
    return [
        ("Runs", f"{fit.runs}, from {source or 'memory'}"),
        ("Digest of the table", f"sha256 {fit.runs_digest}"),
        *(
            (f"Range of {name}", f"{shown(low, name)} to {shown(high, name)}")
            for name, (low, high) in fit.ranges.items()
        ),
        *((f"Convention: {name}", way) for name, way in runs.conventions.items()),
        *(("Left out", note) for note in runs.notes),
        ("Objective", f"{fit.objective:.6g}, {fit.objective_name}"),
        *((term, text) for term, text in optional.items() if text),
        ("Intervals", f"{fit.level:.0%}, percentiles of {len(fit.draws)} bootstrap draws, seed {fit.seed}{failed}"),
        ("Versions", f"nextflop {__version__}, Python {platform.python_version()}, {packages}"),
        *([("To make it again", command)] if command else []),
    ]
