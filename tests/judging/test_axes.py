"""Which axes a table was varied along, and what must be refused because it was not."""

import numpy as np
import pytest

from nextflop.errors import InputError
from nextflop.evidence.runs import Runs
from nextflop.judging import Outcome
from nextflop.judging.axes import axes_of, levels, unvaried, varied
from nextflop.laws import Chinchilla, DataConstrained, Power


def table(epochs: np.ndarray | float = 1.0, count: int = 30) -> Runs:
    rng = np.random.default_rng(0)
    params, tokens = 10 ** rng.uniform(7, 9, count), 10 ** rng.uniform(9, 11, count)
    return Runs({"params": params, "tokens": tokens, "unique_tokens": tokens / epochs, "loss": np.ones(count)})


AXES = ("params", "tokens", "unique_tokens", "flop", "epochs")


def test_the_axes_are_the_inputs_and_what_follows_from_them() -> None:
    assert axes_of((Chinchilla, DataConstrained), table()) == AXES
    assert axes_of((Chinchilla,), table()) == ("params", "tokens", "flop")
    assert axes_of((Power,), Runs({"compute": np.ones(3)})) == ("compute",)


def test_runs_that_never_repeat_their_data_say_nothing_of_epochs_or_of_unique_tokens_apart() -> None:
    found = varied(table(), AXES)
    assert unvaried(table(), AXES) == ("tokens", "unique_tokens", "epochs")
    assert "All runs have epochs = 1" in found["epochs"].sentence
    assert "cannot be told apart" in found["unique_tokens"].sentence
    # Without unique tokens among the axes the tokens are an axis like another.
    assert unvaried(table(), ("params", "tokens", "flop", "epochs")) == ("epochs",)


def test_runs_varied_along_all_axes_pass() -> None:
    epochs = 10 ** np.random.default_rng(1).uniform(0, 1.5, 30)
    assert {verdict.outcome for verdict in varied(table(epochs), AXES).values()} == {Outcome.passed}


def test_a_fixed_ratio_of_tokens_to_parameters_leaves_one_axis() -> None:
    params = np.geomspace(1e7, 1e9, 8)
    runs = Runs({"params": params, "tokens": 20 * params})
    assert unvaried(runs, ("params", "tokens", "flop")) == ("params", "tokens")
    nearly = Runs({"params": params, "tokens": 20 * params * np.exp(0.5 * np.random.default_rng(0).normal(size=8))})
    assert varied(nearly, ("params", "tokens"))["tokens"].outcome is Outcome.warn


def test_two_levels_or_a_narrow_factor_are_a_slope_and_no_curve() -> None:
    two = Runs({"params": np.array([1e8, 1e9] * 3)})
    assert varied(two, ("params",))["params"].outcome is Outcome.warn
    narrow = Runs({"params": np.linspace(1e8, 1.5e8, 9)})
    assert varied(narrow, ("params",))["params"].outcome is Outcome.warn


def test_values_within_two_per_cent_are_one_level() -> None:
    np.testing.assert_array_equal(levels(np.array([1.0, 1.01, 2.0, 1.0, 2.03])), [1.0, 2.0])
    np.testing.assert_array_equal(levels(np.array([0.0, 0.0, 1.0])), [0.0, 1.0])


def test_axes_that_are_not_there_are_refused() -> None:
    with pytest.raises(InputError, match="'experts'"):
        varied(table(), ("experts",))
    with pytest.raises(InputError, match="without runs"):
        varied(Runs({"params": np.empty(0)}), ("params",))
