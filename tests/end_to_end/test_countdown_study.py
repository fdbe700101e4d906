"""A study from an empty folder to its page, small but real: every step of it runs as it does at full size."""

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest

from nextflop.evidence.files import read_json, read_lines
from nextflop.evidence.store import Store
from nextflop.lab import machine
from nextflop.lab.executors.local import local
from nextflop.lab.reasoning.countdown import Countdown
from nextflop.lab.reasoning.study import Scale, design
from nextflop.lab.study import Study, carry_out
from nextflop.report.study_page import write_study_report
from nextflop.studies.countdown.answers import Scope, answer
from nextflop.studies.countdown.experiment import RUNNER

SIZES = ((16, 1), (32, 1), (48, 1))
# What a step is *said* to take: it makes the plan short. The steps themselves take as long as they take.
CLAIMED = (0.012, 0.02, 0.03)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished study of Countdown with three numbers."""
    root = tmp_path_factory.mktemp("study")
    trials = design(Countdown(numbers=3), Scale(SIZES, 1, 2.0, 2, CLAIMED))
    settings = {"minutes": 2.0, "sizes": SIZES, "seeds": 1, "numbers": 3}
    with local(2) as places:
        about = places.submit(machine.describe, machine.cores()).result()
        record = {**about._asdict(), "workers": 2, "step_seconds": CLAIMED}
        carry_out(Study("countdown", RUNNER, settings, record, trials).declare(root), root, places)
    return root


@pytest.fixture(scope="module")
def answers(root: Path) -> dict:
    """Its answers, as they are written."""
    found = answer(Study.load(root), root, Scope(queries=1e5))
    found["wall"] = {"measuring": 1.0, "fitting and planning": 1.0}
    (root / "answers.json").write_text(json.dumps(found))
    return found


def test_every_trial_left_its_run_and_its_files(root: Path) -> None:
    study, store = Study.load(root), Store(root)
    assert set(store.finished()) == {trial.id for trial in study.trials}
    for trial in study.trials:
        record = read_json(store.folder(trial.id) / "run.json")
        assert record["conventions"]["flop"]
        if trial.kind in ("supervised", "rl"):
            curve = list(read_lines(store.folder(trial.id) / "curve.jsonl"))
            assert [point["step"] for point in curve] == trial.spec["at"]
            assert curve == record["curve"]
            assert len(list((store.folder(trial.id) / "snapshots").glob("*.safetensors"))) == len(curve)
        if trial.kind == "sampling":
            counts = list(read_lines(store.folder(trial.id) / "counts.jsonl"))
            assert len(counts) == trial.spec["problems"]
            share = sum(line["correct"] for line in counts) / sum(line["samples"] for line in counts)
            assert record["quantities"]["pass@1"] == pytest.approx(share, rel=1e-6)


def test_supervised_loss_falls_and_reinforcement_raises_accuracy(root: Path) -> None:
    runs = Study.load(root).runs(root).values()
    for run in runs:
        if run.kind == "supervised" and "pool" not in run.config:
            assert run.curve[-1]["loss"] < 0.9 * run.curve[0]["loss"]
    entropy = next(run for run in runs if run.kind == "teacher").quantities["entropy"]
    assert all(point["loss"] > entropy for run in runs if run.kind == "supervised" for point in run.curve)
    # 2,048 answers of 512 problems: a standard error of at most 0.02 for each end, twice 0.03 for the difference.
    strongest = max((run for run in runs if run.kind == "rl"), key=lambda run: run.curve[0]["pass@1"])
    assert strongest.curve[-1]["pass@1"] > strongest.curve[0]["pass@1"] + 0.06


def test_the_answers_are_those_of_the_files(root: Path, answers: dict) -> None:
    study = Study.load(root)
    runs = study.runs(root)
    for row in answers["coverage"]:
        assert row["pass_at_k"][0]["value"] == pytest.approx(runs[row["trial"]].quantities["pass@1"])
    for row in answers["exchange"]:
        reinforced = runs[runs[row["trial"]].config["start"]["trial"]]
        assert row["rl_flop"] == reinforced.quantities["rl_flop"]
    supervised = [run for run in runs.values() if run.kind == "supervised"]
    assert answers["spent"]["supervised"] == pytest.approx(sum(run.quantities["flop"] for run in supervised))
    middle = [run for run in supervised if run.config["size"] == [32, 1] and "pool" not in run.config]
    assert answers["start"]["tokens"] == middle[0].quantities["tokens"]
    assert sum(share["value"] for share in answers["split"]["shares"].values()) == pytest.approx(1.0)
    assert 0 <= answers["split"]["accuracy"]["value"] <= 1


class Page(HTMLParser):
    """The links and the text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [value or "" for name, value in attrs if name in ("src", "href", "xlink:href", "action")]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_stands_alone_and_says_what_the_answers_say(root: Path, answers: dict) -> None:
    path = write_study_report(root)
    assert path == root / "report.html"
    assert path.stat().st_size < 2_000_000
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    assert [link for link in page.links if not link.startswith(("#", "data:"))] == []
    for sentence in answers["recommendation"][1:]:
        assert sentence in page.text
    assert f"{answers['teacher']['entropy']:.4f}" in page.text
