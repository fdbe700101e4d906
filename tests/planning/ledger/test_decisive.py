"""The run worth making first: it exists where laws would act apart, and it moves the plan when it is made."""

import numpy as np
from tests.planning.ledger.worlds import MUENNIGHOFF, PENALTY, member, stocked

from nextflop.planning.ledger.decisive import experiments
from nextflop.planning.ledger.members import Member
from nextflop.planning.ledger.options import solve_option
from nextflop.planning.ledger.pooled import Pool
from nextflop.planning.ledger.programme import Programme

SITUATION = stocked(1e22, 25e9)


def asked(members: list[Member], noise: float = 0.005, enough: float = 1e-9) -> tuple:
    pool = Pool(tuple(one._replace(weight=1 / len(members)) for one in members))
    base = Programme(SITUATION, SITUATION.owned)
    return experiments([solve_option("repeat", "repeat", base, pool)], pool, noise, enough=enough)


def test_one_law_without_draws_leaves_nothing_to_learn() -> None:
    assert asked([member(PENALTY)]) == ()


def test_rival_laws_are_told_apart_by_a_run_that_costs_little_and_comes_from_the_stock() -> None:
    found = asked([member(MUENNIGHOFF), member(PENALTY)])
    assert found
    costs = [one.flop for one in found]
    assert costs == sorted(costs)
    for one in found:
        assert one.flop <= 0.031 * SITUATION.flop
        assert one.unique_tokens <= 25e9
        assert one.flop == 6 * one.params * one.tokens
        assert 0 < one.known <= 1
        laws = {"data-constrained": MUENNIGHOFF, "overfit-penalty": PENALTY}
        for name, loss in one.foretold.items():
            told = laws[name](params=one.params, tokens=one.tokens, unique_tokens=one.unique_tokens)
            assert np.isclose(loss, told)


def test_the_more_a_run_scatters_the_less_it_tells() -> None:
    rivals = [member(MUENNIGHOFF), member(PENALTY)]
    worth = [max(one.known for one in asked(rivals, noise)) for noise in (0.001, 0.3)]
    assert worth[0] > 0.9
    assert worth[1] < worth[0]


def test_where_even_the_most_telling_run_is_worth_next_to_nothing_none_is_named() -> None:
    rivals = [member(MUENNIGHOFF), member(PENALTY)]
    most = max(one.gain for one in asked(rivals, 0.3))
    truth = most / max(one.known for one in asked(rivals, 0.3))
    enough = (most + truth) / 2  # knowing the truth would be worth it, no run is
    assert asked(rivals, 0.001, 0.9 * most)
    assert asked(rivals, 0.3, enough) == ()
