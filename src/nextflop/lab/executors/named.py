"""Executors by the name that a user gives."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from nextflop.errors import InputError, unknown
from nextflop.lab.executors.executor import Executor
from nextflop.lab.executors.local import local
from nextflop.lab.executors.ray import ray
from nextflop.lab.executors.slurm import slurm

EXECUTORS: Mapping[str, Callable[[int, Path], AbstractContextManager[Executor]]] = {
    "local": lambda workers, root: local(workers),
    "slurm": lambda workers, root: slurm(workers, root / "slurm"),
    "ray": lambda workers, root: ray(workers),
}
"""Name → number of workers and folder of the study → the executor, to be opened."""


def check(name: str, workers: int | None) -> None:
    """Raises:
    InputError: if there is no such executor, or it does not know how many workers to have.
    """
    if name not in EXECUTORS:
        raise unknown("executor", name, EXECUTORS)
    if workers is not None and workers < 1:
        raise InputError(f"--workers {workers} is too few: give 1 or more.")
    if name != "local" and workers is None:
        raise InputError(f"--executor {name} takes as many places of the cluster as --workers says: give it too.")
