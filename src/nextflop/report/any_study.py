"""The page of a finished study, whatever it studied."""

from pathlib import Path

from nextflop.lab.study import Study
from nextflop.report.selfplay_page import write_selfplay_report
from nextflop.report.study_page import write_study_report
from nextflop.studies.selfplay.experiment import GAMES


def write_page_of(root: Path, out: Path | None = None) -> Path:
    """Writes the page of a study as one self-contained HTML file.

    Args:
        root: the folder of the study.
        out: where the page goes; `report.html` in the folder if not given.

    Returns:
        The path.

    Raises:
        StoreError: if a file of the study is missing or cannot be read, or the page cannot be written.
    """
    write = write_selfplay_report if Study.load(root).name in GAMES else write_study_report
    return write(root, out)
