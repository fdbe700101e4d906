"""What corpora have, as a person reads it on a terminal."""

import math
from pathlib import Path
from typing import TYPE_CHECKING

from nextflop.cli.output import print_line, print_table
from nextflop.outlook.diversity.measures import NAMES, SHARES

if TYPE_CHECKING:
    from nextflop.fitting.fit import Interval
    from nextflop.outlook.diversity import Diversity, Measured

_STYLES = {"pass": "green", "cannot tell": "yellow", "fail": "bold red"}

_SCOPES = (
    ("in windows of {window} words", (*NAMES,)[:7]),
    ("at {length} words", (*NAMES,)[7:14]),
    ("of all of it", (*NAMES,)[14:]),
)


def show(found: "Diversity") -> None:
    """Prints the corpora side by side, and what each kept of the real text."""
    names = _names(found)
    _sizes(found, names)
    for scope, measures in _SCOPES:
        head = scope.format(window=f"{found.window:,}", length=f"{found.length:,}")
        rows = [
            (NAMES[name], *(_interval(one.measures[name], name in SHARES) for one in found.corpora))
            for name in measures
        ]
        print_table((head, *names), rows, right=names)
    if found.real:
        _against(found, names)
    print_line(
        f"Intervals of {found.level:.0%}; seed {found.seed}. Windows of bytes are eight times as long, compressed as "
        f"gzip does. The tail is the words beyond the {found.rank} most frequent.",
        style="dim",
    )
    sampled = [one for one in found.corpora if min(one.sampled.values()) < 1]
    for one in sampled:
        shares = ", ".join(f"1 of {1 / share:.0f} {kind}" for kind, share in one.sampled.items() if share < 1)
        print_line(f"{Path(one.path).name}: counted on a fair sample of {shares}.", style="dim")
    for one in found.corpora:
        if one.against is not None:
            verdict = one.against.verdict
            style = _STYLES.get(verdict.outcome.value, "")
            print_line(f"{Path(one.path).name}: {verdict.outcome.value}: {verdict.sentence}", style=style)


def _names(found: "Diversity") -> list[str]:
    """The files by their names, or numbered where two are called the same."""
    names = [Path(one.path).name for one in found.corpora]
    names = [f"{name} ({index})" if names.count(name) > 1 else name for index, name in enumerate(names, start=1)]
    return [f"{names[0]} (real)", *names[1:]] if found.real else names


def _sizes(found: "Diversity", names: list[str]) -> None:
    rows = [
        ("documents", *(f"{one.documents:,}" for one in found.corpora)),
        ("words", *(f"{one.words:,}" for one in found.corpora)),
        ("a document is a", *(one.split if one.split != "blank line" else "paragraph" for one in found.corpora)),
    ]
    print_table(("corpus", *names), rows, right=names)


def _against(found: "Diversity", names: list[str]) -> None:
    others: list[Measured] = list(found.corpora[1:])
    told = [one.against for one in others if one.against is not None]
    rows = [
        ("real documents kept", *(_interval(one.kept, True) for one in told)),
        ("regime", *(one.regime for one in told)),
        ("documents that are real", *(_interval(one.documents, True) for one in told)),
        ("8-grams that are real", *(_interval(one.passages, True) for one in told)),
        ("real words never used", *(_interval(one.unseen, True) for one in told)),
        ("  of as much real text", *(f"{one.expected:.2%}" for one in told)),
        ("tail lost", *(_interval(one.lost, True) for one in told)),
    ]
    print_table(("against the real text", *names[1:]), rows, right=names[1:])


def _interval(of: "Interval", share: bool) -> str:
    if math.isnan(of.value):
        return "unknown"
    value, low, high = (f"{100 * end:.3g}%" if share else f"{end:.3g}" for end in of)
    return value if math.isnan(of.low) or of.low == of.high else f"{value} ({low} to {high})"
