"""Training that is stopped and goes on takes the steps it would have taken."""

import errno
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.tree_util import Partial

from nextflop.errors import FitError, StoreError
from nextflop.evidence import files
from nextflop.evidence.store import Store
from nextflop.lab.language.learner import Recipe, supervised_step
from nextflop.lab.language.transformer import Shape, Transformer
from nextflop.lab.learner import Learner, step_key
from nextflop.lab.loop import STRIDE, Point, as_far_as_it_goes, snapshot_path, steps, train
from nextflop.lab.trial import Bench, Stopped, Trial

SHAPE, RECIPE = Shape(8, 1, 7, 5), Recipe(3e-3, warmup=5)
AT = (0, 10, 30, 60, 90)


def fresh() -> Learner:
    return Learner.init(eqx.filter_jit(Transformer.init)(SHAPE, jax.random.key(0)), RECIPE)


def step(recipe: Recipe, learner: Learner, number: jax.Array) -> tuple[Learner, dict[str, jax.Array]]:
    tokens = jax.random.randint(step_key(0, 0, number), (16, 6), 0, 4)
    learner, loss = supervised_step(learner, tokens, 2, recipe)
    return learner, {"loss": loss}


STEP = Partial(step, RECIPE)


def measure(learner: Learner, number: int) -> Point:
    return {"weight": float(jnp.abs(learner.average.embedding).sum())}


def bench(root: Path) -> Bench:
    return Bench(Store(root), Trial("toy", "toy", {}))


def without_clock(curve: tuple[Point, ...]) -> list[dict[str, float]]:
    return [{name: value for name, value in point.items() if name != "seconds"} for point in curve]


def test_a_run_measures_where_it_was_told_to(tmp_path: Path) -> None:
    desk = bench(tmp_path)
    curve = train(desk, fresh(), steps(STEP), measure, AT)
    assert [point["step"] for point in curve] == list(AT)
    assert "loss" not in curve[0]  # no step was taken before the first point
    assert curve[-1]["loss"] < curve[1]["loss"]
    assert all(snapshot_path(desk.folder, at).exists() for at in AT)
    assert not (desk.folder / "state.safetensors").exists()


@pytest.mark.parametrize("looks", [1, 2, 3, 4, 5])
def test_stopped_and_resumed_equals_uninterrupted(tmp_path: Path, looks: int) -> None:
    """Bit for bit, wherever it was stopped: between measurements and at one."""
    whole = train(bench(tmp_path / "whole"), fresh(), steps(STEP), measure, AT)
    desk = bench(tmp_path / "parts")
    left = iter([False] * looks)
    with pytest.raises(Stopped, match="stopped at step"):
        train(replace(desk, stopped=lambda: next(left, True)), fresh(), steps(STEP), measure, AT)
    assert (desk.folder / "state.safetensors").exists()
    parts = train(desk, fresh(), steps(STEP), measure, AT)
    assert without_clock(parts) == without_clock(whole)
    ends = [snapshot_path(bench(tmp_path / name).folder, AT[-1]).read_bytes() for name in ("whole", "parts")]
    assert ends[0] == ends[1]


def test_a_line_cut_by_a_kill_is_written_again(tmp_path: Path) -> None:
    whole = train(bench(tmp_path / "whole"), fresh(), steps(STEP), measure, AT)
    desk = bench(tmp_path / "cut")
    left = iter([False] * 4)
    with pytest.raises(Stopped):
        train(replace(desk, stopped=lambda: next(left, True)), fresh(), steps(STEP), measure, AT)
    curve = desk.folder / "curve.jsonl"
    curve.write_text(curve.read_text() + '{"step": 60, "wei')
    assert without_clock(train(desk, fresh(), steps(STEP), measure, AT)) == without_clock(whole)


