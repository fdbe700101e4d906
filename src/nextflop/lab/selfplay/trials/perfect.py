"""Perfect play as the judge: positions labelled once, then every snapshot held against them."""

import time

from nextflop.evidence.files import read_lines, write_bytes
from nextflop.evidence.run import Run
from nextflop.lab.selfplay.arena.players import LADDER, Anchor
from nextflop.lab.selfplay.engines.compiled import Compiled
from nextflop.lab.selfplay.exact.labelled import Labelled, labelled
from nextflop.lab.selfplay.exact.measures import judge, value_error
from nextflop.lab.selfplay.games.named import game_of
from nextflop.lab.selfplay.trials.agents import SEED, judged, record, searcher, setting, unjudged, write_lines
from nextflop.lab.trial import Bench, Stopped

LABELS, EXACT = "labels.npz", "exact.jsonl"
LABELLING = 0.9  # of the time that both take, the positions


def labels(bench: Bench) -> Run:
    """Positions with the worth of every move, and what the anchors of the arena give away in them."""
    engine, clock = Compiled(game_of(bench.trial.spec["game"])), time.perf_counter()

    def report(share: float) -> None:
        if bench.stopped():
            raise Stopped(f"{bench.trial.name} stopped")
        bench.report(LABELLING * share, "positions labelled")

    found = labelled(engine.game, report=report)
    write_bytes(bench.folder / LABELS, found.to_bytes())
    lines = []
    for place, simulations in enumerate(LADDER):
        if bench.stopped():
            raise Stopped(f"{bench.trial.name} stopped")
        anchor = Anchor(engine.game, simulations)
        lines.append({"name": anchor.name, **judge(engine, anchor, found, SEED)})
        bench.report(LABELLING + (1 - LABELLING) * (place + 1) / len(LADDER), f"{anchor.name} judged")
    write_lines(bench.folder / EXACT, lines)
    return record(bench, {"labels": float(len(found.worth)), "seconds": time.perf_counter() - clock})


def judging(bench: Bench) -> Run:
    """The moves of every snapshot of a run at every depth of search, and its values, against perfect play."""
    spec, clock = bench.trial.spec, time.perf_counter()
    engine, shape, _ = setting(spec)
    found = Labelled.from_bytes((bench.store.folder(spec["labels"]) / LABELS).read_bytes())
    lines = list(read_lines(bench.folder / EXACT))
    for step, read in unjudged(bench, engine, shape, lines):
        error = value_error(engine, read, found)
        for simulations in spec["simulations"]:
            told = judge(engine, searcher(spec, engine, read, step, simulations), found, SEED)
            lines.append({"step": step, "simulations": simulations, **told, "value_error": error})
        write_lines(bench.folder / EXACT, lines)
    return record(bench, judged(shape, lines, clock))
