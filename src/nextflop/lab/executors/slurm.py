"""Jobs of a Slurm cluster, through submitit."""

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nextflop.errors import InputError
from nextflop.lab.executors.executor import Executor, WorkerDied, waiting
from nextflop.lab.executors.schedulers import client, outcome, settled

MINUTES = 60  # that a job may take, where SBATCH_TIMELIMIT says nothing else
LOOK, ASK = 0.5, 15.0  # seconds between two looks for a result, and between two questions to the scheduler


@contextmanager
def slurm(workers: int, folder: Path, cluster: str = "slurm") -> Iterator[Executor]:
    """One job a call, so many at once. Partition, account and so on are those of the environment (SBATCH_PARTITION …).

    Args:
        workers: jobs in the queue at once.
        folder: for calls, results and logs; every node must see it under this path.
        cluster: "local" has processes of this machine stand for the jobs.

    Raises:
        InputError: if submitit is not installed, or this machine cannot submit jobs.
    """
    submitit = client("submitit", "slurm")
    try:
        jobs = submitit.AutoExecutor(folder=folder, cluster=cluster)
    except RuntimeError as error:
        raise InputError(f"--executor slurm: {error} Run it where sbatch does.") from error
    jobs.update_parameters(name="nextflop", timeout_min=MINUTES)
    begun: set[Any] = set()

    def call(fn: Callable[..., Any], *args: Any) -> Any:
        job = jobs.submit(outcome, fn, *args)
        begun.add(job)
        try:
            return settled(_result(submitit, job, cluster))
        except submitit.core.utils.UncompletedJobError as error:  # out of time, or it had to make way
            raise WorkerDied(f"The Slurm job {job.job_id} was ended: {error}") from error
        finally:
            begun.discard(job)

    def end() -> None:
        for job in tuple(begun):
            job.cancel(check=False)

    with waiting(workers, call, end) as executor:
        yield executor


def _result(submitit: Any, job: Any, cluster: str) -> Any:
    """Waits for what a job leaves. Two questions in a row must find it gone: results travel through file systems."""
    path, gone, asked = job.paths.result_pickle, False, time.monotonic()
    while not (path.exists() and (cluster == "slurm" or job.done())):
        time.sleep(LOOK)
        if time.monotonic() - asked > (ASK if cluster == "slurm" else LOOK):
            if gone:
                raise WorkerDied(f"The Slurm job {job.job_id} ended without a result; see {job.paths.stderr}.")
            gone, asked = not (_queued(job.job_id) if cluster == "slurm" else job.state == "RUNNING"), time.monotonic()
    succeeded, result = submitit.core.utils.pickle_load(path)
    return result if succeeded == "success" else (None, WorkerDied(f"The Slurm job {job.job_id} failed: {result}"))


def _queued(job: str) -> bool:
    """Whether a job waits or runs. Asked of the queue, because not every cluster keeps accounts for `sacct`."""
    told = subprocess.run(["squeue", "--noheader", "--jobs", job], capture_output=True, text=True, check=False)
    return bool(told.stdout.strip()) or (told.returncode != 0 and "Invalid job id" not in told.stderr)
