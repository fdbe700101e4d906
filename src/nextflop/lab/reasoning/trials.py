"""The trials of the Countdown study: supervised training, reinforcement learning, sampling."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import SupportsFloat

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.tree_util import Partial
from jaxtyping import Array

from nextflop.evidence.files import digest, to_json, write_bytes
from nextflop.evidence.run import Run, Source
from nextflop.lab.checkpoint import load
from nextflop.lab.language import flops
from nextflop.lab.language.decode import generate
from nextflop.lab.language.learner import Recipe, answer_losses, supervised_step
from nextflop.lab.language.transformer import Shape, Transformer
from nextflop.lab.learner import Learner, step_key
from nextflop.lab.loop import Point, as_far_as_it_goes, snapshot_path, steps, train
from nextflop.lab.reasoning import search
from nextflop.lab.reasoning.countdown import Countdown, solved, write
from nextflop.lab.reasoning.reinforce import reinforce_step
from nextflop.lab.reasoning.search import Beam, beam_search
from nextflop.lab.reasoning.teacher import demonstrate, entropy, problems, split
from nextflop.lab.trial import Bench, Stopped

CONVENTIONS = {
    "params": "all weights, the embedding that is the output matrix too counted once",
    "tokens": "positions read by the network in training, prompt included, repeats included",
    "flop": flops.CONVENTION,
    "loss": "nats an answer token, on the teacher's demonstrations of held-out hands",
    "pass@1": "share of sampled answers at temperature 1 that the exact verifier accepts, on held-out problems",
}

# Streams of randomness: a seed and a stream make a sequence of keys, one a step.
INIT, DEMONSTRATIONS, POOL, ORDER, SYNTHETIC, REINFORCE, EVALUATION, SAMPLING, BEAM = range(9)

EVALUATION_SEED = 1_000_003  # the held-out problems and demonstrations are the same in every run of every study
EVALUATION_DEMONSTRATIONS = 2048
EVALUATION_PROBLEMS = 512
EVALUATION_SAMPLES = 4
SAMPLING_CHUNK = 4096  # answers generated at once; bounds memory, not results


def run(bench: Bench) -> Run:
    """Makes the run that a trial declares."""
    return {"teacher": teacher, "supervised": supervised, "rl": reinforcement, "sampling": sampling}[bench.trial.kind](
        bench
    )


def teacher(bench: Bench) -> Run:
    """Enumerates the teacher's entropy over the training and the held-out hands."""
    game = Countdown(**bench.trial.spec["game"])
    hands = split(game)
    return _record(
        bench,
        {
            "entropy": entropy(game, hands.held_out),
            "entropy_train": entropy(game, hands.train),
            "hands": len(hands.held_out),
            "hands_train": len(hands.train),
        },
        (),
    )


