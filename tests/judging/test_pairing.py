"""Which runs are drawn together, and what a reader is told of it."""

import numpy as np
import pytest

from nextflop.errors import InputError
from nextflop.evidence.runs import Runs
from nextflop.judging.pairing import pairing


def table(compute: list[float], **more: list) -> Runs:
    return Runs({"compute": np.array(compute), "loss": np.ones(len(compute)), **more})


def test_runs_of_one_setting_are_a_pair_in_any_order() -> None:
    found = pairing(("compute",), table([1, 2, 3]), table([3, 1, 2]))
    assert (found.by, found.matched, found.alone) == (("compute",), 3, (0, 0))
    assert found.labels[0].tolist() == found.labels[1][[1, 2, 0]].tolist()
    assert "3 pairs with equal compute" in found.sentence


def test_the_seed_counts_where_both_have_it() -> None:
    one, other = table([1, 1, 2, 2], seed=[0, 1, 0, 1]), table([1, 1, 2, 2], seed=[0, 1, 0, 7])
    assert pairing(("compute",), one, other).matched == 3
    without = pairing(("compute",), one, table([1, 1, 2, 2]))
    assert (without.by, without.matched) == (("compute",), 2)  # replicates of a setting are one cluster


def test_runs_without_a_partner_are_drawn_apart() -> None:
    found = pairing(("compute",), table([1, 2, 3, 9]), table([1, 2, 3, 8]))
    assert (found.matched, found.alone) == (3, (1, 1))
    assert set(found.labels[0]) & set(found.labels[1]) == set(found.labels[0][:3])
    assert "1 and 1 have no partner" in found.sentence


@pytest.mark.parametrize(
    ("one", "other", "pair"),
    [([1, 2, 3, 4], [5, 6, 7, 8], None), ([1, 2, 3, 4], [1, 6, 7, 8], None), ([1, 2, 3], [1, 2, 3], "none")],
)
def test_recipes_without_enough_partners_are_independent(one: list, other: list, pair: str | None) -> None:
    found = pairing(("compute",), table(one), table(other), pair=pair)
    assert found.by == ()
    assert found.matched == 0
    assert len({*found.labels[0], *found.labels[1]}) == len(one) + len(other)
    assert "independent" in found.sentence


def test_a_column_can_say_what_was_matched() -> None:
    one, other = table([1, 2, 3], pair=["a", "b", "c"]), table([1.1, 2.2, 3.3], pair=["a", "b", "c"])
    assert pairing(("compute",), one, other).by == ()
    assert pairing(("compute",), one, other, pair="pair").matched == 3
    with pytest.raises(InputError, match="table of the candidate has no column 'pair'"):
        pairing(("compute",), one, table([1, 2]), pair="pair")


def test_snapshots_of_runs_are_matched_run_by_run() -> None:
    one, other = table([1, 2, 1, 2], run=["a", "a", "b", "b"]), table([1, 3, 1, 3], run=["a", "a", "b", "b"])
    found = pairing(("compute",), one, other, cluster="run")
    assert (found.by, found.matched) == (("run",), 2)
    apart = pairing(("compute",), one, other, cluster="run", pair="none")
    assert apart.alone == (2, 2)  # still clusters
