"""Studies that cannot be made are refused in a sentence, before any worker is started."""

from pathlib import Path

import pytest


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["hex", "--board", "2"], "3 to 11"),
        (["hex", "--board", "5x5"], "--board 5x5 is no board of hex"),
        (["connect4", "--board", "six"], "whole numbers"),
        (["hex", "--sizes", "8x2,16x2"], "four or more"),
        (["mnk", "--network", "rnn"], "mlp"),
        (["mnk", "--search", "minimax"], "gumbel, puct, regularised"),
        (["mnk", "--simulations", "0"], "counts must be 1 or more"),
        (["mnk", "--reuse", "4,4"], "--reuse 4,4 names one twice"),
        (["mnk", "--simulations", "16,many"], "--simulations '16,many' cannot be read"),
        (["go", "--judge", "perfect"], "--judge perfect cannot judge"),
        (["go", "--outside", "gnuchess-1"], "program 'gnuchess'"),
        (["hex", "--outside", "gnugo-1"], "gnugo does not play hex-5x5"),
        (["connect4", "--outside", "gnugo-1"], "add --judge matches"),
        (["hex", "--moves", "-3"], "moves"),
        (["hex", "--temperature", "-1"], "--temperature -1"),
        (["countdown", "--numbers", "7"], "deal 2 to 6 numbers"),
    ],
)
def test_what_cannot_be_studied_is_refused_in_a_sentence(nextflop, words: list[str], sentence: str) -> None:
    done = nextflop("study", *words, "--out", "s")
    assert (done.code, done.out) == (2, "")
    assert sentence in done.err
    assert "workers" not in done.err


def test_a_folder_that_cannot_be_written_is_refused_before_anything_starts(nextflop, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = nextflop("study", "hex", "--out", "file/s")
    assert done.code == 2
    assert "workers" not in done.err
