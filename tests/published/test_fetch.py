"""Files come whole and checked, or not at all, and from the network only when asked."""

import hashlib
import importlib
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from nextflop.errors import InputError, StoreError
from nextflop.published import File, fetch, find, located

machinery = importlib.import_module("nextflop.published.fetch")

SET, FILE = "kyo-chinchilla", "df.csv"


@pytest.fixture
def online(served: Callable[[str], File], tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Fetches the file of a set as if it were published at a path of the server."""
    monkeypatch.delenv("NEXTFLOP_MIRROR", raising=False)
    monkeypatch.setenv("NEXTFLOP_CACHE", str(tmp_path / "cache"))

    def get(path: str) -> Path:
        place = tmp_path / "cache" / "set" / "runs.csv"
        machinery.download(served(path), place)
        return place

    return get


def everything(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_good_file_is_downloaded_and_kept(online, served) -> None:
    place = online("good")
    assert hashlib.sha256(place.read_bytes()).hexdigest() == served("good").sha256


def test_a_wrong_file_is_an_error_that_names_both_digests_and_keeps_nothing(online, served, tmp_path: Path) -> None:
    with pytest.raises(StoreError) as caught:
        online("wrong")
    assert len(set(word.strip(":;,") for word in str(caught.value).split() if len(word.strip(":;,")) == 64)) == 2
    assert served("wrong").sha256 in str(caught.value)
    assert everything(tmp_path) == []


@pytest.mark.parametrize("path", ["truncated", "endless", "absent"])
def test_what_is_not_the_file_is_refused_and_keeps_nothing(online, tmp_path: Path, path: str) -> None:
    with pytest.raises(StoreError, match={"endless": "longer than", "absent": "404"}.get(path, "SHA-256")):
        online(path)
    assert everything(tmp_path) == []


def test_an_endless_answer_is_read_no_further_than_one_byte_too_many(served) -> None:
    assert len(machinery._receive(served("endless"))) == served("endless").bytes + 1


@pytest.mark.parametrize("path", ["dripping", "silent"])
def test_a_slow_server_is_given_up(online, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setattr(machinery, "PATIENCE", 0.2)
    monkeypatch.setattr(machinery, "SILENCE", 0.3)
    with pytest.raises(StoreError, match="Cannot download"):
        online(path)
    assert everything(tmp_path) == []


def test_a_failed_download_leaves_the_file_that_was_there(online) -> None:
    place = online("good")
    before = place.read_bytes()
    with pytest.raises(StoreError, match="SHA-256"):
        online("wrong")
    assert place.read_bytes() == before
    assert everything(place.parent) == [place]


def test_a_kill_in_the_middle_of_writing_leaves_no_file(online, tmp_path: Path, monkeypatch) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", die)
    with pytest.raises(KeyboardInterrupt):
        online("good")
    assert everything(tmp_path) == []


def test_nothing_is_downloaded_unless_asked(bare: Path) -> None:
    with pytest.raises(StoreError, match=r"kyo-chinchilla/df.csv is not on this machine.*12498 bytes.*--online"):
        fetch(SET)
    with pytest.raises(AssertionError, match="a socket was opened"):
        fetch(SET, online=True)


def test_a_derived_file_must_be_in_a_mirror_and_is_never_asked_of_the_network(bare: Path) -> None:
    with pytest.raises(StoreError, match=r"not published as it is \(typed in.*NEXTFLOP_MIRROR"):
        fetch("marin-4447", online=True)


def test_the_mirror_comes_before_the_cache_and_the_cache_before_the_network(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, public_data: Path
) -> None:
    good = (public_data / SET / FILE).read_bytes()
    for folder in (bare, tmp_path / "mirror"):
        (folder / SET).mkdir(parents=True)
        (folder / SET / FILE).write_bytes(good)
    assert fetch(SET, online=True) == bare / SET / FILE
    monkeypatch.setenv("NEXTFLOP_MIRROR", str(tmp_path / "mirror"))
    assert fetch(SET, online=True) == tmp_path / "mirror" / SET / FILE
    (tmp_path / "mirror" / SET / FILE).unlink()
    assert fetch(SET) == bare / SET / FILE


@pytest.mark.parametrize("damage", [b"", b"N,D\n", b"x" * 12498, b"x" * 20000])
def test_a_damaged_file_on_this_machine_is_refused_by_name(bare: Path, damage: bytes) -> None:
    (bare / SET).mkdir(parents=True)
    (bare / SET / FILE).write_bytes(damage)
    assert located(SET) == bare / SET / FILE
    with pytest.raises(StoreError, match=r"cache/kyo-chinchilla/df\.csv"):
        fetch(SET)


def test_a_file_is_asked_for_by_a_name_of_the_set(bare: Path) -> None:
    with pytest.raises(InputError, match="no file of kyo-chinchilla"):
        fetch(SET, "../epoch-chinchilla/svg_extracted_data.csv")
    with pytest.raises(InputError, match="no data set"):
        fetch("../x")


def test_the_cache_is_where_the_platform_keeps_caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NEXTFLOP_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    expected = {
        "linux": tmp_path / ".cache" / "nextflop",
        "darwin": tmp_path / "Library" / "Caches" / "nextflop",
        "win32": tmp_path / "AppData" / "Local" / "nextflop" / "Cache",
    }
    for platform, folder in expected.items():
        monkeypatch.setattr(sys, "platform", platform)
        assert machinery.cache() == folder
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "mine"))
    assert machinery.cache() == tmp_path / "mine" / "nextflop"


def test_every_published_file_fits_into_the_patience_of_a_slow_line() -> None:
    largest = max(file.bytes for file in find("epoch_training_cost").files)
    assert largest / machinery.PATIENCE < 16_000  # bytes a second: an old modem's
