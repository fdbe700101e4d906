"""`nextflop fit`: what it prints, and what its JSON promises."""

import json
from pathlib import Path

import pytest

MAP = "params=N,tokens=tokens,loss=final loss"
FIT = ("--map", MAP, "--drop-highest-loss", 1, "--draws", 50)


@pytest.fixture
def result(nextflop, runs: Path) -> dict:
    outcome = nextflop("fit", runs, *FIT, "--budget", "1e21", "--json")
    assert outcome.code == 0
    return outcome.json


def test_json_holds_law_status_objective_estimate_and_runs(result: dict) -> None:
    assert result["law"] == "chinchilla"
    assert result["status"] == "converged"
    assert isinstance(result["objective"], float)
    assert "Huber" in result["objective_name"]
    assert set(result["estimate"]) == {"E", "A", "B", "alpha", "beta"}
    for value in result["estimate"].values():
        assert set(value) == {"value", "low", "high"}
        assert value["low"] <= value["value"] <= value["high"]
    assert result["runs"]["number"] == 42
    assert len(result["runs"]["digest"]) == 64
    assert result["dropped"] == 1
    assert "runs.csv (sha256 " in result["source"]


def test_the_law_that_made_the_runs_is_found_again(result: dict) -> None:
    # Noise of 0.3% a run: the standard error of E is about 0.02, of the exponents about 0.02.
    assert result["estimate"]["E"]["value"] == pytest.approx(1.8, abs=0.1)
    assert result["estimate"]["alpha"]["value"] == pytest.approx(0.35, abs=0.08)
    assert result["estimate"]["beta"]["value"] == pytest.approx(0.37, abs=0.08)


def test_a_budget_is_answered_with_an_optimum_inside_a_valley(result: dict) -> None:
    plan = result["allocation"]
    assert plan["budget"] == 1e21
    assert plan["valley"]["params_low"] < plan["params"]["value"] < plan["valley"]["params_high"]
    assert 6 * plan["params"]["value"] * plan["tokens"]["value"] == pytest.approx(1e21, rel=1e-9)
    assert plan["regret"] == 0.01


def test_a_law_without_a_closed_form_splits_a_budget_too(nextflop, runs: Path, result: dict) -> None:
    outcome = nextflop("fit", runs, *FIT, "--law", "skaling", "--budget", "1e21", "--report", "page.html", "--json")
    plan = outcome.json["allocation"]
    assert 6 * plan["params"]["value"] * plan["tokens"]["value"] == pytest.approx(1e21, rel=1e-12)
    assert set(plan) == set(result["allocation"])
    # The runs are of the Chinchilla law, so that the two optima lie in one another's valleys.
    assert plan["valley"]["params_low"] < result["allocation"]["params"]["value"] < plan["valley"]["params_high"]


def test_a_law_of_repeated_data_is_told_how_many_tokens_are_unique(nextflop, runs: Path) -> None:
    law = ("fit", runs, "--map", f"{MAP},unique_tokens=tokens", "--drop-highest-loss", 1, "--draws", 20)
    law = (*law, "--law", "data-constrained", "--budget", "1e22")
    assert "also takes unique_tokens" in nextflop(*law).err
    plan = nextflop(*law, "--given", "unique_tokens=20B", "--json").json["allocation"]
    assert plan["tokens"]["value"] > 20e9
    assert set(plan["decades_beyond"]) == {"params", "tokens", "unique_tokens"}


def test_every_check_says_why(result: dict) -> None:
    assert result["checks"]
    for check in result["checks"]:
        assert check["sentence"].endswith(".")


def test_without_a_budget_there_is_no_allocation(nextflop, runs: Path) -> None:
    assert nextflop("fit", runs, *FIT, "--json").json["allocation"] is None


def test_the_same_seed_gives_the_same_answer_and_another_one_other_intervals(nextflop, runs: Path) -> None:
    first, again, other = (nextflop("fit", runs, *FIT, "--seed", seed, "--json").out for seed in (3, 3, 4))
    assert first == again
    assert json.loads(first)["estimate"]["E"]["value"] == json.loads(other)["estimate"]["E"]["value"]
    assert json.loads(first)["estimate"]["E"]["low"] != json.loads(other)["estimate"]["E"]["low"]


