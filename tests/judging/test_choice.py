"""The choice of a law: what is held out, who wins, and what must not matter."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nextflop.errors import FitError, InputError
from nextflop.evidence.runs import Runs
from nextflop.judging import Outcome
from nextflop.judging.backtest import LAST, LINE
from nextflop.judging.choice import MEAN, choose
from nextflop.judging.forecast import forecast
from nextflop.laws import Chinchilla, Kaplan, Power, PurePower, ShiftedPower, Skaling

FEW = (Power, ShiftedPower)


def made(count: int = 16, noise: float = 0.002, seed: int = 3) -> Runs:
    compute = np.geomspace(1e18, 1e21, count)
    loss = Power(E=1.7, A=1e3, alpha=0.15)(compute=compute)
    return Runs({"compute": compute, "loss": loss * np.exp(noise * np.random.default_rng(seed).normal(size=count))})


def test_the_law_that_made_the_runs_is_chosen_and_beats_the_simple_forecasts() -> None:
    choice = choose(made(30, 0.0005), (PurePower, Power, ShiftedPower))
    assert choice.law == "power"
    assert choice.verdict.outcome is Outcome.passed
    assert set(choice.names) == {"pure-power", "power", "shifted-power", MEAN, LAST, LINE}
    assert choice.error("power") < 0.2 * min(choice.error(LAST), choice.error(LINE))
    assert choice.share("power") > choice.share("shifted-power")
    assert sum(choice.share(law) for law in ("pure-power", "power", "shifted-power")) == pytest.approx(1)


def test_the_cuts_are_levels_at_least_a_factor_of_two_apart_and_tested_up_to_the_next() -> None:
    runs = made(30)
    choice = choose(runs, FEW)
    ends = [choice.end, *(cut.cut for cut in choice.cuts)]
    for cut, upper in zip(choice.cuts, ends[:-1], strict=True):
        assert cut.cut <= upper / 2
        assert cut.trained == (runs["compute"] <= cut.cut).sum()
        assert cut.tested == ((runs["compute"] > cut.cut) & (runs["compute"] <= upper)).sum()


def test_larger_runs_change_nothing_of_what_was_foretold_below_them() -> None:
    runs = made(30)
    one = choose(runs, FEW)
    larger = runs["compute"] > one.cuts[0].cut
    other = choose(runs.with_columns(loss=np.where(larger, 0.8 * runs["loss"], runs["loss"])), FEW)
    assert one.cuts[1:] == other.cuts[1:]
    assert one.cuts[0].errors != other.cuts[0].errors


@settings(max_examples=4, deadline=None)
@given(
    compute=st.floats(1e-9, 1e9),
    loss=st.floats(1e-3, 1e3),
    order=st.permutations(range(16)),
    twice=st.lists(st.integers(0, 15), max_size=4),
)
def test_units_order_and_repeated_rows_never_matter(
    compute: float, loss: float, order: list[int], twice: list[int]
) -> None:
    runs = made()
    there = 3e21
    one = forecast(choose(runs, FEW), compute=there)
    other = runs.where(np.array([*order, *twice]))
    other = Runs({"compute": compute * other["compute"], "loss": loss * other["loss"]})
    said = forecast(choose(other, FEW), compute=compute * there)
    for end in ("value", "low", "high", "law_low", "law_high", "run_low", "run_high"):
        np.testing.assert_allclose(getattr(said, end), loss * getattr(one, end), rtol=1e-5)
    assert float(said.beyond["compute"]) == pytest.approx(float(one.beyond["compute"]), abs=1e-9)


def test_intervals_contain_one_another_and_widen_with_the_distance() -> None:
    said = forecast(choose(made(30)), compute=np.geomspace(1e21, 1e24, 4))
    assert (said.run_low <= said.law_low).all()
    assert (said.law_low <= said.low).all()
    assert (said.low < said.value).all()
    assert (np.diff(np.log(said.law_high / said.law_low)) > 0).all()
    np.testing.assert_allclose(said.spread.total**2, sum(part**2 for part in said.spread), rtol=1e-12)
    np.testing.assert_allclose(said.beyond["compute"], [0, 1, 2, 3], atol=1e-9)
    wide, narrow = (forecast(choose(made(30), FEW), level, compute=1e23) for level in (0.95, 0.5))
    assert wide.run_low < narrow.run_low < narrow.run_high < wide.run_high


def test_where_nothing_changes_no_law_beats_the_last_value() -> None:
    # Exactly flat: the last value errs by nothing, and every law by no less.
    flat = Runs({"compute": np.geomspace(1e18, 1e21, 20), "loss": np.full(20, 2.0)})
    choice = choose(flat, FEW)
    assert choice.verdict.outcome is Outcome.fail
    assert "No law foretold" in choice.verdict.sentence


def test_surfaces_are_held_out_along_training_flop(noisy: Runs) -> None:
    choice = choose(noisy)
    assert choice.axis == "flop"
    assert {member.law for member in choice.ensemble.members} <= {Chinchilla.name, Skaling.name, Kaplan.name}
    assert choice.law in {Chinchilla.name, Skaling.name}
    said = forecast(choice, params=70e9, tokens=1.4e12)
    truth = Chinchilla(E=1.82, A=478.0, B=2143.0, alpha=0.347, beta=0.367)(params=70e9, tokens=1.4e12)
    assert said.law_low < truth < said.law_high


def test_a_run_of_several_rows_is_held_out_as_a_whole() -> None:
    runs = made(24)
    named = runs.with_columns(run=np.array([f"run {index // 2}" for index in range(24)]))
    choice = choose(named, FEW, cluster="run")
    assert [cut.trained % 2 for cut in choice.cuts] == [0] * len(choice.cuts)


def test_what_cannot_be_chosen_from_is_refused() -> None:
    with pytest.raises(InputError, match="same columns"):
        choose(made(), (Power, Chinchilla))
    with pytest.raises(InputError, match="no law to choose"):
        choose(made(), ())
    with pytest.raises(InputError, match="suit no group"):
        choose(Runs({"steps": np.ones(4), "loss": np.ones(4)}))
    with pytest.raises(InputError, match="above 0"):
        choose(made().with_columns(loss=np.full(16, -1.0)))
    with pytest.raises(InputError, match="censored"):
        choose(made().with_columns(censored=np.ones(16)))
    with pytest.raises(FitError, match="too few below a cut"):
        choose(made(4))
    with pytest.raises(InputError, match="level"):
        forecast(choose(made(), FEW), 1.0, compute=1e22)
    with pytest.raises(InputError, match="takes compute"):
        forecast(choose(made(), FEW), tokens=1e22)


def test_its_json_has_every_cut_and_every_forecaster() -> None:
    choice = choose(made(), FEW)
    record = choice.to_json()
    assert len(record["cuts"]) == len(choice.cuts)
    assert sum(one["weight"] for one in record["forecasters"]) == pytest.approx(1)
    assert forecast(choice, compute=1e22).to_json()["spread"]["law"] > 0
