"""Matches as the judge: anchors among themselves, every snapshot against them, the agents among themselves."""

import time
from collections.abc import Sequence

from nextflop.evidence.files import Json, read_lines
from nextflop.evidence.run import Run
from nextflop.lab.selfplay.arena.ladder import climb, round_of
from nextflop.lab.selfplay.arena.match import Match
from nextflop.lab.selfplay.arena.openings import telling
from nextflop.lab.selfplay.arena.perfect import anchor
from nextflop.lab.selfplay.engines.compiled import Compiled
from nextflop.lab.selfplay.games.named import game_of
from nextflop.lab.selfplay.trials.agents import (
    SEED,
    judged,
    last_of,
    record,
    searcher,
    setting,
    unjudged,
    write_lines,
)
from nextflop.lab.trial import Bench

MATCHES = "matches.jsonl"
_AMONG = 16  # simulations of the agents when they play one another


def anchors(bench: Bench) -> Run:
    """The anchors among themselves, each against the next two, over all openings with both sides."""
    spec, clock = bench.trial.spec, time.perf_counter()
    engine = Compiled(game_of(spec["game"]))
    players = [anchor(engine.game, kind) for kind in spec["anchors"]]
    found = round_of(engine, players, telling(engine), SEED, repeats=spec["repeats"])
    write_lines(bench.folder / MATCHES, [line(match) for match in found])
    return record(bench, {"games": _games(found), "seconds": time.perf_counter() - clock})


def rating(bench: Bench) -> Run:
    """Every snapshot of a run, at every depth of search, against the anchors about as strong as it."""
    spec = bench.trial.spec
    engine, shape, _ = setting(spec)
    players, firsts = [anchor(engine.game, kind) for kind in spec["anchors"]], telling(engine)
    path = bench.folder / MATCHES
    lines = list(read_lines(path))
    begin, clock = 0, time.perf_counter()
    for step, read in unjudged(bench, engine, shape, lines):
        for simulations in spec["simulations"]:
            player = searcher(spec, engine, read, step, simulations)
            found = climb(engine, player, players, firsts, SEED, begin)
            begin = min(range(len(found)), key=lambda place, found=found: abs(found[place].score - 0.5))
            begin = [one.name for one in players].index(found[begin].opponent)
            lines += [{**line(match), "step": step, "simulations": simulations} for match in found]
        write_lines(path, lines)
    return record(bench, {**judged(shape, lines, clock), "games": float(sum(line["games"] for line in lines))})


def league(bench: Bench) -> Run:
    """The agents at the end of training among themselves, each against the next few: what ties the ratings together."""
    spec, clock = bench.trial.spec, time.perf_counter()
    engine = Compiled(game_of(spec["game"]))
    players, flop = zip(*(last_of(bench, {**spec, **agent}, _AMONG) for agent in spec["agents"]), strict=True)
    found = round_of(engine, players, telling(engine), SEED, reach=spec["reach"])
    write_lines(bench.folder / MATCHES, [line(match) for match in found])
    each = {player.name: one for player, one in zip(players, flop, strict=True)}
    spent = {
        "evaluations": sum(match.evaluations + match.answered for match in found),
        "evaluation_flop": sum(
            match.evaluations * each[match.player] + match.answered * each[match.opponent] for match in found
        ),
    }
    return record(bench, {"games": _games(found), **spent, "seconds": time.perf_counter() - clock})


def line(match: Match) -> dict[str, Json]:
    """A match as it is kept."""
    return {
        "player": match.player,
        "opponent": match.opponent,
        "first": match.first.sum(),
        "second": match.second.sum(),
        "games": 2 * len(match.first),
        "pairs": list(match.pairs),
        "evaluations": match.evaluations,
    }


def _games(matches: Sequence[Match]) -> float:
    return float(sum(2 * len(match.first) for match in matches))
