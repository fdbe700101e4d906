"""docs/audits.md says what the audits find, and names every word of their vocabulary."""

from collections.abc import Callable
from pathlib import Path

import pytest

from nextflop.audits import Conducted, names
from nextflop.audits.answer import EXPECTATIONS
from nextflop.audits.conduct import spelled, words
from nextflop.audits.parse import ASKS
from nextflop.audits.steps import STEPS

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "audits.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", names())
def test_the_table_has_every_claim_with_what_is_found_and_the_verdict(
    conducted: Callable[[str], Conducted], name: str
) -> None:
    found = conducted(name)
    units = {question.code: question.unit for question in found.audit.questions}
    for headline, verdict in zip(found.audit.headlines, found.verdicts, strict=True):
        value = spelled(found.answers[headline.lead].value, units[headline.lead])
        (row,) = (line for line in DOCUMENT.splitlines() if line.startswith(f"| {name} | {headline.claim} |"))
        assert row.endswith(f"| {words(headline, verdict)} |")
        assert row.split(" | ")[3].startswith(value)


@pytest.mark.parametrize("word", [*STEPS, *ASKS, *EXPECTATIONS])
def test_every_word_is_named(word: str) -> None:
    assert f"`{word}`" in DOCUMENT
