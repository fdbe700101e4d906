"""A study of self-play as a list of trials: which networks, how many generations, within the minutes given."""

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from nextflop.errors import InputError
from nextflop.evidence.files import Json
from nextflop.lab.selfplay.arena.perfect import PERFECT, playable
from nextflop.lab.selfplay.arena.players import LADDER
from nextflop.lab.selfplay.games.named import game_of
from nextflop.lab.selfplay.trials import TRIALS
from nextflop.lab.trial import Trial

SIMULATIONS = (1, 4, 16, 64, 256)
"""Of the search at test, for every snapshot."""
FIRST = 0.03  # of a run, at the first snapshot; on a smaller board, which is learned sooner, it is the first generation
REPEATS = 4  # of the anchors' matches among themselves
FEWEST = 3  # snapshots of a run
HIGHEST = 3  # anchors at the top of the ladder, whom a program of others meets
MET_AT = (16, 256)  # simulations of the agents that it meets
MET_MOST = 0.3  # of the time, that those matches may take
SHORTEST = 4  # anchors of the shortest ladder, which ends at 100 simulations

# What the time is planned by, measured on two cores at the default sizes.
USED = 0.9  # share of the minutes that is planned with; the rest is for fits, the page and a machine that slows down
START_UP = 9.0  # seconds of programs and first generation, a size and board; in another worker they are there
MET = 0.75  # of a match of an agent with every anchor, what its rating takes
JUDGED = 0.1  # seconds of judging an agent by perfect play
LOST = 0.5  # of its moves, perfect play makes in positions that are lost
REFERENCE = 25  # cells of the board that this is for
LENGTHENS = 1.5  # power of the cells, as which a game takes longer
JUDGING = 0.4  # most of the time that judges may take before snapshots are left out
CLIMBED = 0.6  # most of it that they may take with the fewest snapshots before the strongest anchors are left out
SIDE = 0.12  # of the training time, a smaller board
LEAST = 12  # generations of the shortest run of a study that is whole


class Board(NamedTuple):
    """One board of a study.

    Attributes:
        game: declared.
        cells: of the board.
        match: seconds of a match between anchors, for every simulation that its sides have a move; None if agents are
            not rated in matches.
        labels: seconds of labelling positions by perfect play; None if it does not judge here.
        outside: programs of others that judge here too, each with the seconds of a match against it.
    """

    game: Mapping[str, Json]
    cells: int
    match: float | None
    labels: float | None
    outside: Mapping[str, float] = {}

    @property
    def longer(self) -> float:
        """How many times as long a game takes as one on `REFERENCE` cells."""
        return (self.cells / REFERENCE) ** LENGTHENS

    def ladder(self, top: int) -> list[int | str]:
        """The anchors of this board: so many of `LADDER`, and perfect play where it is at hand."""
        return [*LADDER[:top], *([PERFECT] if playable(game_of(self.game)) else [])]

    def anchors(self, top: int) -> float:
        """Seconds of the matches of its anchors among themselves, each against the next two."""
        depths = self._depths(top)
        matches = ((one, other) for place, one in enumerate(depths) for other in depths[place + 1 : place + 3])
        return (self.match or 0.0) * REPEATS * sum(map(sum, matches))

    def rated(self, top: int) -> float:
        """Seconds of rating an agent at one depth of search against its anchors."""
        return (self.match or 0.0) * MET * sum(self._depths(top))

    def _depths(self, top: int) -> list[float]:
        """Simulations of the anchors; perfect play searches as the strongest does where it has lost."""
        return [LADDER[-1] * LOST if kind == PERFECT else float(kind) for kind in self.ladder(top)]

    def meetings(self, ends: int, top: int) -> dict[str, float]:
        """Of every program the seconds of its matches with the strongest anchors, and with so many agents."""
        anchors = self._depths(top)[-HIGHEST:]
        matches, theirs = len(anchors) + ends * len(MET_AT), (self.match or 0.0) * sum(anchors)
        return {program: matches * seconds + theirs for program, seconds in self.outside.items()}

    @property
    def judged(self) -> float:
        """Seconds of judging one by perfect play."""
        return JUDGED * self.longer if self.labels is not None else 0.0


