"""Dataframes of every library, there and back, and Parquet."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nextflop.errors import InputError
from nextflop.evidence import frame as frames
from nextflop.evidence.frame import read_parquet, write_parquet
from nextflop.evidence.runs import Runs

BACKENDS = ["pandas", "polars", "pyarrow"]
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


def library(backend: str):
    return pytest.importorskip(backend)


def small() -> Runs:
    return Runs({"params": np.array([1e8, 2e9]), "loss": np.array([3.25, 2.5]), "name": np.array(["a", 'b, "c"'])})


@pytest.mark.parametrize("backend", BACKENDS)
@given(
    st.lists(
        st.tuples(NUMBERS, st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5)),
        min_size=1,
        max_size=5,
    )
)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_table_goes_there_and_back(backend: str, rows: list[tuple[float, str]]) -> None:
    library(backend)
    runs = Runs({"x": np.array([x for x, _ in rows]), "name": np.array([text for _, text in rows])})
    back = Runs.from_frame(runs.to_frame(backend))
    assert back["x"].tolist() == runs["x"].tolist()
    assert back["name"].tolist() == runs["name"].tolist()


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_frame_is_mapped_and_spelled_as_a_table_is(backend: str) -> None:
    library(backend)
    raw = Runs({"N": np.array(["1B", "2e9"]), "loss": np.array([3.0, 2.5])}).to_frame(backend)
    runs = Runs.from_frame(raw, {"params": "N", "loss": "loss"}, {"loss": "nats per token"})
    assert runs["params"].tolist() == [1e9, 2e9]
    assert runs.conventions == {"loss": "nats per token"}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ([1.0, float("nan")], "the dataframe, row 2, column 'L', "),  # empty, to pandas
        ([1.0, -2.0], "row 2, column 'L': the loss -2.0 is not positive"),
        (["1", "high"], "row 2, column 'L': the loss 'high' is not an amount"),
    ],
)
def test_a_cell_that_is_no_amount_is_named(backend: str, values: list, sentence: str) -> None:
    library(backend)
    frame = Runs({"L": np.array(values)}).to_frame(backend)
    with pytest.raises(InputError) as caught:
        Runs.from_frame(frame, {"loss": "L"})
    assert sentence in str(caught.value)


def test_whole_numbers_dates_and_truths_of_polars() -> None:
    polars = library("polars")
    import datetime

    frame = polars.DataFrame({"n": [10**9, None], "day": [datetime.date(2024, 1, 2)] * 2, "good": [True, False]})
    assert Runs.from_frame(frame[:1], {"params": "n"})["params"].tolist() == [1e9]
    assert Runs.from_frame(frame.lazy().head(1), {"params": "n"})["params"].tolist() == [1e9]
    for column, sentence in (("day", "which is not a number"), ("good", "which is not a number"), ("n", "is empty")):
        with pytest.raises(InputError, match=sentence):
            Runs.from_frame(frame, {"params": column})
    with pytest.raises(InputError, match="the dataframe has no column 'm' for params; its columns are 'n', 'day'"):
        Runs.from_frame(frame, {"params": "m"})


def test_what_is_no_frame_or_no_library_is_one_sentence() -> None:
    with pytest.raises(InputError, match="A dict is no dataframe that narwhals knows"):
        Runs.from_frame({"a": [1]}, {"loss": "a"})
    with pytest.raises(InputError, match="'excel' is no library for dataframes here: give pandas, polars or pyarrow"):
        small().to_frame("excel")


@pytest.mark.parametrize("engine", ["pyarrow", "polars"])
def test_parquet_is_read_by_whichever_engine_is_there(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library(engine)
    monkeypatch.setattr(frames, "_ENGINES", {engine: engine})
    path = tmp_path / "runs.parquet"
    path.write_bytes(write_parquet(path, small()))
    runs = read_parquet(path, {"params": "params", "loss": "loss", "name": "name"}, {"loss": "nats per token"})
    assert {name: runs[name].tolist() for name in runs.columns} == {n: small()[n].tolist() for n in small().columns}
    assert runs.source.startswith(f"{path} (sha256 ")
    assert read_parquet(path)["loss"].tolist() == [3.25, 2.5]
    with pytest.raises(InputError, match="has no column 'N' for params; its columns are 'params', 'loss', 'name'"):
        read_parquet(path, {"params": "N"})


def test_without_an_engine_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "runs.parquet").write_bytes(b"PAR1")
    monkeypatch.setattr(frames, "find_spec", lambda name: None)
    with pytest.raises(
        InputError, match=r"is Parquet, for which a library is needed: pip install 'nextflop\[parquet\]'"
    ):
        read_parquet(tmp_path / "runs.parquet", {"loss": "loss"})


@pytest.mark.parametrize("data", [b"", b"PAR1", b"PAR1" + bytes(40) + b"\xff\xff\xff\x7fPAR1", b"N,loss\n1,2\n"])
def test_what_is_no_parquet_is_one_sentence(data: bytes, tmp_path: Path) -> None:
    if find_spec("pyarrow") is None and find_spec("polars") is None:
        pytest.skip("no engine for Parquet is installed")
    (tmp_path / "runs.parquet").write_bytes(data)
    with pytest.raises(InputError, match=r"is not a Parquet file that p.* reads"):
        read_parquet(tmp_path / "runs.parquet", {"loss": "loss"})


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"Cannot read .*none.parquet: No such file"):
        read_parquet(tmp_path / "none.parquet", {"loss": "loss"})
    with pytest.raises(InputError, match=r"Cannot read .*: Is a directory"):
        read_parquet(tmp_path, {"loss": "loss"})
