"""`nextflop cost`: the answer of the function in words and as JSON, and one sentence for what cannot be priced."""

import json
import sys
from pathlib import Path

import pytest

from nextflop.errors import StoreError
from nextflop.outlook.cost import cost as ask

MODEL = ("--params", "70B", "--layers", 80, "--width", 8192, "--kv-share", 8)


@pytest.fixture(autouse=True)
def fresh_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEXTFLOP_CACHE", str(tmp_path / "cache"))


def test_the_three_methods_stand_side_by_side_with_their_prices(nextflop) -> None:
    told = nextflop("cost", "--flop", "3.8e25", "--mfu", 0.4, "--chips", 16384)
    assert told.code == 0
    for part in (
        "amortised",
        "cloud",
        "acquisition",
        "staff",
        "energy",
        "hardware",
        "10%",
        "Price: H100 SXM",
        "2026-09",
    ):
        assert part in told.out


def test_the_json_is_that_of_the_function(nextflop) -> None:
    told = nextflop("cost", "--flop", "1e21", "--mfu", 0.4, "--price", 2, "--at", "2026-11-25", "--json").json
    ours = ask(flop=1e21, mfu=0.4, dollars_per_hour=2, at="2026-11-25").to_json()
    cloud = next(method for method in told["training"]["methods"] if method["name"] == "cloud")
    assert cloud["dollars"]["value"] == pytest.approx(1404, rel=0.01)
    assert told["training"]["chip_hours"]["value"] == ours["training"]["chip_hours"]["value"]
    assert cloud["records"][0]["source"] == "given on the command line"


def test_the_four_fields_of_the_mfu(nextflop) -> None:
    words = ("--mfu", 0.5, "--mfu-format", "fp8", "--goodput", 0.9, "--recompute", 1.25, "--price", 2)
    mfu = nextflop("cost", "--flop", "1e24", *words, "--json").json["training"]["mfu"]
    assert mfu == {
        "share": 0.4,
        "number": "fp8",
        "sparse": False,
        "counted": "model",
        "goodput": 0.9,
        "assumed": False,
    }
    assert nextflop("cost", "--flop", "1e24", "--goodput", 0.8, "--json").json["training"]["mfu"]["assumed"] is True


def test_hours_that_were_paid_are_priced(nextflop) -> None:
    words = (
        "--chip-hours",
        16384 * 2142,
        "--chips",
        16384,
        "--at",
        "2024-04-25",
        "--bought",
        "2022-12-19",
    )
    told = nextflop("cost", *words, "--flop", "3.8e25", "--json").json["training"]
    millions = [round(method["dollars"]["value"] / 1e6, 1) for method in told["methods"]]
    assert millions == pytest.approx([48.9, 122, 900], rel=5e-3)
    assert told["mfu"]["share"] == pytest.approx(0.304, abs=0.001)
    alone = nextflop("cost", "--chip-hours", "2.788M", "--chip", "H800", "--price", 2, "--json").json["training"]
    cloud = next(method for method in alone["methods"] if method["name"] == "cloud")
    assert cloud["dollars"]["value"] == 2 * 2.788e6
    assert alone["mfu"] is None


def test_serving_life_and_text_in_words(nextflop) -> None:
    told = nextflop(
        "cost", *MODEL, "--tokens", "15T", "--latency", 50, "--written", "1T", "--read", "3T", "--trials", 16,
        "--text", "1T", "--licensed", 40,
    )  # fmt: skip
    assert told.code == 0
    words = " ".join(told.out.split())
    for part in ("waits for", "memory", "a million tokens written", "Over its life", "besiroglu", "A 482.01",
                 "Cheapest by FLOP", "Cheapest by price", "Kinetics", "synthetic", "licensed", "$40M", "human writing",
                 "floors that no program passes"):  # fmt: skip
        assert part in words


def test_serving_alone_needs_no_training(nextflop) -> None:
    told = nextflop("cost", *MODEL, "--batch", 8, "--serve-on", "H200", "--price", 3, "--json").json
    assert told["training"] is None
    assert told["served"]["chip"] == "H200 SXM"
    assert told["served"]["bound"] == "memory"


