"""What a way of spending costs: training, reinforcement learning and inference, in FLOP on one ledger."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from nextflop.evidence.run import Run
from nextflop.lab.language import flops
from nextflop.lab.language.transformer import Shape
from nextflop.lab.reasoning.countdown import Countdown
from nextflop.laws.base import Value
from nextflop.studies.countdown.world import Point


@dataclass(frozen=True)
class Ledger:
    """FLOP by network size, exact at the sizes of the study and a power law between and beyond them.

    Attributes:
        params: parameters of the sizes, ascending, shape (sizes,).
        token: a position read in supervised training.
        answer: an answer sampled, checked and learned from in reinforcement learning.
        prompt: a problem read before answering.
        sample: an answer to it.
        queries: problems that the model will be asked.
    """

    params: np.ndarray
    token: np.ndarray
    answer: np.ndarray
    prompt: np.ndarray
    sample: np.ndarray
    queries: float

    @classmethod
    def of(cls, game: Countdown, sizes: Iterable[tuple[int, int]], rl_group: int, queries: float) -> "Ledger":
        """The ledger of a study.

        Args:
            game: the task.
            sizes: width and depth of the networks.
            rl_group: answers to one problem in reinforcement learning, which share the reading of it.
            queries: problems that the model will be asked.
        """
        shapes = [Shape(width, depth, game.vocabulary, game.context) for width, depth in sizes]
        training = np.array([flops.train_flop(shape, game.context, game.answer) for shape in shapes])
        prompt = np.array([flops.prompt_flop(shape, game.prompt) for shape in shapes])
        sample = np.array([flops.sample_flop(shape, game.prompt, game.answer) for shape in shapes])
        return cls(
            params=np.array([float(sum(shape.parameters.values())) for shape in shapes]),
            token=training / game.context,
            answer=prompt / rl_group + sample + training,
            prompt=prompt,
            sample=sample,
            queries=queries,
        )

    def at(self, what: str, params: Value) -> np.ndarray:
        """One of the prices ("token", "answer", "prompt", "sample") for networks of these parameters."""
        known, prices = np.log(self.params), np.log(getattr(self, what))
        x = np.log(np.asarray(params, dtype=np.float64))
        inside = np.interp(x, known, prices)
        below = prices[0] + (x - known[0]) * (prices[1] - prices[0]) / (known[1] - known[0])
        above = prices[-1] + (x - known[-1]) * (prices[-1] - prices[-2]) / (known[-1] - known[-2])
        return np.asarray(np.exp(np.where(x < known[0], below, np.where(x > known[-1], above, inside))))

    def parts(self, point: Point) -> dict[str, np.ndarray]:
        """FLOP of supervised training, of reinforcement learning, and of all queries."""
        params = np.asarray(point.params)
        parts = {
            "training": self.at("token", params) * point.tokens,
            "rl": self.at("answer", params) * point.answers,
            "inference": self.queries * (self.at("prompt", params) + point.samples * self.at("sample", params)),
        }
        return {name: np.asarray(flop) for name, flop in parts.items()}

    def cost(self, point: Point) -> np.ndarray:
        """All of it."""
        return np.asarray(sum(self.parts(point).values()))


def spent(runs: Mapping[str, Run]) -> dict[str, float]:
    """FLOP that the study itself used, by kind of work."""
    kinds = ("supervised", "rl generation", "rl update", "own solutions", "sampling", "evaluation")
    total = dict.fromkeys(kinds, 0.0)
    for run in runs.values():
        q = run.quantities
        total["supervised"] += q.get("flop", 0.0)
        total["own solutions"] += q.get("synthetic_flop", 0.0)
        total["rl generation"] += q.get("rl_flop_generate", 0.0)
        total["rl update"] += q.get("rl_flop_update", 0.0)
        total["evaluation"] += q.get("evaluation_flop", 0.0)
        if run.kind == "sampling":
            beams = sum(width * branch for width, branch in run.config["beams"])
            total["sampling"] += q["problems"] * (q["prompt_flop"] + (q["samples"] + beams) * q["sample_flop"])
    return total
