"""`nextflop plan`: what it prints, what a program reads, and when the answer is no."""

import csv
import re
from pathlib import Path

import numpy as np
import pytest

from nextflop.planning.constants import constants

SITUATION = """
budget = "1e22"
trainer = "train --params {params} --unique {unique_tokens}"
[[data]]
name = "web"
tokens = "25B"
"""


@pytest.fixture
def repeated(tmp_path: Path) -> Path:
    """Forty runs that vary parameters, tokens and epochs apart, by the published law with noise."""
    rng = np.random.default_rng(3)
    params, unique, epochs = 10 ** rng.uniform(7, 9.5, 40), 10 ** rng.uniform(8, 10, 40), 2 ** rng.uniform(0, 6, 40)
    loss = constants("muennighoff").law(params=params, tokens=epochs * unique, unique_tokens=unique)
    path = tmp_path / "repeated.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["params", "tokens", "unique_tokens", "loss"])
        writer.writerows(zip(params, epochs * unique, unique, loss * np.exp(0.003 * rng.normal(size=40)), strict=True))
    return path


def test_it_says_what_to_do_how_sure_that_is_and_what_to_measure_first(nextflop, repeated: Path) -> None:
    Path("plan.toml").write_text(SITUATION, encoding="utf-8")
    done = nextflop("plan", repeated, "--situation", "plan.toml", "--draws", "40")
    assert done.code in (0, 1)
    text = " ".join(done.out.split())
    assert "With 1e22 FLOP, train" in text
    assert "epochs of 25B unique ones" in text
    assert "data-constrained" in text
    assert "overfit-penalty" in text
    assert "what 2 times as much buys" in text
    assert "train --params" in text
    assert "Assumed: text: web 25B tokens, owned" in text


def test_the_json_has_the_ledger(nextflop, repeated: Path) -> None:
    words = ["plan", repeated, "--budget", "1e22", "--unique", "25B", "--law", "data-constrained", "--draws", "30"]
    done = nextflop(*words, "--constants", "muennighoff", "--weight", "muennighoff=3", "--json")
    found = done.json
    assert {law["name"]: law["weight"] for law in found["laws"]} == {"data-constrained": 0.25, "muennighoff": 0.75}
    (base,) = [option for option in found["options"] if option["code"] == found["base"]]
    assert base["by_law"]["muennighoff"]["epochs"]["value"] == pytest.approx(9.49, rel=0.01)
    assert base["by_law"]["data-constrained"]["params"]["value"] == pytest.approx(7.02e9, rel=0.3)
    assert done.code == (1 if any(verdict["outcome"] == "fail" for verdict in found["verdicts"]) else 0)


LATE = """
budget = "$5M"
[compute]
chip = "H100"
mfu = 0.4
dollars_per_hour = 2.0
[[data]]
name = "web"
tokens = "50B"
[[data]]
name = "books"
kind = "licensed"
tokens = "200B"
dollars_per_million = 15.0
[limits]
deadline_days = 30
chips = 700
"""


def test_what_a_deadline_leaves_of_the_money_buys_text_and_the_rest_is_said(nextflop) -> None:
    Path("late.toml").write_text(LATE, encoding="utf-8")
    words = ["plan", "--constants", "muennighoff", "--situation", "late.toml"]
    told = " ".join(nextflop(*words, "--page", "late.html").out.split())
    assert "With $5M (3.56e24 FLOP), train" in told
    assert "Of $5M at most $1.01M can go into training, by the deadline: 700 H100 SXM make no more in 30 days" in told
    assert "$992k is left over: there is no time to train with it" in told
    assert "any price" in told
    page = Path("late.html").read_text(encoding="utf-8")
    assert page.count("Of $5M at most $1.01M can go into training") == 2
    found = nextflop(*words, "--json").json
    books = next(option for option in found["options"] if option["code"] == "buy books")
    assert books["added"]["books"] == pytest.approx(200e9, rel=1e-6)  # $3M, three times what training takes
    given = found["situation"]
    assert (given["budget"], given["training"]) == (5e6, pytest.approx(7.18e23, rel=1e-3))
    assert books["decision"]["unspent"] / given["flop"] == pytest.approx(1 - 0.6 - 1.008 / 5, abs=1e-3)


