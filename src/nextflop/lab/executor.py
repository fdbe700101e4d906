"""Runs the trials of a study on the processes of this machine, each when what it needs is there."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import NamedTuple

from nextflop.errors import InputError, StoreError
from nextflop.evidence.run import Run
from nextflop.evidence.store import Store
from nextflop.lab.trial import Bench, Trial

GRACE = 20.0  # seconds that a worker has, once asked to stop, to finish its stride (or its compiling) and save


class Progress(NamedTuple):
    """How a trial goes: its id, the share done, a few words."""

    id: str
    share: float
    words: str


@dataclass
class Pool:
    """Worker processes with the two wires between them and the study: progress out, the request to stop in."""

    executor: ProcessPoolExecutor
    events: "Queue[Progress]"
    stop: Event


_wires: "tuple[Queue[Progress], Event] | None" = None  # of this worker process; set once by `_begin`


@contextmanager
def local_pool(workers: int, compiled: str | None = None) -> Iterator[Pool]:
    """Worker processes on this machine, each pinned to a core of its own where the system allows it.

    Two single-threaded processes do more of this work than one process on two cores: the matrices are small.

    Args:
        workers: how many processes; a single one keeps all cores (and the accelerator, if there is one) to itself.
        compiled: a folder in which the workers share compiled programs.
    """
    with _threads(1 if workers > 1 else None):
        yield from _pool(workers, compiled)


def _pool(workers: int, compiled: str | None) -> Iterator[Pool]:
    spawn = multiprocessing.get_context("spawn")
    events: Queue[Progress] = spawn.Queue()
    stop, cores = spawn.Event(), spawn.Queue()
    for index in range(workers):
        cores.put(index)
    executor = ProcessPoolExecutor(
        workers, spawn, _begin, (events, stop, cores if workers > 1 else None, os.getpid(), compiled)
    )
    try:
        yield Pool(executor, events, stop)
    except BaseException:
        stop.set()
        executor.shutdown(wait=False, cancel_futures=True)
        try:
            end = time.monotonic() + GRACE
            for child in multiprocessing.active_children():
                child.join(max(0.0, end - time.monotonic()))
        finally:  # a second Ctrl-C ends the wait; what is on disk is whole at any moment
            for child in multiprocessing.active_children():
                child.kill()
        raise
    executor.shutdown(wait=True)


def perform(runner: str, root: Path, trial: Trial) -> str:
    """Runs one trial in a worker and stores its run; a run that is there already is not made again.

    Args:
        runner: "module:function" of a function from `Bench` to `Run`.
        root: the folder of the store.
        trial: the job.

    Returns:
        The id of the trial.
    """
    bench = Bench(Store(root), trial)
    if _wires is not None:
        events, stop = _wires
        bench = replace(
            bench, report=lambda share, words: events.put(Progress(trial.id, share, words)), stopped=stop.is_set
        )
    with bench.owned():
        if trial.id not in bench.store.finished():
            module, name = runner.split(":")
            run: Run = getattr(import_module(module), name)(bench)
            bench.store.add(run, trial.id)
    bench.report(1.0, "done")
    return trial.id


def run_trials(
    trials: Sequence[Trial],
    store: Store,
    runner: str,
    pool: Pool,
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> None:
    """Runs every trial that the store does not hold yet, in the given order as far as needs and workers allow.

    Raises:
        NextflopError: of the first trial that failed.
        StoreError: if a worker process died.
        InputError: if a trial needs one that does not exist.
    """
    done = set(store.finished())
    waiting = [trial for trial in trials if trial.id not in done]
    running: dict[Future[str], Trial] = {}
    try:
        while waiting or running:
            for trial in [trial for trial in waiting if done.issuperset(trial.needs)]:
                waiting.remove(trial)
                running[pool.executor.submit(perform, runner, store.root, trial)] = trial
            if not running:
                names = ", ".join(trial.name for trial in waiting)
                raise InputError(f"What these trials need is neither in the study nor in the store: {names}.")
            ended, _ = wait(running, timeout=0.2, return_when=FIRST_COMPLETED)
            while not pool.events.empty():
                on_progress(pool.events.get())
            for future in ended:
                done.add(future.result())
                del running[future]
    except BrokenProcessPool as error:
        names = ", ".join(trial.name for trial in running.values())
        raise StoreError(
            f"A worker process died while these ran: {names}; if memory ran out, use smaller --sizes, then --resume."
        ) from error


@contextmanager
def _threads(number: int | None) -> Iterator[None]:
    """Has the processes begun meanwhile use so many threads in matrix products, which ask the environment at import.

    On a core of its own a process is slowed by every further thread; what the user has set stands.
    """
    names = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    new = [name for name in names if number is not None and name not in os.environ]
    os.environ.update(dict.fromkeys(new, str(number)))
    try:
        yield
    finally:
        for name in new:
            os.environ.pop(name, None)


def _begin(
    events: "Queue[Progress]", stop: Event, cores: "Queue[int] | None", parent: int, compiled: str | None
) -> None:
    """Readies a worker: its wires, its core, and an end when its parent ends."""
    global _wires
    _wires = events, stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the study's own process answers Ctrl-C and asks the workers to stop
    if cores is not None and hasattr(os, "sched_setaffinity"):
        mine = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {mine[cores.get() % len(mine)]})
    if compiled is not None:
        os.environ["JAX_COMPILATION_CACHE_DIR"] = compiled  # read when JAX is first imported, which is after this
        os.environ["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0.05"
    threading.Thread(target=_outlive_no_parent, args=(parent,), daemon=True).start()


def _outlive_no_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
