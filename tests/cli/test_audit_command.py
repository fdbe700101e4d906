"""`nextflop audit` and `nextflop reproduce`, and the receipts of fits to a table of one's own."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nextflop.audits import names
from nextflop.cli.app import main

QUICK = ("metr", "synthllm", "marin")
MAP = ("--map", "params=N,loss=final loss", "--drop-highest-loss", 1, "--draws", 30)


@pytest.fixture
def quick(public_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A mirror that has the data of the quickest audits only."""
    folder = tmp_path / "mirror"
    for name in ("metr_time_horizon_1_1", "marin-4447"):
        shutil.copytree(public_data / name, folder / name)
        for file in (folder / name).iterdir():
            file.chmod(0o644)
    monkeypatch.setenv("NEXTFLOP_MIRROR", str(folder))
    monkeypatch.setenv("NEXTFLOP_CACHE", str(tmp_path / "cache"))
    return folder


def test_all_audits_whose_data_are_here_are_judged_a_line_each_and_the_others_named(quick: Path, nextflop) -> None:
    done = nextflop("audit", "--receipt", "receipts")
    assert done.code == 1  # one claim of SynthLLM does not follow
    assert "3 audits, 7 claims" in done.out
    assert "chinchilla: not judged, for the data of epoch-chinchilla are not on this machine" in " ".join(
        done.out.split()
    )
    assert sorted(path.name for path in Path("receipts").iterdir()) == ["marin.json", "metr.json", "synthllm.json"]
    done = nextflop("audit", "--json")
    assert [one["audit"] for one in done.json["audits"]] == ["marin", "metr", "synthllm"]
    assert {one["audit"] for one in done.json["absent"]} == set(names()) - set(QUICK)


def test_with_online_what_is_nowhere_published_as_it_is_is_named_and_the_rest_is_judged(
    tmp_path: Path, nextflop, monkeypatch: pytest.MonkeyPatch
) -> None:
    # All sets that could be downloaded are left out, so that nothing is.
    monkeypatch.setenv("NEXTFLOP_MIRROR", str(tmp_path / "none"))
    monkeypatch.setenv("NEXTFLOP_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("nextflop.audits.names", lambda: ("jones", "synthllm"))
    done = nextflop("audit", "--online")
    assert done.code == 1
    assert "1 audit, 2 claims" in done.out
    words = " ".join(done.out.split())
    assert "jones: not judged, for the data of boardlaw are not on this machine; set NEXTFLOP_MIRROR" in words


def test_one_audit_is_shown_in_full(quick: Path, nextflop) -> None:
    done = nextflop("audit", "metr")
    assert done.code == 0  # all three follow
    words = " ".join(done.out.split())
    assert "Follows. The records give 193 days, 173 to 219 days" in words
    assert "178 days [161, 200]" in words
    assert "metr_th1_1_2026-06-10.csv" in words
    done = nextflop("audit", "synthllm", "--json")
    assert done.code == 1
    assert [one["judgement"] for one in done.json["audits"][0]["verdicts"]] == ["cannot tell", "does not follow"]


def test_an_audit_without_its_data_says_how_to_get_them(quick: Path, nextflop) -> None:
    done = nextflop("audit", "chinchilla")
    assert done.code == 2
    assert "--online" in done.err
    done = nextflop("audit", "chinchila")
    assert done.code == 2
    assert "did you mean 'chinchilla'" in done.err


@pytest.mark.parametrize("name", QUICK)
def test_a_receipt_is_reproduced(quick: Path, nextflop, name: str) -> None:
    nextflop("audit", name, "--receipt", "receipt.json")
    done = nextflop("reproduce", "receipt.json")
    assert done.code == 0, done.out + done.err
    assert done.out.startswith("Reproduced")
    assert nextflop("reproduce", "receipt.json", "--json").json["differences"] == []


def edit(path: Path, change: Callable[[Any], None]) -> None:
    record = json.loads(path.read_text())
    change(record)
    path.write_text(json.dumps(record))


def test_a_changed_number_or_declaration_is_found(quick: Path, nextflop) -> None:
    path = Path("receipt.json")
    nextflop("audit", "metr", "--receipt", path)
    edit(path, lambda record: record["numbers"]["long-run"].__setitem__(0, 194.0))
    done = nextflop("reproduce", path)
    assert done.code == 1
    assert "long-run" in done.out
    assert "Not reproduced" in done.out
    nextflop("audit", "metr", "--receipt", path)
    edit(path, lambda record: record["how"]["questions"][0].__setitem__("published", 150.0))
    done = nextflop("reproduce", path, "--json")
    assert done.code == 1
    assert {(one["what"], one["name"]) for one in done.json["differences"]} == {("outcome", "metr/long-run")}


def test_changed_data_are_found(quick: Path, nextflop) -> None:
    nextflop("audit", "metr", "--receipt", "receipt.json")
    file = quick / "metr_time_horizon_1_1" / "metr_th1_1_2026-06-10.csv"
    file.write_bytes(file.read_bytes().replace(b"0.053778", b"0.053779"))
    done = nextflop("reproduce", "receipt.json")
    assert done.code == 2
    assert "SHA-256" in done.err


def test_data_belong_to_the_register_for_an_audit(quick: Path, nextflop) -> None:
    nextflop("audit", "metr", "--receipt", "receipt.json")
    done = nextflop("reproduce", "receipt.json", "--data", "other.csv")
    assert done.code == 2
    assert "--data" in done.err


@pytest.mark.parametrize(("command", "more"), [("fit", ()), ("check", ("--pin", "E=1.8,A=480,alpha=0.35"))])
def test_a_fit_to_ones_own_table_is_reproduced(runs: Path, nextflop, command: str, more: tuple[str, ...]) -> None:
    done = nextflop(command, runs.name, *MAP, *more, "--receipt", "receipt.json", "--budget", "1e22")
    assert "Receipt: receipt.json" in done.out
    done = nextflop("reproduce", "receipt.json", "--json")
    assert done.code == 0, done.out + done.err
    assert done.json["kind"] == command
    assert done.json["numbers"] == 9  # five parameters, the objective, three of the allocation


def test_a_changed_byte_of_ones_own_table_is_found(runs: Path, nextflop) -> None:
    assert nextflop("fit", runs.name, *MAP, "--receipt", "receipt.json", "--json").json["receipt"] == "receipt.json"
    text = runs.read_text()
    runs.write_text(text.replace("group 3", "group 4", 1))  # a column that the fit does not read
    done = nextflop("reproduce", "receipt.json", "--json")
    assert done.code == 1
    assert {one["name"] for one in done.json["differences"]} == {"runs, sha256"}
    runs.write_text(text.replace("10000000.0,", "10100000.0,", 1))
    done = nextflop("reproduce", "receipt.json", "--json")
    assert {"runs, digest", "objective", "alpha"} <= {one["name"] for one in done.json["differences"]}


def test_a_table_that_moved_is_named_with_data_or_found_beside_the_receipt(runs: Path, nextflop) -> None:
    nextflop("fit", runs.name, *MAP, "--receipt", "receipt.json")
    moved = runs.rename(runs.with_name("moved.csv"))
    done = nextflop("reproduce", "receipt.json")
    assert done.code == 2
    assert "--data" in done.err
    assert nextflop("reproduce", "receipt.json", "--data", moved).code == 0
    folder = Path("elsewhere")
    folder.mkdir()
    shutil.copy(moved, folder / runs.name)
    Path("receipt.json").rename(folder / "receipt.json")
    assert nextflop("reproduce", folder / "receipt.json").code == 0


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("draws", 10**9, "at most 100000"),
        ("draws", True, "not what draws takes"),
        ("law", None, "not what law takes"),
        ("map", "params=N", "not what map takes"),
        ("level", "high", "not what level takes"),
        ("colour", 1, "does not take"),
    ],
)
def test_options_that_a_receipt_cannot_hold_are_refused(
    runs: Path, nextflop, name: str, value: object, says: str
) -> None:
    nextflop("fit", runs.name, *MAP, "--receipt", "receipt.json")
    edit(Path("receipt.json"), lambda record: record["how"]["options"].__setitem__(name, value))
    done = nextflop("reproduce", "receipt.json")
    assert done.code == 2
    assert says in done.err


