"""What a study of self-play measured: matches, ratings, and every agent with what it cost."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from nextflop.evidence.files import Json, read_lines
from nextflop.evidence.run import Run
from nextflop.evidence.runs import Runs
from nextflop.evidence.store import Store
from nextflop.fitting.ratings import ELO, Ratings, rate
from nextflop.lab.selfplay.games.named import game_of
from nextflop.lab.selfplay.network import Shape
from nextflop.lab.selfplay.trials import EXACT, MATCHES, agent_name

Measured = Mapping[str, Run]  # trial id → run
PRIOR = 0.1  # wins, that either side is given in every match with either colour: a rating without end is none


class Board(NamedTuple):
    """One board.

    Attributes:
        game: declared.
        ratings: of anchors and agents, random play at 0.
        agents: every rated agent, a row each. Columns: "run" (the trial that trained it), "seed", "params", "width",
            "depth", "step", "positions", "flop" (training so far), "flop_each" (of an evaluation), "simulations",
            "elo", "error", "gain"; and where the game is solved "optimal", "regret", "value_error", NaN elsewhere.
        games: how many were played.
        split: share of the pairs of games that were split one to one.
        dispersion: how much farther the results of matches lie from what the ratings expect than chance has them, as a
            ratio of variances: 1 where one number a player says all.
    """

    game: Mapping[str, Json]
    ratings: Ratings
    agents: Runs
    games: float
    split: float
    dispersion: float


def boards(runs: Measured, root: Path) -> tuple[Board, ...]:
    """Every board of a study, the smallest first."""
    games = {str(run.config["game"]): run.config["game"] for run in runs.values()}
    found = [
        _board(game, {id: run for id, run in runs.items() if run.config["game"] == game}, root)
        for game in games.values()
    ]
    return tuple(sorted(found, key=lambda board: int(np.prod(game_of(board.game).shape))))


def _board(game: Mapping[str, Json], runs: Measured, root: Path) -> Board:
    store = Store(root)
    lines = [
        line
        for id, run in runs.items()
        if run.kind in ("anchors", "rating", "league")
        for line in read_lines(store.folder(id) / MATCHES)
    ]
    ratings = _rate(lines)
    pairs = np.sum([line["pairs"] for line in lines], axis=0)
    agents = _agents(runs, ratings, root)
    games = float(sum(line["games"] for line in lines))
    return Board(game, ratings, agents, games, float(pairs[2] / pairs.sum()), _dispersion(lines, ratings))


def _rate(lines: Sequence[Mapping[str, Json]]) -> Ratings:
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
    return rate(first, second, np.array(wins), np.array(losses), reference="random")


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


def _agents(runs: Measured, ratings: Ratings, root: Path) -> Runs:
    place = {name: index for index, name in enumerate(ratings.players)}
    rows: list[dict[str, float | str]] = []
    for id, run in runs.items():
        if run.kind != "rating":
            continue
        spec, trained = run.config, runs[run.config["start"]]
        width, depth = spec["size"]
        shape = Shape.of(game_of(spec["game"]), width, depth, spec["network"])
        points = {point["step"]: point for point in trained.curve}
        exact = list(read_lines(Store(root).folder(id) / EXACT))
        for step in spec["at"]:
            for simulations in spec["simulations"]:
                index = place[agent_name(spec["start"], step, simulations)]
                judged: dict[str, float] = {}
                for line in exact:
                    if line["step"] == step and line.get("simulations", simulations) == simulations:
                        judged |= line
                rows.append(
                    {
                        "run": spec["start"],
                        "seed": float(spec["seed"]),
                        "params": run.quantities["params"],
                        "width": float(width),
                        "depth": float(depth),
                        "step": float(step),
                        **{name: float(points[step][name]) for name in ("positions", "flop", "gain")},
                        "flop_each": shape.flop,
                        "simulations": float(simulations),
                        "elo": float(ratings.elo[index]),
                        "error": float(ratings.errors[index]),
                        **{name: float(judged.get(name, np.nan)) for name in ("optimal", "regret", "value_error")},
                    }
                )
    return Runs({name: np.array([row[name] for row in rows]) for name in rows[0]}, source="nextflop study hex")