class Way(NamedTuple):
    """How a network is trained.

    Attributes:
        size: its width and depth.
        recipe: how it is trained.
        seconds: of a generation on the board of the study.
        varied: the field of the recipe in which it differs from that of the study; empty for the study's own.
    """

    size: tuple[int, int]
    recipe: Mapping[str, Json]
    seconds: float
    varied: str = ""

    @property
    def name(self) -> str:
        """In words, such as "32x2" or "32x2 with reuse 1"."""
        size = f"{self.size[0]}x{self.size[1]}"
        return f"{size} with {self.varied} {self.recipe[self.varied]:g}" if self.varied else size


class Scale(NamedTuple):
    """How large the study is.

    Attributes:
        boards: that of the study last; the smaller ones stand beside it.
        network: kind of the networks.
        own: networks of the study's own recipe, smallest first.
        varied: those of other recipes, which are trained on the study's own board alone.
        seeds: how many seeds.
        minutes: wall-clock time to aim at.
        workers: processes at once.
        temperature: at which judged agents draw their moves from the policy of their search; 0 for its choice.
    """

    boards: tuple[Board, ...]
    network: str
    own: tuple[Way, ...]
    varied: tuple[Way, ...]
    seeds: int
    minutes: float
    workers: int
    temperature: float


def design(scale: Scale) -> tuple[Trial, ...]:
    """The trials, in the order in which they are best begun.

    Every network trains for the same time, so that small ones see more games.

    Raises:
        InputError: if the minutes cannot make a study that is whole.
    """
    check([way.size for way in scale.own], scale.seeds, scale.temperature)
    main, sides = len(scale.boards) - 1, range(len(scale.boards) - 1)
    runs = [len(scale.own) for _ in sides] + [scale.seeds * len(scale.own + scale.varied)]
    total = 60 * scale.minutes * scale.workers * USED
    total -= sum(START_UP * len(scale.own) + (board.labels or 0.0) for board in scale.boards)
    top, once, agents = _judges(scale.boards, runs, CLIMBED * total)
    total -= once + _outside(scale, top, total)
    points = max(FEWEST, min(7, int(JUDGING * total / agents)))
    total -= points * agents
    trials: list[Trial] = []
    for board in (main, *sides):
        part = 1 - SIDE * main if board == main else SIDE
        each = part * total / runs[board]
        trials += _board(scale, scale.boards[board], top, each, points, scale.seeds if board == main else 1)
    kinds = list(TRIALS)
    return tuple(sorted(trials, key=lambda trial: (kinds.index(trial.kind), -trial.seconds)))


def _outside(scale: Scale, top: int, total: float) -> float:
    """Seconds of the matches of others' programs; refused where they would take most of the time."""
    met = scale.boards[-1].meetings(scale.seeds * len(scale.own), top)
    seconds = float(sum(met.values()))
    if met and seconds > MET_MOST * total:
        slow = max(met, key=lambda program: met[program])
        raise InputError(
            f"Matches against {' and '.join(met)} would take {seconds / 60:.3g} minutes of one process, of "
            f"{max(total, 0.0) / 60:.3g} that all have: give more --minutes, or ask {slow} for less strength."
        )
    return seconds


def _judges(boards: Sequence[Board], runs: Sequence[int], most: float) -> tuple[int, float, float]:
    """How many of `LADDER` let the fewest snapshots take no more than some seconds, `SHORTEST` at the least.

    Returns:
        Also seconds of all anchors among themselves, and of judging a snapshot of every run.
    """
    top = len(LADDER)
    while True:
        once = sum(board.anchors(top) for board in boards)
        each = (number * (board.rated(top) + board.judged) for number, board in zip(runs, boards, strict=True))
        agents = len(SIMULATIONS) * sum(each)
        if top == SHORTEST or once + FEWEST * agents <= most:
            return top, once, agents
        top -= 1


