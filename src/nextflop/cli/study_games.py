"""`nextflop study hex` and the other games: agents trained by self-play, from nothing to a recommendation."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from nextflop.cli.sizes import parse_board, parse_several, parse_sizes
from nextflop.cli.study_text import tell
from nextflop.cli.watch import watching
from nextflop.quantities import parse_positive


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class GameOptions:
    """How a game is studied, and what is planned for.

    Attributes:
        minutes: wall-clock minutes to aim at on this machine; 10 if not given.
        board: of the game: 5 for the side of a square one, 6x7 for rows x columns, 5x5x4 with the stones in a row.
        sizes: width and depth of four or more networks, smallest first; 8x2,16x2,32x2,64x2,128x2 if not given, or
            2x1,4x1,6x1,10x1,16x1 of convolutions.
        seeds: seeds of every run on the study's own board; 2 if not given, 1 in a study of less than 5 minutes.
        network: mlp or conv; mlp if not given.
        search: of self-play and of judged agents, gumbel, puct or regularised; gumbel if not given.
        simulations: of the search in self-play; 16 if not given. Of several, such as 16,4,64, the first is the study's,
            and the middle network is trained with each of the others too.
        reuse: how often a position is learned from; 4 if not given, or several likewise, such as 4,1,16.
        judge: perfect, which tells strength as regret against perfect play, or matches, which tell it in Elo; perfect
            if not given, where perfect play is known and the game is not Hex.
        temperature: at which judged agents draw moves from the policy of their search; 0 if not given: its choice.
        outside: programs of others that judge beside the anchors, where agents are rated in matches: gnugo-10 plays Go,
            grhino-3 Othello on 8x8, fairy-stockfish-10000 stones in a row and Connect Four, each as strong as its
            number says. They must be installed.
        out: the study's folder; of the game's name if not given.
        resume: go on with the study in that folder; one that is complete is answered anew, for other moves or budget.
        moves: moves that the agent will play in its life; they weigh search against training.
        budget: total FLOP, training and play together, to plan for; what the middle network has cost if not given.
        workers: trials at once; one a core if not given, and a single one on an accelerator.
        executor: where trials run: local, the processes of this machine, slurm or ray; the last two need --workers.
        json: print JSON.
    """

    minutes: float | None = None
    board: str | None = None
    sizes: str | None = None
    seeds: int | None = None
    network: str | None = None
    search: str | None = None
    simulations: str | None = None
    reuse: str | None = None
    judge: str | None = None
    temperature: float | None = None
    outside: str | None = None
    out: Path | None = None
    resume: Annotated[bool, Parameter(negative="")] = False
    moves: str = "1e6"
    budget: str | None = None
    workers: int | None = None
    executor: str = "local"
    json: Annotated[bool, Parameter(negative="")] = False

    @property
    def wanted(self) -> dict[str, Any]:
        """What is asked for of the study itself."""
        told = {
            "minutes": self.minutes,
            "board": None if self.board is None else parse_board(self.board),
            "sizes": None if self.sizes is None else parse_sizes(self.sizes),
            "seeds": self.seeds,
            "network": self.network,
            "search": self.search,
            "simulations": None if self.simulations is None else parse_several(self.simulations, "--simulations", int),
            "reuse": None if self.reuse is None else parse_several(self.reuse, "--reuse", float),
            "judge": self.judge,
            "temperature": self.temperature,
            "outside": None if self.outside is None else tuple(self.outside.split(",")),
        }
        return {name: value for name, value in told.items() if value is not None}


_USUAL = GameOptions()


def hex_(*, options: GameOptions = _USUAL) -> None:
    """Where should the next FLOP go in Hex: longer self-play, a wider network or a deeper search?

    Trains agents by self-play with tree search, rates every snapshot at several depths of search against fixed
    anchors, fits strength against all three and says which buys most. Writes a folder of runs and a page, report.html.
    Boards are 3 to 11 cells along a side, 5 if not given; two smaller ones stand beside it, where there are any.
    """
    _study("hex", options)


def connect4(*, options: GameOptions = _USUAL) -> None:
    """Where should the next FLOP go in Connect Four, judged by perfect play?

    As for Hex, but strength is the outcome that an agent gives away a move, in positions of which perfect play knows
    the worth of every move. The board is 6x7 if not given, rows x columns. One that is too large for perfect play is
    rated in Elo, and any is with --judge matches.
    """
    _study("connect4", options)


def othello(*, options: GameOptions = _USUAL) -> None:
    """Where should the next FLOP go in Othello?

    As for Hex; the board is 6 along a side if not given, or 4 or 8.
    """
    _study("othello", options)


def go(*, options: GameOptions = _USUAL) -> None:
    """Where should the next FLOP go in Go, with positional superko and area scoring?

    As for Hex; the board is 5 to 9 points along a side, 5 if not given. Games at random are long, so judges take more
    of the time than in Hex, and in few minutes the strongest anchors are left out.
    """
    _study("go", options)


def mnk(*, options: GameOptions = _USUAL) -> None:
    """Where should the next FLOP go in a game of stones in a row on any cell?

    As for Hex; the board is 5x5x4 if not given, rows x columns x stones in a row. Tic-tac-toe, 3x3x3, is judged by
    perfect play.
    """
    _study("mnk", options)


def add_games(app: App) -> None:
    """Adds a command for every game."""
    for command in (hex_, connect4, othello, go, mnk):
        app.command(command, name=command.__name__.rstrip("_"))


def _study(game: str, options: GameOptions) -> None:
    from nextflop.report.selfplay_page import write_selfplay_report
    from nextflop.studies import selfplay
    from nextflop.studies.conduct import conduct
    from nextflop.studies.selfplay.measure import MEASURES

    out = options.out or Path(game)
    scope = selfplay.Scope(
        moves=parse_positive(options.moves, "number of moves"),
        budget=None if options.budget is None else parse_positive(options.budget, "budget"),
    )
    with watching(out) as watch:
        study, where = selfplay.self_play(game, scope), (options.workers, options.executor)
        answers = conduct(study, out, options.wanted, options.resume, watch, *where)
    page = write_selfplay_report(out)
    say = MEASURES[answers["measure"]].say_gain
    tell(answers, out, page, options.json, {"gain": lambda axis: say(axis["gain"])})
