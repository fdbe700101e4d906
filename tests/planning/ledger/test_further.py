"""Purchases, bridge and targets as a situation declares them."""

import csv
from pathlib import Path

import numpy as np
import pytest
from tests.planning.ledger.worlds import MUENNIGHOFF, member

from nextflop.errors import InputError
from nextflop.laws import LossAccuracy, Sigmoid
from nextflop.planning.ledger.further import Draws, further
from nextflop.planning.ledger.plan import plan
from nextflop.planning.ledger.situation import Corpus, Situation, Use

SITUATION = Situation(
    1e21, sources=(Corpus("web", 20e9, domain="prose"), Corpus("hub", 5e9, domain="code")), use=Use(1e6, 500.0)
)
RL = {"code": "rl", "law": "sigmoid", "runs": "rl.csv", "flop": 1, "task": "MATH"}
SEARCH = {
    **{"code": "search", "law": "coverage", "counts": "tries.csv", "params": "1B", "start": 1, "most": 64},
    **{"task": "MATH", "verifier": {"true_positive": 0.9, "false_positive": 0.05}},
}
BRIDGE = {"law": "loss-accuracy", "runs": "bridge.csv", "task": "MATH"}
TARGET = {"name": "code", "law": "mixture:prose,code", "runs": "mix.csv", "tokens": "1B"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    flop, loss = np.geomspace(1e18, 1e21, 12), rng.uniform(2.2, 3.5, 20)
    shares = rng.dirichlet([1, 1], 20)
    right = 0.02 + 0.6 / (1 + np.exp((loss - 2.6) / 0.15))
    for name, columns in (
        ("rl", {"rl_flop": flop, "accuracy": Sigmoid(0.24, 0.62, 1e19, 1.1)(rl_flop=flop)}),
        ("tries", {"samples": np.full(60, 32), "correct": rng.binomial(32, rng.beta(0.4, 1.3, 60))}),
        ("bridge", {"loss": loss, "accuracy": right + rng.normal(0, 0.01, 20)}),
        ("mix", {"prose": shares[:, 0], "code": shares[:, 1], "loss": 1.5 + np.exp(0.2 - 1.5 * shares[:, 1])}),
    ):
        with (tmp_path / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            writer.writerows(zip(*columns.values(), strict=True))
    return tmp_path


def test_everything_that_is_declared_stands_on_the_ledger(folder: Path) -> None:
    tables = {"purchase": [RL, SEARCH], "bridge": BRIDGE, "target": [TARGET]}
    said = further(tables, folder, SITUATION, Draws(30))
    rl, search = said.purchases
    assert isinstance(rl.members[0].law, Sigmoid)
    assert rl.members[0].source == "rl.csv"
    assert search.cost.flop == 2 * 1e9 * 500
    assert search.cost.per_query
    assert search.response == "accuracy"
    assert said.bridge is not None
    assert isinstance(said.bridge.member.law, LossAccuracy)
    found = plan([member(MUENNIGHOFF)], SITUATION, purchases=said.purchases, bridge=said.bridge, mixture=said.mixture)
    (part,) = found.bought.parts
    assert {"repeat", "rl", "search"} <= {row.code for row in part.rows}
    assert sum(row.probability for row in part.rows) == pytest.approx(1)
    assert found.break_evens
    assert found.mixture is not None
    assert [one.name for one in found.mixture.domains] == ["prose", "code"]


def test_values_that_are_written_down_need_no_runs(folder: Path) -> None:
    values = dict(zip(Sigmoid.parameters, (0.2, 0.6, "1e19", 1), strict=True))
    entry = {name: value for name, value in RL.items() if name != "runs"}
    said = further({"purchase": [{**entry, "values": values}]}, folder, SITUATION, Draws(0))
    assert said.purchases[0].members[0].rows == 1
    assert said.bridge is None
    assert said.mixture is None


@pytest.mark.parametrize(
    ("tables", "says"),
    [
        ({"purchase": [{**RL, "cod": 1}]}, "did you mean 'code'"),
        ({"purchase": [{name: value for name, value in RL.items() if name != "code"}]}, "There is no code"),
        ({"purchase": [{**RL, "law": "sigmoyd"}]}, "did you mean 'sigmoid'"),
        ({"purchase": [{**RL, "runs": "none.csv"}]}, "none.csv"),
        ({"purchase": [{**RL, "counts": "tries.csv"}]}, "runs and counts of its law"),
        ({"purchase": [{**RL, "flop": 0}]}, "costs nothing"),
        ({"purchase": [{**RL, "flop": "-1"}]}, "flop = -1"),
        ({"purchase": [{**SEARCH, "flop": 1}]}, "both params and flop"),
        ({"purchase": [{**SEARCH, "verifier": {"true_positive": 2}}]}, "give a share from 0 to 1"),
        (
            {"purchase": [{**SEARCH, "verifier": {"true_positive": 0.1, "false_positive": 0.2}}]},
            "verifier of 'search' accepts 0.1 of the right samples and 0.2 of the wrong ones",
        ),
        ({"purchase": [{**SEARCH, "law": "sigmoid"}]}, "is not fitted to counts"),
        ({"purchase": [{**SEARCH, "most": 0.5}]}, "may reach 0.5"),
        ({"target": [{**TARGET, "law": "mixture:prose,math"}]}, "math"),
        ({"target": [{**TARGET, "importance": -1}]}, "importance -1"),
        ({"bridge": {**BRIDGE, "law": "sigmoid", "runs": "rl.csv"}}, ""),
    ],
)
def test_what_cannot_be_used_is_one_sentence(folder: Path, tables: dict, says: str) -> None:
    def planned() -> None:
        said = further(tables, folder, SITUATION, Draws(5))
        plan([member(MUENNIGHOFF)], SITUATION, purchases=said.purchases, bridge=said.bridge, mixture=said.mixture)

    with pytest.raises(InputError) as refused:
        planned()
    assert says in str(refused.value)
