"""From logged runs to rows: which key, which point, and which run is left out for what reason."""

import math

import pytest

from nextflop.errors import InputError
from nextflop.evidence.points import keys, to_table
from nextflop.evidence.run import Run
from nextflop.evidence.runs import Runs

COLUMNS = {"params": "config.model.n", "tokens": "tokens", "loss": "val/loss"}


def run(name: str = "a", losses: tuple[float, ...] = (4.0, 2.0, 3.0), n: object = "40M", **extra: float) -> Run:
    curve = [{"step": 10.0 * i, "tokens": 1e6 * (i + 1)} for i in range(2 * len(losses))]
    for index, loss in enumerate(losses):
        curve[2 * index]["val/loss"] = loss
    final = {"tokens": curve[-1]["tokens"], "val/loss": losses[-1], **extra}
    return Run(name, "logged", final, {}, {"model": {"n": n}}, None, tuple(curve))


def table(*runs: Run, columns: dict[str, str] | None = None, **how: str) -> Runs:
    return to_table(runs, COLUMNS if columns is None else columns, {}, where="log", **how)


@pytest.mark.parametrize(
    ("points", "loss", "tokens"),
    [("last", [3.0], [5e6]), ("best", [2.0], [3e6]), ("every", [4.0, 2.0, 3.0], [1e6, 3e6, 5e6])],
)
def test_a_row_stands_where_the_response_was_logged(points: str, loss: list[float], tokens: list[float]) -> None:
    runs = table(run(), points=points)
    assert runs["loss"].tolist() == loss
    assert runs["tokens"].tolist() == tokens  # not the 6e6 of the last step, where no loss was logged
    assert set(runs["params"]) == {4e7}
    assert ("cluster" in runs) == (points == "every")


def test_the_best_of_what_is_better_high_is_the_highest() -> None:
    runs = table(run(), columns={"accuracy": "val/loss"}, points="best")
    assert runs["accuracy"].tolist() == [4.0]


def test_a_value_between_is_the_one_before() -> None:
    curve = ({"step": 0.0, "tokens": 1.0}, {"step": 5.0, "loss": 2.0}, {"step": 9.0, "tokens": 2.0})
    runs = table(
        Run("a", "logged", {"tokens": 2.0, "loss": 2.0}, curve=curve), columns={"tokens": "tokens", "loss": "loss"}
    )
    assert runs["tokens"].tolist() == [1.0]


def test_a_value_that_came_later_counts_only_if_it_is_the_only_one() -> None:
    curve = ({"step": 5.0, "loss": 2.0}, {"step": 9.0, "n": 7.0})
    once = Run("a", "logged", {"n": 7.0, "loss": 2.0}, curve=curve)
    assert table(once, columns={"n": "n", "loss": "loss"})["n"].tolist() == [7.0]
    twice = Run("a", "logged", {"n": 8.0, "loss": 2.0}, curve=(*curve, {"step": 10.0, "n": 8.0}))
    with pytest.raises(InputError, match="its 'n' for n was logged only later"):
        table(twice, columns={"n": "n", "loss": "loss"})


def test_a_summary_is_asked_for_by_name() -> None:
    kept = run(**{"val/loss": 1.5, "score": 9.0})
    assert table(kept)["loss"].tolist() == [3.0]
    assert table(kept, columns={**COLUMNS, "loss": "summary.val/loss"})["loss"].tolist() == [1.5]
    assert table(kept, columns={**COLUMNS, "score": "score"})["score"].tolist() == [9.0]


@pytest.mark.parametrize(
    ("spoiled", "reason"),
    [
        (run("b", (3.0, math.nan)), "its 'val/loss' for loss is not finite"),
        (run("b", (3.0, 0.0)), "its 'val/loss' for loss is 0 and not above 0"),
        (run("b", n="huge"), "its 'config.model.n' for params is 'huge' and no number"),
        (run("b", n=[1]), "its 'config.model.n' for params is [1] and no number"),
        (Run("b", "logged", {"val/loss": 1.0}), "it has no 'config.model.n' for params"),
    ],
)
def test_a_run_that_lacks_a_quantity_is_left_out_and_named(spoiled: Run, reason: str) -> None:
    runs = table(run("a"), spoiled)
    assert runs["name"].tolist() == ["a"]
    assert runs.notes == (f"run 'b' left out: {reason}",)
    with pytest.raises(InputError, match="log holds no run with all of params, tokens, loss: run 'b' left out"):
        table(run("b", (math.nan,)))


def test_points_that_are_none_are_left_out_alone_and_counted() -> None:
    runs = table(run("a", (4.0, math.nan, 3.0, math.inf)), points="every")
    assert runs["loss"].tolist() == [4.0, 3.0]
    assert runs.notes == ("2 points of run 'a' left out: its 'val/loss' for loss is not finite",)


def test_runs_of_one_name_are_told_apart() -> None:
    runs = table(run("a"), run("a", (5.0,)), points="every")
    assert len(set(runs["cluster"])) == 2


def test_tokens_follow_from_flop_and_params() -> None:
    columns = {"params": "config.model.n", "flop": "tokens", "loss": "val/loss"}
    runs = table(run(), columns=columns)
    assert runs["tokens"] == pytest.approx([5e6 / (6 * 4e7)])
    assert runs.conventions == {"tokens": "derived: flop / (6 params)"}


def test_the_response_is_named_where_it_is_not_plain() -> None:
    columns = {"flop": "tokens", "accuracy": "val/loss"}
    with pytest.raises(InputError, match="Of flop, accuracy one must be the response, whose points become rows"):
        table(run(), columns=columns)
    assert table(run(), columns=columns, response="accuracy")["flop"].tolist() == [5e6]
    with pytest.raises(InputError, match=r"There is no quantity 'acuracy'.*did you mean 'accuracy'"):
        table(run(), columns=columns, response="acuracy")


def test_a_key_that_no_run_has_is_an_error_with_the_nearest() -> None:
    with pytest.raises(InputError, match=r"log has no key 'val_loss' for loss; its keys are .*did you mean 'val/loss'"):
        table(run(), columns={"loss": "val_loss"})
    with pytest.raises(InputError, match=r"There is no choice of points 'lats'.*did you mean 'last'"):
        table(run(), points="lats")


def test_runs_whose_records_count_differently_do_not_mix() -> None:
    one, two = (Run(way, "logged", {"loss": 2.0}, {"loss": way}) for way in ("nats per token", "perplexity"))
    with pytest.raises(InputError, match="count loss as nats per token and perplexity: import them apart"):
        table(one, two, columns={"loss": "loss"})
    assert table(one, columns={"loss": "loss"}).conventions == {"loss": "nats per token"}


def test_keys_are_listed_without_those_of_the_tool() -> None:
    assert keys([run(_runtime=3.0)]) == ["tokens", "val/loss", "config.model.n"]
