"""The law of the vocabulary against the runs of the paper, whose loss is below 0."""

from pathlib import Path

import numpy as np
import pytest

from nextflop.evidence.runs import Runs
from nextflop.evidence.table import read_table
from nextflop.fitting import Status, fit
from nextflop.laws import Vocabulary

COLUMNS = {
    "params": "non_vocab_parameters",
    "vocabulary": "vocab_size",
    "characters": "num_characters",
    Vocabulary.response: Vocabulary.response,
}


@pytest.fixture(scope="module")
def parts(public_data: Path) -> tuple[Runs, Runs]:
    """The 1,080 runs of up to a certain cost and the 120 dearer ones."""
    folder = public_data / "scalebench"
    train, test = (read_table(folder / f"vocab_scaling_law.{part}.csv", COLUMNS) for part in ("train", "test"))
    return train, test


def test_a_loss_beside_that_of_a_unigram_model_is_read_although_it_is_negative(parts: tuple[Runs, Runs]) -> None:
    assert len(parts[0]) == 1080
    assert (parts[0][Vocabulary.response] < 0).mean() > 0.9


def test_it_is_fitted_by_squares_and_foretells_the_dear_runs(parts: tuple[Runs, Runs]) -> None:
    train, test = parts
    found = fit(Vocabulary, train, draws=0)
    assert found.status is Status.at_bound  # beyond 4,000 words the vocabulary makes no difference to these runs
    assert found.law.values["B"] == 0
    assert found.method is not None
    assert not found.method.objective.log
    gap = np.asarray(found.law(**{name: test[name] for name in Vocabulary.inputs})) - test[Vocabulary.response]
    spread = test[Vocabulary.response] - test[Vocabulary.response].mean()
    assert 1 - (gap**2).sum() / (spread**2).sum() == pytest.approx(0.93, abs=0.01)
