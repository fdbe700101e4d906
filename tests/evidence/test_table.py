"""Tables that people have, and the one sentence they get when something in them is wrong."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nextflop.errors import InputError
from nextflop.evidence.runs import Runs
from nextflop.evidence.table import read_table

COLUMNS = {"params": "Model Size", "loss": "loss"}


@pytest.fixture
def read(tmp_path: Path):
    """Writes a text or bytes to a file and reads it as a table."""

    def write_and_read(content: str | bytes, name: str = "runs.csv", columns: dict[str, str] | None = None) -> Runs:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_table(path, COLUMNS if columns is None else columns)

    return write_and_read


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("runs.csv", "Model Size,loss\n1B,2.5\n2e9,2.4\n"),
        ("runs.csv", "loss , other,Model Size\n2.5,x,1B\n2.4,y,2e9"),
        ("runs.csv", "\ufeffModel Size;loss\r\n1B;2.5\r\n\r\n2e9;2.4\r\n"),
        ("runs.csv", "Model Size\rloss".replace("\r", ",") + "\r1B,2.5\r2e9,2.4\r"),
        ("runs.txt", "Model Size\tloss\n1B\t2.5\n2e9\t2.4\n"),
        ("runs.dat", "Model Size|loss\n1B|2.5\n2e9|2.4\n"),
        ("runs.csv", '"Model Size","loss"\n"1,000,000,000",2.5\n2e9,"2.4"\n'),
        ("RUNS.TSV", "Model Size\tloss\n1,000,000,000\t2.5\n2e9\t2.4\n"),
        ("runs.jsonl", '{"Model Size": 1000000000, "loss": 2.5}\n\n{"loss": "2.4", "Model Size": "2B", "z": null}\n'),
        ("runs.ndjson", '\ufeff{"Model Size": 1e9, "loss": 2.5}\r\n{"loss": 2.4, "Model Size": 2e9}'),
    ],
)
def test_every_common_form_of_one_table_reads_the_same(read, name: str, content: str) -> None:
    runs = read(content, name)
    assert runs == Runs({"params": np.array([1e9, 2e9]), "loss": np.array([2.5, 2.4])})


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(1e-3, 1e30), st.floats(1e-3, 1e3), st.text(max_size=8)), min_size=1, max_size=5))
def test_what_a_csv_writer_wrote_is_read_bit_for_bit(rows: list[tuple[float, float, str]]) -> None:
    import csv
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "runs.csv"
        with path.open("w", encoding="utf-8", newline="", errors="replace") as file:
            csv.writer(file).writerows([("Model Size", "loss", "note"), *rows])
        runs = read_table(path, COLUMNS)
    assert runs["params"].tolist() == [params for params, _, _ in rows]
    assert runs["loss"].tolist() == [loss for _, loss, _ in rows]


def test_one_row_is_a_table(read) -> None:
    assert len(read("Model Size,loss\n1B,2.5\n")) == 1


def test_names_and_clusters_stay_text(read) -> None:
    columns = {"loss": "loss", "name": "run", "cluster": "group"}
    runs = read('run,group,loss\n"a, ""b""\nc",007,2.5\n', columns=columns)
    assert runs["name"].tolist() == ['a, "b"\nc']
    assert runs["cluster"].tolist() == ["007"]


def test_the_source_names_the_file_and_its_digest(read, tmp_path: Path) -> None:
    content = "Model Size,loss\n1B,2.5\n"
    digest = hashlib.sha256(content.encode()).hexdigest()
    assert read(content).source == f"{tmp_path / 'runs.csv'} (sha256 {digest})"


def test_tokens_follow_from_flop_and_params_and_the_table_says_so(read) -> None:
    columns = {"params": "N", "flop": "C"}
    runs = read("N,C,D\n1e9,6e19,7\n", columns=columns)
    assert runs["tokens"].tolist() == [1e10]
    assert runs.conventions == {"tokens": "derived: flop / (6 params)"}
    given_tokens = read("N,C,D\n1e9,6e19,7\n", columns={**columns, "tokens": "D"})
    assert given_tokens["tokens"].tolist() == [7.0]
    assert given_tokens.conventions == {}


def test_conventions_are_kept(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("loss\n2\n")
    assert read_table(tmp_path / "a.csv", {"loss": "loss"}, {"loss": "nats per token"}).conventions == {
        "loss": "nats per token"
    }


@pytest.mark.parametrize("loss", ["0.5", "0", "-1"])
def test_only_what_is_positive_by_nature_must_be(read, loss: str) -> None:
    assert read(f"elo\n{loss}\n", columns={"elo": "elo"})["elo"].tolist() == [float(loss)]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            "Model size,loss\n1,2\n",
            "no column 'Model Size' for params; its columns are 'Model size', 'loss': did you mean",
        ),
        ("a,b\n1,2\n", "no column 'Model Size' for params; its columns are 'a', 'b': map params to one of them."),
        ("1e9,2.5\n2e9,2.4\n", "its columns are '1e9', '2.5': map params to one of them."),
        ("Model Size,loss\n1B,2.5\nbig,2.4\n", "line 3, column 'Model Size': the params 'big' is not an amount: write"),
        (
            "Model Size,loss\n\n1B,2.5\n\n2B,\n",
            "line 5, column 'loss', is empty: fill in the loss, or remove the line.",
        ),
        ("Model Size,loss\n1B,NaN\n", "line 2, column 'loss', holds 'NaN' for loss: fill in the loss, or remove"),
        ("Model Size,loss\n1B,#N/A\n", "line 2, column 'loss', holds '#N/A' for loss: fill in the loss, or remove"),
        ("Model Size,loss\n1B,inf\n", "line 2, column 'loss': the loss 'inf' is not an amount: write it like"),
        ("Model Size,loss\n1B,1e999\n", "line 2, column 'loss': the loss '1e999' is not finite: give an ordinary"),
        (
            "Model Size,loss\n0,2\n",
            "line 2, column 'Model Size': the params '0' is not positive; correct it, or remove",
        ),
        ("Model Size,loss\n1,-2\n", "line 2, column 'loss': the loss '-2' is not positive; correct it, or remove"),
        ("Model Size,loss\n1,000,2\n", "line 2, has 3 cells and the header has 2: quote cells that hold"),
        ("Model Size,loss\n1\n", "line 2, has 1 cells and the header has 2"),
        ("Model Size;loss\n1e9;2,345\n", "line 2, column 'loss': the loss '2,345' may have a decimal comma; write it"),
        ('Model Size,loss,note\n1,2,"a\nb"\nx,2,c\n', "line 4, column 'Model Size': the params 'x' is not an amount"),
        ('Model Size,loss\n"1,2\n3,4\n', "line 2, is not a row of a table (unexpected end of data): mend the line."),
        ("Model Size,loss,loss\n1,2,3\n", "has 2 columns named 'loss': rename all but one."),
        ("", "holds no runs: give a table with a header and at least one run below it."),
        ("\n\n", "holds no runs"),
        ("Model Size,loss\n", "holds no runs"),
        (b"Model Size,loss\n1B,2\n\xe9,3\n", "line 3: byte 0xe9 is not UTF-8; export the table as CSV in UTF-8."),
        ("Model Size,loss".encode("utf-16"), "line 1: byte 0xff is not UTF-8; export the table as CSV in UTF-8."),
    ],
)
def test_a_spoiled_table_is_one_sentence_with_place_value_and_mend(read, content: str | bytes, sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        read(content)
    assert sentence in str(caught.value)
    assert "runs.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ('{"Model Size": 1, "loss": 2}\n{"Model', "line 2, is not JSON (Unterminated string"),
        ("[1, 2]\n", 'line 1, is not a JSON object: write one like {"loss": 2.1} a line.'),
        ('{"Model Size": 1, "loss": 2}\n{"loss": 2}\n', "line 2, column 'Model Size', is empty: fill in the params"),
        ('{"Model Size": 1, "loss": null}\n', "line 1, column 'loss', is empty"),
        ('{"Model Size": 1, "loss": NaN}\n', "line 1, column 'loss', holds nan for loss"),
        ('{"Model Size": true, "loss": 2}\n', "line 1, column 'Model Size', holds True, which is not a number"),
        ('{"Model Size": [1], "loss": 2}\n', "line 1, column 'Model Size', holds [1], which is not a number"),
        (json.dumps({"Model Size": 10**400, "loss": 2}), "is not finite: give an ordinary number."),
        ('{"model": 1}\n{"lss": 2}', "its columns are 'model', 'lss'"),
    ],
)
def test_spoiled_json_lines_are_one_sentence_too(read, content: str, sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        read(content, "runs.jsonl")
    assert sentence in str(caught.value)
    assert "runs.jsonl" in str(caught.value)


def test_a_file_that_is_not_there_or_not_a_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"Cannot read .*none\.csv: No such file.*; give the path of a table of runs"):
        read_table(tmp_path / "none.csv", COLUMNS)
    with pytest.raises(InputError, match="Is a directory; give the path of a table of runs"):
        read_table(tmp_path, COLUMNS)


def test_the_published_table_of_chinchilla_runs_is_read_whole(public_data: Path) -> None:
    columns = {"params": "Model Size", "flop": "Training FLOP", "loss": "loss"}
    runs = read_table(public_data / "epoch-chinchilla" / "svg_extracted_data.csv", columns)
    assert len(runs) == 245
    assert runs["tokens"][0] == 9.993852799709755e18 / (6 * 6795600349.289497)
    assert "193478df4e90f040016431996c45682659306840ecdadf83cfb9cd5ca0aa1b30" in runs.source