def _board(scale: Scale, board: Board, top: int, each: float, points: int, seeds: int) -> list[Trial]:
    """The trials on one board; every run has so many seconds."""
    main = board == scale.boards[-1]
    share = (board.cells / scale.boards[-1].cells) ** LENGTHENS
    game = {"game": dict(board.game), "network": scale.network}
    named = label(game)
    labels = Trial("labels", f"perfect play {named}", {"game": game["game"]}, (), board.labels or 0.0)
    found = [] if board.labels is None else [labels]
    finals = []
    for seed, way in itertools.product(range(seeds), scale.own + scale.varied if main else scale.own):
        last = int(each / (way.seconds * share))
        if last < LEAST:
            raise InputError(
                f"{scale.minutes:g} minutes leave {max(last, 0)} generations for the network {way.name}: give more "
                "--minutes, smaller --sizes or fewer --seeds."
            )
        agent = f"{named} {way.name}, seed {seed}"
        spec = {**game, "recipe": dict(way.recipe), "size": list(way.size), "seed": seed}
        spec |= {"varied": way.varied} if way.varied else {}
        at = grown(last, points, FIRST if main else 1 / last)
        run = Trial("training", f"self-play {agent}", {**spec, "at": at}, (), each)
        found.append(run)
        spec |= {"start": run.id, "at": at}
        judged = {**spec, "simulations": list(SIMULATIONS), "temperature": scale.temperature}
        agents = points * len(SIMULATIONS)
        if board.match is not None:
            against = {**judged, "anchors": board.ladder(top)}
            found.append(Trial("rating", f"rating {agent}", against, (run.id,), agents * board.rated(top)))
        if board.labels is not None:
            against = {**judged, "labels": labels.id}
            found.append(Trial("judging", f"judging {agent}", against, (run.id, labels.id), agents * board.judged))
        if not way.varied:
            finals.append({name: spec[name] for name in ("size", "seed", "start", "at")})
    if board.match is None:
        return found
    return [*found, *_matches({**game, "recipe": dict(scale.own[0].recipe)}, finals, board, top, scale.temperature)]


def _matches(
    game: Mapping[str, Json],
    finals: Sequence[Mapping[str, Json]],
    board: Board,
    top: int,
    temperature: float,
) -> list[Trial]:
    """Those of the anchors and of the agents at the end of training, each among themselves; and of others' programs."""
    named = label(game)
    ends = sorted(finals, key=lambda agent: (agent["size"][0] ** 2 * agent["size"][1], agent["seed"]))
    reach = min(3, len(ends) - 1)
    needs = tuple(agent["start"] for agent in ends)
    spec = {**game, "agents": ends, "temperature": temperature}
    among = 0.4 * reach * len(ends) * board.longer
    fixed = {**game, "anchors": board.ladder(top), "repeats": REPEATS}
    met = {**spec, "anchors": board.ladder(top)[-HIGHEST:], "simulations": list(MET_AT)}
    return [
        Trial("anchors", f"anchors {named}", fixed, (), board.anchors(top)),
        Trial("league", f"agents {named}", {**spec, "reach": reach}, needs, among),
        *(
            Trial("outside", f"{program} {named}", {**met, "program": program}, needs, seconds)
            for program, seconds in board.meetings(len(ends), top).items()
        ),
    ]


def grown(last: int, points: int, first: float = FIRST) -> list[int]:
    """Generations from a share of the last to the last, in equal ratios."""
    ratio = first ** (1 / (points - 1))
    return sorted({max(1, round(last * ratio**power)) for power in range(points)})


def label(spec: Mapping[str, Json]) -> str:
    """The board in words, such as "hex-5x5" or "connect-6x7-4"."""
    return game_of(spec["game"]).name


def check(sizes: Sequence[tuple[int, int]], seeds: int, temperature: float) -> None:
    """Whether a study can be made of these networks.

    Raises:
        InputError: if they are too few or out of order, or the temperature is below 0.
    """
    if list(sizes) != sorted(set(sizes), key=lambda size: (size[0] ** 2 * size[1], size[0])) or len(sizes) < 4:
        named = ",".join(f"{width}x{depth}" for width, depth in sizes)
        raise InputError(f"--sizes {named} are not four or more sizes, smallest first: write 8x2,16x2,32x2,64x2,128x2.")
    if seeds < 1:
        raise InputError(f"--seeds {seeds} is too few: give 1 or more.")
    if not 0 <= temperature < math.inf:
        raise InputError(f"--temperature {temperature:g} is none: give 0 for the choice of the search, or more.")
