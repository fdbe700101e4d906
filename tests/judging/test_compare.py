"""Two recipes compared: closed forms, what changes nothing, and what each verdict says."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nextflop.errors import FitError, InputError
from nextflop.evidence.runs import Runs
from nextflop.fitting import Huber, fit
from nextflop.judging import Outcome
from nextflop.judging.compare import compare
from nextflop.judging.comparison import Comparison, expanded
from nextflop.laws import BatchSize, Chinchilla, Power, Routing, Sigmoid

TRUTH = Power(E=1.7, A=100.0, alpha=0.1)
INEQUAL = dataclasses.replace(TRUTH, A=160.0, alpha=0.112)


def ladder(times: float, seed: int, count: int = 8, noise: float = 0.003, law: Power = TRUTH) -> Runs:
    """Runs of a recipe worth some times the compute of the truth."""
    compute = np.geomspace(1e18, 1e21, count)
    scatter = np.exp(noise * np.random.default_rng(seed).normal(size=count))
    return Runs({"compute": compute, "loss": np.asarray(law(compute=times * compute)) * scatter})


def verdict(found: Comparison, code: str):
    return next(verdict for verdict in found.verdicts if verdict.code == code)


def test_without_noise_the_multiplier_is_the_truth_at_every_scale() -> None:
    found = compare(Power, ladder(1, 0, noise=1e-7), ladder(1.3, 1, noise=1e-7), at=[1e19, 1e23], draws=50)
    assert found.target == 1e23
    assert [row.beyond for row in found.rows] == [0, 0, 0, 0, pytest.approx(2)]
    for row in found.rows:
        assert row.multiplier.value == pytest.approx(1.3, rel=1e-3)
        assert row.candidate.value == pytest.approx(float(TRUTH(compute=1.3 * row.compute)), rel=1e-5)
        assert row.difference.value == pytest.approx(row.candidate.value - row.baseline.value)


def test_the_pinned_multiplier_has_a_closed_form() -> None:
    # Its closed form: ((L_b - E) / (L_c - E))^(1/α).
    found = compare(Power, ladder(1, 0), ladder(1.3, 1), pinned={"E": 1.7}, share=("alpha",), draws=50, reason="known")
    alpha = float(found.fit.law.values["alpha"])
    for row in found.rows:
        closed = ((row.baseline.value - 1.7) / (row.candidate.value - 1.7)) ** (1 / alpha)
        assert row.multiplier.value == pytest.approx(closed, rel=1e-8)
    assert len({round(row.multiplier.value, 8) for row in found.rows}) == 1
    assert "because of what both recipes share" in verdict(found, "multiplier").sentence
    assert found.pins[0]._asdict() == {"parameter": "E", "value": 1.7, "metric": "loss", "reason": "known"}
    assert verdict(found, "pinned").outcome is Outcome.passed


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 1000), st.floats(0.5, 2.0), st.booleans())
def test_swapping_the_recipes_inverts_the_multiplier(seed: int, times: float, shared: bool) -> None:
    base, other = ladder(1, seed), ladder(times, seed + 1)
    how = {"pinned": {"E": 1.7}, "share": ("alpha",) if shared else (), "draws": 20}
    there = compare(Power, base, other, **how)
    # At the compute that the baseline needs, it is the candidate that needs 1/m times as much.
    places = [row.compute * row.multiplier.value for row in there.rows]
    back = {row.compute: row for row in compare(Power, other, base, at=places, **how).rows}
    for row, place in zip(there.rows, places, strict=True):
        assert back[place].multiplier.value == pytest.approx(1 / row.multiplier.value, rel=1e-6)
    if shared:  # and with one multiplier for all scales the interval turns around too
        last = compare(Power, other, base, **how).rows[0].multiplier
        first = there.rows[0].multiplier
        np.testing.assert_allclose(last, [1 / first.value, 1 / first.high, 1 / first.low], rtol=1e-5)


@settings(max_examples=5, deadline=None)
@given(st.floats(1e-15, 1e3), st.floats(0.1, 10.0), st.floats(1e-3, 1e3))
def test_units_and_the_scale_of_the_objective_never_matter(unit: float, nats: float, weight: float) -> None:
    base, other = ladder(1, 0), ladder(1.2, 1)
    found = compare(Power, base, other, share=("alpha",), pinned={"E": 1.7}, draws=20)
    moved = [
        Runs({"compute": runs["compute"] * unit, "loss": runs["loss"] * nats, "weight": np.full(len(runs), weight)})
        for runs in (base, other)
    ]
    again = compare(Power, moved[0], moved[1], share=("alpha",), pinned={"E": 1.7 * nats}, draws=20)
    for row, same in zip(found.rows, again.rows, strict=True):
        np.testing.assert_allclose(same.multiplier, row.multiplier, rtol=1e-4)
        np.testing.assert_allclose(same.difference, np.array(row.difference) * nats, rtol=1e-3, atol=1e-6 * nats)


@pytest.mark.parametrize("pair", [None, "none"])
def test_the_order_of_the_runs_never_matters(pair: str | None) -> None:
    base, other = ladder(1, 0), ladder(1.2, 1)
    one = compare(Power, base, other, pair=pair, pinned={"E": 1.7}, draws=40)
    turned = np.arange(8)[::-1]
    assert compare(Power, base.where(turned), other, pair=pair, pinned={"E": 1.7}, draws=40).rows == one.rows


def test_what_pairs_share_cancels() -> None:
    common = 0.01 * np.random.default_rng(0).normal(size=8)
    base, other = (
        runs.with_columns(loss=runs["loss"] * np.exp(common)) for runs in (ladder(1, 1, noise=0.001), ladder(1.1, 2))
    )
    paired, apart = (compare(Power, base, other, pair=pair, pinned={"E": 1.7}, draws=400) for pair in (None, "none"))
    widths = [np.log(found.rows[2].multiplier.high / found.rows[2].multiplier.low) for found in (paired, apart)]
    assert widths[0] < 0.6 * widths[1]
    assert paired.pairing.matched == 8
    assert apart.pairing.by == ()
    assert verdict(paired, "size").outcome is Outcome.passed


def test_the_answers_are_better_worse_and_cannot_tell() -> None:
    for times, outcome in ((1.5, Outcome.passed), (0.6, Outcome.fail), (1.0, Outcome.unknown)):
        found = compare(Power, ladder(1, 12), ladder(times, 13), pinned={"E": 1.7}, reason="known", draws=200)
        assert found.verdicts[0].code == "better"
        assert found.verdicts[0].outcome is outcome
        assert found.better is (outcome is Outcome.passed)
    assert "could have gone unseen" in found.verdicts[0].sentence


def test_a_multiplier_that_grows_with_scale_is_called_so() -> None:
    found = compare(
        Power, ladder(1, 0, noise=0.001), ladder(1, 1, noise=0.001, law=INEQUAL), pinned={"E": 1.7}, at=[1e24]
    )
    growing = verdict(found, "multiplier")
    assert growing.outcome is Outcome.warn
    assert "gains on" in growing.sentence
    assert growing.statistic > 1
    # 160 C^-0.112 = 100 C^-0.1 at 1e17: ahead all the way.
    assert verdict(found, "crossing").outcome is Outcome.passed
    assert verdict(found, "distance").outcome is Outcome.warn


def test_a_crossing_is_found_in_the_data_and_beyond() -> None:
    bent = dataclasses.replace(TRUTH, A=100 * 10 ** (0.02 * 19.5), alpha=0.12)
    base, other = ladder(1, 0, noise=0.001), ladder(1, 1, noise=0.001, law=bent)
    found = compare(Power, base, other, pinned={"E": 1.7}, names=("old", "new"), draws=100)
    assert found.crossing.at.value == pytest.approx(10**19.5, rel=0.3)
    assert found.crossing.leads == ("old", "new")
    small = [runs.where(runs["compute"] < 1e19) for runs in (ladder(1, 0, 16, 1e-4), ladder(1, 1, 16, 1e-4, bent))]
    early = compare(Power, small[0], small[1], pinned={"E": 1.7}, at=[1e22], draws=100)
    assert early.crossing.beyond > 1
    assert "extrapolation" in verdict(early, "crossing").sentence


def test_sharing_what_differs_is_contradicted() -> None:
    base, other = ladder(1, 0, noise=0.001), ladder(1, 1, noise=0.001, law=INEQUAL)
    contradicted = compare(Power, base, other, share=("E", "alpha"), draws=50)
    assert verdict(contradicted, "shared").outcome is Outcome.fail
    assert not contradicted.better
    robust = compare(Power, base, other, share=("E",), objective=Huber(), draws=50)
    assert verdict(robust, "shared").outcome is Outcome.unknown


def test_params_and_tokens_are_compared_along_the_best_spending(truth: Chinchilla) -> None:
    # A recipe for which every token counts as 1.5 of the baseline's.
    params, tokens = (axis.ravel() for axis in np.meshgrid(np.geomspace(1e8, 1e10, 5), np.geomspace(2e9, 2e11, 5)))
    better = dataclasses.replace(truth, B=truth.B * 1.5**-truth.beta)
    base, other = (
        Runs({"params": params, "tokens": tokens, "loss": np.asarray(law(params=params, tokens=tokens))})
        for law in (truth, better)
    )
    found = compare(Chinchilla, base, other, at=[1e23], draws=20)
    assert found.axis == "flop"
    # At the optimum L - E ∝ (A^β B^α)^(1/(α+β)) C^(-αβ/(α+β)), so m = 1.5: compute is 6 N D, and so many D are saved.
    for row in found.rows:
        assert row.multiplier.value == pytest.approx(1.5, rel=2e-3)


def test_a_score_is_better_where_it_is_higher() -> None:
    law = Sigmoid(R0=0.1, A=0.8, C_mid=1e20, B=0.8)
    compute = np.geomspace(1e18, 1e22, 12)

    def runs(times: float, seed: int) -> Runs:
        noise = 0.005 * np.random.default_rng(seed).normal(size=12)
        return Runs({"rl_flop": compute, "accuracy": np.asarray(law(rl_flop=times * compute)) + noise})

    found = compare(Sigmoid, runs(1, 0), runs(2, 1), at=[1e20], draws=100)
    assert not found.lower
    assert next(row for row in found.rows if row.compute == 1e20).multiplier.value == pytest.approx(2, rel=0.2)
    assert compare(Sigmoid, runs(1, 0), runs(0.3, 1), draws=100).rows[1].difference.value < 0


def test_without_draws_nothing_is_claimed() -> None:
    found = compare(Power, ladder(1, 0), ladder(1.3, 1), draws=0)
    assert found.verdicts[0].outcome is Outcome.unknown
    assert "ask for draws" in found.verdicts[0].sentence
    assert np.isnan(found.rows[0].ahead)


def test_a_candidate_that_nothing_reaches_is_worth_infinitely_much() -> None:
    found = compare(Power, ladder(1, 0), ladder(1, 1, law=dataclasses.replace(TRUTH, E=0.5)), at=[1e26], draws=50)
    assert found.at_target.multiplier.value == np.inf
    assert found.verdicts[0].outcome is Outcome.passed
    assert verdict(found, "multiplier").outcome is Outcome.unknown


def test_recipes_without_a_common_scale_are_compared_across_the_gap() -> None:
    base, other = ladder(1, 0, 16), ladder(1.5, 1, 16)
    found = compare(Power, base.where(base["compute"] < 3e19), other.where(other["compute"] > 3e19), draws=50)
    assert [row.beyond > 0 for row in found.rows] == [True, True]


def test_the_joint_fit_is_the_fit_of_either_recipe() -> None:
    base, other = ladder(1, 0), ladder(1.3, 1)
    found = compare(Power, base, other, draws=0)
    for runs, row in ((base, found.rows[0].baseline), (other, found.rows[0].candidate)):
        alone = fit(Power, runs, objective=found.fit.method.objective, draws=0)  # type: ignore[union-attr]
        assert row.value == pytest.approx(float(alone.law(compute=1e18)), rel=1e-7)


def test_intervals_of_few_pairs_are_those_of_student() -> None:
    assert expanded(0.9, 10**6) == pytest.approx(0.9, abs=1e-5)
    assert expanded(0.9, 6) == pytest.approx(0.948, abs=1e-3)  # t(0.95, 6) = 1.943
    assert expanded(0.9, 0) == expanded(0.9, 1)


def test_its_json_is_the_whole_answer() -> None:
    record = compare(Power, ladder(1, 0), ladder(1.3, 1), share=("E",), at=[1e22], draws=20).to_json()
    assert record["shared"] == ["E"]
    assert record["pairing"]["by"] == ["compute"]
    assert [v["code"] for v in record["verdicts"]] == [
        *("better", "multiplier", "crossing", "distance", "size", "shared", "optimum")
    ]
    assert len(record["rows"]) == 5


@pytest.mark.parametrize(
    ("law", "more", "error", "says"),
    [
        (Power, {"share": ("A",)}, InputError, "A of 'power' cannot be shared alone"),
        (Power, {"share": ("gamma",)}, InputError, "no parameter of power 'gamma'"),
        (Power, {"at": [0.0]}, InputError, "scale 0 cannot be asked about"),
        (Power, {"at": [np.inf]}, InputError, "scale inf cannot be asked about"),
        (Power, {"pair": "seed"}, InputError, "no column 'seed' to match runs by"),
        (Power, {"level": 1.0}, InputError, "level between 0 and 1"),
        (Power, {"pinned": {"F": 1.0}}, InputError, "no parameter of"),
        (Chinchilla, {}, InputError, "table of baseline has no column 'params'"),
        (Routing, {}, InputError, "no column"),
        (BatchSize, {}, InputError, "neither more nor less is better"),
    ],
)
def test_what_cannot_be_compared_is_refused(law: type, more: dict, error: type, says: str) -> None:
    with pytest.raises(error, match=says):
        compare(law, ladder(1, 0), ladder(1.3, 1), **more)


def test_too_few_runs_of_a_recipe_have_no_answer() -> None:
    with pytest.raises(
        FitError, match="3 runs of new at 3 different settings of compute cannot show how far to believe 3"
    ):
        compare(Power, ladder(1, 0), ladder(1, 1, 3), names=("old", "new"))
    assert compare(Power, ladder(1, 0), ladder(1, 1, 3), share=("E", "alpha"), draws=10).rows
