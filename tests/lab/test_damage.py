"""Studies whose parts break: a network that loses its numbers, a checkpoint that is damaged, kills at any moment."""

import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import pytest

from nextflop.errors import TrialError
from nextflop.evidence.files import read_lines
from nextflop.evidence.store import Store
from nextflop.lab.loop import snapshot_path
from nextflop.lab.perform import run_trials
from nextflop.lab.reasoning.countdown import Countdown
from nextflop.lab.trial import Trial
from nextflop.studies.countdown import tables
from nextflop.studies.countdown.experiment import RUNNER
from nextflop.studies.kept import kept_numbers

HERE = Path(__file__).parent
GAME = {"game": asdict(Countdown(numbers=3)), "size": [8, 1], "seed": 0}
RL = {"prompts": 4, "samples": 4, "at": [0, 2], "recipe": {"rate": 1e-3, "warmup": 1, "decay": 0.0}}
ASKED = {"problems": 4, "samples": 4, "beams": []}


def chain(rate: float) -> tuple[Trial, Trial, Trial]:
    """Supervised training, reinforcement learning from its end, and sampling from the end of that."""
    first = Trial("supervised", "taught", {**GAME, "batch": 8, "at": [0, 4, 8], "recipe": {"rate": rate}})
    start = {"trial": first.id, "step": 8}
    second = Trial("rl", "reinforced", {**GAME, **RL, "start": start}, (first.id,))
    end = {"trial": second.id, "step": 2}
    return first, second, Trial("sampling", "asked", {**GAME, **ASKED, "start": end}, (second.id,))


def test_a_network_that_loses_its_numbers_marks_its_run_and_the_study_goes_on(tmp_path: Path) -> None:
    store, trials = Store(tmp_path), chain(rate=1e30)
    with ThreadPoolExecutor(1) as places:  # an executor like any other
        run_trials(trials, store, RUNNER, places)
    runs = {trial.id: store.load(trial.id) for trial in trials}
    taught, reinforced, asked = runs.values()
    assert (taught.quantities["lost"], [point["step"] for point in taught.curve]) == (0, [0])
    assert reinforced.config["start"] == {"trial": trials[0].id, "step": 0}  # the last network that there was
    assert "lost" not in reinforced.quantities
    assert asked.quantities["samples"] == 4
    assert len(tables.fresh(runs)) == 1
    (sampled,) = tables.sampled(runs, tmp_path)
    assert sampled.origin == (trials[0].id, 0)
    said = kept_numbers(runs, "step")
    assert (said.outcome.name, "taught after step 0" in said.sentence) == ("warn", True)


@pytest.mark.parametrize("damage", [b"", b"x" * 400])
def test_a_damaged_checkpoint_fails_what_reads_it_and_is_made_again(tmp_path: Path, damage: bytes) -> None:
    store, trials = Store(tmp_path), chain(rate=1e-3)
    with ThreadPoolExecutor(1) as places:
        run_trials(trials[:1], store, RUNNER, places)
        path = snapshot_path(store.folder(trials[0].id), 8)
        whole = path.read_bytes()
        path.write_bytes(damage)
        other = Trial("teacher", "other", {"game": GAME["game"]})
        with pytest.raises(TrialError, match=r"reinforced: .*000008\.safetensors is not a readable checkpoint"):
            run_trials((*trials, other), store, RUNNER, places)
        assert set(store.finished()) == {trials[0].id, other.id}
        for file in sorted(store.folder(trials[0].id).rglob("*"), reverse=True):  # as the sentence says
            file.rmdir() if file.is_dir() else file.unlink()
        store.folder(trials[0].id).rmdir()
        run_trials((*trials, other), store, RUNNER, places)
    assert path.read_bytes() == whole
    assert set(store.finished()) == {other.id, *(trial.id for trial in trials)}


@pytest.mark.slow
def test_twenty_kills_of_a_study_at_random_moments_lose_nothing(tmp_path: Path) -> None:
    """Of the study's own process or of a worker; every trial counts on from where it was."""
    words = [sys.executable, str(HERE / "nextflop_toys.py"), str(tmp_path), "6", "60", "0.2"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])}
    chance, kills = random.Random(0), 0
    while kills < 20:
        study = subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.5, 2.5))
        assert study.poll() is None, "the study ended before its kills"
        children = (path.read_text().split() for path in Path(f"/proc/{study.pid}/task").glob("*/children"))
        workers = [int(child) for some in children for child in some]
        if kills % 2 and workers:
            os.kill(chance.choice(workers), signal.SIGKILL)
            time.sleep(0.2)
        os.kill(study.pid, signal.SIGKILL)
        study.wait()
        kills += 1
    assert subprocess.run(words, env=environment, check=True, capture_output=True).stdout
    made = [line["trial"] for line in read_lines(tmp_path / "made.jsonl")]
    assert len(made) == len(set(made)) == 6
    for path in tmp_path.glob("runs/*/lines.jsonl"):
        assert [line["count"] for line in read_lines(path)] == list(range(60))