_HOSTILE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=6),
    st.sampled_from([[], {}, [[]], 10**400, "\0", "/dev/zero", "..", "mixture:", {"fit": "x"}, [1e308, -1e308]]),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_mutated_receipt_ends_in_anything_but_an_answer_or_a_sentence(
    quick: Path, runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: st.DataObject
) -> None:
    monkeypatch.chdir(tmp_path)
    kind = data.draw(st.sampled_from(["metr", "synthllm", "fit"]))
    path = tmp_path / f"{kind}.json"
    if not path.exists():
        words = ["fit", runs.name, *map(str, MAP)] if kind == "fit" else ["audit", kind]
        main([*words, "--receipt", str(path)])
    record = json.loads(path.read_text())
    place: Any = record
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        if not (isinstance(place[key], dict | list) and place[key] and data.draw(st.integers(0, 5))):
            break
        place = place[key]
    if data.draw(st.booleans()):
        place[key] = data.draw(_HOSTILE)
    else:
        del place[key]
    spoiled = tmp_path / "spoiled.json"
    spoiled.write_text(json.dumps(record))
    assert main(["reproduce", str(spoiled)]) in (0, 1, 2)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.floats(0, 1, exclude_max=True), byte=st.integers(0, 255), cut=st.booleans())
def test_no_damaged_receipt_does_either(
    quick: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: float, byte: int, cut: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "synthllm.json"
    if not path.exists():
        main(["audit", "synthllm", "--receipt", str(path)])
    damaged = bytearray(path.read_bytes())
    place = int(at * len(damaged))
    damaged[place : None if cut else place + 1] = bytes([byte])
    (tmp_path / "damaged.json").write_bytes(bytes(damaged))
    assert main(["reproduce", str(tmp_path / "damaged.json")]) in (0, 1, 2)
