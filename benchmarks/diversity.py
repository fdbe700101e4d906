"""How fast a corpus is measured, beside what gzip needs for the same bytes, and the memory that takes.

python benchmarks/diversity.py          writes benchmarks/results/diversity.json

Seconds are processor time of one process each, on text made by Zipf's law in documents of two hundred words. Memory is
the most that was resident beyond what the imports take; it is read from /proc, so this runs on Linux.
"""

import gzip
import json
import platform
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

import nextflop

SIZES = (4_000_000, 32_000_000, 128_000_000)  # bytes of text
OUT = Path(__file__).parent / "results" / "diversity.json"
PROGRAM = """
import sys, time
import scipy.sparse, scipy.special, scipy.stats
from nextflop.outlook.diversity import diversity
def peak():  # of this program alone; getrusage would count what its parent had
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmHWM"))
base = peak()
clock = time.process_time()
found = diversity(sys.argv[1])
taken = time.process_time() - clock
print(taken, peak() - base, found.corpora[0].words)
"""
COMPRESS = """
import gzip, sys, time
data = open(sys.argv[1], "rb").read()
clock = time.process_time()
gzip.compress(data, 6)
print(time.process_time() - clock)
"""


def write(path: Path, size: int) -> None:
    """Text of 300,000 words, the commoner the shorter."""
    rng = np.random.default_rng(0)
    letters = np.array(list("etaoinshrdlcumwfgypb"))
    lengths = np.maximum(2, rng.normal(3 + 1.2 * np.log10(np.arange(1, 300_001)), 1.5).astype(int))
    ends = np.cumsum(lengths)
    spelled = "".join(letters[rng.integers(0, len(letters), ends[-1])])
    words = [spelled[end - length : end] for end, length in zip(ends.tolist(), lengths.tolist(), strict=True)]
    edges = np.cumsum(np.arange(1, 300_001) ** -1.1)
    with path.open("w", encoding="ascii") as file:
        while file.tell() < size:
            ranks = np.searchsorted(edges, rng.random((1000, 200)) * edges[-1])
            file.writelines(" ".join([words[rank] for rank in row]) + "\n" for row in ranks.tolist())


def run(program: str, path: Path) -> list[float]:
    """The numbers that a program prints, in a process of its own."""
    done = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True)
    return [float(part) for part in done.stdout.split()]


def main() -> None:
    """Measures, prints, writes."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            path = Path(folder) / f"{size}.txt"
            write(path, size)
            megabytes = path.stat().st_size / 1e6
            seconds, memory, words = run(PROGRAM, path)
            (by_gzip,) = run(COMPRESS, path)
            packed = path.with_suffix(".txt.gz")
            packed.write_bytes(gzip.compress(path.read_bytes(), 6))
            of_packed, _, _ = run(PROGRAM, packed)
            rows.append(
                {
                    "megabytes": megabytes,
                    "words": words,
                    "megabytes_a_second": megabytes / seconds,
                    "megabytes_a_second_compressed": megabytes / of_packed,
                    "megabytes_a_second_gzip": megabytes / by_gzip,
                    "mebibytes_of_memory": memory,
                }
            )
            print(
                f"{megabytes:5.0f} MB: {megabytes / seconds:5.1f} MB/s, from .gz {megabytes / of_packed:5.1f}, "
                f"gzip -6 {megabytes / by_gzip:5.1f}; {memory:.0f} MiB"
            )
    result = {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "version": nextflop.__version__,
        "date": datetime.now(UTC).date().isoformat(),
        "rows": rows,
    }
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
