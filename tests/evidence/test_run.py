"""One run: the record that is written is the record that is read."""

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nextflop.errors import InputError
from nextflop.evidence.files import to_json
from nextflop.evidence.run import Run, Source

NAMES = st.text(max_size=5)
AMOUNTS = st.dictionaries(NAMES, st.floats() | st.integers(min_value=-(10**20), max_value=10**20), max_size=3)
CONFIGS = st.dictionaries(NAMES, st.booleans() | st.text(max_size=5) | st.tuples(st.integers(), st.none()), max_size=3)
SOURCES = st.none() | st.fixed_dictionaries({"file": NAMES, "digest": NAMES, "reader": NAMES})


@settings(deadline=None)
@given(
    quantities=AMOUNTS,
    conventions=st.dictionaries(NAMES, NAMES, max_size=3),
    config=CONFIGS,
    seed=st.none() | st.integers(min_value=0),
    curve=st.lists(AMOUNTS, max_size=2).map(tuple),
    source=SOURCES,
)
def test_a_record_is_read_as_it_was_written(source: dict[str, str] | None, **fields: Any) -> None:
    run = Run("name", "kind", source=None if source is None else Source(**source), **fields)
    again = Run.from_json(json.loads(to_json(run.to_json())))
    assert again == run
    assert again.id == run.id


def test_whole_numbers_and_floats_make_one_id() -> None:
    assert Run("a", "rl", {"params": 5}).id == Run("a", "rl", {"params": 5.0}).id


def test_what_was_not_measured_is_nan_and_never_zero() -> None:
    run = Run("a", "rl", {"loss": math.inf}, curve=({"loss": math.nan},))
    assert math.isnan(run.quantities["loss"])
    assert run.to_json()["quantities"] == {"loss": math.nan}
    assert '"loss": null' in to_json(run.to_json())


def test_a_run_does_not_change() -> None:
    mine = {"loss": 2.0}
    run = Run("a", "rl", mine)
    mine["loss"] = 3.0
    assert run.quantities["loss"] == 2.0
    with pytest.raises(TypeError):
        run.quantities["loss"] = 3.0  # type: ignore[index]


@pytest.mark.parametrize(
    "record",
    [
        None,
        [],
        {},
        {"name": "a", "kind": "rl"},
        {"name": "a", "kind": "rl", "quantities": {"loss": "much"}},
        {"name": "a", "kind": "rl", "quantities": {}, "seed": "three"},
        {"name": "a", "kind": "rl", "quantities": {}, "curve": [3]},
        {"name": "a", "kind": "rl", "quantities": {}, "source": {"file": "a"}},
    ],
)
def test_what_is_not_a_run_is_refused_with_its_place(record: object) -> None:
    with pytest.raises(InputError, match=r"runs/x/run\.json is not a run .*: import it again"):
        Run.from_json(record, where="runs/x/run.json")
