"""Where should the next unit of compute go? Measure, fit, judge, plan, report.

The names below are loaded when they are first used, so that `import nextflop` is quick and imports no numerics.

Example:
    >>> import nextflop as nf
    >>> runs = nf.read_table("runs.csv", {"params": "N", "tokens": "D", "loss": "loss"})  # doctest: +SKIP
    >>> fit = nf.fit(nf.Chinchilla, runs)  # doctest: +SKIP
    >>> nf.allocate(fit, "5.76e23").params  # doctest: +SKIP
"""

from importlib import import_module

__version__ = "0.1.0"

# Where each name lives; `__init__.pyi` says the same to type checkers.
_HOMES = {
    "nextflop.audits": ("audit",),
    "nextflop.errors": ("FitError", "InputError", "NextflopError", "StoreError"),
    "nextflop.evidence.counts": ("Counts", "pass_at_k"),
    "nextflop.evidence.readers.read": ("read_runs",),
    "nextflop.evidence.run": ("Run", "Source"),
    "nextflop.evidence.runs": ("Runs",),
    "nextflop.evidence.store": ("Store",),
    "nextflop.evidence.table": ("read_table",),
    "nextflop.fitting": ("Huber", "Prediction", "Squares", "fit", "predict"),
    "nextflop.fitting.coverage": ("fit_coverage",),
    "nextflop.fitting.fit": ("Certificate", "Fit", "Interval", "Status"),
    "nextflop.fitting.lower_bound": ("certify",),
    "nextflop.fitting.posterior": ("posterior",),
    "nextflop.judging": ("Verdict", "check"),
    "nextflop.judging.choice": ("Choice", "choose"),
    "nextflop.judging.compare": ("compare",),
    "nextflop.judging.comparison": ("Comparison", "Pin"),
    "nextflop.judging.credence": ("credence",),
    "nextflop.judging.crossing": ("Crossing", "crossing"),
    "nextflop.judging.forecast": ("Forecast", "forecast"),
    "nextflop.judging.frontier": ("Speedup", "speedup"),
    "nextflop.judging.slowdown": ("Slowdown", "slowdown"),
    "nextflop.judging.transfer": ("Transfer", "rank_transfer"),
    "nextflop.judging.weights": ("Weights", "weigh"),
    "nextflop.laws": ("LAWS", "Chinchilla", "Growth", "Law", "Power", "Sigmoid", "ZeroInflatedBetaBinomial"),
    "nextflop.outlook.cost.ask": ("Cost", "cost"),
    "nextflop.outlook.wall.forecast": ("Wall", "wall"),
    "nextflop.outlook.diversity": ("diversity",),
    "nextflop.outlook.trend.answer": ("Trend",),
    "nextflop.outlook.trend.trend": ("trend",),
    "nextflop.planning.allocation": ("Allocation", "allocate"),
    "nextflop.planning.ledger.plan": ("Plan", "plan"),
    "nextflop.planning.ledger.situation": ("Corpus", "Limits", "Situation", "Use"),
    "nextflop.planning.next_runs": ("NextRuns", "next_runs"),
    "nextflop.report.plot": ("plot",),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [*_HOME, "__version__"]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
