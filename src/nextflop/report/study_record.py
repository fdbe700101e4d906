"""What ran and under which conventions."""

import math
from importlib.metadata import version

from nextflop.fitting.fit import Interval
from nextflop.quantities import show
from nextflop.report.page import amounts
from nextflop.report.study_data import StudyData, size_name
from nextflop.report.study_tables import Row


def laboratory(data: StudyData) -> list[Row]:
    """What ran: trials, seconds and FLOP by kind."""
    spent, seconds = data.answers["spent"], data.answers["seconds"]
    parts = {
        "supervised": ("supervised", "own solutions"),
        "rl": ("rl generation", "rl update"),
        "sampling": ("sampling",),
    }
    kinds = list(dict.fromkeys(trial.kind for trial in data.study.trials))
    return [
        {
            "kind": kind,
            "runs": sum(run.kind == kind for run in data.runs.values()),
            "declared": sum(trial.kind == kind for trial in data.study.trials),
            "seconds": f"{seconds[kind]:.0f}" if seconds.get(kind) else "not kept",
            "flop": "; ".join(f"{show(spent[part], 'FLOP')} {part}" for part in parts.get(kind, ()) if spent.get(part)),
        }
        for kind in kinds
    ]


def receipt(data: StudyData) -> list[tuple[str, str]]:
    """Settings, machine, versions, conventions."""
    answers = data.answers
    machine, settings = answers["machine"], dict(answers["settings"])
    settings["sizes"] = ", ".join(map(size_name, settings["sizes"]))
    scope, limits = answers["scope"], answers["limits"]
    packages = f"NumPy {version('numpy')}, SciPy {version('scipy')}, matplotlib {version('matplotlib')}"
    return [
        ("Settings", "; ".join(f"{name} {value}" for name, value in sorted(settings.items()))),
        ("Planned for", f"{show(scope['queries'])} queries and {show(answers['budget'], 'FLOP')} in all"),
        (
            "Cost of the start",
            "; ".join(f"{name} {show(value, 'FLOP')}" for name, value in answers["start"]["parts"].items()),
        ),
        (
            "Limits of plans",
            f"parameters {amounts(Interval(math.nan, *limits['params']))}; tokens "
            f"{amounts(Interval(math.nan, *limits['tokens']))}; answers of reinforcement learning up to "
            f"{show(limits['answers'])}; samples up to {show(limits['samples'])}",
        ),
        (
            "Machine",
            f"{machine['processor']}; {machine['cores']} core; JAX on {machine['backend']} ({machine['device']})",
        ),
        ("Versions", f"nextflop {answers['version']}, Python {machine['python']}, JAX {machine['jax']}, {packages}"),
        *((f"Convention: {name}", way) for name, way in answers["conventions"].items()),
    ]