def test_a_pinned_parameter_stays_where_it_was_put(nextflop, runs: Path) -> None:
    result = nextflop("fit", runs, *FIT, "--pin", "alpha=0.35,beta=0.37", "--json").json
    assert result["estimate"]["alpha"] == {"value": 0.35, "low": 0.35, "high": 0.35}
    assert result["estimate"]["beta"]["value"] == 0.37


def test_clusters_are_drawn_together(nextflop, runs: Path) -> None:
    alone, together = (nextflop("fit", runs, *FIT, *words, "--json").json for words in ([], ["--cluster", "group"]))
    assert alone["estimate"]["E"]["value"] == pytest.approx(together["estimate"]["E"]["value"], rel=1e-9)
    assert alone["estimate"]["E"]["low"] != together["estimate"]["E"]["low"]


def test_tokens_derived_from_flop_are_said_to_be(nextflop, runs: Path) -> None:
    lines = runs.read_text().splitlines()
    derived = [f"{6 * float(n) * float(d)!r},{rest}" for n, d, rest in (line.split(",", 2) for line in lines[1:])]
    table = [f"{n},{row}" for n, row in zip((line.split(",")[0] for line in lines[1:]), derived, strict=True)]
    runs.write_text("\n".join(["N,C,final loss,group", *table]) + "\n")
    outcome = nextflop("fit", runs, "--map", "params=N,flop=C,loss=final loss", *FIT[2:])
    assert outcome.code == 0
    assert "tokens: derived: flop / (6 params)." in outcome.out


def test_a_person_reads_estimate_status_checks_and_valley_in_eighty_columns(nextflop, runs: Path) -> None:
    outcome = nextflop("fit", runs, *FIT, "--budget", "1e21", "--level", 0.8)
    text = outcome.out
    assert max(map(len, text.splitlines())) <= 80
    for part in (
        "chinchilla:  L(N, D) = E + A N^-α + B D^-β",
        "arXiv:2203.15556",
        "42 runs of ",
        "the 1 of highest loss left out",
        "80% interval",
        "nats per token",
        "Status: converged.",
        "Objective: ",
        "Certificate: scaled gradient ",
        "Intervals: 50 bootstrap draws",
        "Where 1e21 FLOP of training should go",
        "tokens per parameter",
        "Within 0.01 of the least loss, if the estimate is right: ",
    ):
        assert part in " ".join(text.split()) or part in text, part
    for symbol in ("E", "A", "B", "α", "β"):
        assert any(line.startswith(f"{symbol} ") for line in text.splitlines())
    assert "\x1b" not in text


def test_columns_may_have_commas_in_their_names_and_map_may_be_repeated(nextflop, runs: Path) -> None:
    content = runs.read_text().replace("N,tokens,final loss", '"size, all",tokens,final loss')
    runs.write_text(content)
    outcome = nextflop("fit", runs, "--map", "params=size, all, loss=final loss", *FIT[2:], "--json")
    again = nextflop("fit", runs, "--map", "params=size, all", "--map", "loss=final loss", *FIT[2:], "--json")
    assert outcome.code == again.code == 0
    assert outcome.out == again.out


def test_the_page_is_written_when_asked_for(nextflop, runs: Path, tmp_path: Path) -> None:
    outcome = nextflop("fit", runs, *FIT, "--report", "page.html", "--json")
    assert outcome.json["report"] == "page.html"
    assert "<html" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_the_published_chinchilla_points_give_the_published_optimum(nextflop, public_data: Path) -> None:
    # Objective and estimate of the least sum of Huber terms (delta 1e-3 of log loss): Besiroglu et al.
    # (arXiv:2404.10102), notebook, grid variant: 1.0182740e-3 at E 1.81724, alpha 0.34731, beta 0.36718.
    outcome = nextflop(
        "fit",
        public_data / "epoch-chinchilla" / "svg_extracted_data.csv",
        "--map",
        "params=Model Size,flop=Training FLOP",
        "--drop-highest-loss",
        5,
        "--draws",
        20,
        "--json",
    )
    estimate = outcome.json["estimate"]
    assert outcome.json["runs"]["number"] == 240
    assert outcome.json["objective"] <= 1.01828e-3
    assert estimate["E"]["value"] == pytest.approx(1.817, abs=0.001)
    assert estimate["alpha"]["value"] == pytest.approx(0.347, abs=0.002)
    assert estimate["beta"]["value"] == pytest.approx(0.367, abs=0.002)
