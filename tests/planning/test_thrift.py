"""More of a budget never makes the outcome worse, also where a law knows overfitting and leaving some of it pays."""

import numpy as np
import pytest

from nextflop.laws import OverfitPenalty
from nextflop.planning.ledger.members import Member
from nextflop.planning.ledger.programme import Programme
from nextflop.planning.ledger.situation import Corpus, Limits, Situation, Use
from nextflop.planning.ledger.solver import solve

LAW = OverfitPenalty(E=1.9, A=650.0, B=1700.0, P=0.06, alpha=0.37, beta=0.36, delta=0.45, kappa=0.6)


@pytest.mark.parametrize(
    ("unique", "queries", "largest"), [(1e9, 0.0, np.inf), (1e10, 2e8, np.inf), (1e10, 2e8, 3e9), (1e11, 0.0, np.inf)]
)
def test_the_least_loss_falls_with_the_budget(unique: float, queries: float, largest: float) -> None:
    rng = np.random.default_rng(2)
    centre = np.array(list(LAW.values.values()))
    rows = np.vstack([centre, centre * np.exp(0.03 * rng.normal(size=(20, len(centre))))])
    member = Member("penalty", OverfitPenalty.from_draws(rows), 1.0, {}, "made up")
    given = Situation(1e20, sources=(Corpus("web", unique),), use=Use(queries), limits=Limits(most_params=largest))
    base = Programme(given, given.owned)
    losses = np.stack([solve(base.but(budget=float(factor)), member).loss for factor in np.geomspace(1, 1e4, 14)])
    assert (np.diff(losses, axis=0) <= 1e-7 * losses[1:]).all()
