"""How soon the command line answers: wall seconds of `nextflop --help`, and what it imports.

python benchmarks/start.py          prints the median of ten calls and writes benchmarks/results/start.json
"""

import json
import platform
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import nextflop

CALLS = 10
HEAVY = ("jax", "numpy", "scipy", "matplotlib", "equinox")
OUT = Path(__file__).parent / "results" / "start.json"
PROGRAM = "import sys; from nextflop.cli.app import main; code = main(['--help']); print(*sys.modules, file=sys.stderr)"


def main() -> None:
    """Measures, prints, writes."""
    seconds = []
    for _ in range(CALLS):
        clock = time.perf_counter()
        ended = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
        seconds.append(time.perf_counter() - clock)
    heavy = sorted(set(HEAVY) & set(ended.stderr.split()))
    result = {
        "python": platform.python_version(),
        "version": nextflop.__version__,
        "date": datetime.now(UTC).date().isoformat(),
        "calls": CALLS,
        "seconds": {"median": statistics.median(seconds), "least": min(seconds), "most": max(seconds)},
        "heavy_imports": heavy,
    }
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(f"--help: {result['seconds']['median']:.3f} s; heavy imports: {', '.join(heavy) or 'none'}")


if __name__ == "__main__":
    main()
