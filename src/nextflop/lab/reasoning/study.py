"""The Countdown study as a list of trials: which sizes, how many steps, from where, within the minutes given."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import NamedTuple

from nextflop.errors import InputError
from nextflop.evidence.files import Json
from nextflop.lab.reasoning.countdown import Countdown
from nextflop.lab.trial import Trial

BATCH = 256
RATE = {"supervised": 5e-3, "rl": 5e-4}
GROWTH = 1.5  # ratio of two neighbouring measurements of a supervised run
POINTS = 7
OWN_SAMPLES = 8  # answers of the model to each problem of the pool, among which its own solutions are sought
EPOCHS = 48  # how often the limited pool is repeated by the end
PROMPTS, GROUP = 32, 16
RL_POINTS = (0.0, 0.03, 0.07, 0.14, 0.25, 0.45, 0.7, 1.0)
BEAMS = ((2, 2), (4, 4), (8, 8))
BEAM_SAMPLES = sum(width * branch for width, branch in BEAMS)

# What the training time is divided into, and costs in supervised steps of the same size: measured, to plan by alone.
SHARE = {"supervised": 0.53, "data": 0.14, "rl": 0.33}
RL_STEP = 4.5
ANSWER = 0.0038  # one answer of a sampled snapshot or of a beam
SAMPLING = 0.25  # most of the time that sampling may take before it is made smaller
SHORT = 5.0  # minutes
MEASURE = 10  # one evaluation of held-out loss and accuracy
START_UP = 16.0  # seconds for the programs of one size, a worker
USED = 0.9  # share of the minutes that is planned with; the rest is for fits, pages and a machine that slows down
LEAST_STEPS = 64  # of the shortest supervised run of a study that is whole


class Scale(NamedTuple):
    """How large the study is.

    Attributes:
        sizes: width and depth of each network, smallest first.
        seeds: how many seeds.
        minutes: wall-clock time to aim at.
        workers: processes at once.
        step_seconds: what a supervised step of each size takes one process.
    """

    sizes: tuple[tuple[int, int], ...]
    seeds: int
    minutes: float
    workers: int
    step_seconds: tuple[float, ...]


@dataclass(frozen=True)
class Snapshot:
    """A network that a trial left behind."""

    trial: Trial
    step: int

    @property
    def spec(self) -> dict[str, Json]:
        """How other trials name it."""
        return {"trial": self.trial.id, "step": self.step}

    def is_end_of(self, size: tuple[int, int]) -> bool:
        """Whether it is the last network of a run of this size."""
        return self.trial.spec["size"] == list(size) and self.step == self.trial.spec["at"][-1]


def design(game: Countdown, scale: Scale) -> tuple[Trial, ...]:
    """The trials, in the order in which they are best begun.

    Raises:
        InputError: if the sizes, seeds or minutes cannot make a study that is whole.
    """
    _check(scale)
    weaker = (2, 4) if scale.minutes >= SHORT else (4, 5)  # in a short study the early networks solve nothing yet
    middle, spec = len(scale.sizes) // 2, {"game": asdict(game)}
    # Step seconds, summed: of the networks that are reinforced, of those sampled, of all measurements.
    ends = sum(scale.step_seconds) + 2 * scale.step_seconds[middle]
    snapshots = scale.seeds * (2 * ends + scale.step_seconds[middle])
    measured = scale.seeds * (POINTS * ends + len(RL_POINTS) * ends)
    seconds = 60 * scale.minutes * scale.workers * USED - START_UP * scale.workers * len(scale.sizes)
    seconds -= MEASURE * measured
    problems, samples = _questions(SAMPLING * seconds / (ANSWER * snapshots))
    asking = problems * (samples + BEAM_SAMPLES) * ANSWER  # in steps
    seconds -= asking * snapshots
    runs, data, starts = {}, [], []
    for seed in range(scale.seeds):
        for size, step, time in zip(scale.sizes, scale.step_seconds, _supervised_seconds(scale, seconds), strict=True):
            if time < LEAST_STEPS * step:
                raise InputError(
                    f"{scale.minutes:g} minutes leave {max(time, 0) / step:.0f} steps for the network {_label(size)}: "
                    "give more --minutes, smaller --sizes or fewer --seeds."
                )
            runs[seed, size] = _supervised(spec, size, seed, _grown(round(time / step)), time)
        run = runs[seed, scale.sizes[middle]]
        data += _data_arms(scale, run, SHARE["data"] * seconds / scale.seeds)
        starts += [Snapshot(run, run.spec["at"][place]) for place in weaker]
    starts += [Snapshot(run, run.spec["at"][-1]) for run in runs.values()]
    rl = _reinforcements(spec, scale, starts, SHARE["rl"] * seconds)
    sampled = []
    for trial, start in zip(rl, starts, strict=True):
        halfway = [Snapshot(trial, trial.spec["at"][4])] if start.is_end_of(scale.sizes[middle]) else []
        for end in (start, Snapshot(trial, trial.spec["at"][-1]), *halfway):
            sampled.append(_sampling(spec, end, problems, samples, asking * _step_seconds(scale, trial)))
    # What others wait for comes first, then the longest.
    first = sorted(runs.values(), key=lambda run: (run.spec["size"] != list(scale.sizes[middle]), -run.seconds))
    return (Trial("teacher", "teacher's entropy", spec, seconds=2.0), *first, *rl, *data, *sampled)


def _check(scale: Scale) -> None:
    if list(scale.sizes) != sorted(set(scale.sizes), key=lambda size: size[0] ** 2 * size[1]) or len(scale.sizes) < 3:
        named = ",".join(map(_label, scale.sizes))
        raise InputError(f"--sizes {named} are not three or more sizes, smallest first: write 32x2,64x2,128x2.")
    if scale.seeds < 1:
        raise InputError(f"--seeds {scale.seeds} is too few: give 1 or more.")


def _questions(answers: float) -> tuple[int, int]:
    """Problems and samples a problem: as many as a number of answers in all, beams included, allows."""
    samples = next((number for number in (256, 128, 64) if 256 * (number + BEAM_SAMPLES) <= answers), 32)
    return (256 if samples == 256 else 200), samples


def _supervised_seconds(scale: Scale, seconds: float) -> list[float]:
    """Time of one run of each size: as the square root of its parameters, so that small ones see more data."""
    weights = [(width**2 * depth) ** 0.5 for width, depth in scale.sizes]
    return [SHARE["supervised"] * seconds * weight / sum(weights) / scale.seeds for weight in weights]


def _grown(last: int) -> list[int]:
    return [round(last / GROWTH**power) for power in range(POINTS - 1, -1, -1)]


def _step_seconds(scale: Scale, trial: Trial) -> float:
    return scale.step_seconds[scale.sizes.index(tuple(trial.spec["size"]))]


def _label(size: Sequence[int]) -> str:
    return f"{size[0]}x{size[1]}"


def _supervised(spec: Mapping[str, Json], size: tuple[int, int], seed: int, at: list[int], seconds: float) -> Trial:
    details = {"size": list(size), "seed": seed, "batch": BATCH, "at": at, "recipe": {"rate": RATE["supervised"]}}
    return Trial("supervised", f"supervised {_label(size)}, seed {seed}", {**spec, **details}, (), seconds)


def _data_arms(scale: Scale, fresh: Trial, seconds: float) -> list[Trial]:
    """A limited pool repeated, and the same pool with the model's own verified solutions; both beside `fresh`."""
    unit, seed, label = _step_seconds(scale, fresh), fresh.spec["seed"], _label(fresh.spec["size"])
    at = [step for step in fresh.spec["at"] if step <= seconds / (2 * unit)] or fresh.spec["at"][:3]
    size = max(2, round(at[-1] / EPOCHS)) * BATCH
    repeated = {**fresh.spec, "at": at, "pool": {"demonstrations": size}}
    pool = Trial("supervised", f"pool of {size} {label}, seed {seed}", repeated, (), at[-1] * unit)
    source = {**Snapshot(pool, at[len(at) // 2]).spec, "samples": OWN_SAMPLES}
    both = {**repeated, "pool": {"demonstrations": size, "synthetic": source}}
    return [pool, Trial("supervised", f"pool and own solutions {label}, seed {seed}", both, (pool.id,), at[-1] * unit)]


def _reinforcements(spec: Mapping[str, Json], scale: Scale, starts: Sequence[Snapshot], seconds: float) -> list[Trial]:
    """Reinforcement learning from every start.

    A larger network takes fewer steps, as the square root of what a step costs it, so that none takes all the time.
    """
    costs = [_step_seconds(scale, start.trial) for start in starts]
    unit = seconds / (RL_STEP * sum(cost**0.5 for cost in costs))
    return [
        _reinforcement(spec, start, max(24, round(unit / cost**0.5)), cost)
        for start, cost in zip(starts, costs, strict=True)
    ]


def _reinforcement(spec: Mapping[str, Json], start: Snapshot, steps: int, unit: float) -> Trial:
    origin = start.trial.spec
    details = {
        "size": origin["size"],
        "seed": origin["seed"],
        "start": start.spec,
        "prompts": PROMPTS,
        "samples": GROUP,
        "at": sorted({round(share * steps) for share in RL_POINTS}),
        "recipe": {"rate": RATE["rl"], "warmup": 10, "decay": 0.0},
    }
    name = f"RL {_label(origin['size'])} from step {start.step}, seed {origin['seed']}"
    return Trial("rl", name, {**spec, **details}, (start.trial.id,), RL_STEP * steps * unit)


def _sampling(spec: Mapping[str, Json], end: Snapshot, problems: int, samples: int, seconds: float) -> Trial:
    origin = end.trial.spec
    details = {
        "size": origin["size"],
        "seed": origin["seed"],
        "start": end.spec,
        "problems": problems,
        "samples": samples,
        "beams": [list(beam) for beam in BEAMS],
    }
    name = f"sampling {end.trial.name} at step {end.step}"
    return Trial("sampling", name, {**spec, **details}, (end.trial.id,), seconds)
