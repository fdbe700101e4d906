"""`nextflop report`: one self-contained page, from a study folder or from runs in a table or log."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from nextflop.cli.options import FitOptions, answer
from nextflop.cli.output import print_json
from nextflop.cli.rerun import command
from nextflop.errors import InputError


def report(
    path: Path,
    /,
    options: FitOptions | None = None,
    *,
    axis: str | None = None,
    out: Path | None = None,
    json: Annotated[bool, Parameter(negative="", show_default=False)] = False,
) -> None:
    """Build the page for a study folder, or for a law fitted to a table of runs and everything asked of the fit.

    Args:
        path: a folder that `nextflop study` wrote, or a table or log as `nextflop check` takes it, with its options.
        axis: column along which larger runs are held out; by default training FLOP, or the first input.
        out: where the page goes; report.html in the study folder, or here, if not given.
        json: print JSON.
    """
    options = options or FitOptions()
    if path.is_dir() and not _is_log(path):
        if options != FitOptions() or axis is not None:
            raise InputError(f"{path} is a study, which has its own fits: leave out the options that fit a table.")

        from nextflop.report.any_study import write_page_of

        out = out or path / "report.html"
        write_page_of(path, out)
    else:
        from nextflop.cli.fit import write_page

        out = out or Path("report.html")
        again = command("report", path, options, axis=axis, out=out)
        write_page(out, answer(path, options, examine=True, axis=axis), again)
    if json:
        print_json({"report": str(out), "bytes": out.stat().st_size})
    else:
        print(out)


def _is_log(folder: Path) -> bool:
    """Whether a folder holds logs, or a store that no study wrote."""
    from nextflop.evidence.readers.registry import find

    return not (folder / "study.json").exists() and find(folder) is not None
