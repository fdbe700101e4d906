"""Toy calls and trials for the tests of executors, and a program that runs a study of them. Imports nothing heavy."""

import errno
import os
import signal
import sys
import time
from pathlib import Path

from nextflop.errors import FitError
from nextflop.evidence.files import append_line, to_json
from nextflop.evidence.run import Run
from nextflop.lab.executors.named import EXECUTORS
from nextflop.lab.study import Study, carry_out
from nextflop.lab.trial import Bench, Stopped, Trial

RUNNER = "nextflop_toys:work"


def add(left: int, right: int) -> int:
    """The sum."""
    return left + right


def fail(sentence: str) -> None:
    """Raises."""
    raise FitError(sentence)


def die() -> None:
    """Ends its process as the system does when memory runs out."""
    os.kill(os.getpid(), signal.SIGKILL)


def linger(begun: Path, ended: Path, pause: float) -> None:
    """Writes a file, sleeps, and writes another."""
    begun.write_text("begun")
    time.sleep(pause)
    ended.write_text("ended")


def note(path: Path, pause: float) -> int:
    """Writes its process into a file, then sleeps."""
    path.write_text(str(os.getpid()))
    time.sleep(pause)
    return os.getpid()


def work(bench: Bench) -> Run:
    """Counts to a number, a line a count, going on from the lines that are there; notes who made it and after what."""
    spec, lines = bench.trial.spec, bench.folder / "lines.jsonl"
    if spec.get("fails"):
        raise FitError(f"{bench.trial.name} was told to fail")
    if spec.get("dies") == "always" or (spec.get("dies") == "once" and not lines.exists()):
        append_line(lines, {"count": 0})
        die()
    if spec.get("full"):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    append_line(bench.folder / "workers.jsonl", {"process": os.getpid()})
    done = len(lines.read_text().splitlines()) if lines.exists() else 0
    for count in range(done, spec["count"]):
        if bench.stopped():
            raise Stopped("stopped")
        time.sleep(spec.get("pause", 0.0))
        append_line(lines, {"count": count})
        bench.report((count + 1) / spec["count"], f"{count + 1} counted")
    seen = [id for id in bench.trial.needs if id in bench.store.finished()]
    with (bench.store.root / "made.jsonl").open("a") as file:  # several processes write it, a line at once
        file.write(to_json({"trial": bench.trial.id, "seen": seen}) + "\n")
    return Run(bench.trial.name, bench.trial.kind, {"count": float(spec["count"])})


def toys(number: int, count: int, pause: float) -> tuple[Trial, ...]:
    """Trials of which each second one needs the one before."""
    trials: list[Trial] = []
    for index in range(number):
        needs = (trials[-1].id,) if index % 2 else ()
        trials.append(Trial("toy", f"toy {index}", {"index": index, "count": count, "pause": pause}, needs))
    return tuple(trials)


def main(root: Path, number: int, count: int, pause: float, executor: str = "local") -> None:
    """Declares a study of toys, or joins it, and carries it out with two workers."""
    study = Study("toys", RUNNER, {"number": number}, {}, toys(number, count, pause))
    with EXECUTORS[executor](2, root) as places:
        print("started", flush=True)
        carry_out(study.declare(root), root, places)
    print("done", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), *sys.argv[5:])