def test_the_average_follows_the_weights_over_the_last_tenth() -> None:
    """For weights that grow linearly the average lags by about a tenth of the run, 1/(AVERAGED + 3) of it exactly."""
    from nextflop.lab.learner import AVERAGED

    learner, zero = fresh(), jax.tree.map(jnp.zeros_like, fresh().model)
    average, steps = 0.0, 400
    for taken in range(1, steps + 1):
        keep = (1 - 1 / taken) ** (AVERAGED + 1)
        average = keep * average + (1 - keep) * taken
    assert 1 - average / steps == pytest.approx(1 / (AVERAGED + 2), abs=0.01)
    after = eqx.filter_jit(Learner.update)(learner, zero, RECIPE)
    for ours, theirs in zip(jax.tree.leaves(after.average), jax.tree.leaves(after.model), strict=True):
        np.testing.assert_array_equal(ours, theirs)  # after one step the average is that step
    assert AT[-1] - AT[-2] > STRIDE  # the stops above fall between measurements too


def test_a_disk_that_is_full_in_the_middle_spoils_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At whichever write it is full: one sentence, whole files alone, and the same networks once there is room."""
    whole = train(bench(tmp_path / "whole"), fresh(), steps(STEP), measure, AT)
    durable = files._make_durable
    for room in range(3 * len(AT)):
        desk, left = bench(tmp_path / f"room for {room}"), iter(range(room))

        def write(file: BinaryIO, left: Iterator[int] = left) -> None:
            if next(left, None) is None:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            durable(file)

        monkeypatch.setattr(files, "_make_durable", write)
        with pytest.raises(StoreError, match=r"Cannot write .*: No space left on device"):
            train(desk, fresh(), steps(STEP), measure, AT)
        monkeypatch.setattr(files, "_make_durable", durable)
        assert not list(desk.folder.rglob(".*")), "a part of a file was left"
        assert without_clock(train(desk, fresh(), steps(STEP), measure, AT)) == without_clock(whole)
        for at in AT:
            ours, theirs = (snapshot_path(bench(tmp_path / name).folder, at) for name in (f"room for {room}", "whole"))
            assert ours.read_bytes() == theirs.read_bytes()


def breaks(at: int, recipe: Recipe, learner: Learner, number: jax.Array) -> tuple[Learner, dict[str, jax.Array]]:
    learner, reported = step(recipe, learner, number)
    return learner, {"loss": jnp.where(number >= at, jnp.nan, reported["loss"])}


def test_a_run_that_loses_its_numbers_ends_at_the_measurement_before(tmp_path: Path) -> None:
    desk = bench(tmp_path)
    with pytest.raises(FitError, match=r"toy lost its numbers before step 55 \(loss\): take a smaller rate"):
        train(desk, fresh(), steps(Partial(breaks, 40, RECIPE)), measure, AT)
    curve, lost = as_far_as_it_goes(desk, lambda: train(desk, fresh(), steps(Partial(breaks, 40, RECIPE)), measure, AT))
    assert [point["step"] for point in curve] == [0, 10, 30]
    assert lost == {"lost": 30}
    assert not (desk.folder / "state.safetensors").exists()
    other = bench(tmp_path / "at once")
    with pytest.raises(FitError, match="lost its numbers"):
        as_far_as_it_goes(other, lambda: train(other, fresh(), steps(Partial(breaks, 0, RECIPE)), measure, AT[1:]))
    whole = bench(tmp_path / "whole")
    assert as_far_as_it_goes(whole, lambda: train(whole, fresh(), steps(STEP), measure, AT))[1] == {}


def test_a_measurement_that_is_no_number_is_not_kept(tmp_path: Path) -> None:
    desk = bench(tmp_path)

    def broken(learner: Learner, number: int) -> Point:
        return {"weight": float("nan") if number > 10 else 1.0}

    curve, lost = as_far_as_it_goes(desk, lambda: train(desk, fresh(), steps(STEP), broken, AT))
    assert (curve[-1]["step"], lost) == (10, {"lost": 10})
    assert not snapshot_path(desk.folder, 30).exists()