def test_experts_lie_in_memory_and_a_token_passes_through_some(nextflop) -> None:
    words = ("--params", "37B", "--total-params", "671B", "--layers", 61, "--width", 7168, "--weights", "fp8")
    told = nextflop("cost", *words, "--serve-on", "H800", "--price", 2, "--json").json
    assert told["served"]["serve"]["chips"] == 32
    assert told["served"]["serve"]["model"]["active"] == 37e9


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "nothing to price"),
        (("--flop", "1e21", "--price", "0"), "not positive"),
        (("--flop", "-1e21"), "not positive"),
        (("--flop", "$1e24"), "counts dollars, and it takes FLOP"),
        (("--flop", "1e21", "--price", "2 FLOP"), "counts FLOP, and it takes dollars"),
        (("--flop", "1e21", "--chip", "H101"), "did you mean 'H100 SXM'"),
        (("--params", "7B", "--tokens", "-1000"), "number of tokens"),
        (("--flop", "1e21", "--mfu", "1.5"), "no share of a peak"),
        (("--flop", "1e21", "--mfu-format", "fp8"), "give it too"),
        (("--flop", "1e21", "--mfu", "0.4", "--mfu-format", "fp8", "--chip", "A100"), "no peak for fp8"),
        (("--flop", "1e21", "--commitment", "weekly"), "commitment"),
        (("--flop", "1e21", "--electricity", "0"), "not positive"),
        (("--flop", "1e21", "--latency", "20"), "--layers"),
        (("--flop", "1e21", "--api-model", "gpt-4o"), "--layers"),
        (("--flop", "1e21", "--at", "2015-01-01"), "No price of H100 SXM is known on 2015-01-01"),
        (("--layers", "80"), "give them all"),
        ((*map(str, MODEL), "--latency", "1"), "even for a single sequence"),
        ((*map(str, MODEL), "--written", "-5"), "0 or more"),
        ((*map(str, MODEL), "--weights", "fp7"), "number format"),
        ((*map(str, MODEL), "--tokens", "1T", "--written", "1T", "--constants", "kaplan"), "set of constants"),
        (("--flop", "1e21", "--prices", "absent.csv"), "Cannot read the price file"),
        (("--flop", "1e21", "--clouds", "aws"), "--refresh"),
        (("--flop", "1e21", "--online"), "--trend"),
        (("--text", "0"), "not positive"),
        (("--flop", "1e21", "--chip-hours", "900", "--mfu", "0.4"), "only one of the two"),
        (("--chip-hours", "900", "--goodput", "0.9"), "the goodput follows"),
        (("--flop", "1e21", "--draws", "-1"), "draws"),
        (("--flop", "1e21", "--at", "someday"), "not a date"),
        (("--flop", "1e21", "--seed", "-1"), "seed"),
        (("--flop", "1e21", "--pue", "inf"), "PUE"),
        (("--flop", "1e21", "--development", "inf"), "development multiple"),
        (("--flop", "1e300", "--mfu", "1e-30"), "no number of hours"),
        (("--flop", "1e21", "--mfu", "0.4", "--recompute", "nan"), "1 or more"),
        ((*map(str, MODEL), "--context", "inf"), "context"),
        ((*map(str, MODEL[:-1]), "0"), "query heads"),
    ],
)
def test_what_cannot_be_priced_is_one_sentence_and_exit_status_2(nextflop, words: tuple[str, ...], said: str) -> None:
    told = nextflop("cost", *words, "--json")
    assert told.code == 2
    assert said in told.err
    assert len(told.err.strip().splitlines()) == 1
    assert told.json["error"]["exit_code"] == 2


def test_refresh_asks_the_network_only_when_it_is_told_to(nextflop, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, ...]] = []

    def refuse(clouds: tuple[str, ...]) -> None:
        asked.append(clouds)
        raise StoreError("Cannot download: the bundled prices need no network.")

    monkeypatch.setattr("nextflop.prices.refresh", refuse)
    assert nextflop("cost", "--flop", "1e21").code == 0
    assert asked == []
    told = nextflop("cost", "--flop", "1e21", "--refresh", "--clouds", "lambda, aws")
    assert (told.code, asked) == (2, [("lambda", "aws")])
    assert "need no network" in told.err


def test_a_served_price_stands_beside_where_the_extra_is_there(nextflop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "genai_prices", None)
    told = nextflop("cost", *MODEL, "--api-model", "gpt-4o")
    assert told.code == 2
    assert "nextflop[prices]" in told.err
    monkeypatch.undo()
    pytest.importorskip("genai_prices")
    assert "Sold at" in nextflop("cost", *MODEL, "--api-model", "gpt-4o", "--api-provider", "openai").out


def test_a_kept_answer_is_reckoned_again_at_its_own_prices(nextflop, tmp_path: Path) -> None:
    words = ("cost", "--flop", "3.8e25", "--chip", "A100", "--chips", 16384, "--at", "2024-03-01", *MODEL, "--json")
    kept = nextflop(*words)
    (tmp_path / "kept.json").write_text(kept.out)
    again = nextflop(*words, "--prices", tmp_path / "kept.json")
    assert again.json["training"]["methods"][0]["dollars"] == kept.json["training"]["methods"][0]["dollars"]
    assert again.json["training"]["whole"] == kept.json["training"]["whole"]
    assert again.json["records"] == kept.json["records"]


def test_the_chips_that_are_known_are_listed_with_their_prices(nextflop) -> None:
    told = nextflop("cost", "--list")
    assert told.code == 0
    assert "H100 SXM" in told.out
    assert "$5.15 (2026)" in told.out
    listed = nextflop("cost", "--list", "--json").json
    assert len(listed["records"]) > 250
    assert {"name", "peaks", "source"} <= set(listed["chips"][0])


def test_the_growth_of_the_cost_by_who_counts(nextflop, public_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEXTFLOP_MIRROR", str(public_data))
    told = nextflop("cost", "--trend")
    assert "2.41" in told.out
    assert "2.4 [2.0 to 3.1]" in told.out
    grown = nextflop("cost", "--trend", "--flop", "1e21", "--json").json
    assert [one["largest"] for one in grown["growth"]] == [5, 10, 0]
    assert json.dumps(grown["training"])


def test_text_from_a_price_file_is_shown_harmlessly(nextflop, tmp_path: Path) -> None:
    path = tmp_path / "evil.csv"
    path.write_text(
        "item,value,currency,unit,commitment,date,source\n"
        "H100,2,USD,chip-hour,on-demand,2026-10-01,[bold]\x1b[31mshop\n"
    )
    told = nextflop("cost", "--flop", "1e21", "--prices", path)
    assert "\x1b" not in told.out
    assert "[bold]\\x1b" in "".join(told.out.split())
