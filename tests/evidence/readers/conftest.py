"""Logs that the real tools wrote, once a test session, each in a process of its own."""

import fcntl
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from .written import PACKAGES

SCRIPT = Path(__file__).with_name("written.py")


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder that a tool wrote; the test is skipped where the tool is not installed."""
    place = tmp_path_factory.getbasetemp()
    shared = (place.parent if place.name.startswith("popen-") else place) / "written"  # by all workers of a session

    def folder(tool: str) -> Path:
        absent = [name for name in PACKAGES[tool] if find_spec(name) is None]
        if absent:
            pytest.skip(f"{', '.join(absent)} not installed: pip install 'nextflop[readers-test]'")
        shared.mkdir(exist_ok=True)
        with (shared / f"{tool}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            target = shared / tool
            if not target.exists():
                target.mkdir()
                words = [sys.executable, str(SCRIPT), tool, str(target)]
                done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=target)
                assert done.returncode == 0, done.stderr
        return target

    return folder
