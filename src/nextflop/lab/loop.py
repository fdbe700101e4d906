"""A training run that can be killed at any moment and goes on as if it had not been.

Every random draw is a function of the seed and the step, so a resumed run takes the steps that the uninterrupted one
would have taken. On disk, in the folder of the run:

    curve.jsonl                      one line a measurement, written before the snapshot of the same step
    snapshots/<step>.safetensors     the network (its averaged weights) at each measurement
    state.safetensors                the learner at the last measurement or stop; removed when the run ends
"""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, SupportsFloat, TypeVar, runtime_checkable

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array

from nextflop.errors import FitError
from nextflop.evidence.files import read_lines, to_json, write_bytes
from nextflop.lab.checkpoint import load, save
from nextflop.lab.learner import Learner
from nextflop.lab.trial import Bench, Stopped

Point = Mapping[str, float | int]
Step = Callable[[Learner, Array], tuple[Learner, dict[str, Array]]]


@runtime_checkable
class State(Protocol):
    """What a run trains, a tree of arrays."""

    @property
    def average(self) -> Any:
        """The network that is measured, kept and handed on."""
        ...


S = TypeVar("S", bound=State)
Advance = Callable[[S, int, int], tuple[S, Mapping[str, SupportsFloat]]]
"""A state, the number of its next step and that of the first not to be taken → the state then, and sums over the steps
of what they report."""

STRIDE = 25


def snapshot_path(folder: Path, step: int) -> Path:
    """Where a run keeps its network of one step."""
    return folder / "snapshots" / f"{step:06d}.safetensors"


def curve_path(folder: Path) -> Path:
    """Where a run keeps its learning curve."""
    return folder / "curve.jsonl"


def train(
    bench: Bench,
    state: S,
    advance: Advance[S],
    measure: Callable[[S, int], Mapping[str, float]],
    at: Sequence[int],
    stride: int = STRIDE,
) -> tuple[Point, ...]:
    """Trains to the last of the steps `at`, measuring and saving at each.

    Args:
        bench: where the run works.
        state: what is trained, before its first step.
        advance: takes steps; what it reports is averaged over the steps since the measurement before.
        measure: the quantities at a step; called outside the clock of training.
        at: increasing steps; a step of 0 measures the start.
        stride: steps between two looks at whether the study was asked to stop.

    Returns:
        The learning curve, one point a measurement: "step", "seconds" of training, and what was measured.

    Raises:
        Stopped: if the study was asked to stop; the state is on disk.
        FitError: if a quantity is no finite number any more; what was measured before is on disk.
    """
    path, state_path = curve_path(bench.folder), _state_path(bench.folder)
    if not state_path.exists() and snapshot_path(bench.folder, at[-1]).exists():
        return tuple(read_lines(path))  # killed between the end of training and the record of the run
    taken, seconds, sums, counted = 0, 0.0, {}, 0
    if state_path.exists():
        state, about = load(state_path, state)
        taken, seconds, counted = int(about.pop("step")), about.pop("seconds"), int(about.pop("counted"))
        sums = dict(about)
    curve = [point for point in read_lines(path) if point["step"] <= taken and state_path.exists()]
    _write(path, curve)

    def keep() -> None:
        save(state_path, state, {**sums, "step": taken, "seconds": seconds, "counted": counted})

    while True:
        if taken in at and taken not in [point["step"] for point in curve]:
            means = {name: value / counted for name, value in sums.items()}
            point = {"step": taken, "seconds": seconds, **means, **measure(state, taken)}
            _must_be_finite(bench, point, taken)
            curve.append(point)
            _write(path, curve)
            save(snapshot_path(bench.folder, taken), state.average, {"step": taken})
            sums, counted = {}, 0
            keep()
        if taken >= at[-1]:
            state_path.unlink(missing_ok=True)
            return tuple(curve)
        if bench.stopped():
            keep()
            raise Stopped(f"{bench.trial.name} stopped at step {taken} of {at[-1]}")
        goal = min(next(stop for stop in at if stop > taken), taken + stride)
        clock = time.perf_counter()
        state, new = jax.block_until_ready(advance(state, taken, goal))
        seconds += time.perf_counter() - clock
        sums = {name: sums.get(name, 0.0) + float(value) for name, value in new.items()}
        _must_be_finite(bench, sums, goal)
        counted, taken = counted + goal - taken, goal
        bench.report(taken / at[-1], f"step {taken} of {at[-1]}")


def as_far_as_it_goes(bench: Bench, training: Callable[[], tuple[Point, ...]]) -> tuple[tuple[Point, ...], Point]:
    """A run whose network loses its numbers ends at the measurement before, and is used so far.

    Args:
        bench: where the run works.
        training: calls `train`.

    Returns:
        The learning curve; and nothing, or "lost", the step of the last measurement of a run that ended early.

    Raises:
        FitError: if there was no measurement yet.
    """
    try:
        return training(), {}
    except FitError:
        curve = tuple(read_lines(curve_path(bench.folder)))
        if not curve:
            raise
        _state_path(bench.folder).unlink(missing_ok=True)
        return curve, {"lost": curve[-1]["step"]}


def steps(step: Step) -> Advance[Learner]:
    """Takes steps as one program, whatever their number.

    Args:
        step: one step, a pure function of the learner and the number of the step, from 0. One that is a
            `jax.tree_util.Partial` of a module's function carries its arrays as data: runs that differ in the seed or
            the demonstrations alone share the program.
    """
    return lambda learner, first, goal: _steps(step, learner, jnp.asarray(first), jnp.asarray(goal))


@eqx.filter_jit
def _steps(step: Step, learner: Learner, first: Array, goal: Array) -> tuple[Learner, dict[str, Array]]:
    arrays, static = eqx.partition(learner, eqx.is_array)
    _, reported = jax.eval_shape(lambda: step(learner, first))
    zeros = jax.tree.map(lambda leaf: jnp.zeros(leaf.shape, leaf.dtype), reported)

    def body(index: Array, carry: tuple[Learner, dict[str, Array]]) -> tuple[Learner, dict[str, Array]]:
        after, values = step(eqx.combine(carry[0], static), index)
        return eqx.filter(after, eqx.is_array), jax.tree.map(jnp.add, carry[1], values)

    arrays, sums = jax.lax.fori_loop(first, goal, body, (arrays, zeros))
    return eqx.combine(arrays, static), sums


def _state_path(folder: Path) -> Path:
    return folder / "state.safetensors"


def _must_be_finite(bench: Bench, quantities: Point, step: int) -> None:
    lost = ", ".join(name for name, value in quantities.items() if not math.isfinite(value))
    if lost:
        raise FitError(f"{bench.trial.name} lost its numbers before step {step} ({lost}): take a smaller rate.")


def _write(path: Path, curve: Sequence[Point]) -> None:
    write_bytes(path, "".join(to_json(point) + "\n" for point in curve).encode())
