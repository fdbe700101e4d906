"""Effective tokens of rewritten sources, their worth at the margin, and the share of a mixture."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nextflop.errors import InputError
from nextflop.laws import SyntheticData
from nextflop.planning.synthetic import SHARE, effective_tokens, most_generations, next_token

REPHRASED = SyntheticData.through(generations=32.0, data_efficiency=1.48, saturation=8.0)


def test_a_billion_tokens_rephrased_32_times_are_worth_what_was_published() -> None:
    assert effective_tokens(REPHRASED, 1e9, 32.0) == pytest.approx(1.48e9)


@given(generations=st.floats(0, 60), unique=st.floats(1e6, 1e12))
def test_the_next_token_is_the_slope_of_the_effective_ones(generations: float, unique: float) -> None:
    ends = [effective_tokens(REPHRASED, unique, g) for g in (generations, generations + 1e-4)]
    assert next_token(REPHRASED, generations + 5e-5) == pytest.approx((ends[1] - ends[0]) / (1e-4 * unique), rel=1e-3)


def test_rewritings_stop_at_the_share_of_the_mixture() -> None:
    generations = most_generations(1e9, 10e9)
    assert generations * 1e9 / (generations * 1e9 + 10e9) == pytest.approx(SHARE)
    assert most_generations(1e9, 10e9, share=0.0) == 0


def test_amounts_that_cannot_be_are_refused() -> None:
    with pytest.raises(InputError, match="unique_tokens -1 cannot be used"):
        effective_tokens(REPHRASED, -1.0, 1.0)
    with pytest.raises(InputError, match="generations inf"):
        next_token(REPHRASED, float("inf"))
    with pytest.raises(InputError, match="share 1 cannot be used"):
        most_generations(1e9, 1e9, share=1.0)
    with pytest.raises(InputError, match="nothing to be rewritten"):
        most_generations(0.0, 1e9)
