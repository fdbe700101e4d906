"""MLflow's old store of files, `mlruns/<experiment>/<run>/`: a file a metric, a line a value.

Reference: MLflow, `store/tracking/file_store.py`. A line is "timestamp value step", in old files without the step, in
those of evaluated models followed by the name and the digest of a data set.
"""

from collections import Counter
from pathlib import Path

from nextflop.errors import InputError
from nextflop.evidence.files import digest
from nextflop.evidence.readers.mlflow import named, seed
from nextflop.evidence.readers.reading import Log, Reading, content, tally
from nextflop.evidence.run import Run, Source

READER = "mlruns"
_META = "meta.yaml"


def run_folders(root: Path) -> list[Path]:
    """The folders of runs at or below a place: those with a `meta.yaml` and metrics or parameters beside it."""
    return [
        path.parent
        for path in sorted(root.glob(f"**/{_META}"))
        if ".trash" not in path.parts and any((path.parent / part).is_dir() for part in ("metrics", "params"))
    ]


def read_mlruns(folders: list[Path]) -> Reading:
    """Reads folders of runs; deleted runs are not read.

    Raises:
        InputError: if a file cannot be read.
    """
    runs: list[Run] = []
    damage: Counter[str] = Counter()
    for folder in folders:
        meta = _meta(folder / _META)
        if meta.get("lifecycle_stage", "active") != "active":
            continue
        run, unread = _run(folder, meta)
        runs.append(run)
        damage += unread
    return Reading(tuple(runs), tally(folders[0].parent, damage) if folders else ())


def _run(folder: Path, meta: dict[str, str]) -> tuple[Run, Counter[str]]:
    log, damage, digests = Log(), Counter(), {}
    for path in _files(folder / "params"):
        data = content(path)
        digests[path.relative_to(folder).as_posix()] = digest(data)
        log.config[path.relative_to(folder / "params").as_posix()] = data.decode(errors="backslashreplace").strip()
    for path in _files(folder / "metrics"):
        data = content(path)
        digests[path.relative_to(folder).as_posix()] = digest(data)
        key = path.relative_to(folder / "metrics").as_posix()
        values, unread = _metric(data)
        damage["unreadable line"] += unread
        for step, value in values:
            log.add(step, key, value)
    experiment = _meta(folder.parent / _META).get("name", "")
    tag = folder / "tags" / "mlflow.runName"
    own = meta.get("run_name") or (content(tag).decode(errors="backslashreplace").strip() if tag.is_file() else "")
    name = named(experiment, own, folder.name)
    source = Source(str(folder), digest(digests), READER)
    return log.run(name, source, seed(log)), damage


def _metric(data: bytes) -> tuple[list[tuple[int, float]], int]:
    """The steps and values of a metric in the order of their time, and how many lines are not such."""
    found: list[tuple[int, int, float]] = []
    unread = 0
    for line in data.split(b"\n"):
        parts = line.split()
        if not parts:
            continue
        try:
            if len(parts) not in {2, 3, 5}:
                raise ValueError(line)
            step = int(parts[2]) if len(parts) > 2 else 0
            found.append((int(parts[0]), step, float(parts[1])))
        except ValueError:
            unread += 1
    return [(step, value) for _, step, value in sorted(found, key=lambda one: one[0])], unread


def _files(folder: Path) -> list[Path]:
    """The files below a folder; a key with slashes has folders of its own."""
    try:
        return sorted(path for path in folder.rglob("*") if path.is_file())
    except OSError as error:
        raise InputError(f"Cannot read {folder}: {error.strerror or error}; give a folder you may read.") from error


def _meta(path: Path) -> dict[str, str]:
    """The flat part of a `meta.yaml`: one `name: value` a line, the value perhaps in quotes."""
    if not path.is_file():
        return {}
    found: dict[str, str] = {}
    for line in content(path).decode(errors="backslashreplace").splitlines():
        name, colon, value = line.partition(": ")
        if colon and not name[:1].isspace():
            found[name] = _unquoted(value.strip())
    return found


def _unquoted(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1].replace("''", "'") if value[0] == "'" else value[1:-1].replace('\\"', '"')
    return "" if value == "null" else value
