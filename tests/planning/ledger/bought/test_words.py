"""What is bought, in words: amounts with their units, and names as they were given."""

from dataclasses import replace

import numpy as np
import pytest
from tests.planning.ledger.bought.test_parts import RL, SEARCH, SITUATION

from nextflop.judging.verdict import Outcome
from nextflop.laws import Sigmoid
from nextflop.planning.ledger.bought import words
from nextflop.planning.ledger.bought.amount import unit
from nextflop.planning.ledger.bought.part import Part, Row
from nextflop.planning.ledger.bought.parts import parts
from nextflop.planning.ledger.members import of_constants
from nextflop.planning.ledger.situation import Situation


@pytest.mark.parametrize(
    ("value", "name", "said"),
    [
        (1.0, "samples", "1 sample"),
        (64.0, "samples", "64 samples"),
        (1e21, "rl_flop", "1e21 FLOP"),
        (1.0, "simulations", "1 simulation"),
        (2000.0, "train_samples", "2k train samples"),
        (np.nan, "", "–"),
    ],
)
def test_an_amount_has_its_unit(value: float, name: str, said: str) -> None:
    assert words.amount(value, name) == said


def test_an_input_that_counts_flop_is_called_flop() -> None:
    assert [unit(name) for name in ("rl_flop", "flop", "answers")] == ["FLOP", "FLOP", "answers"]


def test_no_sentence_writes_a_code_or_a_unit_otherwise_than_it_was_given() -> None:
    (part,) = parts([replace(RL, name=""), replace(SEARCH, name="")], SITUATION).parts
    said = " ".join([*(one.sentence for one in part.verdicts), *(words.beside(row) for row in part.rows)])
    assert f"The best option is {part.row(part.best).name}, with probability" in said
    assert f"The choice, {part.row(part.best).name}, " in said
    assert "rl flop" not in said
    assert "Search" not in said
    assert "Rl" not in said


def test_options_of_different_models_are_not_ranked_without_saying_so() -> None:
    (even,) = parts([RL, SEARCH], SITUATION).parts
    assert not words.apart(even)
    lower = replace(RL, members=(of_constants(Sigmoid(0.05, 0.61, 1e20, 1.2), "rl", "a paper"),))
    (uneven,) = parts([lower, SEARCH], SITUATION).parts
    verdicts = {one.code: one for one in uneven.verdicts}
    assert verdicts["bought_start"].outcome is Outcome.warn
    assert verdicts["bought_choice"].outcome is Outcome.unknown  # whatever the probability
    assert verdicts["bought_start"].name == "the options set out from different places"  # a failure is called by itself
    assert verdicts["bought_choice"].sentence.endswith("were all of one model, which they are not.")
    assert words.unmoved(uneven).endswith(
        "Measure reinforcement learning and more samples from one model, graded alike: that is what would settle the "
        "choice."
    )
    assert "were all of one model" in words.comes_to(replace(uneven, rows=(*uneven.rows, _text(uneven))))


def _text(part: Part) -> Row:
    return replace(part.rows[0], code="repeat", kind="text", amount=float("nan"))


def test_a_choice_beyond_the_runs_says_in_which_unit() -> None:
    (part,) = parts([replace(RL, name="")], Situation(1e23)).parts
    (far,) = [one for one in part.verdicts if one.code == "bought_beyond"]
    assert far.sentence == "The choice, rl, goes 3.3 decades beyond the runs in FLOP."
