"""The trials of a study of self-play: anchors among themselves, training, rating, agents among themselves."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import equinox as eqx
import jax

from nextflop.evidence.files import Json, digest, read_lines, to_json, write_bytes
from nextflop.evidence.run import Run, Source
from nextflop.lab.checkpoint import load
from nextflop.lab.loop import Point, snapshot_path, train
from nextflop.lab.selfplay.arena.ladder import climb, round_of
from nextflop.lab.selfplay.arena.match import Match
from nextflop.lab.selfplay.arena.openings import openings
from nextflop.lab.selfplay.arena.players import LADDER, Anchor, Searcher
from nextflop.lab.selfplay.engines.compiled import Compiled
from nextflop.lab.selfplay.exact import judge, solved, value_error
from nextflop.lab.selfplay.games.named import game_of
from nextflop.lab.selfplay.network import Network, Shape
from nextflop.lab.selfplay.recipe import Recipe
from nextflop.lab.selfplay.search.search import Search
from nextflop.lab.selfplay.training.agent import Agent, generations
from nextflop.lab.trial import Bench, Stopped

CONVENTIONS = {
    "params": "all weights and biases",
    "positions": "positions searched in self-play and put into the replay, each once",
    "evaluations": "positions that the network was asked for in self-play, roots among them; games that end cost none",
    "flop": "2 a multiply-add of the network: evaluations, and 3 times as much a position of a learner's step",
    "elo": "Bradley-Terry with a worth for the first move, 400 to a factor of ten in the odds, random play at 0",
    "simulations": "of the search at each move; 1 is the network's own policy. Play is without noise or temperature",
    "regret": "outcome given away a move against perfect play, 0 to 2, in positions in which it matters what is played",
}
MATCHES, EXACT = "matches.jsonl", "exact.jsonl"
_SEED = 7_000_003  # of matches: the same in every study
_AMONG = 16  # simulations of the agents when they play one another


def run(bench: Bench) -> Run:
    """Makes the run that a trial declares."""
    return {"anchors": anchors, "training": training, "rating": rating, "league": league}[bench.trial.kind](bench)


def anchors(bench: Bench) -> Run:
    """The anchors among themselves, each against the next two, over all first moves with both sides."""
    spec = bench.trial.spec
    engine = Compiled(game_of(spec["game"]))
    players = [Anchor(engine.game, simulations) for simulations in LADDER]
    found = round_of(engine, players, openings(engine, 1), _SEED, repeats=spec["repeats"])
    _write(bench.folder / MATCHES, [_line(match) for match in found])
    return _record(bench, {"games": _games(found)}, ())


def training(bench: Bench) -> Run:
    """Self-play from nothing to the last of the generations in `at`."""
    spec = bench.trial.spec
    engine, shape, recipe = setting(spec)
    agent = Agent.init(engine.game, shape, recipe, spec["seed"])
    means = train(bench, agent, generations(engine, recipe, spec["seed"]), lambda agent, step: {}, spec["at"], stride=1)
    curve = totals(means, shape, recipe)
    return _record(bench, {**_parameters(shape), **curve[-1]}, curve)


def rating(bench: Bench) -> Run:
    """Every snapshot of a run, at every depth of search, against the anchors about as strong as it.

    Where the game is solved, also its moves and values against perfect play.
    """
    spec = bench.trial.spec
    engine, shape, recipe = setting(spec)
    players, firsts = [Anchor(engine.game, simulations) for simulations in LADDER], openings(engine, 1)
    path, exact_path = bench.folder / MATCHES, bench.folder / EXACT
    lines, exact = list(read_lines(path)), list(read_lines(exact_path))
    begin, clock = 0, time.perf_counter()
    for number, step in enumerate(spec["at"]):
        if any(line["step"] == step for line in lines):
            continue
        if bench.stopped():
            raise Stopped(f"{bench.trial.name} stopped")
        read = engine.read(snapshot(bench, shape, spec["start"], step))
        for simulations in spec["simulations"]:
            player = Searcher(
                agent_name(spec["start"], step, simulations), engine, read, Search(simulations, recipe.search)
            )
            found = climb(engine, player, players, firsts, _SEED, begin)
            begin = min(range(len(found)), key=lambda place, found=found: abs(found[place].score - 0.5))
            begin = LADDER.index(_rung(found[begin].opponent))
            lines += [{**_line(match), "step": step, "simulations": simulations} for match in found]
            if solved(engine.game):
                exact.append({"step": step, "simulations": simulations, **judge(engine, player)})
        if solved(engine.game):
            exact.append({"step": step, "value_error": value_error(engine, read)})
            _write(exact_path, exact)
        _write(path, lines)
        bench.report((number + 1) / len(spec["at"]), f"generation {step} rated")
    asked = float(sum(line["evaluations"] for line in lines))
    spent = {"evaluations": asked, "evaluation_flop": asked * shape.flop, "seconds": time.perf_counter() - clock}
    return _record(bench, {**_parameters(shape), **spent, "games": float(sum(line["games"] for line in lines))}, ())


def league(bench: Bench) -> Run:
    """The agents at the end of training among themselves, each against the next few: what ties the ratings together."""
    spec = bench.trial.spec
    engine, players = None, []
    for agent in spec["agents"]:
        engine, shape, recipe = setting({**spec, **agent})
        read = engine.read(snapshot(bench, shape, agent["start"], agent["step"]))
        name = agent_name(agent["start"], agent["step"], _AMONG)
        players.append(Searcher(name, engine, read, Search(_AMONG, recipe.search)))
    assert engine is not None
    found = round_of(engine, players, openings(engine, 1), _SEED, reach=spec["reach"])
    _write(bench.folder / MATCHES, [_line(match) for match in found])
    return _record(bench, {"games": _games(found), "evaluations": sum(match.evaluations for match in found)}, ())


def setting(spec: Mapping[str, Json]) -> tuple[Compiled, Shape, Recipe]:
    """The engine, the network's shape and the recipe of a trial."""
    game = game_of(spec["game"])
    width, depth = spec["size"]
    return Compiled(game), Shape.of(game, width, depth, spec["network"]), Recipe(**spec["recipe"])


