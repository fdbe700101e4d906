"""Plans in worlds whose law is known: the split over several laws loses less than rules of thumb.

The worlds are those of `benchmarks/worlds.py`, with other seeds than the ones that its record is of.
"""

import importlib.util
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from nextflop.fitting import fit
from nextflop.judging.credence import akaike
from nextflop.laws import Chinchilla, DataConstrained
from nextflop.planning.ledger.plan import plan
from nextflop.planning.ledger.situation import Situation
from nextflop.planning.optimum import optimum

BENCHMARK = Path(__file__).resolve().parents[2] / "benchmarks" / "worlds.py"
PLAIN = ("chinchilla", "skaling", "broken")
FIRST = 10_000  # number of the first world, beyond those on record


@pytest.fixture(scope="module")
def worlds() -> ModuleType:
    spec = importlib.util.spec_from_file_location("benchmark_of_worlds", BENCHMARK)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def mean_regret(measured: list[Mapping[str, Any]]) -> dict[str, float]:
    names = set.intersection(*(set(one["regret"]) for one in measured))
    return {name: float(np.mean([one["regret"][name] for one in measured])) for name in names}


def test_a_world_has_its_best_split_where_its_law_says(worlds: ModuleType) -> None:
    for regime, law in (("chinchilla", worlds.chinchilla), ("skaling", worlds.skaling)):
        rng = np.random.default_rng(worlds.seed_of(regime, FIRST))
        one, truth = worlds.world(regime, FIRST), law(rng)
        best = float(optimum(truth, one.budget)[0])
        assert one.regret(best) == pytest.approx(0, abs=1e-6)
        assert one.regret(2 * best) > one.regret(1.2 * best) > 1e-6


def test_the_worlds_are_about_the_published_constants(worlds: ModuleType) -> None:
    drawn = [worlds.chinchilla(np.random.default_rng(seed)) for seed in range(200)]
    assert np.mean([law.alpha for law in drawn]) == pytest.approx(0.348, abs=0.01)
    best = [optimum(law, 1e21) for law in drawn]
    ratios = [float(tokens / params) for params, tokens in best]
    assert np.median(ratios) == pytest.approx(20, rel=0.2)
    above = [float(law(params=p, tokens=t) - law.E) for law, (p, t) in zip(drawn, best, strict=True)]
    assert np.median(above) == pytest.approx(0.49, rel=0.05)


def test_a_skaling_world_has_the_margins_of_its_chinchilla_law(worlds: ModuleType) -> None:
    rng = np.random.default_rng(3)
    plain = worlds.chinchilla(np.random.default_rng(3))
    bent = worlds.skaling(rng)
    params, tokens = map(float, optimum(plain, 1e21))
    assert float(bent(params=params, tokens=tokens)) == pytest.approx(float(plain(params=params, tokens=tokens)))
    assert float(optimum(bent, 1e21)[0]) == pytest.approx(params, rel=1e-5)


def test_a_stock_is_read_several_times_at_the_best_split_without_one(worlds: ModuleType) -> None:
    one = worlds.world("data-limited", FIRST)
    law = worlds.limited(np.random.default_rng(worlds.seed_of("data-limited", FIRST)))
    once = Chinchilla(*(law.values[name] for name in Chinchilla.parameters))
    assert isinstance(law, DataConstrained)
    assert 1.9 < float(optimum(once, one.budget)[1]) / one.stock < 21
    assert {"params", "tokens", "unique_tokens", "budget", "loss"} == set(one.runs.columns)
    assert one.regret(float(optimum(law, one.budget, unique_tokens=one.stock)[0])) == pytest.approx(0, abs=1e-5)


def test_several_laws_lose_less_than_constants_that_heed_no_runs(worlds: ModuleType) -> None:
    # By resamples of the worlds on record nine of them put the means in another order once or twice in a hundred. Here
    # by the runs at hand alone and with few draws, to be quick.
    lost: dict[str, list[float]] = {"ours": [], "20 tokens": [], "Hoffmann": []}
    for regime in PLAIN:
        for number in range(FIRST, FIRST + 3):
            one = worlds.world(regime, number)
            fits = [fit(law, one.runs, draws=20) for law in worlds.PLAIN]
            lost["ours"].append(one.regret(worlds.sized(plan(fits, Situation(one.budget), weights=akaike(fits)))))
            lost["20 tokens"].append(one.regret(float(np.sqrt(one.budget / 120))))
            lost["Hoffmann"].append(one.regret(float(optimum(worlds.PRINTED["Hoffmann"], one.budget)[0])))
    ours = np.mean(lost.pop("ours"))
    assert all(ours < np.mean(rival) for rival in lost.values())


@pytest.mark.slow
def test_the_plan_over_several_laws_loses_less_than_every_rule_of_thumb(worlds: ModuleType) -> None:
    # Sixty worlds put some mean in another order three times in a hundred, nearly always that of the parabolas.
    found = mean_regret([worlds.measure(regime, FIRST + i) for regime in PLAIN for i in range(20)])
    for rival in ("20 tokens", "isoFLOP", "Hoffmann", "Besiroglu"):
        assert found["nextflop"] < found[rival], rival