def supervised(bench: Bench) -> Run:
    """Maximum likelihood on demonstrations: fresh ones at every step, or a pool that is repeated.

    The pool may hold, beside demonstrations, another run's own verified solutions of the pool's problems.
    """
    spec = bench.trial.spec
    game, shape, recipe = _setting(spec)
    seed, batch = spec["seed"], spec["batch"]
    hands = jnp.asarray(split(game).train)
    pool = spec.get("pool")
    made: Mapping[str, float] = {}
    batches = Partial(_fresh, game, hands)
    if pool is not None:
        demonstrations = demonstrate(game, hands, step_key(seed, POOL, 0), pool["demonstrations"])
        if "synthetic" in pool:
            demonstrations, made = _with_own_solutions(bench, game, shape, demonstrations, pool["synthetic"], seed)
        stock = demonstrations[: len(demonstrations) // batch * batch]
        made = {**made, "pool": len(stock)}
        batches = Partial(_repeated, stock)
    evaluate = Evaluation(game)

    step = Partial(_supervised_step, batches, game, recipe, batch, jnp.asarray(seed))
    step_flop = batch * flops.train_flop(shape, game.context, game.answer)

    def measure(learner: Learner, number: int) -> Point:
        spent = {"tokens": float(number * batch * game.context), "flop": number * step_flop}
        epochs = {} if pool is None else {"epochs": number * batch / made["pool"]}
        return {**spent, **epochs, **evaluate(learner.average)}

    learner = Learner.init(Transformer.init(shape, step_key(seed, INIT, 0)), recipe)
    curve, lost = as_far_as_it_goes(bench, lambda: train(bench, learner, steps(step), measure, spec["at"]))
    made = {**made, **lost, "evaluation_flop": len(curve) * evaluate.flop(shape)}
    return _record(bench, {"params": sum(shape.parameters.values()), **made, **curve[-1]}, curve, shape)


def reinforcement(bench: Bench) -> Run:
    """Reinforcement learning from a supervised snapshot, with a new optimiser."""
    spec = bench.trial.spec
    game, shape, recipe = _setting(spec)
    seed, group = spec["seed"], (spec["prompts"], spec["samples"])
    hands = jnp.asarray(split(game).train)
    evaluate = Evaluation(game)

    step = Partial(_reinforce_step, game, recipe, hands, group, jnp.asarray(seed))
    answers = spec["prompts"] * spec["samples"]
    generating = spec["prompts"] * flops.prompt_flop(shape, game.prompt) + answers * flops.sample_flop(
        shape, game.prompt, game.answer
    )
    updating = answers * flops.train_flop(shape, game.context, game.answer)

    def measure(learner: Learner, number: int) -> Point:
        spent = {
            "rl_flop": number * (generating + updating),
            "rl_flop_generate": number * generating,
            "rl_flop_update": number * updating,
            "answers": float(number * answers),
        }
        return {**spent, **evaluate(learner.average)}

    learner = Learner.init(_snapshot(bench, shape, spec["start"]), recipe)
    curve, lost = as_far_as_it_goes(bench, lambda: train(bench, learner, steps(step), measure, spec["at"]))
    made = {**lost, "evaluation_flop": len(curve) * evaluate.flop(shape)}
    return _record(bench, {"params": sum(shape.parameters.values()), **made, **curve[-1]}, curve, shape)


def sampling(bench: Bench) -> Run:
    """Many answers to held-out problems from one snapshot, counted a problem; and step-verified beams at equal cost."""
    spec = bench.trial.spec
    game, shape, _ = _setting(spec)
    model = _snapshot(bench, shape, spec["start"])
    posed = problems(game, split(game).held_out, spec["problems"], EVALUATION_SEED)
    rows = max(1, SAMPLING_CHUNK // spec["samples"])
    correct: list[np.ndarray] = []
    clock = time.perf_counter()
    for first in range(0, len(posed), rows):
        if bench.stopped():
            raise Stopped(f"{bench.trial.name} stopped")
        some = np.resize(posed[first : first + rows], (rows, game.prompt))  # padded, so that one program serves
        key = step_key(spec["seed"], SAMPLING, first)
        right = search.sample(game, model, jnp.asarray(some), key, spec["samples"])
        correct.append(np.asarray(right)[: len(posed) - first])
        bench.report(first / len(posed), f"{first * spec['samples']} answers")
    right = np.concatenate(correct)
    lines = [
        {"problem": write(game, problem).removesuffix(": "), "samples": len(row), "correct": int(row.sum())}
        for problem, row in zip(posed, right, strict=True)
    ]
    write_bytes(bench.folder / "counts.jsonl", "".join(to_json(line) + "\n" for line in lines).encode())
    measured = {"pass@1": right.mean()}
    for width, branch in spec["beams"]:
        key = step_key(spec["seed"], BEAM, width)
        found = beam_search(game, model, jnp.asarray(posed), key, Beam(width, branch))
        measured[f"beam@{width * branch}"] = float(np.asarray(found).mean())
    measured["seconds"] = time.perf_counter() - clock
    measured["prompt_flop"] = flops.prompt_flop(shape, game.prompt)
    measured["sample_flop"] = flops.sample_flop(shape, game.prompt, game.answer)
    measured["problems"], measured["samples"] = right.shape
    return _record(bench, {"params": sum(shape.parameters.values()), **measured}, (), shape)


Batches = Callable[[int, Array, Array], Array]  # batch, seed, number of the step → sequences


def _supervised_step(
    batches: Batches, game: Countdown, recipe: Recipe, batch: int, seed: Array, learner: Learner, number: Array
) -> tuple[Learner, dict[str, Array]]:
    learner, loss = supervised_step(learner, batches(batch, seed, number), game.prompt, recipe)
    return learner, {"train_loss": loss}


def _fresh(game: Countdown, hands: Array, batch: int, seed: Array, number: Array) -> Array:
    """New demonstrations at every step."""
    return demonstrate(game, hands, step_key(seed, DEMONSTRATIONS, number), batch)


def _repeated(stock: Array, batch: int, seed: Array, number: Array) -> Array:
    """A stock of whole batches, in a new order every epoch."""
    epoch, place = jnp.divmod(number, len(stock) // batch)
    order = jax.random.permutation(step_key(seed, ORDER, epoch), len(stock))
    return stock[jax.lax.dynamic_slice_in_dim(order, place * batch, batch)]


def _reinforce_step(
    game: Countdown,
    recipe: Recipe,
    hands: Array,
    group: tuple[int, int],
    seed: Array,
    learner: Learner,
    number: Array,
) -> tuple[Learner, dict[str, Array]]:
    return reinforce_step(game, hands, recipe, learner, step_key(seed, REINFORCE, number), *group)


class Evaluation:
    """Held-out loss and pass@1 of a model, always on the same demonstrations and problems."""

    def __init__(self, game: Countdown) -> None:
        held_out = split(game).held_out
        key = step_key(EVALUATION_SEED, EVALUATION, 0)
        self.game = game
        self.demonstrations = demonstrate(game, jnp.asarray(held_out), key, EVALUATION_DEMONSTRATIONS)
        self.problems = jnp.asarray(problems(game, held_out, EVALUATION_PROBLEMS, EVALUATION_SEED))

    def __call__(self, model: Transformer) -> dict[str, float]:
        """The two figures."""
        key = step_key(EVALUATION_SEED, EVALUATION, 1)
        loss = _mean_loss(model, self.demonstrations, self.game.prompt)
        right = search.sample(self.game, model, self.problems, key, EVALUATION_SAMPLES)
        return {"loss": float(loss), "pass@1": float(right.mean())}

    def flop(self, shape: Shape) -> float:
        """What one evaluation costs."""
        reading = EVALUATION_DEMONSTRATIONS * flops.read_flop(shape, self.game.context, self.game.answer)
        asking = flops.prompt_flop(shape, self.game.prompt)
        answering = EVALUATION_SAMPLES * flops.sample_flop(shape, self.game.prompt, self.game.answer)
        return reading + EVALUATION_PROBLEMS * (asking + answering)


@eqx.filter_jit
def _mean_loss(model: Transformer, sequences: Array, prompt: int) -> Array:
    return answer_losses(model, sequences, prompt).mean()


@eqx.filter_jit
def _answers(model: Transformer, problems: Array, key: Array, length: int, samples: int) -> Array:
    return generate(model, problems, key, length, samples).tokens


def _with_own_solutions(
    bench: Bench, game: Countdown, shape: Shape, demonstrations: Array, source: Mapping, seed: int
) -> tuple[Array, Mapping[str, float]]:
    """The pool with what another run's snapshot found by itself: verified, distinct, not demonstrated already."""
    model = _snapshot(bench, shape, source)
    posed, samples = demonstrations[:, : game.prompt], source["samples"]
    known = {row.tobytes() for row in np.asarray(demonstrations, dtype=np.int32)}
    found: list[np.ndarray] = []
    rows = max(1, SAMPLING_CHUNK // samples)
    for first in range(0, len(posed), rows):
        some = jnp.asarray(np.resize(np.asarray(posed[first : first + rows]), (rows, game.prompt)))
        answers = _answers(model, some, step_key(seed, SYNTHETIC, first), game.answer, samples)
        asked = jnp.repeat(some, samples, axis=0)
        sequences = np.asarray(jnp.concatenate([asked, answers], axis=1), dtype=np.int32)
        right = np.flatnonzero(solved(game, asked, answers))
        for row in sequences[right[right < samples * (len(posed) - first)]]:  # none of the rows that pad the last chunk
            if row.tobytes() not in known:
                known.add(row.tobytes())
                found.append(row)
    cost = len(posed) * (
        flops.prompt_flop(shape, game.prompt) + samples * flops.sample_flop(shape, game.prompt, game.answer)
    )
    whole = np.asarray(demonstrations, dtype=np.int32)
    mixed = np.concatenate([whole, np.array(found, dtype=np.int32).reshape(-1, whole.shape[1])])
    order = np.random.default_rng(seed).permutation(len(mixed))
    return jnp.asarray(mixed[order]), {"synthetic": len(found), "synthetic_flop": cost}


def _setting(spec: Mapping) -> tuple[Countdown, Shape, Recipe]:
    game = Countdown(**spec["game"])
    width, depth = spec["size"]
    return game, Shape(width, depth, game.vocabulary, game.context), Recipe(**spec.get("recipe", {"rate": 0.0}))


def _start(bench: Bench, start: Mapping) -> Mapping:
    """The snapshot that a trial begins with: the declared one, or the last of a run that lost its numbers before."""
    lost = bench.store.load(start["trial"]).quantities.get("lost", start["step"])
    return {**start, "step": min(start["step"], int(lost))}


def _snapshot(bench: Bench, shape: Shape, start: Mapping) -> Transformer:
    like = eqx.filter_eval_shape(Transformer.init, shape, jax.random.key(0))  # its weights would be thrown away
    return load(snapshot_path(bench.store.folder(start["trial"]), _start(bench, start)["step"]), like)[0]


def _record(
    bench: Bench, quantities: Mapping[str, SupportsFloat], curve: tuple[Point, ...], shape: Shape | None = None
) -> Run:
    trial = bench.trial
    roles = {} if shape is None else {f"params_{role}": number for role, number in shape.parameters.items()}
    measured = {name: float(value) for name, value in {**roles, **quantities}.items() if name != "step"}
    return Run(
        name=trial.name,
        kind=trial.kind,
        quantities=measured,
        conventions=CONVENTIONS,
        config={**trial.spec, "start": _start(bench, trial.spec["start"])} if "start" in trial.spec else trial.spec,
        seed=trial.spec.get("seed"),
        curve=curve,
        source=Source(Path(__file__).name, digest(trial.to_json()), "nextflop laboratory"),
    )
