"""Fixtures that every test may use: the public data sets, and surfaces to fit."""

import csv
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from beartype.claw import beartype_package
from hypothesis import settings

# Every call and every field is held against its annotation: the hook comes before the first import of the package. The
# modules named in pyproject.toml are left to jaxtyping, at several times the cost a call: the laboratory's annotations
# have shapes, and those of the pages and commands name types that are imported for type checkers alone.
beartype_package("nextflop")

from nextflop.evidence.runs import Runs  # noqa: E402
from nextflop.laws import Chinchilla  # noqa: E402

# A busy machine is no failure: how long an example takes is for the benchmarks to say.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def public_data() -> Path:
    """The folder of public data sets; tests that need it are skipped where it is absent."""
    folder = Path(os.environ.get("NEXTFLOP_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"public data sets are not at {folder}: set NEXTFLOP_DATA to their folder")
    return folder


def designed(law: Chinchilla, count: int = 60, noise: float = 0.0, seed: int = 0) -> Runs:
    """Runs at sizes from 3e7 to 1e10 and tokens from 1e9 to 3e11, with noise in the logarithm of the loss."""
    rng = np.random.default_rng(seed)
    params, tokens = 10 ** rng.uniform(7.5, 10, count), 10 ** rng.uniform(9, 11.5, count)
    loss = law(params=params, tokens=tokens) * np.exp(noise * rng.normal(size=count))
    return Runs({"params": params, "tokens": tokens, "loss": loss})


@pytest.fixture(scope="session")
def surface() -> Callable[..., Runs]:
    return designed


@pytest.fixture(scope="session")
def truth() -> Chinchilla:
    return Chinchilla(E=1.82, A=478.0, B=2143.0, alpha=0.347, beta=0.367)


@pytest.fixture(scope="session")
def noisy(truth: Chinchilla) -> Runs:
    """A hundred runs of the truth with half a per cent of noise."""
    return designed(truth, 100, 0.005)


@pytest.fixture(scope="session")
def all_points(public_data: Path) -> Runs:
    """The 245 points of Besiroglu et al. (2024), arXiv:2404.10102, traced from Hoffmann et al.; D = C / 6N."""
    with (public_data / "epoch-chinchilla" / "svg_extracted_data.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    params, flop, loss = (np.array([float(row[n]) for row in rows]) for n in ("Model Size", "Training FLOP", "loss"))
    return Runs({"params": params, "tokens": flop / 6 / params, "loss": loss})


@pytest.fixture(scope="session")
def kept_points(all_points: Runs) -> Runs:
    """The 240 of them that were fitted: without the five highest losses."""
    return all_points.where(np.sort(np.argsort(all_points["loss"])[:-5]))