def test_a_budget_in_hours_names_the_chip_and_the_money(nextflop) -> None:
    words = ("plan", "--constants", "muennighoff", "--unique", "25B", "--dollars-per-hour", 2, "--mfu", 0.4)
    told = " ".join(nextflop(*words, "--budget", "100k H100-hours").out.split())
    assert "With 100k hours of H100 SXM ($200k, 1.42e23 FLOP), train" in told


def test_published_constants_and_money_need_no_runs(nextflop) -> None:
    done = nextflop(
        *("plan", "--constants", "besiroglu", "--budget", "$50k", "--chip", "H100", "--mfu", "0.4"),
        *("--dollars-per-hour", "2", "--queries", "1M", "--json"),
    )
    assert done.code == 0
    decision = done.json["options"][0]["decision"]
    hour = 989.4e12 * 0.4 * 3600
    assert decision["training"] + decision["inference"] == pytest.approx(50e3 / 2 * hour, rel=1e-3)
    assert done.json["situation"]["assumptions"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--constants", "besiroglu"], "There is no budget"),
        (["--constants", "besiroglu", "--budget", "-1"], "not positive"),
        (["--constants", "besiroglu", "--budget", "$5M"], "needs a chip"),
        (["--constants", "muennighoff", "--budget", "1e22"], "no text is named"),
        (["--constants", "muennighoff", "--budget", "1e22", "--unique=-5B"], "tokens = -5e+09"),
        (["--constants", "nobody", "--budget", "1e22"], "set of constants 'nobody'"),
        (["--law", "chinchilla", "--budget", "1e22"], "there are no runs"),
        (["--budget", "1e22"], "at least one law"),
        (["--situation", "none.toml"], "cannot be read"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(nextflop, words: list[str], says: str) -> None:
    done = nextflop("plan", *words)
    assert done.code == 2
    assert says in done.err
    assert done.out == ""


def words_and_widths(out: str) -> tuple[str, int]:
    return " ".join(out.split()), max(map(len, out.splitlines()))


BOUGHT = """
[use]
queries = "1M"
[[data]]
name = "books"
kind = "licensed"
tokens = "20B"
dollars_per_million = 0.2
[compute]
chip = "H100"
mfu = 0.4
dollars_per_hour = 2
[[purchase]]
code = "rl"
law = "sigmoid"
values = { R0 = 0.24, A = 0.62, C_mid = 1e21, B = 1.1 }
flop = 1
task = "MATH"
[[purchase]]
code = "search"
name = "more samples"
law = "coverage"
values = { pi = 0.1, mu = 0.3, nu = 1.0 }
params = "7B"
start = 1
most = 64
task = "MATH"
verifier = { true_positive = 0.95, false_positive = 0.02 }
"""


def test_the_terminal_leads_with_what_to_measure_and_names_options_by_one_code(nextflop, repeated: Path) -> None:
    Path("plan.toml").write_text(SITUATION + BOUGHT, encoding="utf-8")
    out = nextflop("plan", repeated, "--situation", "plan.toml", "--draws", "40").out
    text, width = words_and_widths(out)
    assert width <= 80
    assert text.index("Before deciding: train --params") < text.index("what was found")
    for code, name in (("repeat", "parameters and tokens, repeated"), ("buy books", "text bought: books")):
        assert f"{code}: {name}" in text
        assert f"\n{code} " in out  # a row of the ledger
    assert "search: more samples" in text
    assert re.search(r"e\d\d FLOP, \$[\d.]+k? of compute, [\d.]+% of the budget", text)  # what a run costs
    assert re.search(r"For that, buy [\d.]+B tokens of books for \$[\d.]+k\.", text)
    assert re.search(r"The gain of 0\.\d+ is worth as much as \$[\d.]+[kM]? more of compute\.", text)
    assert "\nsearch " in out
    assert "\nrl " in out
    assert "Rl " not in text
    assert "rl flop" not in text
    assert text.count("which is paid for every query") == 1


def test_the_epochs_of_each_law_are_those_of_the_best_option(nextflop, repeated: Path) -> None:
    Path("plan.toml").write_text(SITUATION + BOUGHT, encoding="utf-8")
    words = ["plan", repeated, "--situation", "plan.toml", "--draws", "40", "--constants", "muennighoff"]
    found = nextflop(*words, "--json").json
    best = next(option for option in found["options"] if option["code"] == found["best"])
    base = next(option for option in found["options"] if option["code"] == found["base"])
    own = {law: row["epochs"]["value"] for law, row in best["by_law"].items()}
    assert best["code"] == "buy books"
    assert own["muennighoff"] < 0.9 * base["by_law"]["muennighoff"]["epochs"]["value"]
    (verdict,) = [one for one in found["verdicts"] if one["code"] == "plan_epochs"]
    told = ", ".join(f"{law} {value:.1f}" for law, value in own.items())
    assert verdict["sentence"] == f"Best epochs for text bought: books, by each law alone: {told}."
    text = " ".join(nextflop(*words).out.split())
    alone = text[text.index("What each law would do alone under text bought: books") :]
    assert f" {own['muennighoff']:.1f} " in alone


def test_repeated_data_that_no_law_would_see_are_spoken_of(nextflop, repeated: Path) -> None:
    words = ["plan", repeated, "--budget", "1e22", "--draws", "0"]
    done = nextflop(*words, "--json")
    assert done.err == ""
    note = done.json["notes"][0]
    assert "repeated.csv has repeated data (unique_tokens), and chinchilla and skaling take" in note
    assert "--unique such as 25B" in note
    plain = Path("plain.csv")
    lines = [line.split(",") for line in repeated.read_text(encoding="utf-8").splitlines()]
    plain.write_text("\n".join(",".join([n, d, loss]) for n, d, _, loss in lines), encoding="utf-8")
    quiet = nextflop("plan", plain, "--budget", "1e22", "--draws", "0", "--json")
    assert quiet.err == ""
    assert quiet.json == {**done.json, "notes": done.json["notes"][1:]}
    owned = nextflop(*words, "--unique", "25B", "--json").json["notes"]
    assert not any("repeated data" in note for note in owned)
    once = Path("once.csv")
    once.write_text(
        "\n".join([",".join(lines[0]), *(f"{n},{d},{d},{y}" for n, d, _, y in lines[1:])]), encoding="utf-8"
    )
    assert nextflop("plan", once, "--budget", "1e22", "--draws", "0", "--json").json["notes"] == quiet.json["notes"]


def test_constants_of_unique_tokens_without_text_are_refused_in_one_sentence(nextflop, repeated: Path) -> None:
    said = (
        "nextflop: The law 'muennighoff' asks for unique tokens and no text is named: say what is owned, with --unique "
        "such as 25B or [[data]] in a situation, or leave the law out.\n"
    )
    for runs in ([repeated], []):
        done = nextflop("plan", *runs, "--budget", "1e22", "--constants", "muennighoff")
        assert (done.code, done.err) == (2, said)
    fitted = nextflop("plan", repeated, "--budget", "1e22", "--law", "data-constrained", "--draws", "0")
    assert (fitted.code, fitted.err) == (2, said.replace("muennighoff", "data-constrained"))


def test_fewer_runs_than_parameters_are_wrong_input(nextflop, repeated: Path) -> None:
    few = Path("few.csv")
    few.write_text("\n".join(repeated.read_text(encoding="utf-8").splitlines()[:3]), encoding="utf-8")
    done = nextflop("plan", few, "--budget", "1e24", "--unique", "25B")
    assert done.code == 2
    assert "few.csv holds 2 runs and overfit-penalty has 8 parameters" in done.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--most-epochs", "0"], "most_epochs = 0 is below 1"),
        (["--budget", "1e22 tokens"], "counts tokens, and it takes FLOP"),
        (["--budget", "$100k hours"], "is not an amount"),
        (["--unique", "$25B"], "counts dollars, and it takes tokens"),
        (["--queries", "$1B"], "counts dollars, and it takes queries"),
        (["--most-params", "0"], "most_params = 0 is not positive"),
        (["--unique", "-25B"], "--unique -25B reads as an option of its own: drop the sign, or write --unique=-25B"),
        (["--map", "unique_tokens=U"], "--map names unique_tokens, and chinchilla and skaling would take"),
    ],
)
def test_what_cannot_be_planned_is_said(nextflop, repeated: Path, words: list[str], says: str) -> None:
    unique = [] if words[0] in {"--unique", "--map"} else ["--unique", "25B"]
    budget = [] if words[0] == "--budget" else ["--budget", "1e22"]
    done = nextflop("plan", repeated, *budget, *unique, "--draws", "20", *words)
    assert done.code == 2
    assert says in done.err
