"""Programs of others fail in one clear sentence, come back, and play our games by our rules."""

import gc
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.lab.selfplay.programs import first_free, script

from nextflop.errors import InputError, ProgramError
from nextflop.lab.selfplay.arena.ladder import climb
from nextflop.lab.selfplay.arena.match import gauntlet
from nextflop.lab.selfplay.arena.openings import openings
from nextflop.lab.selfplay.arena.players import Anchor, Correspondent, Player
from nextflop.lab.selfplay.engines.compiled import Compiled
from nextflop.lab.selfplay.engines.xla import Xla
from nextflop.lab.selfplay.exact.listing import solve_mnk
from nextflop.lab.selfplay.games.connect import Connect
from nextflop.lab.selfplay.games.go import Go
from nextflop.lab.selfplay.games.mnk import Mnk
from nextflop.lab.selfplay.games.othello import Othello
from nextflop.lab.selfplay.outside import judges, notation
from nextflop.lab.selfplay.outside.conformance import check
from nextflop.lab.selfplay.outside.languages import Uci
from nextflop.lab.selfplay.outside.named import outsider
from nextflop.lab.selfplay.outside.outsider import Outsider
from nextflop.lab.selfplay.outside.program import Program

ECHO = "for line in sys.stdin: print(line.strip() * 2, flush=True)"


def said(program: Program, line: str) -> list[str]:
    return program.ask([line], lambda lines: len(lines) > 0)


