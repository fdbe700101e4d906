"""What a finished study took, by part: wall seconds, process-seconds, FLOP, and the size of its page.

    python benchmarks/study.py FOLDER            prints a table and writes benchmarks/results/study.json

The folder is one that `nextflop study countdown` wrote in a single sitting; its page is built anew and timed.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

from nextflop.evidence.files import read_json
from nextflop.report.study_page import write_study_report

OUT = Path(__file__).parent / "results" / "study.json"


def measure(folder: Path) -> dict[str, object]:
    """Reads the study's own account and times its page."""
    answers = read_json(folder / "answers.json")
    with tempfile.TemporaryDirectory() as scratch:
        clock = time.perf_counter()
        page = write_study_report(folder, Path(scratch) / "report.html")
        seconds, size = time.perf_counter() - clock, page.stat().st_size
    used = sum(answers["seconds"].values())
    return {
        "machine": answers["machine"],
        "version": answers["version"],
        "settings": answers["settings"],
        "wall_seconds": {**answers["wall"], "page": seconds},
        "process_seconds_of_training_and_sampling": answers["seconds"],
        "share_of_the_processes_busy_with_them": used / (answers["wall"]["measuring"] * answers["machine"]["workers"]),
        "flop": answers["spent"],
        "page_bytes": size,
    }


def main() -> None:
    """Measures, prints, writes."""
    found = measure(Path(sys.argv[1]))
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    for part, seconds in found["wall_seconds"].items():
        print(f"{part:24} {seconds:8.1f} s")
    print(f"{'page':24} {found['page_bytes'] / 1e3:8.0f} kB")


if __name__ == "__main__":
    main()
