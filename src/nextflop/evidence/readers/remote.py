"""Runs on a server: W&B and MLflow, asked through their own clients and only where the user allows it.

wandb://entity/project                 every run of a project
mlflow+https://host/experiment         every run of an experiment on a tracking server; mlflow+http too
"""

import re
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from nextflop.errors import InputError
from nextflop.evidence.files import digest
from nextflop.evidence.readers.mlflow import finite, named, seed
from nextflop.evidence.readers.reading import KIND, Log, Reading, numbers, seed_of
from nextflop.evidence.run import Run, Source

# `Path` folds the two slashes of an address into one.
_ADDRESS = re.compile(r"(?P<scheme>wandb|mlflow\+https?|mlflow)://?(?P<rest>[^/].*)")
_PAGE = 1000


def is_remote(path: Path | str) -> bool:
    """Whether a path is an address of runs on a server."""
    return _ADDRESS.fullmatch(str(path)) is not None


def read_remote(address: Path | str, *, online: bool) -> Reading:
    """Reads the runs at an address.

    Args:
        address: as above.
        online: whether the network may be used.

    Raises:
        InputError: if it may not, the address is incomplete, the client is not installed, or there is no answer.
    """
    match = _ADDRESS.fullmatch(str(address))
    if match is None:
        raise InputError(
            f"{address} is no address of runs: give wandb://ENTITY/PROJECT or mlflow+https://HOST/EXPERIMENT."
        )
    if not online:
        raise InputError(f"{address} is on the network: allow it with --online (online=True).")
    scheme, rest = match["scheme"], match["rest"].rstrip("/")
    if scheme == "wandb":
        if not re.fullmatch(r"[^/]+/[^/]+", rest):
            raise InputError(f"{address} does not name a project: give wandb://ENTITY/PROJECT.")
        return _wandb(rest)
    host, slash, experiment = rest.rpartition("/")
    if scheme == "mlflow" or not slash:
        raise InputError(f"{address} does not name server and experiment: give mlflow+https://HOST/EXPERIMENT.")
    return _mlflow(f"{scheme.removeprefix('mlflow+')}://{host}", experiment)


def _client(name: str, title: str) -> ModuleType:
    try:
        return import_module(name)
    except ImportError as error:
        raise InputError(f"{title}'s client is not installed: pip install 'nextflop[{name}]'.") from error


def _wandb(project: str) -> Reading:
    wandb = _client("wandb", "W&B")
    try:
        return Reading(tuple(_from_wandb(project, run) for run in wandb.Api().runs(project)))
    except (wandb.Error, ValueError, OSError) as error:
        raise InputError(
            f"W&B does not give the runs of {project} ({_says(error)}): check name, login and network."
        ) from error


def _from_wandb(project: str, run: Any) -> Run:
    log = Log(config={key: item for key, item in dict(run.config).items() if not key.startswith("_wandb")})
    for index, row in enumerate(run.scan_history()):
        step = row.get("_step")
        for key, number in numbers({key: item for key, item in row.items() if key != "_step"}).items():
            log.add(index if step is None else int(step), key, number)
    log.summary = numbers(dict(run.summary))
    source = Source(f"wandb://{project}/{run.id}", digest([log.curve(), log.summary, log.config]), "wandb remote")
    return Run(str(run.name), KIND, log.final(), {}, log.config, seed_of(log.config), tuple(log.curve()), source)


def _mlflow(server: str, experiment: str) -> Reading:
    mlflow = _client("mlflow", "MLflow")
    try:
        return read_client(mlflow.MlflowClient(tracking_uri=server), server, experiment)
    except (mlflow.MlflowException, OSError) as error:
        raise InputError(f"{server} does not give the runs of {experiment!r} ({_says(error)}): check both.") from error


def read_client(client: Any, server: str, experiment: str) -> Reading:
    """The active runs of an experiment, through a client of MLflow.

    Raises:
        InputError: if there is no such experiment.
    """
    known = client.get_experiment_by_name(experiment)
    if known is None:
        raise InputError(f"{server} has no experiment {experiment!r}: give the name that MLflow shows.")
    runs: list[Run] = []
    token = None
    while True:
        page = client.search_runs([known.experiment_id], max_results=_PAGE, page_token=token, order_by=["start_time"])
        runs += [_from_mlflow(client, server, experiment, run) for run in page]
        token = page.token
        if not token:
            return Reading(tuple(runs))


def _from_mlflow(client: Any, server: str, experiment: str, run: Any) -> Run:
    log = Log(config=dict(run.data.params))
    for key in run.data.metrics:
        for metric in sorted(client.get_metric_history(run.info.run_id, key), key=lambda one: one.timestamp):
            log.add(metric.step, key, finite(metric.value))
    name = named(experiment, run.info.run_name or "", run.info.run_id)
    source = Source(f"{server}/{run.info.run_id}", digest([log.curve(), log.config]), "mlflow remote")
    return Run(name, KIND, log.final(), {}, log.config, seed(log), tuple(log.curve()), source)


def _says(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
