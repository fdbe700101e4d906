"""The table of runs."""

import math

import numpy as np
import pytest

from nextflop.errors import InputError
from nextflop.evidence.run import Run
from nextflop.evidence.runs import Runs


@pytest.fixture
def table() -> Runs:
    columns = {"params": np.array([1, 2, 2]), "loss": np.array([3.0, 2.5, 2.4]), "name": np.array(["a", "b", "c"])}
    return Runs(columns, {"params": "all"}, "somewhere")


def test_numbers_are_float64_and_read_only(table: Runs) -> None:
    assert table["params"].dtype == np.float64
    with pytest.raises(ValueError, match="read-only"):
        table["params"][0] = 7


def test_the_table_keeps_its_own_copy() -> None:
    mine = np.array([1.0, 2.0])
    table = Runs({"loss": mine})
    mine[0] = 9.0
    assert table["loss"].tolist() == [1.0, 2.0]


def test_a_column_that_is_not_there_is_answered_with_the_nearest(table: Runs) -> None:
    with pytest.raises(
        InputError, match=r"no column 'parms'; did you mean 'params'\? Choose one of loss, name, params\."
    ):
        table["parms"]


def test_columns_of_unequal_length_are_refused() -> None:
    with pytest.raises(InputError, match="differ in length"):
        Runs({"a": np.zeros(2), "b": np.zeros(3)})
    with pytest.raises(InputError, match="'a' has 2 dimensions"):
        Runs({"a": np.zeros((2, 2))})


def test_runs_are_chosen_by_mask_by_index_and_by_value(table: Runs) -> None:
    assert table.where(table["loss"] < 2.9)["name"].tolist() == ["b", "c"]
    assert table.where(np.array([2, 0]))["name"].tolist() == ["c", "a"]
    assert table.where(params=2.0, name="c")["loss"].tolist() == [2.4]
    assert len(table.where(params=5.0)) == 0
    assert table.where(params=2.0).conventions == {"params": "all"}


def test_groups_hold_every_run_once_those_without_a_value_too() -> None:
    table = Runs({"size": np.array([2.0, math.nan, 1.0, math.nan]), "loss": np.arange(4.0)})
    groups = {str(value): runs["loss"].tolist() for value, runs in table.group_by("size")}
    assert groups == {"1.0": [2.0], "2.0": [0.0], "nan": [1.0, 3.0]}


def test_the_digest_sees_values_and_conventions_but_not_the_order_of_columns(table: Runs) -> None:
    turned = Runs(dict(reversed(table.columns.items())), table.conventions, "elsewhere")
    assert turned == table
    assert hash(turned) == hash(table)
    assert table.where(np.array([1, 0, 2])) != table
    assert table.with_columns(loss=np.array([3.0, 2.5, 2.3])) != table
    assert Runs(table.columns) != table
    assert table != "a table"


def test_runs_become_a_table_with_nan_where_nothing_was_measured() -> None:
    runs = [Run("a", "rl", {"loss": 2.0}, {"loss": "nats"}, seed=3), Run("b", "rl", {"flop": 1.0})]
    table = Runs.from_runs(runs, ["loss", "flop"])
    assert table["loss"].tolist() == [2.0, pytest.approx(math.nan, nan_ok=True)]
    assert table["seed"].tolist() == [3.0, pytest.approx(math.nan, nan_ok=True)]
    assert table["run"].tolist() == [run.id for run in runs]
    assert table.conventions == {"loss": "nats"}


def test_runs_that_count_differently_are_not_mixed() -> None:
    runs = [Run("a", "rl", {"flop": 2.0}, {"flop": "MAC"}), Run("b", "rl", {"flop": 2.0}, {"flop": "2 per MAC"})]
    with pytest.raises(InputError, match=r"'flop' is counted in several ways \(2 per MAC, MAC\): convert to one first"):
        Runs.from_runs(runs, ["flop"])


def test_an_empty_table_is_a_table() -> None:
    assert len(Runs({})) == 0
    assert len(Runs.from_runs([], ["loss"])) == 0
