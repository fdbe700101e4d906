"""Studies of self-play to their pages, in a minute: Hex in Elo, tic-tac-toe against perfect play.

That of tic-tac-toe begins in an empty folder and times the machine. That of Hex is declared with the times that a
machine is said to take, so that its plan is short and the same everywhere, and carried out by the command.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nextflop.cli.app import main
from nextflop.errors import InputError
from nextflop.evidence.files import read_json, read_lines
from nextflop.lab import machine
from nextflop.lab.selfplay.timing import time_generation, time_match
from nextflop.lab.study import Study
from nextflop.studies.selfplay.answers import Scope
from nextflop.studies.selfplay.experiment import self_play

COMMAND = [sys.executable, "-c", "import sys; from nextflop.cli.app import main; sys.exit(main())", "study"]
SIZES = ((4, 1), (8, 1), (16, 1), (32, 1))
SMALL = ["--sizes", "4x1,8x1,16x1,32x1", "--seeds", "1", "--workers", "2"]
HEX = ["hex", "--minutes", "1.6", "--board", "3", *SMALL]
# Seconds that a generation, and a match for a simulation a move, are *said* to take.
CLAIMED = {time_generation: 0.25, time_match: 2e-4}
ROWS = ["mnk", "--minutes", "0.8", "--board", "3x3x3", *SMALL]


def start(out: Path, *words: str) -> subprocess.Popen:
    return subprocess.Popen(
        [*COMMAND, *words, "--out", str(out), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


class Claims:
    """An executor that claims how long things take instead of timing them."""

    def submit(self, fn: Callable[..., Any], *args: Any) -> Future:
        told: Future = Future()
        told.set_result(CLAIMED[fn])
        return told


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict]:
    """A finished study of Hex: its folder and what it printed."""
    out = tmp_path_factory.mktemp("hex") / "study"
    hexes = self_play("hex", Scope())
    settings = hexes.settings({"minutes": 1.6, "board": (3,), "sizes": SIZES, "seeds": 1})
    about = {**machine.describe(2)._asdict(), "workers": 2}
    hexes.declare(settings, about, Claims(), 2).declare(out)
    running = start(out, *HEX, "--resume")
    told, said = running.communicate(timeout=900)
    assert running.returncode == 0, said
    return out, json.loads(told)


def test_it_answers_all_three_questions(study: tuple[Path, dict]) -> None:
    out, told = study
    assert [axis["axis"] for axis in told["axes"]] == ["longer training", "wider network", "deeper search"]
    assert sum(axis["probability_best"] for axis in told["axes"]) == pytest.approx(1)
    assert told["slope"]["steepest"]["value"] > 0
    assert told["exchange"]["value"] >= 1
    assert len(told["recommendation"]) == 7
    assert "next FLOP" in told["recommendation"][0]
    params = {row["simulations"]: row["exponent"]["value"] for row in told["sizes"]["exponents"]}
    read = {row["simulations"]: row["exponent"]["value"] for row in told["alphas"]["bayeselo"]["exponents"]}
    assert told["alphas"]["params"]["value"] == pytest.approx(params[16.0])
    assert 1.1 < told["alphas"]["bayeselo"]["stretch"] < 1.4
    assert read[1.0] / params[1.0] == pytest.approx(1.25, abs=0.3)
    page = (out / "report.html").read_text()
    assert told["recommendation"][1] in page
    assert "As BayesElo has the same matches" in page
    assert main(["report", str(out), "--out", str(out / "again.html")]) == 0
    assert told["recommendation"][1] in (out / "again.html").read_text()


def test_every_run_counts_what_it_spent(study: tuple[Path, dict]) -> None:
    out, _ = study
    runs = Study.load(out).runs(out)
    trained = [run for run in runs.values() if run.kind == "training"]
    assert len(trained) == 4
    for run in trained:
        each, spent = run.quantities["evaluation_flop_each"], run.quantities
        assert spent["play_flop"] == pytest.approx(spent["evaluations"] * each)
        assert spent["learn_flop"] == pytest.approx(3 * 1024 * spent["learner_steps"] * each)
        assert spent["flop"] == pytest.approx(spent["play_flop"] + spent["learn_flop"])
        assert [point["step"] for point in run.curve] == run.config["at"]
        assert all(point["positions"] <= point["evaluations"] for point in run.curve)
    rated = next(run for run in runs.values() if run.kind == "rating")
    assert rated.quantities["games"] > 0


def test_every_snapshot_is_rated_at_every_depth_and_judged_by_perfect_play(study: tuple[Path, dict]) -> None:
    out, told = study
    board = told["boards"][-1]
    assert {agent["simulations"] for agent in board["agents"]} == {1, 4, 16, 64, 256}
    trained = [run for run in Study.load(out).runs(out).values() if run.kind == "training"]
    assert len(board["agents"]) == 5 * sum(len(run.curve) for run in trained)
    assert all(0 <= agent["optimal"] <= 1 and agent["regret"] >= 0 for agent in board["agents"])
    best = max(agent["optimal"] for agent in board["agents"] if agent["simulations"] == 256)
    assert best > 0.95
    assert board["arena"]["anchors"][0] == {"name": "random", "elo": 0.0, "error": 0.0}
    for line in read_lines(next((out / "runs").rglob("matches.jsonl"))):
        assert sum(line["pairs"]) * 2 == line["games"]


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict]:
    """A finished study of tic-tac-toe: its folder and what it printed."""
    out = tmp_path_factory.mktemp("rows") / "study"
    running = start(out, *ROWS)
    told, said = running.communicate(timeout=900)
    assert running.returncode == 0, said
    return out, json.loads(told)


def test_where_perfect_play_judges_strength_is_regret(rows: tuple[Path, dict]) -> None:
    out, told = rows
    (board,) = told["boards"]
    assert (told["measure"], board["arena"]) == ("regret", None)
    assert all(np.isnan(agent["elo"] or np.nan) and 0 < agent["regret"] < 2 for agent in board["agents"])
    regret = {anchor["name"]: anchor["regret"] for anchor in board["perfect"]["anchors"]}
    assert regret["random"] > regret["uct-30"] > regret["uct-1000"]
    assert 1 < told["slope"]["steepest"]["value"] < 100
    assert "regret divided by" in told["recommendation"][0]
    kinds = {run.kind for run in Study.load(out).runs(out).values()}
    assert kinds == {"labels", "training", "judging"}
    assert "Outcome given away a move" in (out / "report.html").read_text()


@pytest.mark.slow
def test_under_another_executor_the_same_networks_come_out(rows: tuple[Path, dict], tmp_path: Path) -> None:
    """The same declaration on a cluster of Ray."""
    pytest.importorskip("ray", reason="Ray is not installed: pip install 'nextflop[ray]'")
    out, _ = rows
    for name in ("store.json", "study.json"):
        (tmp_path / name).write_bytes((out / name).read_bytes())
    running = start(tmp_path, *ROWS, "--executor", "ray", "--resume")
    _, said = running.communicate(timeout=900)
    assert running.returncode == 0, said
    networks = [path.relative_to(out) for path in out.rglob("*.safetensors")]
    assert networks
    for path in networks:
        assert (tmp_path / path).read_bytes() == (out / path).read_bytes()


@pytest.mark.slow
def test_where_games_at_random_are_long_the_ladder_ends_sooner(tmp_path: Path) -> None:
    running = start(tmp_path / "go", "go", "--minutes", "6", "--search", "puct", *SMALL)
    told, said = running.communicate(timeout=3600)
    assert running.returncode == 0, said
    (board,) = json.loads(told)["boards"]
    tops = [anchor["name"] for anchor in board["arena"]["anchors"]]
    assert tops[0] == "random"
    assert {"uct-10", "uct-30", "uct-100"} <= set(tops)
    assert "uct-1000" not in tops
    assert board["game"] == {"name": "go", "size": 5}
    trained = [run for run in Study.load(tmp_path / "go").runs(tmp_path / "go").values() if run.kind == "training"]
    assert {run.config["recipe"]["search"] for run in trained} == {"puct"}


@pytest.mark.slow
def test_a_finished_study_is_answered_anew_for_other_moves(study: tuple[Path, dict]) -> None:
    out, told = study
    running = start(out, *HEX, "--resume", "--moves", "1e9")
    again, said = running.communicate(timeout=300)
    assert running.returncode == 0, said
    again = json.loads(again)
    assert again["scope"]["moves"] == 1e9
    assert again["fit"]["estimate"] == told["fit"]["estimate"]
    assert read_json(out / "answers.json")["scope"]["moves"] == 1e9


def test_too_few_minutes_are_refused_once_the_machine_is_timed() -> None:
    hexes = self_play("hex", Scope())
    settings = hexes.settings({"minutes": 0.02, "board": (3,), "sizes": SIZES})
    with pytest.raises(InputError, match="generations"):
        hexes.declare(settings, {**machine.describe(2)._asdict(), "workers": 2}, Claims(), 2)
