"""A machine on which no prices were refreshed."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def fresh_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEXTFLOP_CACHE", str(tmp_path / "cache"))
