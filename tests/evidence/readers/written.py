"""Two runs, and the real tools that log them: `python written.py TOOL FOLDER` writes, tests import the truth."""

import os
import sys
from pathlib import Path

STEPS = (0, 10, 20, 30, 40, 50)
CONFIGS = ({"n_params": 40_000_000, "lr": 0.002, "seed": 1}, {"n_params": 160_000_000, "lr": 0.001, "seed": 2})
"""The settings of run r0 and run r1."""

PACKAGES = {
    "tensorboardx": ("tensorboardX",),
    "wandb": ("wandb",),
    "mlflow": ("mlflow", "sqlalchemy", "alembic"),
    "mlruns": ("mlflow",),
    "trackio": ("trackio",),
}
"""Tool → the packages that its function below imports."""


def values(run: int, step: int) -> dict[str, float]:
    """What a run logs at a step; exact in single precision, which TensorBoard stores."""
    return {"val/loss": 4.0 - step / 64 - run / 4, "tokens": 1048576.0 * (step + 10) * (run + 1)}


def tensorboardx(folder: Path) -> None:
    from tensorboardX import SummaryWriter

    for run, config in enumerate(CONFIGS):
        with SummaryWriter(str(folder / f"r{run}")) as writer:
            writer.add_hparams(config, {"params": float(config["n_params"])})
            writer.add_text("note", "a text is no scalar")
            writer.add_histogram("weights", [0.1, 0.2, 0.4], 0)
            for step in STEPS:
                for key, value in values(run, step).items():
                    writer.add_scalar(key, value, step)


def wandb(folder: Path) -> None:
    import wandb as tool

    for run, config in enumerate(CONFIGS):
        quiet = tool.Settings(silent=True, console="off", x_disable_stats=True, x_disable_meta=True)
        nested = {"model": {"n_params": config["n_params"], "dims": [1, 2]}, "lr": config["lr"], "seed": config["seed"]}
        session = tool.init(
            project="p", name=f"r{run}", id=f"id{run}", config=nested, mode="offline", dir=str(folder), settings=quiet
        )
        for step in STEPS:
            session.log({**values(run, step), "grad": {"norm": 1.0}, "note": "a text", "odd": float("nan")}, step=step)
        session.summary["score"] = 7.5 + run
        session.finish()


def mlflow(folder: Path) -> None:
    from mlflow.entities import Metric, Param
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    store = SqlAlchemyStore(f"sqlite:///{folder / 'mlflow.db'}", str(folder / "artifacts"))
    experiment = store.create_experiment("sweep")
    for run, config in enumerate([*CONFIGS, CONFIGS[0]]):
        made = store.create_run(experiment, "me", 1000 + run, [], f"r{run}").info.run_id
        metrics = [
            Metric(key, value, 5000 + step, step) for step in STEPS for key, value in values(run, step).items()
        ] + [Metric("odd", float("nan"), 1, 0), Metric("far", float("inf"), 1, 0)]
        store.log_batch(made, metrics, [Param(key, str(value)) for key, value in config.items()], [])
        if run == 2:
            store.delete_run(made)
    store.engine.dispose()


def mlruns(folder: Path) -> None:
    os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
    import mlflow as tool

    client = tool.MlflowClient(tracking_uri=(folder / "mlruns").as_uri())
    experiment = client.create_experiment("sweep")
    for run, config in enumerate([*CONFIGS, CONFIGS[0]]):
        made = client.create_run(experiment, run_name=f"r{run}", start_time=1000 + run).info.run_id
        for key, value in config.items():
            client.log_param(made, key, value)
        for step in STEPS:
            for key, value in values(run, step).items():
                client.log_metric(made, key, value, timestamp=5000 + step, step=step)
        client.log_metric(made, "odd", float("nan"), step=0)
        client.set_terminated(made)
        if run == 2:
            client.delete_run(made)


def trackio(folder: Path) -> None:
    os.environ |= {"TRACKIO_DIR": str(folder), "HF_HOME": str(folder / "home"), "HF_HUB_OFFLINE": "1"}
    import trackio as tool

    for run, config in enumerate(CONFIGS):
        tool.init(project="sweep", name=f"r{run}", config=config)
        for step in STEPS:
            tool.log({**values(run, step), "odd": float("nan")}, step=step)
        tool.finish()


if __name__ == "__main__":
    globals()[sys.argv[1]](Path(sys.argv[2]))
