"""Fits to draw pages of, and a browser to open them."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from nextflop.evidence.runs import Runs
from nextflop.fitting import Fit, fit
from nextflop.laws.chinchilla import Chinchilla
from nextflop.planning.allocation import Allocation, allocate

from .html_page import HOSTILE


@pytest.fixture(scope="session")
def runs() -> Runs:
    """Thirty runs with hostile names and half a per cent of noise, one of them far off."""
    rng = np.random.default_rng(3)
    params, tokens = (axis.ravel() for axis in np.meshgrid(np.geomspace(1e7, 1e10, 6), np.geomspace(1e9, 1e11, 5)))
    loss = Chinchilla(1.8, 480.0, 2100.0, 0.35, 0.37)(params=params, tokens=tokens)
    loss = loss * np.exp(rng.normal(0, 0.005, params.size))
    loss[7] *= 1.06
    names = [f"{HOSTILE} {index}" for index in range(params.size)]
    columns = {"params": params, "tokens": tokens, "loss": loss, "name": np.array(names)}
    return Runs(columns, {"loss": f"nats a token, {HOSTILE}"}, HOSTILE)


@pytest.fixture(scope="session")
def chinchilla(runs: Runs) -> Fit:
    return fit(Chinchilla, runs, draws=60, seed=1)


@pytest.fixture(scope="session")
def plan(chinchilla: Fit) -> Allocation:
    return allocate(chinchilla, 1e22)


@pytest.fixture
def opened(tmp_path: Path) -> Callable[..., tuple[str, list[str]]]:
    """Opens a page in headless Chromium; returns the document as it then stands, and what its console was told."""
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        pytest.skip("no Chromium here")

    def open_page(path: Path, fragment: str = "", patience: int = 0) -> tuple[str, list[str]]:
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
        flags += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
        flags += [f"--user-data-dir={tmp_path / 'profile'}", "--enable-logging=stderr", "--dump-dom"]
        flags += [f"--virtual-time-budget={patience}"] if patience else []
        address = path.as_uri() + (f"#{fragment}" if fragment else "")
        done = subprocess.run([browser, *flags, address], capture_output=True, text=True, timeout=120, check=True)
        assert "</html>" in done.stdout
        return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]

    return open_page


@pytest.fixture
def console(opened: Callable[..., tuple[str, list[str]]]) -> Callable[[Path], list[str]]:
    """Opens a page in headless Chromium and returns what it wrote to its console."""
    return lambda path: opened(path)[1]
