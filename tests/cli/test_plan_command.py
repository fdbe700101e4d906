"""`nextflop plan`: what it prints, what a program reads, and when the answer is no."""

import csv
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
        (["--constants", "muennighoff", "--budget", "1e22"], "say what data there is"),
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
