"""A run of self-play that is killed at any moment goes on to the very same networks."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

KILLS = 20
PROGRAM = """
import sys
from dataclasses import asdict
from pathlib import Path
from nextflop.evidence.store import Store
from nextflop.lab.perform import perform
from nextflop.lab.selfplay.recipe import Recipe
from nextflop.lab.trial import Trial

recipe = asdict(Recipe(games=64, simulations=16, batch=128, window=4000))
spec = {"game": {"name": "hex", "size": 4}, "network": "mlp", "size": [32, 1], "seed": 0, "recipe": recipe}
trial = Trial("training", "self-play", {**spec, "at": list(range(1, 600, 30))})
perform("nextflop.lab.selfplay.trials:run", Path(sys.argv[1]), trial)
"""


def begin(root: Path) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-c", PROGRAM, str(root)], start_new_session=True)


@pytest.mark.slow
def test_twenty_kills_at_random_moments_change_nothing(tmp_path: Path) -> None:
    clock, running = time.monotonic(), begin(tmp_path / "whole")
    while not list(tmp_path.rglob("000001.safetensors")):
        time.sleep(0.02)
    ready = time.monotonic() - clock
    assert running.wait() == 0
    between = (time.monotonic() - clock - ready) / 19  # two snapshots
    chance, kills = random.Random(0), 0
    while kills < KILLS:
        running = begin(tmp_path / "killed")
        time.sleep(ready + chance.uniform(-0.5, 1.0) * between)
        if running.poll() is not None:
            break  # all of it is done
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
        kills += 1
    assert begin(tmp_path / "killed").wait() == 0
    assert kills == KILLS
    whole, killed = (
        {path.name: path.read_bytes() for path in (tmp_path / name).rglob("snapshots/*.safetensors")}
        for name in ("whole", "killed")
    )
    assert len(whole) == 20
    assert whole == killed
