"""Workers of a Ray cluster."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from nextflop.lab.executors.executor import Executor, WorkerDied, waiting
from nextflop.lab.executors.schedulers import client, outcome, settled


@contextmanager
def ray(workers: int) -> Iterator[Executor]:
    """One task a call, so many at once, each on a core, and on a graphics processor where the cluster has any.

    The cluster is the one that this process is connected to, or else the one that RAY_ADDRESS names or this machine is
    part of; where there is none, one is begun on this machine and ended with the block.

    Args:
        workers: tasks at once.

    Raises:
        InputError: if Ray is not installed.
    """
    cluster = client("ray", "ray")
    connected = cluster.is_initialized()
    if not connected:
        cluster.init(include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    graphics = 1 if cluster.cluster_resources().get("GPU") else 0
    task = cluster.remote(num_cpus=1, num_gpus=graphics, max_retries=0)(outcome)
    begun: set[Any] = set()

    def call(fn: Callable[..., Any], *args: Any) -> Any:
        result = task.remote(fn, *args)
        begun.add(result)
        try:
            return settled(cluster.get(result))
        except cluster.exceptions.RayTaskError:
            raise  # the call could not be made, such as of a module that the workers do not have
        except cluster.exceptions.RayError as error:
            raise WorkerDied(f"A worker of Ray died: {str(error).strip().splitlines()[0]}") from error
        finally:
            begun.discard(result)

    def end() -> None:
        for result in tuple(begun):
            cluster.cancel(result, force=True)

    try:
        with waiting(workers, call, end) as executor:
            yield executor
    finally:
        if not connected:
            cluster.shutdown()
