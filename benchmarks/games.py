"""Moves a second of the laboratory's board games, on one core.

    python benchmarks/games.py          prints a table

Batches of random games are played to the end of the longest that could be, by the program in XLA and by the compiled
kernels. `play` takes moves that were chosen before; `turn` finds the legal ones and chooses among them too, and shows
the mover the board. Moves in games that are over are not counted; in XLA they cost as much as others. Seconds are those
of the processor, for others use the machine too; the median of 5 series.
"""

import os
import statistics
import time
from collections.abc import Callable
from typing import Any

if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # before JAX counts the cores

import jax
import jax.numpy as jnp
import numpy as np

from nextflop.lab.selfplay.engines.compiled import Compiled
from nextflop.lab.selfplay.games.connect import Connect
from nextflop.lab.selfplay.games.game import Game
from nextflop.lab.selfplay.games.go import Go
from nextflop.lab.selfplay.games.hex import Hex
from nextflop.lab.selfplay.games.mnk import Mnk
from nextflop.lab.selfplay.games.othello import Othello
from nextflop.lab.selfplay.games.playout import playout

GAMES: tuple[Game[Any], ...] = (
    *(Hex(3), Hex(5), Hex(7), Hex(11), Connect(), Mnk(), Mnk(9, 9, 5)),
    *(Othello(6), Othello(8), Go.usual(5), Go.usual(9)),
)
BATCHES, MOVES, SERIES = (512, 4096), 1_000_000, 5


def seconds(work: Callable[[], object]) -> float:
    jax.block_until_ready(work())
    series = []
    for _ in range(SERIES):
        begin = time.process_time()
        jax.block_until_ready(work())
        series.append(time.process_time() - begin)
    return statistics.median(series)


def rates(game: Game[Any], batch: int) -> tuple[float, float, float, float]:
    """Moves a second, chosen before and chosen on the way: by XLA, then by the kernels."""
    record = playout(game, jax.random.key(0), batch)
    first = jax.tree.map(lambda leaf: leaf[0], record.states)
    moves = int((~jax.vmap(jax.vmap(game.over))(record.states)).sum())
    rounds = max(1, MOVES // moves)

    def again(states: Any) -> Callable[[int, Any], Any]:
        return lambda ply, now: jax.tree.map(lambda new, old: jnp.where(ply % game.longest == 0, new, old), states, now)

    @jax.jit
    def play(states: Any) -> Any:
        def body(ply: Any, now: Any) -> Any:
            return jax.vmap(game.play)(again(states)(ply, now), record.actions[ply % game.longest])

        return jax.lax.fori_loop(0, rounds * game.longest, body, states)

    @jax.jit
    def turn(states: Any) -> Any:
        def body(ply: Any, carried: tuple[Any, Any]) -> tuple[Any, Any]:
            now, seen = again(states)(ply, carried[0]), carried[1]
            legal, shown = jax.vmap(game.legal)(now), jax.vmap(game.observe)(now)
            noise = jax.random.uniform(jax.random.fold_in(jax.random.key(0), ply), legal.shape)
            chosen = jnp.where(legal, noise, -1.0).argmax(-1)
            return jax.vmap(game.play)(now, chosen.astype(jnp.int32)), seen + shown

        seen = jnp.zeros((batch, game.planes, *game.shape))
        return jax.lax.fori_loop(0, rounds * game.longest, body, (states, seen))

    engine, actions, rng = Compiled(game), np.asarray(record.actions), np.random.default_rng(0)

    def replayed() -> None:
        positions = engine.start(batch)
        for ply in range(game.longest):
            positions = engine.play(positions, actions[ply])

    def played() -> int:
        positions, made = engine.start(batch), 0
        for _ in range(game.longest):
            look = engine.look(positions)
            noise = rng.random(look.legal.shape, np.float32)
            positions, made = engine.play(positions, (noise * look.legal).argmax(1)), made + int((~look.over).sum())
        return made

    xla = (rounds * moves / seconds(lambda: play(first)), rounds * moves / seconds(lambda: turn(first)))
    return *xla, moves / seconds(replayed), played() / seconds(played)


def main() -> None:
    print(f"jax {jax.__version__}, {jax.devices()[0].device_kind}, millions of moves a second")
    print(f"{'game':16}{'batch':>8}{'XLA play':>14}{'turn':>8}{'kernels play':>14}{'turn':>8}")
    for game in GAMES:
        for batch in BATCHES:
            rows = (f"{rate / 1e6:>{width}.2f}" for rate, width in zip(rates(game, batch), (14, 8, 14, 8), strict=True))
            print(f"{game.name:16}{batch:>8}{''.join(rows)}")


if __name__ == "__main__":
    main()
