"""The trials of a study one by one: what they leave behind, and what is made of a run that breaks off."""

from dataclasses import asdict
from pathlib import Path

import jax
import numpy as np
import pytest
from tests.lab.selfplay.programs import first_free

from nextflop.errors import FitError
from nextflop.evidence.files import read_lines
from nextflop.evidence.run import Run
from nextflop.evidence.store import Store
from nextflop.lab.selfplay.exact.labelled import labelled
from nextflop.lab.selfplay.games.mnk import Mnk
from nextflop.lab.selfplay.network import Network
from nextflop.lab.selfplay.outside.named import PROGRAMS
from nextflop.lab.selfplay.outside.outsider import Outsider
from nextflop.lab.selfplay.recipe import Recipe
from nextflop.lab.selfplay.search.search import KINDS, Search
from nextflop.lab.selfplay.trials import run
from nextflop.lab.selfplay.trials.agents import searcher, setting
from nextflop.lab.selfplay.trials.arena import MATCHES
from nextflop.lab.selfplay.trials.outside import FAILED
from nextflop.lab.selfplay.trials.perfect import EXACT
from nextflop.lab.trial import Bench, Trial
from nextflop.studies.kept import kept_numbers
from nextflop.studies.selfplay.verdicts import outsiders

RECIPE = Recipe(games=32, simulations=4, considered=9, sampled=2, batch=64, window=1000, rate=3e-3)
GAME = {"game": {"name": "mnk", "height": 3, "width": 3, "k": 3}, "network": "mlp", "recipe": asdict(RECIPE)}
TRAINING = Trial("training", "self-play", {**GAME, "size": [4, 1], "seed": 0, "at": [1, 2, 4]})
JUDGED = {**TRAINING.spec, "start": TRAINING.id, "simulations": [1, 4], "temperature": 0.0}


def make(store: Store, trial: Trial) -> Run:
    """The run of a trial, kept."""
    bench = Bench(store, trial)
    bench.folder.mkdir(parents=True, exist_ok=True)
    made = run(bench)
    store.add(made, trial.id)
    return made


def test_snapshots_are_judged_by_perfect_play_and_by_matches(tmp_path: Path) -> None:
    store = Store(tmp_path)
    labels = Trial("labels", "labels", {"game": GAME["game"]})
    made = make(store, labels)
    assert made.quantities["labels"] == len(labelled(Mnk()).worth)
    make(store, TRAINING)
    judging = Trial("judging", "judging", {**JUDGED, "labels": labels.id})
    judged = make(store, judging)
    lines = list(read_lines(store.folder(judging.id) / EXACT))
    assert [(line["step"], line["simulations"]) for line in lines] == [(s, t) for s in (1, 2, 4) for t in (1, 4)]
    assert judged.quantities["evaluations"] == sum(line["evaluations"] for line in lines)
    assert all(0 < line["regret"] < 2 and 0 < line["regret_error"] < 0.1 for line in lines)
    # Judged anew it says the same, from what was kept or from nothing.
    again = list(read_lines(store.folder(judging.id) / EXACT))
    (store.folder(judging.id) / EXACT).unlink()
    make(store, judging)
    assert [{**line} for line in read_lines(store.folder(judging.id) / EXACT)] == again


def test_a_run_whose_network_loses_its_numbers_ends_there_and_counts_as_far_as_it_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nextflop.lab.selfplay.training import agent

    whole = agent.generation

    def breaks(engine, recipe, seed, now, number):
        if number == last:
            raise FitError("Training lost its numbers.")
        return whole(engine, recipe, seed, now, number)

    monkeypatch.setattr(agent, "generation", breaks)
    last = 3
    store = Store(tmp_path / "late")
    lost = make(store, TRAINING)
    assert lost.quantities["lost"] == 2
    assert [point["step"] for point in lost.curve] == [1, 2]
    rating = Trial("rating", "rating", {**JUDGED, "anchors": [0, 10, 30]})
    make(store, rating)
    assert {line["step"] for line in read_lines(store.folder(rating.id) / MATCHES)} == {1, 2}
    said = kept_numbers({TRAINING.id: lost}, "generation")
    assert (said.outcome.name, "after generation 2" in said.sentence) == ("warn", True)
    last = 0
    with pytest.raises(FitError, match="lost its numbers"):
        make(Store(tmp_path / "early"), TRAINING)


