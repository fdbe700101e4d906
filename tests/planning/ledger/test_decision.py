"""The one decision of many draws and laws: of least mean regret, none counted beyond the bound."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.planning.ledger.worlds import BESIROGLU, MUENNIGHOFF, PENALTY, member, stocked

from nextflop.laws import Chinchilla, Law
from nextflop.planning.ledger.members import Member, weighed
from nextflop.planning.ledger.options import solve_option
from nextflop.planning.ledger.plan import FAILED, Plan, plan
from nextflop.planning.ledger.pooled import Pool
from nextflop.planning.ledger.programme import Programme
from nextflop.planning.ledger.situation import Corpus, Situation
from nextflop.planning.ledger.solver import pieces
from nextflop.planning.ledger.text import levers

BOOKS = Corpus("books", 1e12, kind="licensed", price=1e-6)


def drawn(law: Law, draws: int = 30, width: float = 0.03, seed: int = 0, weight: float = 1.0) -> Member:
    centre = np.array(list(law.values.values()), dtype=float)
    rows = centre * np.exp(width * np.random.default_rng(seed).normal(size=(draws + 1, len(centre))))
    rows[0] = centre
    return Member(law.name, type(law).from_draws(rows), weight, {}, "drawn")


def params(found: Plan) -> float:
    return found.option(found.best).decision["params"]


@settings(max_examples=12)
@given(st.floats(19, 25), st.floats(8.5, 12), st.floats(0.05, 0.95), st.booleans())
def test_no_other_way_to_spend_loses_less_in_the_mean(power: float, own: float, share: float, buys: bool) -> None:
    text = (Corpus("text", 10**own), *([BOOKS] if buys else []))
    situation = Situation(10**power, flop_price=2e-18, sources=text)
    pool = Pool(weighed([drawn(MUENNIGHOFF, weight=share), drawn(PENALTY, seed=1, weight=1 - share)]), 0.9, 0.1)
    problem = Programme(situation, situation.owned, levers(situation))
    solved = solve_option("repeat", "repeat", problem, pool)
    rng = np.random.default_rng(0)
    for piece in pieces(problem):
        low, high = piece.box()
        scattered = piece.spend((low + (high - low) * rng.random((2000, len(low))))[None])
        mean = pool.mean(pool.regret(pool.loss(problem, scattered), solved.each.loss))
        assert pool.mean(pool.regret(solved.loss, solved.each.loss)) <= mean.min() + 1e-5


def test_one_draw_in_a_hundred_does_not_outvote_the_others() -> None:
    calm = drawn(BESIROGLU, 99, width=0.002)
    wild = Chinchilla(E=0.5, A=5e4, B=2085.0, alpha=0.25, beta=0.9)  # parameters are worth nats at any size
    values = zip(calm.law.values.values(), wild.values.values(), strict=True)
    mixed = calm._replace(law=Chinchilla.from_draws(np.stack([np.append(part, one) for part, one in values], axis=1)))
    assert params(plan([mixed], Situation(1e22))) == pytest.approx(params(plan([calm], Situation(1e22))), rel=0.15)


def test_no_row_counts_beyond_the_bound_and_most_lose_little() -> None:
    found = plan([drawn(MUENNIGHOFF, width=0.2), drawn(PENALTY, width=0.2, seed=1)], stocked(1e24, 25e9), allowed=0.004)
    best = found.option(found.best)
    assert 0 < best.regret <= FAILED * 0.004
    assert found.regret.mean.max() <= FAILED * 0.004 * (1 + 1e-9)
    assert found.regret.high.max() > FAILED * 0.004  # the interval tells all of it
    assert 0 < found.regret.safe < 1
    easy = plan([drawn(MUENNIGHOFF, width=0.2), drawn(PENALTY, width=0.2, seed=1)], stocked(1e24, 25e9), allowed=4.0)
    assert easy.regret.safe > found.regret.safe


def test_the_weights_move_it_from_one_laws_optimum_to_the_others() -> None:
    laws, situation = [member(MUENNIGHOFF), member(PENALTY)], stocked(1e22, 25e9)
    shares = np.linspace(0, 1, 5)
    places = [params(plan([laws[0]._replace(weight=1 - x), laws[1]._replace(weight=x)], situation)) for x in shares]
    ends = [params(plan([law], situation)) for law in laws]
    assert places[0] == pytest.approx(ends[0], rel=1e-3)
    assert places[-1] == pytest.approx(ends[1], rel=1e-3)
    assert (np.sign(ends[1] - ends[0]) * np.diff(places) > 0).all()
