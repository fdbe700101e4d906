"""What has been said in public of the date, each with its version, as a probability under a model."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np

from nextflop.evidence.dates import parse_date
from nextflop.outlook.wall.model import Model
from nextflop.outlook.wall.passage import Passage


class Claim(NamedTuple):
    """A statement about the date.

    Attributes:
        short: the claim by a name, such as the version of the paper.
        text: what is said.
        domain: of which text, as a model names its own.
        after, before: the dates between which the wall would be; `after` is minus infinity where only an end is said.
        stated: the probability that is said with it; `nan` without one.
        source: who said so, in which version.
        date: when.
        grade: how the statement is known, see `nextflop.outlook.wall.model.GRADES`.
    """

    short: str
    text: str
    domain: str
    after: float
    before: float
    stated: float
    source: str
    date: float
    grade: str

    def under(self, model: Model, passage: Passage) -> float:
        """The probability under a model; `nan` for another text, or where its paths begin after what is claimed."""
        if model.domain != self.domain or self.before <= passage.start:
            return np.nan
        until = passage.before(self.before).value
        return until if self.after <= passage.start else until - passage.before(self.after).value


@cache
def claims() -> tuple[Claim, ...]:
    """The statements on record."""
    text = (files("nextflop.outlook.wall") / "claims.toml").read_text(encoding="utf-8")
    return tuple(
        Claim(
            short=one["short"],
            text=one["text"],
            domain=one["domain"],
            after=one.get("after", -np.inf),
            before=one["before"],
            stated=one.get("stated", np.nan),
            source=one["source"],
            date=parse_date(one["date"]),
            grade=one["grade"],
        )
        for one in tomllib.loads(text)["claims"]
    )