def gone(pid: int) -> bool:
    """Whether no process has the number, not even one that has ended and waits to be asked how."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_a_program_answers_and_is_gone_when_it_is_closed() -> None:
    with script(ECHO) as program:
        assert said(program, "ab") == ["abab"]
        pid = program._running.process.pid
        assert not gone(pid)
    assert gone(pid)


def test_a_program_that_nobody_closes_goes_with_its_owner() -> None:
    program = script(ECHO)
    said(program, "ab")
    pid = program._running.process.pid
    del program
    gc.collect()
    assert gone(pid)


def test_a_program_that_ends_says_so_and_comes_back() -> None:
    dies = "for line in sys.stdin:\n if 'die' in line: sys.stderr.write('no heart'); sys.exit(3)\n print(os.getpid())"
    with script(dies) as program:
        pid = int(said(program, "hello")[0])
        with pytest.raises(ProgramError, match=r"(?s)ended \(status 3\), asked 'die'.*no heart.*by hand.*-c") as caught:
            said(program, "die")
        assert str(caught.value).startswith(sys.executable)
        assert gone(pid)
        assert int(said(program, "hello")[0]) != pid


def test_a_program_that_is_silent_is_ended_with_what_it_started(tmp_path: Path) -> None:
    note = tmp_path / "child"
    child = f"open({str(note)!r}, 'w').write(str(subprocess.Popen(['sleep', '600']).pid))"
    with script(f"{child}\nprint('well,')\ntime.sleep(600)", patience=5.0) as program:
        program.ask(["are you there?"], lambda lines: len(lines) > 0)
        pid, program.patience = program._running.process.pid, 0.1
        with pytest.raises(ProgramError, match=r"(?s)within 0.1 s \(its patience, .*\), asked 'and now\?'"):
            said(program, "and now?")
    assert gone(pid)
    for _ in range(100):  # the child is not ours: whoever inherits it has to clear it away
        if gone(int(note.read_text())) or "Z" in Path(f"/proc/{note.read_text()}/stat").read_text().split()[2]:
            break
        time.sleep(0.1)
    else:
        pytest.fail("the child goes on")


def test_what_was_heard_before_a_silence_is_told() -> None:
    with (
        script("print('please insert the disk')\ntime.sleep(600)", patience=2.0) as program,
        pytest.raises(ProgramError, match="insert the disk"),
    ):
        program.ask(["go"], lambda lines: len(lines) == 2)


def test_a_program_that_is_not_there_is_an_error() -> None:
    with pytest.raises(ProgramError, match=r"no-such-program does not start .*give the path"):
        said(Program(("no-such-program",)), "hello")


def test_an_interrupted_question_leaves_no_answer_to_the_next_one() -> None:
    def interrupt(lines: list[str]) -> bool:
        raise KeyboardInterrupt

    with script(ECHO) as program:
        with pytest.raises(KeyboardInterrupt):
            program.ask(["ab"], interrupt)
        assert said(program, "c") == ["cc"]


@pytest.mark.parametrize(
    ("does", "complaint"),
    [
        ("os._exit(7)", r"ended \(status 7\), asked 'genmove white'"),
        ("time.sleep(600)", r"no whole answer within 1 s .*, asked 'genmove white'"),
        ("answer = 'P@z9'", r"no legal move of mnk-3x3-3, asked 'genmove white'.*P@z9"),
        ("answer = 'P@a1'", r"no legal move of mnk-3x3-3, asked 'genmove white'.*P@a1"),
        ("print('what?'); print(); continue", r"does not answer in GTP, asked 'genmove white'.*what"),
        ("print('? busy'); print(); continue", r"refuses, asked 'genmove white'.*busy"),
    ],
)
def test_a_player_that_fails_names_the_game_and_plays_it_to_the_end_when_it_is_asked_again(does, complaint) -> None:
    engine = Compiled(Mnk())
    with first_free(does, patience=1.0) as player:

        def ask(*moves: int) -> int:
            batch = engine.start(1)
            for move in moves:
                batch = engine.play(batch, np.array([move]))
            return int(player.answer(np.array([moves], int).reshape(1, -1), engine.look(batch), np.zeros(1, "u8"))[0])

        assert ask() == 0
        assert ask(0, 4) == 1
        with pytest.raises(ProgramError, match=f"(?s){complaint}.*first-free-1, mnk-3x3-3 after P@a1 P@b2 P@b1"):
            ask(0, 4, 1)
        assert ask(0, 4, 1) == 2


def test_a_score_that_is_none_is_an_error() -> None:
    with (
        first_free("pass") as player,
        pytest.raises(ProgramError, match=r"(?s)no score, asked 'final_score'.*after P@a1"),
    ):
        player.lead([0])


@pytest.mark.parametrize(
    ("best", "complaint"),
    [
        ("bestmove ", "no legal move of mnk-3x3-3, asked 'go nodes 9'"),
        ("bestmove (none)", "no legal move"),
        ("bestmove P@a1 ponder P@b1", "no legal move"),
    ],
)
def test_a_chess_program_that_talks_nonsense_is_an_error(best: str, complaint: str) -> None:
    talk = f"for line in sys.stdin: print('readyok' if 'isready' in line else {best!r} if line[:2] == 'go' else 'info')"
    game = Mnk()
    engine = Compiled(game)
    look = engine.look(engine.play(engine.start(1), np.array([0])))
    speaker = Uci(script(talk), game.name, "", 9)
    with Outsider("nonsense", game, (speaker,), notation.drops(game)) as player:
        with pytest.raises(ProgramError, match=f"(?s){complaint}.*after P@a1"):
            player.answer(np.zeros((1, 1), int), look, np.zeros(1, "u8"))
        with pytest.raises(ProgramError, match=r"(?s)does not hold the game for over, asked 'go nodes 9'"):
            player.lead([0, 3, 1, 4, 2])


def test_a_correspondent_is_told_the_moves_of_every_game_and_its_own_seeds() -> None:
    class Replaying:
        name = "replaying"

        def answer(self, moves, look, seeds) -> np.ndarray:
            batch = engine.start(len(moves))
            for ply in range(moves.shape[1]):
                batch = engine.play(batch, moves[:, ply])
            for ours, told in zip(engine.look(batch), look, strict=True):
                np.testing.assert_array_equal(ours, told)
            return Anchor(game, 20).choose(batch, look, seeds)[0]

    game = Connect(4, 4, 3)
    engine, firsts = Compiled(game), openings(Compiled(game), 2)
    assert isinstance(Replaying(), Correspondent)
    assert not isinstance(Replaying(), Player)
    told, seen = (gauntlet(engine, Anchor(game, 30), (who,), firsts)[0] for who in (Replaying(), Anchor(game, 20)))
    back = gauntlet(engine, Replaying(), (Anchor(game, 30), Replaying()), firsts)[0]
    np.testing.assert_array_equal(told.first, seen.first)
    np.testing.assert_array_equal(told.second, seen.second)
    assert back.opponent == "uct-30"
    assert len(climb(engine, Replaying(), (Anchor(game, 0), Replaying()), firsts, 0)) == 2


@given(st.data())
@pytest.mark.parametrize(
    ("game", "made"),
    [
        (Go.usual(9), notation.go),
        (Othello(6), notation.othello),
        (Mnk(10, 12, 5), notation.drops),
        (Connect(6, 7, 4), notation.drops),
    ],
    ids=lambda part: getattr(part, "name", ""),
)
def test_what_is_written_is_read_back(game, made: Callable, data: st.DataObject) -> None:
    written = made(game)
    moves = data.draw(
        st.lists(st.integers(0, game.actions - 1), max_size=game.height if "connect" in game.name else 30)
    )
    words = written.write(moves)
    assert [written.read(word) for word in words] == moves
    assert [written.read(word.swapcase()) for word in words] == moves
    assert written.read(data.draw(st.sampled_from(["", "resign", "P@", "P@z1", "I5", "Z1", "(none)"]))) is None


def test_moves_are_where_the_programs_have_them() -> None:
    assert notation.go(Go.usual(9)).write([0, 8, 72, 80, 81]) == ["A9", "J9", "A1", "J1", "pass"]
    assert notation.othello(Othello(8)).write([0, 7, 56, 19, 64]) == ["A1", "H1", "A8", "D3", "pass"]
    assert notation.drops(Connect()).write([3, 3, 0, 3]) == ["P@d1", "P@d2", "P@a1", "P@d3"]
    assert notation.drops(Mnk(10, 3, 3)).write([0, 2, 29]) == ["P@a1", "P@c1", "P@c10"]


def test_judges_refuse_what_they_cannot_play() -> None:
    with pytest.raises(InputError, match=r"8 cells a side, not 6"):
        judges.grhino(Othello(6))
    with pytest.raises(InputError, match=r"level is 1 to 10 here, not 11"):
        judges.gnugo(Go.usual(5), 11)
    with pytest.raises(InputError, match=r"10 rows and 12 columns, not mnk-15x15-5"):
        judges.fairy_stockfish(Mnk(15, 15, 5))
    with pytest.raises(InputError, match=r"no-such-judge is not installed: `apt-get install no-such"):
        judges.found("no-such-judge", package="no-such")


def test_programs_are_named_with_the_strength_that_they_play_at() -> None:
    for name, complaint in {
        "gnugo": "program 'gnugo'",
        "gnuchess-1": "program 'gnuchess'",
        "gnugo-strong": r"gnugo-strong does not say how strong gnugo plays: write gnugo-1",
        "grhino-3": r"grhino does not play go-5x5: it plays othello",
    }.items():
        with pytest.raises(InputError, match=complaint):
            outsider(Go.usual(5), name)


def installed(made: Callable, game, *strength: int, processes: int = 1) -> Outsider:
    try:
        return made(game, *strength, processes=processes)
    except InputError as missing:
        pytest.skip(str(missing))


REAL = [
    (judges.fairy_stockfish, Mnk(), 300),
    (judges.fairy_stockfish, Mnk(7, 6, 4), 300),
    (judges.fairy_stockfish, Connect(), 300),
    (judges.fairy_stockfish, Connect(5, 4, 3), 300),
    (judges.grhino, Othello(8), 1),
    (judges.gnugo, Go.usual(5), 1),
]
SLOW = [(judges.gnugo, Go.usual(size), 1) for size in (6, 7, 8, 9)] + [
    (judges.fairy_stockfish, Mnk(10, 12, 5), 300),
    (judges.grhino, Othello(8), 5),
    (judges.gnugo, Go.usual(7), 10),
]


@pytest.mark.parametrize(
    ("made", "game", "strength"),
    [*REAL, *(pytest.param(*case, marks=pytest.mark.slow) for case in SLOW)],
    ids=lambda part: getattr(part, "name", None) or getattr(part, "__name__", None),
)
def test_a_judge_plays_fifty_games_by_our_rules_and_counts_their_ends_as_we_do(made, game, strength) -> None:
    with installed(made, game, strength) as judge:
        check(Xla(game), judge, games=50)


@pytest.mark.parametrize(
    ("made", "game", "strength"),
    [(judges.fairy_stockfish, Connect(), 5000), (judges.grhino, Othello(8), 2), (judges.gnugo, Go.usual(5), 1)],
    ids=lambda part: getattr(part, "name", None),
)
def test_a_judge_answers_alike_in_any_order_and_from_any_process(made, game, strength) -> None:
    engine, rng = Xla(game), np.random.default_rng(5)
    batch, moves = engine.start(16), np.empty((16, 0), int)
    for _ in range(6):
        actions = np.where(engine.look(batch).legal, rng.random((16, game.actions)), -1).argmax(1)
        batch, moves = engine.play(batch, actions), np.column_stack([moves, actions])
    going = np.flatnonzero(~engine.look(batch).over)
    look, moves, mixed = engine.look(batch).take(going), moves[going], rng.permutation(len(going))
    seeds = rng.integers(2**63, size=len(going)).astype("u8")
    with installed(made, game, strength) as one, installed(made, game, strength, processes=2) as two:
        answers = one.answer(moves, look, seeds)
        np.testing.assert_array_equal(one.answer(moves[mixed], look.take(mixed), seeds[mixed]), answers[mixed])
        np.testing.assert_array_equal(two.answer(moves, look, seeds), answers)


def test_a_judge_with_another_komi_is_found_out() -> None:
    with (
        installed(judges.gnugo, Go(5, 30.5, 50), 1) as judge,
        pytest.raises(ProgramError, match=r"gnugo-1 counts .* as ours are"),
    ):
        check(Xla(Go(5, 0.5, 50)), judge, games=10)


def test_fairy_stockfish_plays_tic_tac_toe_perfectly() -> None:
    class Perfect:
        name = "perfect"

        def choose(self, batch, look, seeds) -> tuple[np.ndarray, int]:
            worth = solution.after(look.observed.reshape(-1, 2, 3, 3))
            return np.where(look.legal, worth, -np.inf).argmax(1), 0

    engine, solution = Compiled(Mnk()), solve_mnk()
    firsts = openings(engine, 2)
    with installed(judges.fairy_stockfish, Mnk(), 20_000) as judge:
        theirs, ours = (gauntlet(engine, who, (Perfect(),), firsts)[0] for who in (judge, Perfect()))
    np.testing.assert_array_equal(theirs.first, ours.first)
    np.testing.assert_array_equal(theirs.second, ours.second)
