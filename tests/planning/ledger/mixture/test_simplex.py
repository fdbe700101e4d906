"""Least sums of exponentials on the capped simplex: closed forms, the conditions of the optimum, and invariances."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nextflop.planning.ledger.mixture.simplex import least

SEED = st.integers(0, 10_000)
ROOM = st.floats(1.0 + 1e-6, 20.0)  # of all caps together


def problem(seed, room=20.0, rows=4):
    rng = np.random.default_rng(seed)
    domains, terms = int(rng.integers(2, 9)), int(rng.integers(1, 6))
    caps = rng.uniform(0.02, 1.0, domains)
    a = rng.uniform(0.0, 2.0, (rows, terms))
    return a, rng.normal(size=(rows, terms, domains)) * rng.uniform(0.1, 5), caps * room / caps.sum()


def slopes(a, b, shares):
    return np.einsum("rt,rtj->rj", a * np.exp(np.einsum("rtj,rj->rt", b, shares)), b)


@settings(max_examples=60)
@given(seed=SEED, room=ROOM)
def test_shares_are_shares_and_meet_the_conditions_of_the_optimum(seed, room):
    a, b, caps = problem(seed, room)
    found = least(a, b, caps)
    assert found.shares.sum(axis=1) == pytest.approx(np.ones(4), abs=4e-16)
    assert (found.shares >= 0).all()
    assert (found.shares <= caps + 1e-12).all()
    slope = slopes(a, b, found.shares)
    scale = np.abs(slope).max(axis=1, keepdims=True) + found.value[:, None]
    off = slope - found.level[:, None] - found.floor + found.cap
    assert (np.abs(off) < 1e-6 * scale).all()
    assert (found.floor >= 0).all()
    assert (found.cap >= 0).all()
    assert (found.floor[found.shares > 0] == 0).all()
    assert (found.cap[found.shares < caps - 1e-12] == 0).all()


@given(seed=SEED)
def test_no_other_mixture_is_better(seed):
    a, b, caps = problem(seed, 3.0)
    found = least(a, b, caps)
    rng = np.random.default_rng(seed)
    toward = rng.dirichlet(np.ones(len(caps)), 50)
    toward = toward[(toward <= caps).all(axis=1)]
    for other in toward:
        value = (a * np.exp(b @ other)).sum(axis=1)
        assert (value >= found.value * (1 - 1e-9)).all()


@given(weight=st.floats(0.05, 0.95), up=st.floats(0.5, 4.0), down=st.floats(0.5, 4.0))
def test_two_domains_that_pull_apart_have_a_closed_form(weight, up, down):
    a = np.array([[weight, 1 - weight]])
    b = np.array([[[up, 0.0], [-down, 0.0]]])
    wanted = np.clip(np.log((1 - weight) * down / (weight * up)) / (up + down), 0.0, 1.0)
    assert least(a, b, np.ones(2)).shares[0, 0] == pytest.approx(wanted, abs=1e-6)


def test_a_target_to_every_domain_fills_them_like_water():
    """Σ a e^(-τ r) has shares (ln(a τ) - ln λ) / τ, with λ such that they add up to 1."""
    factor, decay = np.array([0.6, 1.0, 0.8, 1.2]), np.array([2.0, 3.0, 4.0, 2.5])
    found = least(factor[None], -np.diag(decay)[None], np.ones(4))
    log_level = ((np.log(factor * decay) / decay).sum() - 1) / (1 / decay).sum()
    assert found.shares[0] == pytest.approx((np.log(factor * decay) - log_level) / decay, abs=1e-8)
    assert found.level[0] == pytest.approx(-np.exp(log_level), rel=1e-7)


@given(seed=SEED)
def test_the_order_of_the_domains_does_not_matter(seed):
    a, b, caps = problem(seed, 2.0)
    order = np.random.default_rng(seed).permutation(len(caps))
    one, other = least(a, b, caps), least(a, b[..., order], caps[order])
    assert other.value == pytest.approx(one.value, rel=1e-9)


@given(seed=SEED, more=st.floats(1.0, 3.0))
def test_a_wider_cap_never_hurts_and_its_multiplier_is_what_it_brings(seed, more):
    a, b, caps = problem(seed, 1.5, rows=2)
    found = least(a, b, caps)
    wider = caps.copy()
    wider[0] *= more
    assert (least(a, b, wider).value <= found.value * (1 + 1e-9)).all()
    step = 1e-5
    nudged = caps.copy()
    nudged[0] += step
    gain = (found.value - least(a, b, nudged).value) / step
    # A bound may let go within the step, after which a wider cap brings less.
    assert (gain <= found.cap[:, 0] * (1 + 1e-3) + 1e-4 * found.value).all()


def test_caps_that_leave_one_mixture_give_it():
    a, b, _ = problem(3)
    caps = np.full(b.shape[2], 1 / b.shape[2])
    assert least(a, b, caps).shares == pytest.approx(np.broadcast_to(caps, (4, len(caps))))
