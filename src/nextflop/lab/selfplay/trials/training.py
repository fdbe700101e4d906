"""Self-play from nothing, and what it has cost at every snapshot."""

from collections.abc import Sequence

from nextflop.evidence.run import Run
from nextflop.lab.loop import Point, as_far_as_it_goes, train
from nextflop.lab.selfplay.network import Shape
from nextflop.lab.selfplay.recipe import Recipe
from nextflop.lab.selfplay.training.agent import Agent, generations
from nextflop.lab.selfplay.trials.agents import parameters, record, setting
from nextflop.lab.trial import Bench


def training(bench: Bench) -> Run:
    """Self-play from nothing to the last of the generations in `at`.

    A network that loses its numbers ends its run there: what it was before is measured like any other, and the run says
    so by "lost", the generation of its last snapshot.

    Raises:
        FitError: if it had none.
    """
    spec = bench.trial.spec
    engine, shape, recipe = setting(spec)
    agent = Agent.init(engine.game, shape, recipe, spec["seed"])
    playing = generations(engine, recipe, spec["seed"])
    means, lost = as_far_as_it_goes(bench, lambda: train(bench, agent, playing, _nothing, spec["at"], stride=1))
    curve = totals(means, shape, recipe)
    return record(bench, {**parameters(shape), **curve[-1], **lost}, curve)


def _nothing(agent: Agent, step: int) -> dict[str, float]:
    return {}


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
