"""Programs that nobody here wrote as judges: against the strongest anchors, and the agents at the end of training."""

import time
from collections.abc import Iterator

from nextflop.errors import ProgramError
from nextflop.evidence.files import read_lines, write_json
from nextflop.evidence.run import Run
from nextflop.lab.selfplay.arena.match import gauntlet
from nextflop.lab.selfplay.arena.openings import telling
from nextflop.lab.selfplay.arena.perfect import anchor
from nextflop.lab.selfplay.arena.players import Player
from nextflop.lab.selfplay.engines.compiled import Compiled
from nextflop.lab.selfplay.games.named import game_of
from nextflop.lab.selfplay.outside.named import outsider
from nextflop.lab.selfplay.trials.agents import SEED, last_of, record, write_lines
from nextflop.lab.selfplay.trials.arena import MATCHES, line
from nextflop.lab.trial import Bench, Stopped

FAILED = "failed.json"


def outside(bench: Bench) -> Run:
    """The matches of one program; one that fails ends them there, and the run says so by "failed".

    What it said is in a file beside the matches, and what was played before counts.
    """
    spec, path = bench.trial.spec, bench.folder / MATCHES
    engine, lines, failed = Compiled(game_of(spec["game"])), list(read_lines(path)), {}
    firsts, clock = telling(engine), time.perf_counter()
    matches = len(spec["anchors"]) + len(spec["agents"]) * len(spec["simulations"])
    with outsider(engine.game, spec["program"]) as program:
        try:
            for place, (player, flop) in enumerate(_players(bench, engine)):
                if place < len(lines):
                    continue
                if bench.stopped():
                    raise Stopped(f"{bench.trial.name} stopped")
                (match,) = gauntlet(engine, player, (program,), firsts, SEED)
                lines.append({**line(match), "evaluation_flop": match.evaluations * flop})
                write_lines(path, lines)
                bench.report(len(lines) / matches, f"{len(lines)} matches played")
        except ProgramError as error:
            write_json(bench.folder / FAILED, {"program": spec["program"], "sentence": str(error)})
            failed = {"failed": 1.0}
    spent = {name: float(sum(one[name] for one in lines)) for name in ("games", "evaluations", "evaluation_flop")}
    return record(bench, {**spent, "seconds": time.perf_counter() - clock, **failed})


def _players(bench: Bench, engine: Compiled) -> Iterator[tuple[Player, float]]:
    """The anchors, then every agent at every depth, each with the FLOP of an evaluation."""
    spec = bench.trial.spec
    for kind in spec["anchors"]:
        yield anchor(engine.game, kind), 0.0
    for agent in spec["agents"]:
        for simulations in spec["simulations"]:
            yield last_of(bench, {**spec, **agent}, simulations)
