"""What a study of self-play measured: matches, ratings, and every agent with what it cost."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from nextflop.evidence.files import Json, read_lines
from nextflop.evidence.run import Run
from nextflop.evidence.runs import Runs
from nextflop.evidence.store import Store
from nextflop.fitting.bayeselo import rate_as_bayeselo
from nextflop.fitting.ratings import ELO, Ratings, rate
from nextflop.lab.selfplay.games.named import game_of
from nextflop.lab.selfplay.trials.agents import agent_name
from nextflop.lab.selfplay.trials.arena import MATCHES
from nextflop.lab.selfplay.trials.perfect import EXACT

Measured = Mapping[str, Run]  # trial id → run
JUDGED = ("elo", "error", "optimal", "regret", "regret_error", "value_error")
LEAST = 0.5  # of an outcome: where no position shows a regret, half of the least that one can show
PRIOR = 0.1  # wins, that either side is given in every match with either colour: a rating without end is none


class Arena(NamedTuple):
    """What matches on a board say.

    Attributes:
        ratings: of anchors and agents, random play at 0.
        bayeselo: the same as BayesElo has them.
        games: how many were played.
        split: share of the pairs of games that were split one to one.
        dispersion: how much farther the results of matches lie from what the ratings expect than chance has them, as a
            ratio of variances: 1 where one number a player says all.
    """

    ratings: Ratings
    bayeselo: Ratings
    games: float
    split: float
    dispersion: float


class Perfect(NamedTuple):
    """What perfect play says on a board.

    Attributes:
        labels: positions with the worth of every move.
        anchors: regret and share of best moves of the anchors, the weakest first, as the judge told them.
    """

    labels: int
    anchors: tuple[Mapping[str, Json], ...]


class Board(NamedTuple):
    """One board.

    Attributes:
        game: declared.
        arena: of the matches, if any were played.
        perfect: of perfect play, where it judged.
        agents: every judged agent of the study's own recipe, a row each. Columns: "run" (the trial that trained it),
            "seed", "params", "width", "depth", "step", "positions", "flop" (training so far), "flop_each" (of an
            evaluation), "searched" (simulations in self-play), "reuse", "simulations", "gain"; of the arena "elo" and
            its "error"; of perfect play "optimal", "regret", "regret_error" and "value_error"; NaN of a judge who was
            not there.
        varied: those of other recipes, likewise.
    """

    game: Mapping[str, Json]
    arena: Arena | None
    perfect: Perfect | None
    agents: Runs
    varied: Runs = Runs({})


def boards(runs: Measured, root: Path) -> tuple[Board, ...]:
    """Every board of a study, the smallest first."""
    games = {str(run.config["game"]): run.config["game"] for run in runs.values()}
    found = [
        _board(game, {id: run for id, run in runs.items() if run.config["game"] == game}, Store(root))
        for game in games.values()
    ]
    return tuple(sorted(found, key=lambda board: int(np.prod(game_of(board.game).shape))))


def _board(game: Mapping[str, Json], runs: Measured, store: Store) -> Board:
    arena, perfect = _arena(runs, store), _perfect(runs, store)
    everyone = _agents(runs, arena, perfect, store)
    own = np.array(["varied" not in runs[id].config for id in everyone["run"]])
    return Board(game, arena, perfect, everyone.where(own), everyone.where(~own))


def _arena(runs: Measured, store: Store) -> Arena | None:
    lines = _lines(runs, store, ("anchors", "rating", "league", "outside"), MATCHES)
    if not lines:
        return None
    ratings = _rate(lines)
    pairs = np.sum([line["pairs"] for line in lines], axis=0)
    games = float(sum(line["games"] for line in lines))
    bayeselo = rate_as_bayeselo(*_games(lines), reference="random")
    return Arena(ratings, bayeselo, games, float(pairs[2] / pairs.sum()), _dispersion(lines, ratings))


def _perfect(runs: Measured, store: Store) -> Perfect | None:
    labels = [run.quantities["labels"] for run in runs.values() if run.kind == "labels"]
    return Perfect(int(labels[0]), tuple(_lines(runs, store, ("labels",), EXACT))) if labels else None


def _lines(runs: Measured, store: Store, kinds: Sequence[str], name: str) -> list[Json]:
    """The lines of a file of all runs of some kinds."""
    return [line for id, run in runs.items() if run.kind in kinds for line in read_lines(store.folder(id) / name)]


def _rate(lines: Sequence[Mapping[str, Json]]) -> Ratings:
    return rate(*_games(lines), reference="random")


def _games(lines: Sequence[Mapping[str, Json]]) -> tuple[list[str], list[str], np.ndarray, np.ndarray]:
    """Who moved first, who second, and what either won: a row for a match and the side that moved first."""
    first, second, wins, losses = [], [], [], []
    for line in lines:
        half = line["games"] / 2
        for mover, other, won in (
            (line["player"], line["opponent"], line["first"]),
            (line["opponent"], line["player"], half - line["second"]),
        ):
            first.append(mover)
            second.append(other)
            wins.append(won + PRIOR)
            losses.append(half - won + PRIOR)
    return first, second, np.array(wins), np.array(losses)


def _dispersion(lines: Sequence[Mapping[str, Json]], ratings: Ratings) -> float:
    """Pearson's statistic over matches and colours a degree of freedom."""
    place = {name: index for index, name in enumerate(ratings.players)}
    one, other = (ratings.elo[[place[line[side]] for line in lines]] for side in ("player", "opponent"))
    games = np.array([line["games"] / 2 for line in lines])
    total = 0.0
    for sign, won in ((1.0, "first"), (-1.0, "second")):
        chance = 1 / (1 + np.exp(-(one - other + sign * ratings.first_move) / ELO))
        expected, variance = games * chance, games * chance * (1 - chance)
        seen = np.array([line[won] for line in lines])
        total += float(((seen - expected) ** 2 / np.maximum(variance, 0.5)).sum())
    return total / max(2 * len(lines) - len(ratings.players), 1)


