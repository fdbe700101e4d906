"""`nextflop study`: an experiment from measurement to recommendation, on this machine."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from nextflop.cli.sizes import parse_sizes
from nextflop.cli.study_games import add_games
from nextflop.cli.study_text import tell
from nextflop.cli.watch import watching
from nextflop.quantities import parse_positive

app = App(name="study", help="Run an experiment from measurement to recommendation, on this machine.")
add_games(app)


@app.command
def countdown(
    *,
    minutes: float | None = None,
    sizes: str | None = None,
    seeds: int | None = None,
    numbers: int | None = None,
    out: Path = Path("countdown"),
    resume: Annotated[bool, Parameter(negative="")] = False,
    queries: str = "1e6",
    budget: str | None = None,
    workers: int | None = None,
    executor: str = "local",
    json: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Where should the next FLOP go: parameters, demonstrations, reinforcement learning or samples?

    Trains small transformers on Countdown, repeats their data, reinforces them, samples them, fits the laws of all
    four and says which buys most. Writes a folder of runs and a page, report.html.

    Args:
        minutes: wall-clock minutes to aim at on this machine; 10 if not given.
        sizes: width and depth of three or more networks, smallest first; 32x2,64x2,128x2 if not given.
        seeds: seeds of every run; 2 if not given, 1 in a study of less than 5 minutes.
        numbers: numbers dealt in a problem, 3 to 6; 4 if not given.
        out: the study's folder.
        resume: go on with the study in that folder; one that is complete is answered anew, for other queries or budget.
        queries: queries that the model will be asked in its life; they weigh inference against training.
        budget: total FLOP, training and inference together, to plan for; what the middle network has cost if not given.
        workers: trials at once; one a core if not given, and a single one on an accelerator.
        executor: where trials run: local, the processes of this machine, slurm or ray; the last two need --workers.
        json: print JSON.
    """
    from nextflop.report.study_page import write_study_report
    from nextflop.studies import countdown as study
    from nextflop.studies.conduct import conduct

    scope = study.Scope(
        queries=parse_positive(queries, "number of queries", "queries"),
        budget=None if budget is None else parse_positive(budget, "budget", "FLOP"),
    )
    wanted = {
        "minutes": minutes,
        "sizes": None if sizes is None else parse_sizes(sizes),
        "seeds": seeds,
        "numbers": numbers,
    }
    with watching(out) as watch:
        given = {name: value for name, value in wanted.items() if value is not None}
        answers = conduct(study.countdown(scope), out, given, resume, watch, workers, executor)
    page = write_study_report(out)
    columns = {
        "points gained": lambda axis: _points(axis["gain"]),
        "first 1e12 FLOP": lambda axis: _rate(axis["per_flop"]["value"]),
    }
    tell(answers, out, page, json, columns)


def _rate(per_flop: float | None) -> str:
    return "unknown" if per_flop is None else f"{100 * per_flop * 1e12:+.2f}"


def _points(interval: dict[str, float]) -> str:
    return "{value:+.1f} ({low:+.1f}, {high:+.1f})".format(**{name: 100 * end for name, end in interval.items()})
