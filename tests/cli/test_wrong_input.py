"""What is wrong with the input is one sentence that names the value and the mend, exit code 2, and nothing is lost."""

import subprocess
import sys
from pathlib import Path

import pytest

from nextflop.errors import FitError

MAP = "params=N,tokens=tokens,loss=final loss"


def refused(outcome, *parts: str) -> None:
    assert outcome.code == 2
    assert outcome.out == ""
    lines = outcome.err.strip().splitlines()
    assert len(lines) == 1, outcome.err
    assert lines[0].startswith("nextflop: ")
    for part in parts:
        assert part in lines[0]


def fit(nextflop, runs: Path, *words: object):
    return nextflop("fit", runs, "--map", MAP, *words)


@pytest.mark.parametrize(
    ("spoil", "parts"),
    [
        (
            ("final loss", "final_loss"),
            ["no column 'final loss' for loss", "'N', 'tokens', 'final_loss'", "did you mean"],
        ),
        (("9.5", "high"), ["line 44, column 'final loss': the loss 'high' is not an amount: write it like"]),
        (("9.5", "NaN"), ["line 44, column 'final loss', holds 'NaN' for loss: fill in the loss, or remove the line"]),
        (("9.5", "0"), ["line 44, column 'final loss': the loss '0' is not positive; correct it, or remove the line"]),
        (("1e8,", "-1e8,"), ["line 44, column 'N': the params '-1e8' is not positive; correct it, or remove"]),
    ],
)
def test_a_spoiled_table(nextflop, runs: Path, spoil: tuple[str, str], parts: list[str]) -> None:
    runs.write_text(runs.read_text().replace(*spoil))
    before = runs.read_bytes()
    refused(fit(nextflop, runs), str(runs), *parts)
    assert runs.read_bytes() == before


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["--law", "chinchila"], ["There is no law 'chinchila'", "did you mean 'chinchilla'?"]),
        (["--budget", "0"], ["The budget '0' is not positive: give an amount above 0."]),
        (["--budget", "-1e21"], ["The budget '-1e21' is not positive"]),
        (["--budget", "lots"], ["The budget 'lots' is not an amount: write it like"]),
        (["--regret", "0"], ["--regret 0.0 cannot be used: give a loss above 0"]),
        (["--given", "unique_tokens=1e9"], ["--given unique_tokens: chinchilla takes params and tokens and nothing"]),
        (["--level", "1"], ["--level 1.0 cannot be used: give a number between 0 and 1"]),
        (["--draws", "-1"], ["--draws -1 cannot be used: give 0 or more"]),
        (["--draws", "many"], ["--draws", '"many"']),
        (["--seed", "-1"], ["--seed -1 cannot be used: give 0 or more"]),
        (["--pin", "alhpa=0.3"], ["There is no parameter of chinchilla 'alhpa'", "did you mean 'alpha'?"]),
        (["--pin", "alpha"], ["--pin 'alpha' is not a pair: write name=value"]),
        (["--pin", "alpha=x"], ["The pin of alpha 'x' is not an amount"]),
        (["--map", "params=N"], ["--map gives 'params' twice"]),
        (["--map", "parms=N"], ["There is no quantity 'parms'", "did you mean 'params'?"]),
        (["--cluster", "grp"], ["no column 'grp' for cluster", "did you mean 'group'?"]),
        (["--drop-highest-loss", "42"], ["--drop-highest-loss 42 leaves too few of the 43 runs: drop fewer."]),
        (["--drop-highest-loss", "-1"], ["--drop-highest-loss -1 cannot be used: give 0 or more"]),
        (["--buget", "1e21"], ["--buget", "--budget"]),
        (["again.csv"], ["There is no place for 'again.csv'"]),
    ],
)
def test_an_option_that_cannot_be_used(nextflop, runs: Path, words: list[str], parts: list[str]) -> None:
    refused(fit(nextflop, runs, *words), *parts)


def test_a_loss_is_dropped_only_under_a_law_of_the_loss(nextflop, runs: Path) -> None:
    outcome = nextflop("fit", runs, "--law", "sigmoid", "--map", "rl_flop=N,accuracy=tokens", "--drop-highest-loss", 1)
    refused(outcome, "--drop-highest-loss 1 needs a law of the loss; sigmoid is one of accuracy.")


def test_one_run_only(nextflop, runs: Path) -> None:
    runs.write_text("N,tokens,final loss\n1e9,1e10,2.5\n")
    refused(fit(nextflop, runs), "1 run", "more runs")


def test_a_table_that_is_not_there(nextflop) -> None:
    refused(nextflop("fit", "none.csv"), "Cannot read none.csv: No such file or directory", "give the path of a table")


def test_a_report_into_a_place_that_cannot_be_written(nextflop, runs: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    outcome = fit(nextflop, runs, "--draws", 20, "--report", tmp_path / "file" / "page.html")
    refused(outcome, "Cannot write", "page.html", "choose a folder you may write to")
    assert (tmp_path / "file").read_text() == "in the way"


def test_a_report_of_a_folder_that_is_no_study(nextflop, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    refused(nextflop("report", "empty"), "empty")
    assert list((tmp_path / "empty").iterdir()) == []


def test_options_of_a_fit_do_not_apply_to_a_study(nextflop, tmp_path: Path) -> None:
    (tmp_path / "study").mkdir()
    refused(nextflop("report", "study", "--law", "power"), "study is a study, which has its own fits: leave out")


def test_a_mistyped_command(nextflop) -> None:
    refused(nextflop("fti", "x"), "There is no command 'fti'", "did you mean 'fit'?")


def test_no_answer_is_another_exit_code(nextflop, runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def hopeless(*_: object, **__: object) -> None:
        raise FitError("These runs determine nothing.")

    monkeypatch.setattr("nextflop.fitting.fit", hopeless)
    outcome = fit(nextflop, runs)
    assert outcome.code == 1
    assert outcome.err.strip().endswith("nextflop: These runs determine nothing.")


def test_with_json_the_error_is_an_object_too(nextflop, runs: Path) -> None:
    outcome = fit(nextflop, runs, "--budget", "0", "--json")
    assert outcome.code == 2
    sentence = "The budget '0' is not positive: give an amount above 0."
    assert outcome.json == {"error": {"kind": "input", "message": sentence, "exit_code": 2}}
    assert outcome.err == f"nextflop: {sentence}\n"
    usage = nextflop("fit", "--json")
    assert (usage.code, usage.json["error"]["kind"]) == (2, "usage")


def test_ctrl_c_is_exit_code_130(nextflop, runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("nextflop.evidence.readers.read.read_log", interrupted)
    outcome = fit(nextflop, runs)
    assert outcome.code == 130
    assert outcome.err == "nextflop: Interrupted; what was written so far is kept.\n"


def test_a_reader_that_stops_reading_is_no_error() -> None:
    code = "import sys; from nextflop.cli.app import main; sys.exit(main(['laws']))"
    command = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert command.stdout is not None
    command.stdout.close()
    _, err = command.communicate()
    assert (command.returncode, err) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full on this system")
@pytest.mark.parametrize("words", [["laws"], ["laws", "--json"], ["laws", "chinchilla", "--json"]])
def test_a_full_disk_is_one_sentence(words: list[str]) -> None:
    code = f"import sys; from nextflop.cli.app import main; sys.exit(main({words}))"
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([sys.executable, "-c", code], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode != 0
    assert "No space left on device" in done.stderr.splitlines()[0]
    assert "Traceback" not in done.stderr
