"""`nextflop predict` and the law "auto": what is printed, what the JSON promises, what is refused."""

from pathlib import Path

import numpy as np
import pytest

from nextflop.laws import Power

TRUTH = Power(E=1.7, A=1e3, alpha=0.15)


@pytest.fixture
def curve(tmp_path: Path) -> Path:
    """Twenty runs of a power law with 0.1% of noise."""
    compute = np.geomspace(1e18, 1e21, 20)
    loss = TRUTH(compute=compute) * np.exp(0.001 * np.random.default_rng(4).normal(size=20))
    rows = [f"{x!r},{y!r}" for x, y in zip(compute.tolist(), loss.tolist(), strict=True)]
    path = tmp_path / "curve.csv"
    path.write_text("\n".join(["C,loss", *rows]) + "\n")
    return path


def test_all_laws_foretell_together_with_the_parts_apart(nextflop, curve: Path) -> None:
    done = nextflop("predict", curve, "--law", "auto", "--map", "compute=C", "--at", "compute=4e21", "--json")
    assert done.code == 0
    (point,) = done.json["points"]
    assert point["at"] == {"compute": 4e21}
    assert point["run_low"] <= point["law_low"] <= point["low"] <= point["value"]
    assert point["value"] <= point["high"] <= point["law_high"] <= point["run_high"]
    assert point["law_low"] < TRUTH(compute=4e21) < point["law_high"]
    assert set(point["spread"]) == {"parameter", "law", "noise"}
    assert point["beyond"]["compute"] == pytest.approx(np.log10(4))
    assert done.json["choice"]["verdict"]["outcome"] == "pass"


def test_a_named_law_keeps_its_own_value_and_is_held_against_the_others(nextflop, curve: Path) -> None:
    words = ("--map", "compute=C", "--draws", 40, "--at", "compute=4e21", "--at", "compute=1e23")
    done = nextflop("predict", curve, "--law", "power", *words, "--json")
    assert done.code == 0
    near, far = done.json["points"]
    assert near["low"] < near["value"] < near["high"]
    assert near["run_low"] < near["low"]
    assert near["law_low"] < near["law_high"]
    assert far["spread"]["law"] > near["spread"]["law"] > 0
    shown = nextflop("predict", curve, "--law", "power", *words)
    assert shown.code == 0
    assert "choice of law" in shown.out
    assert "decades beyond a cut" in " ".join(shown.out.split())


def test_a_law_without_rivals_says_so(nextflop, curve: Path) -> None:
    words = ("--map", "params=C", "--map", "tokens=loss", "--map", "loss=loss")
    done = nextflop("predict", curve, "--law", "power", "--map", "compute=C", "--draws", 0, "--at", "compute=1e22")
    assert done.code == 0
    assert "unknown" in done.out  # without draws the parameters have no interval
    assert nextflop("predict", curve, "--law", "chinchilla", *words, "--at", "params=1e9").code == 2


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "no run to foretell"),
        (("--at", "tokens=1e9"), "does not give what"),
        (("--at", "compute=-1"), "compute"),
        (("--at", "compute=1e22", "--pin", "alpha=0.2"), "name that law"),
    ],
)
def test_what_cannot_be_foretold_is_refused(nextflop, curve: Path, words: tuple[str, ...], says: str) -> None:
    done = nextflop("predict", curve, "--law", "auto", "--map", "compute=C", *words)
    assert done.code == 2
    assert says in done.err


def test_fit_auto_names_the_law_and_shows_why(nextflop, curve: Path) -> None:
    words = ("fit", curve, "--law", "auto", "--map", "compute=C", "--draws", 20)
    done = nextflop(*words, "--json")
    assert done.code == 0
    assert done.json["law"] == done.json["choice"]["law"]
    assert {"last value", "weighted mean", "power"} <= set(done.json["choice"]["errors"])
    assert "What would have been foretold" in nextflop(*words).out


def test_fit_auto_refuses_where_no_law_beats_the_last_value(nextflop, tmp_path: Path) -> None:
    path = tmp_path / "flat.csv"
    path.write_text("compute,loss\n" + "\n".join(f"{x!r},2.0" for x in np.geomspace(1e18, 1e21, 16).tolist()) + "\n")
    done = nextflop("fit", path, "--law", "auto", "--draws", 0, "--json")
    assert done.code == 1
    assert "No law foretold" in done.json["error"]["message"]
    assert nextflop("predict", path, "--law", "auto", "--at", "compute=1e22").code == 1
