"""Runs on a server: never asked unless allowed, and read as the local files are."""

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from nextflop.errors import InputError
from nextflop.evidence.readers.read import read_runs
from nextflop.evidence.readers.remote import is_remote, read_client, read_remote

from .written import STEPS, values

PROJECT = "wandb://me/sweep"


@pytest.mark.parametrize(
    ("address", "remote"),
    [
        (PROJECT, True),
        (Path(PROJECT), True),
        ("mlflow+https://host:5000/sweep", True),
        (Path("mlflow+http://host/sweep"), True),
        ("wandb/sweep", False),
        ("runs.csv", False),
        (Path("mlflow.db"), False),
        ("https://host/runs.csv", False),
    ],
)
def test_only_an_explicit_address_is_one(address: str | Path, remote: bool) -> None:
    assert is_remote(address) is remote


def test_nothing_is_asked_unless_it_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "wandb", None)
    for address in (PROJECT, "mlflow+https://host/sweep"):
        with pytest.raises(InputError, match="is on the network: allow it with --online"):
            read_runs(address, {"loss": "val/loss"})


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("wandb://me", "does not name a project: give wandb://ENTITY/PROJECT"),
        ("wandb://me/a/b", "does not name a project"),
        ("mlflow+https://host", r"does not name server and experiment: give mlflow\+https://HOST/EXPERIMENT"),
        ("mlflow://host/sweep", "does not name server and experiment"),
        ("runs.csv", "is no address of runs"),
    ],
)
def test_an_incomplete_address(address: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        read_remote(address, online=True)


@pytest.mark.parametrize(("address", "extra"), [(PROJECT, "wandb"), ("mlflow+http://host/sweep", "mlflow")])
def test_without_the_client_the_error_says_what_to_install(
    address: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, extra, None)
    with pytest.raises(InputError, match=rf"client is not installed: pip install 'nextflop\[{extra}\]'"):
        read_remote(address, online=True)


def client(runs: list[SimpleNamespace] | None) -> ModuleType:
    """What the reader uses of W&B's client."""
    module = ModuleType("wandb")
    module.Error = type("Error", (Exception,), {})

    def listed(project: str) -> list[SimpleNamespace]:
        if runs is None:
            raise module.Error(f"Could not find project {project}\nmore")
        return runs

    module.Api = lambda: SimpleNamespace(runs=listed)
    return module


def test_runs_of_a_project_are_read_as_its_files_are(monkeypatch: pytest.MonkeyPatch) -> None:
    made = [
        SimpleNamespace(
            id=f"id{index}",
            name=f"r{index}",
            config={"model": {"n_params": 10**8}, "seed": index, "_wandb": {"version": 1}},
            summary={"score": 7.5, "note": "a text"},
            scan_history=lambda index=index: ({"_step": step, **values(index, step)} for step in STEPS),
        )
        for index in range(2)
    ]
    monkeypatch.setitem(sys.modules, "wandb", client(made))
    columns = {"params": "config.model.n_params", "tokens": "tokens", "loss": "val/loss", "score": "score"}
    runs = read_runs(Path(PROJECT), columns, online=True)
    assert runs["loss"].tolist() == [values(index, STEPS[-1])["val/loss"] for index in range(2)]
    assert runs["score"].tolist() == [7.5, 7.5]
    assert runs["name"].tolist() == ["r0", "r1"]


def test_what_the_server_says_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "wandb", client(None))
    sentence = r"W&B does not give the runs of me/sweep \(Could not find project me/sweep\): check name, login"
    with pytest.raises(InputError, match=sentence):
        read_remote(PROJECT, online=True)


def test_mlflows_own_client_gives_what_its_files_hold(written, monkeypatch: pytest.MonkeyPatch) -> None:
    mlflow = pytest.importorskip("mlflow")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    there = mlflow.MlflowClient(tracking_uri=(written("mlruns") / "mlruns").as_uri())
    reading = read_client(there, "http://host", "sweep")
    assert [run.name for run in reading.runs] == ["sweep/r0", "sweep/r1"]
    for index, run in enumerate(reading.runs):
        points = [(point["step"], point["val/loss"]) for point in run.curve]
        assert points == [(step, values(index, step)["val/loss"]) for step in STEPS]
        assert run.seed == index + 1
    with pytest.raises(InputError, match="http://host has no experiment 'sweeep': give the name that MLflow shows"):
        read_client(there, "http://host", "sweeep")
