"""The processes of this machine."""

import multiprocessing
import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import count
from typing import Any

from nextflop.lab.executors.executor import Executor, WorkerDied, waiting


@contextmanager
def local(workers: int) -> Iterator[Executor]:
    """Worker processes on this machine, each pinned to a core of its own where the system allows it.

    Two single-threaded processes do more of this work than one process on two cores: the matrices are small. The
    workers share compiled programs, so that no size is compiled twice. Each is a pool of its own, because a pool breaks
    as a whole when one of its processes dies.

    Args:
        workers: how many processes; a single one keeps all cores (and the accelerator, if there is one) to itself.
    """
    mine, cores, pools = threading.local(), count(), dict[int, ProcessPoolExecutor]()
    spawn = multiprocessing.get_context("spawn")

    def call(fn: Callable[..., Any], *args: Any) -> Any:
        if not hasattr(mine, "core"):
            mine.core = next(cores)
        if mine.core not in pools:
            begin = (mine.core if workers > 1 else None, os.getpid(), compiled)
            pools[mine.core] = ProcessPoolExecutor(1, spawn, _begin, begin)
        try:
            return pools[mine.core].submit(fn, *args).result()
        except BrokenProcessPool as error:
            del pools[mine.core]
            raise WorkerDied("A worker process died.") from error

    def end() -> None:
        for child in multiprocessing.active_children():
            child.kill()

    with tempfile.TemporaryDirectory(prefix="nextflop-compiled-", ignore_cleanup_errors=True) as compiled:
        try:
            with _threads(1 if workers > 1 else None), waiting(workers, call, end) as executor:
                yield executor
        finally:
            for pool in pools.values():
                pool.shutdown()


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


def _begin(core: int | None, parent: int, compiled: str) -> None:
    """Readies a worker: its core, where compiled programs are, and an end when its parent ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the study's own process answers Ctrl-C and asks the workers to stop
    if core is not None and hasattr(os, "sched_setaffinity"):
        allowed = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {allowed[core % len(allowed)]})
    # Read when JAX is first imported, which is after this; what the user has set stands.
    os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", compiled)
    os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.05")
    threading.Thread(target=_outlive_no_parent, args=(parent,), daemon=True).start()


def _outlive_no_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
