"""A study of self-play as a list of trials: which networks, how many generations, within the minutes given."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from nextflop.errors import InputError
from nextflop.evidence.files import Json
from nextflop.lab.trial import Trial

SIMULATIONS = (1, 4, 16, 64, 256)
"""Of the search at test, for every snapshot."""
FIRST = 0.03  # of a run, at the first snapshot
REPEATS = 4  # of the anchors' matches among themselves

# What the time is planned by, measured on two cores at the default sizes.
USED = 0.9  # share of the minutes that is planned with; the rest is for fits, the page and a machine that slows down
START_UP = 9.0  # seconds of programs and first generation, a size and board; in another worker they are there
REFERENCE = 25  # cells of the board that these are for
LENGTHENS = 1.5  # power of the cells, as which a game takes longer
ANCHORS = 12.0  # seconds of the anchors among themselves
RATED = 1.1  # seconds of rating an agent
RATING = 0.4  # most of the time that rating may take before snapshots are left out
SIDE = 0.12  # of the training time, a smaller board
LEAST = 12  # generations of the shortest run of a study that is whole


class Scale(NamedTuple):
    """How large the study is.

    Attributes:
        boards: declared games, that of the study last; the smaller ones stand beside it.
        cells: of their boards.
        network: kind of the networks.
        sizes: width and depth of each network, smallest first.
        seeds: how many seeds.
        minutes: wall-clock time to aim at.
        workers: processes at once.
        seconds: of a generation of each size on the board of the study.
        recipe: how agents are trained.
    """

    boards: tuple[Mapping[str, Json], ...]
    cells: tuple[int, ...]
    network: str
    sizes: tuple[tuple[int, int], ...]
    seeds: int
    minutes: float
    workers: int
    seconds: tuple[float, ...]
    recipe: Mapping[str, Json]


def design(scale: Scale) -> tuple[Trial, ...]:
    """The trials, in the order in which they are best begun.

    Every size trains for the same time, so that small ones see more games.

    Raises:
        InputError: if the minutes cannot make a study that is whole.
    """
    _check(scale)
    main, sides = len(scale.boards) - 1, range(len(scale.boards) - 1)
    games = [(cells / REFERENCE) ** LENGTHENS for cells in scale.cells]
    runs = [scale.seeds * len(scale.sizes) if board == main else len(scale.sizes) for board in range(main + 1)]
    total = 60 * scale.minutes * scale.workers * USED
    total -= sum(START_UP * len(scale.sizes) + ANCHORS * game for game in games)
    agents = sum(number * game for number, game in zip(runs, games, strict=True)) * len(SIMULATIONS) * RATED
    points = max(3, min(7, int(RATING * total / agents)))
    total -= points * agents
    trials: list[Trial] = []
    for board in (main, *sides):
        part = 1 - SIDE * main if board == main else SIDE
        each = part * total / runs[board]
        trials += _board(scale, board, each, games[board], points, scale.seeds if board == main else 1)
    kinds = ("training", "anchors", "rating", "league")
    return tuple(sorted(trials, key=lambda trial: (kinds.index(trial.kind), -trial.seconds)))


def _board(scale: Scale, board: int, each: float, matches: float, points: int, seeds: int) -> list[Trial]:
    """The trials on one board; every run has so many seconds, and matches take so many times those of 25 cells."""
    share = (scale.cells[board] / scale.cells[-1]) ** LENGTHENS
    game = {"game": dict(scale.boards[board]), "network": scale.network, "recipe": dict(scale.recipe)}
    anchors = Trial("anchors", f"anchors {label(game)}", {**game, "repeats": REPEATS}, (), ANCHORS * matches)
    found, finals = [anchors], []
    for seed in range(seeds):
        for size, seconds in zip(scale.sizes, scale.seconds, strict=True):
            last = int(each / (seconds * share))
            if last < LEAST:
                raise InputError(
                    f"{scale.minutes:g} minutes leave {max(last, 0)} generations for the network {size[0]}x{size[1]}: "
                    "give more --minutes, smaller --sizes or fewer --seeds."
                )
            spec = {**game, "size": list(size), "seed": seed}
            named = f"{label(game)} {size[0]}x{size[1]}, seed {seed}"
            run = Trial("training", f"self-play {named}", {**spec, "at": grown(last, points)}, (), each)
            rated = {**spec, "start": run.id, "at": run.spec["at"], "simulations": list(SIMULATIONS)}
            seconds = points * len(SIMULATIONS) * RATED * matches
            found += [run, Trial("rating", f"rating {named}", rated, (run.id,), seconds)]
            finals.append({"size": list(size), "seed": seed, "start": run.id, "step": run.spec["at"][-1]})
    order = sorted(finals, key=lambda agent: (agent["size"][0] ** 2 * agent["size"][1], agent["seed"]))
    needs = tuple(agent["start"] for agent in order)
    reach = min(3, len(order) - 1)
    spec = {**game, "agents": order, "reach": reach}
    return [*found, Trial("league", f"agents {label(game)}", spec, needs, 0.4 * reach * len(order) * matches)]


def grown(last: int, points: int) -> list[int]:
    """Generations from `FIRST` of the last to the last, in equal ratios."""
    ratio = FIRST ** (1 / (points - 1))
    return sorted({max(1, round(last * ratio**power)) for power in range(points)})


def label(spec: Mapping[str, Json]) -> str:
    """The board in words, such as "hex 5"."""
    return " ".join(str(value) for value in spec["game"].values())


def _check(scale: Scale) -> None:
    sizes: Sequence[tuple[int, int]] = scale.sizes
    if list(sizes) != sorted(set(sizes), key=lambda size: (size[0] ** 2 * size[1], size[0])) or len(sizes) < 4:
        named = ",".join(f"{width}x{depth}" for width, depth in sizes)
        raise InputError(f"--sizes {named} are not four or more sizes, smallest first: write 8x2,16x2,32x2,64x2,128x2.")
    if scale.seeds < 1:
        raise InputError(f"--seeds {scale.seeds} is too few: give 1 or more.")
