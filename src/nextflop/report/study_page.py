"""The page for a study: the recommendation, its evidence axis by axis, the numbers, and what ran."""

from pathlib import Path

from nextflop.report import study_numbers as numbers
from nextflop.report import study_record as record
from nextflop.report import study_tables as tables
from nextflop.report import study_words as words
from nextflop.report.figures.arms import arms
from nextflop.report.figures.break_even import break_even
from nextflop.report.figures.coverage import coverage
from nextflop.report.figures.decision import decision
from nextflop.report.figures.four_axes import four_axes
from nextflop.report.figures.learning import learning
from nextflop.report.figures.queries import by_queries
from nextflop.report.figures.reinforcement import reinforcement
from nextflop.report.page import render, write
from nextflop.report.study_data import StudyData, verdicts

_SECTIONS = (
    ("decision-section", "Decision"),
    ("axes", "Axes"),
    ("learning", "Learning"),
    ("data", "Data"),
    ("rl", "Reinforcement learning"),
    ("coverage", "Coverage"),
    ("break-even", "Break-even"),
    ("numbers", "Numbers"),
    ("checks", "Checks"),
    ("methods", "What ran"),
)


def write_study_report(root: Path, out: Path | None = None) -> Path:
    """Writes the page of a finished study as one self-contained HTML file.

    Args:
        root: the folder of the study, with `study.json`, `answers.json` and the store of its runs.
        out: where the page goes; `report.html` in the folder if not given.

    Returns:
        The path.

    Raises:
        StoreError: if a file of the study is missing or cannot be read, or the page cannot be written.
    """
    data = StudyData.read(root)
    answers = data.answers
    headline, lede = _split(answers["recommendation"][0])
    html = render(
        "study.html.jinja",
        title=f"{headline} · nextflop",
        kind=f"Study: {data.study.name}",
        subject=f"{len(data.runs)} runs of {len(data.study.trials)}",
        headline=headline,
        lede=lede,
        findings=answers["recommendation"][1:],
        contents=_SECTIONS,
        words=words.sections(data),
        tiles=tables.tiles(answers),
        answers=answers,
        level=f"{answers['level']:.0%}",
        pictures={
            "decision": decision(answers),
            "axes": four_axes(answers),
            "learning": learning(data),
            "arms": arms(answers),
            "rl": reinforcement(data),
            "coverage": coverage(data),
            "break_even": break_even(data),
            "queries": by_queries(answers),
        },
        axes=tables.axes(answers),
        plan=tables.plan(answers),
        further=tables.further(answers),
        exchange=numbers.exchange(data),
        sampled=numbers.sampled(answers),
        sigmoids=numbers.sigmoids(answers),
        laws=numbers.laws(answers),
        arms=numbers.arms(answers),
        verdicts={name: verdicts(some) for name, some in answers["fits"]["verdicts"].items()},
        laboratory=record.laboratory(data),
        receipt=record.receipt(data),
    )
    return write(root / "report.html" if out is None else out, html)


def _split(sentence: str) -> tuple[str, str]:
    """The headline, up to the first colon, and what follows it as a sentence."""
    head, found, rest = sentence.partition(": ")
    return (f"{head}.", rest[:1].upper() + rest[1:]) if found else (sentence, "")