def _agents(runs: Measured, arena: Arena | None, perfect: Perfect | None, store: Store) -> Runs:
    rated = (
        {}
        if arena is None
        else dict(zip(arena.ratings.players, zip(arena.ratings.elo, arena.ratings.errors, strict=True), strict=True))
    )
    rows: dict[tuple[str, int, int], dict[str, float | str]] = {}
    for id, run in runs.items():
        if run.kind not in ("rating", "judging"):
            continue
        spec, trained = run.config, runs[run.config["start"]]
        points = {int(point["step"]): point for point in trained.curve}
        for step in points:
            for simulations in spec["simulations"]:
                key = (spec["start"], step, simulations)
                rows[key] = _agent(key, trained, points[step]) | dict.fromkeys(JUDGED, np.nan) | rows.get(key, {})
                if run.kind == "rating":
                    rows[key] |= dict(zip(("elo", "error"), rated[agent_name(*key)], strict=True))
        if run.kind == "judging" and perfect is not None:
            for line in read_lines(store.folder(id) / EXACT):
                told = {name: float(line[name]) for name in JUDGED if name in line}
                told["regret"] = max(told["regret"], LEAST / perfect.labels)
                rows[spec["start"], line["step"], line["simulations"]] |= told
    first = next(iter(rows.values()))
    return Runs({name: np.array([row[name] for row in rows.values()]) for name in first}, source="nextflop study")


def _agent(key: tuple[str, int, int], trained: Run, point: Mapping[str, float]) -> dict[str, float | str]:
    start, step, simulations = key
    width, depth = trained.config["size"]
    return {
        "run": start,
        "seed": float(trained.config["seed"]),
        "params": trained.quantities["params"],
        "width": float(width),
        "depth": float(depth),
        "step": float(step),
        **{name: float(point[name]) for name in ("positions", "flop", "gain")},
        "flop_each": trained.quantities["evaluation_flop_each"],
        "searched": float(trained.config["recipe"]["simulations"]),
        "reuse": float(trained.config["recipe"]["reuse"]),
        "simulations": float(simulations),
    }