@pytest.mark.parametrize(("fails", "played"), [("pass", 6), ("os._exit(7)", 2)])
def test_a_program_meets_the_strongest_anchors_and_the_ends_of_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str, played: int
) -> None:
    """One that fails in its third match ends them there; a study that goes on would play no match twice."""
    started = []

    def program(game: Mnk, strength: int) -> Outsider:
        started.append(strength)
        return first_free(fails, at=900)

    monkeypatch.setitem(PROGRAMS, "first-free", (program, (Mnk,), "tic-tac-toe"))
    store = Store(tmp_path)
    trained = make(store, TRAINING)
    agents = [{"size": [4, 1], "seed": 0, "start": TRAINING.id, "at": [1, 2, 4]}]
    spec = {**GAME, "program": "first-free-1", "anchors": [0, 10], "agents": agents, "temperature": 0.0}
    trial = Trial("outside", "first-free-1", {**spec, "simulations": [1, 2, 4, 8]})
    made = make(store, trial)
    lines = list(read_lines(store.folder(trial.id) / MATCHES))
    names = ["random", "uct-10", *(f"{TRAINING.id}/4@{depth}" for depth in (1, 2, 4, 8))]
    assert [(line["player"], line["opponent"]) for line in lines] == [(name, "first-free-1") for name in names[:played]]
    each = trained.quantities["evaluation_flop_each"]
    assert made.quantities["evaluation_flop"] == each * made.quantities["evaluations"]
    assert made.quantities["games"] == sum(line["games"] for line in lines)
    assert ("failed" in made.quantities) == (store.folder(trial.id) / FAILED).exists() == (played < 6)
    (verdict,) = outsiders({trial.id: made})
    assert (verdict.outcome.name, "first-free-1 failed" in verdict.sentence) == (
        ("passed", False) if played == 6 else ("warn", True)
    )
    if played == 6:
        make(store, trial)
        assert list(read_lines(store.folder(trial.id) / MATCHES)) == lines
        assert started == [1, 1]


def test_the_temperature_moves_what_is_judged(tmp_path: Path) -> None:
    store = Store(tmp_path)
    labels = Trial("labels", "labels", {"game": GAME["game"]})
    make(store, labels)
    make(store, TRAINING)
    regret = []
    for temperature in (0.0, 1.0, 100.0):
        trial = Trial("judging", "judging", {**JUDGED, "labels": labels.id, "temperature": temperature})
        make(store, trial)
        regret.append(np.mean([line["regret"] for line in read_lines(store.folder(trial.id) / EXACT)]))
    random = next(iter(read_lines(store.folder(labels.id) / EXACT)))["regret"]
    assert regret[0] < regret[1] < regret[2]
    assert regret[2] == pytest.approx(random, abs=0.08)  # hot enough, an agent is a random player


def test_agents_are_judged_with_the_kind_of_search_that_they_were_trained_with() -> None:
    for kind in KINDS:
        spec = {**JUDGED, "recipe": {**JUDGED["recipe"], "search": kind}}
        engine, shape, recipe = setting(spec)
        read = engine.read(Network.init(shape, jax.random.key(0)))
        assert (recipe.search, searcher(spec, engine, read, 1, 4).search) == (kind, Search(4, kind))
    old = {
        name: value for name, value in JUDGED["recipe"].items() if name != "search"
    }  # declared before there were kinds
    assert setting({**JUDGED, "recipe": old})[2].search == "gumbel"
