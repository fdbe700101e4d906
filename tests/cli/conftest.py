"""A table of runs to type commands about, and the command line in this process."""

import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from nextflop.cli.app import main


class Outcome(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict:
        return json.loads(self.out)


@pytest.fixture
def nextflop(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The command line, called in an empty folder of its own."""
    monkeypatch.chdir(tmp_path)

    def call(*words: object) -> Outcome:
        capsys.readouterr()
        code = main([str(word) for word in words])
        return Outcome(code, *capsys.readouterr())

    return call


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Forty-two runs of a Chinchilla law with a per cent of noise, and one spoiled by a divergence."""
    rng = np.random.default_rng(5)
    params, tokens = (axis.ravel() for axis in np.meshgrid(np.geomspace(1e7, 1e10, 7), np.geomspace(1e9, 1e11, 6)))
    loss = (1.8 + 480 * params**-0.35 + 2100 * tokens**-0.37) * np.exp(rng.normal(0, 0.003, params.size))
    columns = zip(params.tolist(), tokens.tolist(), loss.tolist(), strict=True)
    rows = [f"{n!r},{d!r},{value!r},group {index % 6}" for index, (n, d, value) in enumerate(columns)]
    path = tmp_path / "runs.csv"
    path.write_text("\n".join(["N,tokens,final loss,group", *rows, "1e8,1e10,9.5,group 0"]) + "\n")
    return path