def agent_name(start: str, step: int, simulations: int) -> str:
    """How ratings name an agent: the run that trained it, the generation, the depth of its search."""
    return f"{start}/{step}@{simulations}"


def snapshot(bench: Bench, shape: Shape, start: str, step: int) -> Network:
    """The network that a run of training left at a generation."""
    like = eqx.filter_eval_shape(Network.init, shape, jax.random.key(0))
    return load(snapshot_path(bench.store.folder(start), step), like)[0]


def totals(means: Sequence[Point], shape: Shape, recipe: Recipe) -> tuple[Point, ...]:
    """The curve with sums from the start of training where the loop has means a generation."""
    curve, before, sums = [], 0, dict.fromkeys(("positions", "evaluations", "steps"), 0.0)
    for point in means:
        for name in sums:
            sums[name] += point[name] * (point["step"] - before)
        before = point["step"]
        play, learn = sums["evaluations"] * shape.flop, 3 * sums["steps"] * recipe.batch * shape.flop
        spent = {"play_flop": play, "learn_flop": learn, "flop": play + learn}
        curve.append(
            {
                **point,
                "positions": sums["positions"],
                "evaluations": sums["evaluations"],
                "learner_steps": sums["steps"],
                **spent,
            }
        )
    return tuple({name: value for name, value in point.items() if name != "steps"} for point in curve)


def _rung(name: str) -> int:
    return 0 if name == "random" else int(name.removeprefix("uct-"))


def _line(match: Match) -> dict[str, Json]:
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


def _parameters(shape: Shape) -> dict[str, float]:
    roles = {f"params_{role}": float(number) for role, number in shape.parameters.items()}
    return {"params": float(sum(shape.parameters.values())), **roles, "evaluation_flop_each": shape.flop}


def _write(path: Path, lines: Sequence[Mapping[str, Any]]) -> None:
    write_bytes(path, "".join(to_json(line) + "\n" for line in lines).encode())


def _record(bench: Bench, quantities: Mapping[str, float], curve: tuple[Point, ...]) -> Run:
    trial = bench.trial
    return Run(
        name=trial.name,
        kind=trial.kind,
        quantities={name: float(value) for name, value in quantities.items() if name != "step"},
        conventions=CONVENTIONS,
        config=trial.spec,
        seed=trial.spec.get("seed"),
        curve=curve,
        source=Source(Path(__file__).name, digest(trial.to_json()), "nextflop laboratory"),
    )
