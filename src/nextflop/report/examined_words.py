"""An examination in sentences: whether the fit may be believed, and why."""

from collections.abc import Sequence

from nextflop.fitting.fit import Fit
from nextflop.judging.examine import Examination
from nextflop.judging.isoflop import IsoFlop
from nextflop.judging.verdict import Outcome, Verdict
from nextflop.planning.allocation import Allocation
from nextflop.quantities import show
from nextflop.report import fit_words

_REASONS = 2  # spelled out above the fold; the others are in the list of checks


def verdict(found: Examination) -> str:
    """Believed or not, in one line."""
    if not found.believed:
        return "Do not believe this fit as it stands."
    if any(one.outcome is Outcome.warn for one in found.verdicts):
        return "This fit may be believed, with reservations."
    return "This fit may be believed."


def why(fit: Fit, found: Examination, plan: Allocation | None) -> list[str]:
    """The reasons for the verdict, then what the fit says, the most important first."""
    named = {outcome: [one for one in found.verdicts if one.outcome is outcome] for outcome in Outcome}
    worst = named[Outcome.fail] or named[Outcome.warn]
    sentences = [_count(found, named[Outcome.fail], named[Outcome.warn], named[Outcome.unknown])]
    shown = worst[:_REASONS]
    if shown:
        sentences.append(" ".join(_short(one) for one in shown))
    reach = next((one for one in found.verdicts if one.code == "extrapolation"), None)
    if reach is not None and reach not in shown:
        sentences.append(reach.sentence)
    says = fit_words.headline(fit, plan)
    sentences.append(says if found.believed else f"Taken at its word: {says}")
    return [*sentences, *fit_words.belief(fit, (), plan)[:-1]] if plan is not None else sentences


def silence(found: Examination) -> list[tuple[str, str]]:
    """The ways to ask that have no answer, gathered by their reason."""
    if found.multiverse is None:
        return []
    reasons: dict[str, list[str]] = {}
    for choice, reason in found.multiverse.silent:
        reasons.setdefault(reason, []).append(choice)
    return [(_ways(choices), reason) for reason, choices in reasons.items()]


def left_out(found: IsoFlop) -> list[str]:
    """The budgets without a minimum that counts, gathered by their reason."""
    reasons: dict[str, list[float]] = {}
    for budget, reason in found.left_out.items():
        reasons.setdefault(reason, []).append(budget)
    return [f"{_each(budgets)} {reason}" for reason, budgets in reasons.items()]


def _each(budgets: Sequence[float]) -> str:
    if len(budgets) == 1:
        return show(budgets[0], "FLOP")
    return f"each of {len(budgets)} budgets from {show(min(budgets), 'FLOP')} to {show(max(budgets), 'FLOP')}"


def _count(found: Examination, fails: Sequence[Verdict], warns: Sequence[Verdict], silent: Sequence[Verdict]) -> str:
    number = len(found.verdicts)
    if fails:
        return f"{len(fails)} of {number} checks {_verb(fails, 'fail')}: {_names(fails)}."
    if warns:
        return f"Of {number} checks not one fails; {len(warns)} {_verb(warns, 'warn')}: {_names(warns)}."
    if silent:
        rest = f"{_names(silent)} cannot be told from these runs"
        return f"{number - len(silent)} of {number} checks pass and none fails; {rest}."
    return f"All {number} checks pass."


def _short(one: Verdict) -> str:
    """The sentence of a check; of one that says several things, the first."""
    first, dot, _ = one.sentence.partition(". ")
    return first + dot.strip()


def _verb(some: Sequence[Verdict], word: str) -> str:
    return f"{word}s" if len(some) == 1 else word


def _names(some: Sequence[Verdict]) -> str:
    return ", ".join(f"“{one.name}”" for one in some)


def _ways(choices: Sequence[str]) -> str:
    """Several ways, each "law, objective, exclusion", as one line."""
    laws = dict.fromkeys(choice.split(", ", 1)[0] for choice in choices)
    tables = dict.fromkeys(choice.rsplit(", ", 1)[-1] for choice in choices)
    return f"{', '.join(laws)} on {' and '.join(tables)}" if len(choices) > 1 else choices[0]
