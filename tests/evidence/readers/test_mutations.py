"""Ten thousand damaged files of all formats through the readers; `mutations.py` says what is asked of them."""

import subprocess
import sys
from pathlib import Path

import pytest

from .written import PACKAGES

SCRIPT = Path(__file__).with_name("mutations.py")
NUMBER = {
    "tensorboardx": 1500,
    "wandb": 1500,
    "mlflow": 600,
    "trackio": 600,
    "mlruns": 600,
    "csv": 1500,
    "tsv": 1000,
    "semicolons": 1000,
    "jsonl": 1500,
    "parquet": 600,
    "parquet-zstd": 300,
    "parquet-checksums": 600,
}
"""Format → how many damaged files."""


def test_there_are_ten_thousand() -> None:
    assert sum(NUMBER.values()) >= 10_000


@pytest.mark.parametrize("name", NUMBER)
def test_damaged_files_are_refused_or_read_right(written, tmp_path: Path, name: str) -> None:
    if name.startswith("parquet"):
        for engine in ("pyarrow", "polars"):
            pytest.importorskip(engine)
    made = written(name) if name in PACKAGES else tmp_path
    words = [sys.executable, str(SCRIPT), name, str(NUMBER[name]), str(made)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    accepted = int(done.stdout.split()[0])
    assert accepted > NUMBER[name] // 25  # else the damage is too coarse to say anything
