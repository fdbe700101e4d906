"""The register is complete, and what it says of the files is true."""

import csv
import hashlib
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from nextflop.errors import InputError
from nextflop.published import find, names, read

EXPECTED = {
    "alphazero-zipf",
    "boardlaw",
    "commoncrawl_stats",
    "datablations",
    "epoch-chinchilla",
    "epoch_benchmark_stitching",
    "epoch_data_stock",
    "epoch_training_cost",
    "infinite_compute_kim2025",
    "kyo-chinchilla",
    "marin-4447",
    "metr_time_horizon_1_1",
    "openathena-isoflops",
    "porian",
    "pythia-coverage",
    "revisiting-nsl",
    "rl-curves",
    "scalebench",
}


def test_the_register_holds_these_sets() -> None:
    assert set(names()) == EXPECTED
    assert list(names()) == sorted(names())


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_every_entry_is_complete(name: str) -> None:
    known = find(name)
    for text in (known.title, known.paper, known.source, known.version, known.licence, known.backs):
        assert text.strip()
    assert all(re.fullmatch(r"\d{4}\.\d{5}", number) for number in known.arxiv)
    assert known.source.startswith("https://")
    # What states no licence is not passed on; what is passed on names a licence that allows it.
    assert known.redistribute == bool(re.search(r"MIT|Apache|CC-BY", known.licence))
    assert len({file.name for file in known.files}) == len(known.files) > 0
    assert len({table.name for table in known.tables}) == len(known.tables) > 0
    for file in known.files:
        assert re.fullmatch(r"[0-9a-f]{64}", file.sha256)
        assert Path(file.name).name == file.name
        assert bool(file.url) != bool(file.derived), f"{file.name} is published or derived"
        if file.url:
            place = urlsplit(file.url)
            assert (place.scheme, place.hostname) == ("https", "raw.githubusercontent.com")
            assert re.search(r"/[0-9a-f]{40}/", place.path), "a commit, not a branch, so that the bytes stay"


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_every_column_of_a_table_is_explained(name: str) -> None:
    known = find(name)
    for table in known.tables:
        explained = known.file(table.file).columns
        used = {*table.columns.values(), *table.dates.values(), *(c for join in table.join.values() for c in join)}
        assert used <= set(explained), table.name
        assert set(table.conventions) <= {*table.columns, *table.dates, *table.join, "tokens"}


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_size_digest_rows_and_columns_are_those_of_the_files(name: str, public_data: Path) -> None:
    for file in find(name).files:
        data = (public_data / name / file.name).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (file.bytes, file.sha256), file.name
        if file.name.endswith(".csv"):
            records = csv.DictReader(data.decode("utf-8-sig").splitlines(keepends=True))
            assert set(file.columns) <= set(records.fieldnames or ()), file.name
            assert sum(1 for _ in records) == file.rows, file.name


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_every_table_can_be_read(name: str, mirrored: Path) -> None:
    known = find(name)
    for table in known.tables:
        runs = read(name, table.name)
        assert 0 < len(runs) <= known.file(table.file).rows
        assert {*table.columns, *table.join, *table.dates} <= set(runs.columns)
        assert known.file(table.file).sha256 in runs.source
        assert runs.source.endswith(known.paper)
        assert dict(table.conventions).items() <= dict(runs.conventions).items()


def test_a_name_that_is_not_there_is_answered_with_the_nearest() -> None:
    with pytest.raises(InputError, match=r"no data set 'porain'.*did you mean 'porian'"):
        find("porain")
    with pytest.raises(InputError, match=r"no file of porian 'isoflop.csv'"):
        find("porian").file("isoflop.csv")
    with pytest.raises(InputError, match=r"no table of porian 'run'.*did you mean 'runs'"):
        find("porian").table("run")


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "/etc/passwd", "porian/../porian", "porian.toml", "a\0b"])
def test_a_name_is_never_a_path(name: str) -> None:
    with pytest.raises(InputError, match=r"no data set"):
        find(name)
    with pytest.raises(InputError, match=r"no file of porian"):
        find("porian").file(name or "../porian/isoflop_points.csv")
