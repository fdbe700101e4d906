"""`nextflop import`: logs and tables as one table, with its mapping, conventions and sources on record."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from nextflop.cli.options import pairs
from nextflop.cli.output import print_json, print_line, print_table, warn
from nextflop.errors import InputError
from nextflop.evidence.files import Json

if TYPE_CHECKING:
    from nextflop.evidence.imported import Imported
    from nextflop.evidence.origin import Origin

_Texts = Annotated[tuple[str, ...], Parameter(negative="", show_default=False)]
_Flag = Annotated[bool, Parameter(negative="", show_default=False)]


def import_runs(
    path: Path,
    /,
    *more: Path,
    map: _Texts = (),
    convention: _Texts = (),
    convert: _Texts = (),
    points: str = "last",
    response: str | None = None,
    out: Path | None = None,
    online: _Flag = False,
    json: _Flag = False,
) -> None:
    """Read logs and tables, say how their quantities are counted, and save them as one table.

    Without --map, lists the keys that each source has.

    Args:
        path: a table (CSV, TSV, JSON Lines, Parquet), or logs of TensorBoard, W&B, MLflow or Trackio; a file or folder.
        more: further ones, with the same mapping.
        map: quantity=key pairs such as params=config.n_params,tokens=tokens,loss=val/loss.
        convention: how quantities are counted, such as "loss=nats per token,params=non-embedding,flop=MAC".
        convert: how they shall be counted in the table, such as "loss=bits per byte,flop=FLOP".
        points: of logs: which points of a curve become rows: last, best or every.
        response: of logs: the quantity whose logging makes a row; by default the loss, or the only one with a curve.
        out: the table, ending in .csv, .tsv, .jsonl or .parquet, or the folder of a store.
        online: read an address such as wandb://entity/project over the network.
        json: print JSON.
    """
    paths = (path, *more)
    if not map:
        _describe(paths, online, json)
        return
    if out is None:
        raise InputError("--map says what to import and --out is missing: name the table to save, such as runs.csv.")

    from nextflop.evidence.imported import gather, store

    found = gather(
        paths,
        pairs(map, "map"),
        pairs(convention, "convention"),
        pairs(convert, "convert"),
        points=points,
        response=response,
        online=online,
    )
    saved = store(found, out)
    warn(found.runs.notes)
    if json:
        print_json({"out": str(out), "rows": len(found.runs), **saved.to_json()})
    else:
        _show(found, saved, out)


def _show(found: "Imported", saved: "Origin", out: Path) -> None:
    runs = found.runs
    print_line(f"{len(runs)} rows in {out}", style="bold")
    print_line()
    rows = []
    for name, values in runs.columns.items():
        numeric = values.dtype.kind != "U" and len(values)
        span = f"{values.min():.4g} to {values.max():.4g}" if numeric else "text"
        rows.append((name, saved.map.get(name, "-"), span, runs.conventions.get(name, "-")))
    print_table(("quantity", "from", "values", "counted as"), rows)
    for source in saved.sources[:10]:
        print_line(f"{source.file} ({source.reader}, sha256 {source.digest})", style="dim")
    if len(saved.sources) > 10:
        print_line(f"and {len(saved.sources) - 10} more sources", style="dim")
    silent = [name for name in ("params", "flop", "loss") if name in runs and name not in runs.conventions]
    if silent:
        warn([f"Nothing says how {', '.join(silent)} is counted: declare it with --convention."])


def _describe(paths: Sequence[Path], online: bool, json: bool) -> None:
    """The keys of each source: how many runs have them, and the first value."""
    told = [_keys(path, online) for path in paths]
    if json:
        print_json({"sources": told})
        return
    for one in told:
        print_line(f"{one['path']}: {one['runs']} {one['unit']}, {one['reader']}", style="bold")
        print_line()
        rows = [(key, str(count), first) for key, (count, first) in one["keys"].items()]
        print_table(("key", one["unit"], "first"), rows, right=(one["unit"],))
        warn(one["left_out"])
    print_line("Map keys to quantities with --map, such as --map params=KEY,loss=KEY, and save with --out.")


def _keys(path: Path, online: bool) -> dict[str, Json]:
    from nextflop.evidence.points import keys, value_of
    from nextflop.evidence.readers.read import header, read_log

    reading = read_log(path, online=online)
    if reading is None:
        rows, names = header(path)
        return {
            "path": str(path),
            "reader": "table",
            "runs": rows,
            "unit": "rows",
            "keys": {name: (rows, first) for name, first in names.items()},
            "left_out": [],
        }
    found = {}
    for key in keys(reading.runs):
        values = [value for run in reading.runs if (value := value_of(run, key)) is not None]
        found[key] = (len(values), _short(values[0]) if values else "-")
    readers = sorted({run.source.reader for run in reading.runs if run.source is not None})
    return {
        "path": str(path),
        "reader": ", ".join(readers) or "store",
        "runs": len(reading.runs),
        "unit": "runs",
        "keys": found,
        "left_out": [str(one) for one in reading.skipped],
    }


def _short(value: Json, most: int = 40) -> str:
    if isinstance(value, float):
        return "not finite" if not math.isfinite(value) else f"{value:.6g}"
    text = str(value)
    return text if len(text) <= most else f"{text[: most - 1]}…"
