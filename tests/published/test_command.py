"""`nextflop published`: list, show, fetch, and refusals with their exit codes."""

import json
from pathlib import Path

import pytest

from nextflop.cli.app import main
from nextflop.published import find, names


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main(["published", *words])
    return code, *capsys.readouterr()


def test_the_list_says_of_every_set_how_many_rows_and_whether_it_is_here(mirrored: Path, capsys) -> None:
    code, out, _ = run(capsys)
    assert code == 0
    for name in names():
        (line,) = [line for line in out.splitlines() if line.startswith(f"{name} ")]
        assert line.split()[1:3] == [str(find(name).rows), "yes"]
    assert max(map(len, out.splitlines())) <= 80


def test_without_a_mirror_nothing_is_here(bare: Path, capsys) -> None:
    _, out, _ = run(capsys)
    assert " no " in out
    assert " yes " not in out


def test_the_list_as_json_has_digests_and_places(mirrored: Path, capsys) -> None:
    _, out, _ = run(capsys, "--json")
    sets = {known["name"]: known for known in json.loads(out)["data_sets"]}
    assert set(sets) == set(names())
    (file,) = sets["kyo-chinchilla"]["files"]
    assert file["path"] == str(mirrored / "kyo-chinchilla" / "df.csv")
    assert file["sha256"] == find("kyo-chinchilla").files[0].sha256


@pytest.mark.parametrize("name", ["epoch-chinchilla", "porian", "epoch_data_stock"])
def test_one_set_in_full_tells_licence_source_columns_and_mapping(bare: Path, capsys, name: str) -> None:
    code, out, _ = run(capsys, name)
    text, known = "".join(out.split()), find(name)
    assert code == 0
    for said in (known.title, known.paper, known.licence, known.backs, known.source, *known.arxiv):
        assert "".join(said.split()) in text
    for file in known.files:
        assert file.sha256 in text
        assert "".join((file.url or file.derived).split()) in text
    for table in known.tables:
        assert f"table{table.name}of{table.file}" in text


def test_fetching_prints_one_path_a_line(mirrored: Path, capsys) -> None:
    code, out, _ = run(capsys, "boardlaw", "--fetch")
    assert code == 0
    assert out.splitlines() == [str(mirrored / "boardlaw" / file.name) for file in find("boardlaw").files]
    _, out, _ = run(capsys, "boardlaw", "--fetch", "--json")
    assert json.loads(out)["paths"][0] == str(mirrored / "boardlaw" / "frontier.csv")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["../x"], "no data set '../x'"),
        (["porain"], "did you mean 'porian'?"),
        (["metr"], "did you mean 'metr_time_horizon_1_1'?"),
        (["--fetch"], "--fetch needs the name"),
        (["porian", "--online"], "needs --fetch"),
        (["kyo-chinchilla", "--fetch"], "not on this machine"),
        (["porian", "--fetch", "--online"], "not published as it is"),
    ],
)
def test_what_cannot_be_done_is_refused_with_two(bare: Path, capsys, words: list[str], says: str) -> None:
    code, out, err = run(capsys, *words)
    assert (code, out) == (2, "")
    assert says in err
