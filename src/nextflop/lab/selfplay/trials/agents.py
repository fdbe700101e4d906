"""The agents of a study as its trials declare them, and what all trials record."""

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import equinox as eqx
import jax

from nextflop.evidence.files import Json, digest, to_json, write_bytes
from nextflop.evidence.run import Run, Source
from nextflop.lab.checkpoint import load
from nextflop.lab.loop import Point, snapshot_path
from nextflop.lab.selfplay.arena.players import Searcher
from nextflop.lab.selfplay.engines.compiled import Compiled
from nextflop.lab.selfplay.engines.engine import Read
from nextflop.lab.selfplay.games.named import game_of
from nextflop.lab.selfplay.network import Network, Shape
from nextflop.lab.selfplay.recipe import Recipe
from nextflop.lab.selfplay.search.search import Search
from nextflop.lab.trial import Bench, Stopped

CONVENTIONS = {
    "params": "all weights and biases",
    "positions": "positions searched in self-play and put into the replay, each once",
    "evaluations": "positions that the network was asked for in self-play, roots among them; games that end cost none",
    "flop": "2 a multiply-add of the network: evaluations, and 3 times as much a position of a learner's step",
    "elo": "Bradley-Terry with a worth for the first move, 400 to a factor of ten in the odds, random play at 0",
    "simulations": "of the search at each move; 1 is the network's own policy",
    "temperature": "at which judged agents draw moves from the policy of their search; 0 is the choice of the search",
    "regret": "outcome given away a move against perfect play, 0 to 2, in positions in which it matters what is played",
}
SEED = 7_000_003  # of matches and of judges: the same in every study


def setting(spec: Mapping[str, Json]) -> tuple[Compiled, Shape, Recipe]:
    """The engine, the network's shape and the recipe of a trial."""
    game = game_of(spec["game"])
    width, depth = spec["size"]
    return Compiled(game), Shape.of(game, width, depth, spec["network"]), Recipe(**spec["recipe"])


def generations_of(bench: Bench, start: str, at: Sequence[int]) -> list[int]:
    """Those of the generations of which a run of training left a snapshot: all, unless it lost its numbers."""
    return [step for step in at if snapshot_path(bench.store.folder(start), step).exists()]


def unjudged(
    bench: Bench, engine: Compiled, shape: Shape, lines: Sequence[Mapping[str, Json]]
) -> Iterator[tuple[int, Read]]:
    """The snapshots of the run that a trial judges of which no line tells yet, each with its network as it is read.

    Raises:
        Stopped: before the next one, if the study is asked to stop.
    """
    spec = bench.trial.spec
    at = generations_of(bench, spec["start"], spec["at"])
    for number, step in enumerate(at):
        if any(line["step"] == step for line in lines):
            continue
        if bench.stopped():
            raise Stopped(f"{bench.trial.name} stopped")
        yield step, engine.read(snapshot(bench, shape, spec["start"], step))
        bench.report((number + 1) / len(at), f"generation {step} judged")


def judged(shape: Shape, lines: Sequence[Mapping[str, Json]], clock: float) -> dict[str, float]:
    """What a trial that judged agents records: their parameters, and what their networks were asked since the clock."""
    asked = float(sum(line["evaluations"] for line in lines))
    spent = {"evaluations": asked, "evaluation_flop": asked * shape.flop, "seconds": time.perf_counter() - clock}
    return {**parameters(shape), **spent}


def searcher(spec: Mapping[str, Json], engine: Compiled, read: Read, step: int, simulations: int) -> Searcher:
    """The agent that a run of training left at a generation, with its kind of search, so deep."""
    name, search = agent_name(spec["start"], step, simulations), Search(simulations, Recipe(**spec["recipe"]).search)
    return Searcher(name, engine, read, search, spec["temperature"])


def last_of(bench: Bench, spec: Mapping[str, Json], simulations: int) -> tuple[Searcher, float]:
    """The agent that a run of training left at its end, so deep, and the FLOP of one of its evaluations."""
    engine, shape, _ = setting(spec)
    step = generations_of(bench, spec["start"], spec["at"])[-1]
    read = engine.read(snapshot(bench, shape, spec["start"], step))
    return searcher(spec, engine, read, step, simulations), shape.flop


def agent_name(start: str, step: int, simulations: int) -> str:
    """How ratings name an agent: the run that trained it, the generation, the depth of its search."""
    return f"{start}/{step}@{simulations}"


def snapshot(bench: Bench, shape: Shape, start: str, step: int) -> Network:
    """The network that a run of training left at a generation."""
    like = eqx.filter_eval_shape(Network.init, shape, jax.random.key(0))
    return load(snapshot_path(bench.store.folder(start), step), like)[0]


def parameters(shape: Shape) -> dict[str, float]:
    """Parameters in all and by role, and the FLOP of an evaluation."""
    roles = {f"params_{role}": float(number) for role, number in shape.parameters.items()}
    return {"params": float(sum(shape.parameters.values())), **roles, "evaluation_flop_each": shape.flop}


def write_lines(path: Path, lines: Sequence[Mapping[str, Any]]) -> None:
    """A JSON object a line, all or none of them."""
    write_bytes(path, "".join(to_json(line) + "\n" for line in lines).encode())


def record(bench: Bench, quantities: Mapping[str, float], curve: tuple[Point, ...] = ()) -> Run:
    """The run of a trial."""
    trial = bench.trial
    return Run(
        name=trial.name,
        kind=trial.kind,
        quantities={name: float(value) for name, value in quantities.items() if name != "step"},
        conventions=CONVENTIONS,
        config=trial.spec,
        seed=trial.spec.get("seed"),
        curve=curve,
        source=Source("selfplay", digest(trial.to_json()), "nextflop laboratory"),
    )
