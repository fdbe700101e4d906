"""Constants that the runs speak against: that is said, they weigh next to nothing, and no run is to refute them."""

from pathlib import Path

import numpy as np
import pytest
from tests.laws.test_data_constrained import read
from tests.planning.ledger.worlds import MUENNIGHOFF, stocked

from nextflop.evidence.runs import Runs
from nextflop.fitting import fit
from nextflop.judging.verdict import Outcome
from nextflop.laws import DataConstrained, OverfitPenalty
from nextflop.planning.constants import constants
from nextflop.planning.ledger.candidates import Candidates
from nextflop.planning.ledger.members import of_constants, of_fit, refuted
from nextflop.planning.ledger.misses import misses, said
from nextflop.planning.ledger.plan import plan
from nextflop.planning.ledger.pooled import Pool
from nextflop.planning.ledger.programme import Programme


@pytest.fixture(scope="module")
def runs(public_data: Path) -> Runs:
    return read(public_data)


def test_how_far_a_law_misses_the_largest_runs(runs: Runs) -> None:
    off = misses(MUENNIGHOFF, runs)
    assert off is not None
    assert off.typical == pytest.approx(0.083, abs=0.002)
    assert off.one_sided
    assert off.below
    assert said(off) == (
        "misses the largest quarter of your runs by 8.3%, all in one direction (it foretells less than they show)"
    )
    exact = runs.with_columns(loss=np.asarray(MUENNIGHOFF(**{name: runs[name] for name in MUENNIGHOFF.inputs})))
    assert misses(MUENNIGHOFF, exact) == (0.0, 1.0, False)
    assert misses(MUENNIGHOFF, Runs({"params": runs["params"], "loss": runs["loss"]})) is None


def test_constants_that_the_runs_refute_keep_next_to_nothing_and_no_run_is_named_for_them(runs: Runs) -> None:
    fits = [fit(law, runs, draws=60) for law in (DataConstrained, OverfitPenalty)]
    found = plan([*fits, constants("muennighoff")], stocked(1e22, 25e9), runs)
    weights = {member.name: member.weight for member in found.members}
    assert weights["muennighoff"] < 0.03
    alone = {member.name: member.weight for member in plan(fits, stocked(1e22, 25e9), runs).members}
    for name, weight in alone.items():  # and they leave the others as they were
        assert weights[name] == pytest.approx(weight, abs=0.03)
    assert found.option("repeat").by_law["muennighoff"]["epochs"].value == pytest.approx(9.49, rel=0.01)
    (verdict,) = [one for one in found.verdicts if one.code == "plan_laws"]
    assert verdict.outcome is Outcome.fail
    assert verdict.sentence.startswith("muennighoff misses the largest quarter of your runs by 8.3%, all in one direct")
    # Even told to believe them it names no run that would refute them once more, only such as tell the fits apart.
    believed = plan([*fits, constants("muennighoff")], stocked(1e22, 25e9), runs, weights={"muennighoff": 2.0})
    assert [one.name for one in refuted(believed.members)] == ["muennighoff"]
    for one in (*found.experiments, *believed.experiments):
        assert abs(one.foretold["data-constrained"] - one.foretold["overfit-penalty"]) > 0.1


def test_what_the_table_has_answered_is_not_asked_again(runs: Runs) -> None:
    law = of_fit(fit(OverfitPenalty, runs, draws=20), runs)
    wrong = of_constants(MUENNIGHOFF, "constants", "a paper")
    pool, base = Pool((law._replace(weight=0.5), wrong._replace(weight=0.5))), Programme(stocked(1e22, 25e9), ())
    base = base.but(owned=base.situation.owned)
    asked, left = (Candidates.of(base, pool, 0.005, table).spent for table in (None, runs))
    assert 0 < left.params.size < asked.params.size
    # 183M parameters on 913M tokens: the table has 201M on 1.5B.
    close = np.isclose(asked.params, 1.826e8, rtol=0.01) & np.isclose(asked.epochs, 1)
    assert close.any()
    assert not (np.isclose(left.params, 1.826e8, rtol=0.01) & np.isclose(left.epochs, 1)).any()
