"""A study as a folder, made up from known laws: what the page of a study is tested on."""

from pathlib import Path
from typing import Any

import numpy as np

from nextflop.evidence.files import Json, append_line, write_json
from nextflop.evidence.run import Run
from nextflop.evidence.store import Store
from nextflop.lab.study import Study
from nextflop.lab.trial import Trial
from nextflop.laws.chinchilla import Chinchilla
from nextflop.laws.coverage import ZeroInflatedBetaBinomial
from nextflop.laws.exponential import ExponentialAccuracy
from nextflop.laws.sigmoid import Sigmoid

from .html_page import HOSTILE

SIZES = {(32, 2): 28_576.0, (64, 2): 106_304.0, (128, 2): 409_216.0}
SEEDS = (0, 1)
LOSS = Chinchilla(0.19, 40.0, 18.0, 0.6, 0.27)
LINK = ExponentialAccuracy(4.7, 8.0)
AXES = ("parameters", "demonstrations", "reinforcement learning", "samples")
UNITS = ("params", "tokens", "answers", "samples")


def make_study(root: Path) -> dict[str, Any]:
    """Writes the folder and returns the answers, for a test to change and write again."""
    trials, runs = [Trial("teacher", "teacher's entropy", {"game": {}})], [_teacher()]
    for size, params in SIZES.items():
        for seed in SEEDS:
            made = _supervised(size, params, seed)
            trials.append(Trial("supervised", made.name, made.config))
            runs.append(made)
            tuned = _reinforced(size, seed, trials[-1].id, made.curve[-1]["pass@1"])
            trials.append(Trial("rl", tuned.name, tuned.config, (trials[-1].id,)))
            runs.append(tuned)
    settings = {"minutes": 1.0, "sizes": [list(size) for size in SIZES], "seeds": len(SEEDS), "note": HOSTILE}
    study = Study(f"countdown {HOSTILE}", "nowhere:run", settings, {}, tuple(trials)).declare(root)
    for trial, run in zip(trials, runs, strict=True):
        Store(root).add(run, trial.id)
        for point in run.curve:
            append_line(Store(root).folder(trial.id) / "curve.jsonl", point)
    answers = _answers({trial.id: trial for trial in trials}, study)
    write_json(root / "answers.json", answers)
    return answers


def interval(value: float, spread: float = 0.1) -> dict[str, float]:
    return {"value": value, "low": value * (1 - spread), "high": value * (1 + spread)}


def _teacher() -> Run:
    return Run("teacher's entropy", "teacher", {"entropy": 0.1939})


def _supervised(size: tuple[int, int], params: float, seed: int) -> Run:
    tokens = np.geomspace(1e6, 1.2e7, 7)
    loss = LOSS(params=np.full(7, params), tokens=tokens) * (1 + 0.01 * seed)
    accuracy = np.minimum(LINK(loss=loss), 1.0)
    curve = tuple(
        {"step": float(step), "tokens": float(x), "flop": 6 * params * float(x), "loss": float(y), "pass@1": float(z)}
        for step, (x, y, z) in enumerate(zip(tokens, loss, accuracy, strict=True))
    )
    config = {"size": list(size), "seed": seed}
    quantities = {"params": params, "seconds": 12.0, **curve[-1]}
    return Run(f"supervised {HOSTILE}", "supervised", quantities, {}, config, seed, curve)


def _reinforced(size: tuple[int, int], seed: int, trial: str, start: float) -> Run:
    answers = np.array([0.0, 1e3, 3e3, 1e4, 3e4, 7e4])
    flop = answers * SIZES[size] * 100
    accuracy = Sigmoid(start, 0.5, SIZES[size] * 1e6, 1.2)(rl_flop=flop)
    curve = tuple(
        {"step": float(step), "answers": float(n), "rl_flop": float(c), "pass@1": float(r)}
        | ({"entropy": 0.5 / (1 + step), "signal": 0.6, "reward": 0.3} if step else {})
        for step, (n, c, r) in enumerate(zip(answers, flop, accuracy, strict=True))
    )
    config = {"size": list(size), "seed": seed, "start": {"trial": trial, "step": 6}}
    return Run(f"RL {HOSTILE}", "rl", {"seconds": 5.0, **curve[-1]}, {}, config, seed, curve)


def _fit(name: str, values: dict[str, float], number: int, rows: bool = True) -> dict[str, Any]:
    drawn = np.random.default_rng(0).normal(1, 0.02, (20, len(values))) * list(values.values())
    return {
        "law": name,
        "status": "at_bound",
        "objective": 1.25e-3,
        "objective_name": "sum of squares of residuals",
        "estimate": {key: interval(value) for key, value in values.items()},
        "level": 0.9,
        "method": None,
        "draws": {"number": 20, "failed": 0, "seed": 0},
        "runs": {"number": number, "digest": "d"},
        "ranges": {"loss": {"low": 0.35, "high": 0.9}},
        "notes": [f"A note with {HOSTILE}."],
        **({"rows": drawn.tolist()} if rows else {}),
    }


def _snapshot(trial: str, size: tuple[int, int], seed: int, share: float) -> dict[str, Any]:
    law = ZeroInflatedBetaBinomial(0.3, 0.6, 3.0) if share else ZeroInflatedBetaBinomial(0.02, 0.2, 6.0)
    k = (1, 4, 16, 64, 256)
    values = [float(law(samples=float(n))) for n in k]
    return {
        "label": f"{'RL' if share else 'supervised'} {HOSTILE}",
        "size": list(size),
        "seed": seed,
        "rl_share": share,
        "origin": {"trial": trial, "step": 6},
        "problems": 200,
        "samples": 256,
        "pass_at_k": [{"k": n, **interval(value, 0.05)} for n, value in zip(k, values, strict=True)],
        "beams": [{"samples": 4, "solved": 0.3}, {"samples": 16, "solved": 0.4}],
        "curve": [{"k": n, "value": value} for n, value in zip(k, values, strict=True)],
        "fit": _fit("coverage", {"pi": 0.1, "mu": 0.3, "nu": 4.0}, 200, rows=False),
    }


def _exchange(trial: str, size: tuple[int, int], seed: int) -> dict[str, Any]:
    needed = {"share": 1.0, "within": 256.0, "measured": 256.0, "level": 0.9, "draws": 100}
    return {
        "label": f"RL {HOSTILE}",
        "size": list(size),
        "seed": seed,
        "rl_share": 1.0,
        "start": {"size": list(size), "seed": seed, "origin": {"trial": trial, "step": 6}},
        "pass@1_before": 0.2,
        "pass@1_after": 0.45,
        "rl_flop": 1e12,
        "sample_flop": 2.6e6,
        "prompt_flop": 8e5,
        "crossing": {"samples": interval(5.3 + seed), **needed},
        "match": {"samples": interval(3.1 + seed), **needed},
        "queries": interval(1.8e5 / (1 + seed)),
    }


def _arm(name: str, seed: int) -> dict[str, Any]:
    ends = {"fresh": 0.43, "pool": 0.9, "pool and own solutions": 0.65}
    own = name == "pool and own solutions"
    curve = [
        {"step": step, "tokens": tokens, "flop": 1e11, "epochs": None if name == "fresh" else 10.0 * step,
         "loss": loss, "pass@1": 0.02 * step}
        for step, tokens, loss in ((1, 1e6, 0.8), (2, 2e6, 0.6), (4, 5e6, ends[name] + 0.01 * seed))
    ]  # fmt: skip
    pool = None if name == "fresh" else 7680.0
    return {"arm": name, "seed": seed, "curve": curve, "pool": pool, "own": 2350.0 if own else None}


def _answers(trials: dict[str, Trial], study: Study) -> dict[str, Any]:
    plain = {id: trial.spec for id, trial in trials.items() if trial.kind == "supervised"}
    starts = {(*spec["size"], spec["seed"]): id for id, spec in plain.items()}
    pairs = [(starts[(*size, seed)], size, seed) for size in SIZES for seed in SEEDS]
    gains, point = (0.02, 0.06, 0.32, 0.26), {"params": 106304.0, "tokens": 1.2e7, "answers": 0.0, "samples": 1.0}
    curves = [
        {"trial": id, "label": f"RL {HOSTILE}", "size": trial.spec["size"], "seed": trial.spec["seed"],
         "start": trial.spec["start"], **_fit("sigmoid", {"R0": 0.2, "A": 0.5, "C_mid": 1e11, "B": 1.2}, 6, rows=False)}
        for id, trial in trials.items() if trial.kind == "rl"
    ]  # fmt: skip
    passed = {"code": "optimum", "name": "the optimum was found", "outcome": "pass", "statistic": 1e-9,
              "threshold": 1e-6, "sentence": f"The gradient has vanished, {HOSTILE}."}  # fmt: skip
    unknown = {**passed, "outcome": "cannot tell", "statistic": None}
    link = _fit("exponential-accuracy", {"K": 4.7, "gamma": 8.0}, 42)
    shares = dict(zip(AXES, (0.0, 0.0, 0.06, 0.94), strict=True))
    return {
        "study": study.name,
        "version": "0.1.0",
        "settings": dict(study.settings),
        "scope": {"queries": 1e6, "budget": None},
        "machine": {"processor": HOSTILE, "cores": 2, "backend": "cpu", "device": "cpu", "python": "3", "jax": "0"},
        "level": 0.9,
        "conventions": {"flop": f"matrix products, {HOSTILE}"},
        "teacher": {"entropy": 0.1939, "entropy_train": 0.195},
        "fits": {
            "loss": _fit("chinchilla", dict(LOSS.values), 30),
            "loss_all": _fit("chinchilla", dict(LOSS.values), 42, rows=False),
            "link": {**link, "floor": interval(0.193, 0.04)},
            "rl": _fit("reinforced", {"c": 0.39, "M": 1.3e4, "m": 0.3, "B": 1.28}, 36),
            "curves": curves,
            "verdicts": {"loss": [passed, unknown], "link": [passed], "rl": [passed]},
        },
        "coverage": [_snapshot(*pair, share) for pair in pairs for share in (0.0, 0.25, 1.0)],
        "exchange": [_exchange(*pair) for pair in pairs],
        "data": [_arm(name, seed) for name in ("fresh", "pool", "pool and own solutions") for seed in SEEDS],
        "start": {**point, "size": [64, 2], "cost": 1.2e13, "accuracy": interval(0.217),
                  "parts": {"training": 8.6e12, "rl": 0.0, "inference": 3.4e12}},
        "budget": 1.8e13,
        "next": 6e12,
        "limits": {"params": [28576.0, 1.6e6], "tokens": [7.8e5, 6.2e7], "answers": 3.1e5, "samples": 256.0},
        "axes": [
            {"axis": axis, "unit": unit, "from": point[unit], "to": 2 * point[unit] + 2, "flop": 6e12,
             "gain": interval(gain), "per_flop": interval(gain / 4e12), "diminishing": interval(0.7),
             "probability_best": float(axis == "reinforcement learning")}
            for axis, unit, gain in zip(AXES, UNITS, gains, strict=True)
        ],
        "curves": [
            {"axis": axis, "flop": [1.2e13, 1.5e13, 2.4e13], "accuracy": [0.217, 0.217 + gain / 2, 0.217 + gain],
             "low": [0.2, 0.21, 0.22], "high": [0.24, 0.5, 0.6], "level": [1.0, 2.0, 3.0]}
            for axis, gain in zip(AXES, gains, strict=True)
        ],
        "by_queries": [
            {"queries": queries,
             "axes": [{"axis": axis, "gain": interval(gain), "probability_best": float(axis == "samples"),
                       "probability_best_without_verifier": float(axis == "demonstrations")}
                      for axis, gain in zip(AXES, gains, strict=True)]}
            for queries in (1e3, 1e4, 1e5, 1e6, 1e7)
        ],
        "split": {"shares": {axis: interval(share) for axis, share in shares.items()}, "accuracy": interval(0.61, 0.03),
                  "point": {**point, "answers": 2.6e4, "samples": 3.2}, "regret": 0.0009},
        "plan": {"point": {**point, "samples": 17.5}, "accuracy": interval(0.83, 0.02), "intervals": {},
                 "parts": {}, "beyond": {}, "regret": 0.002},
        "further": [
            {"run": f"four times the data, {HOSTILE}", "measures": "loss", "flop": 3.5e13, "seconds": 550.0,
             "predicted": {"value": 0.32, "spread": 0.02}, "gain": 3.7e-5}
        ],
        "spent": {"supervised": 8e13, "rl generation": 3e12, "rl update": 1.1e13, "own solutions": 3e11,
                  "sampling": 7e12},
        "seconds": {"supervised": 72.0, "rl": 30.0, "teacher": 0.0},
        "recommendation": [
            "Spend the next 6e12 FLOP on reinforcement learning: for 1M queries it gains 32.0 points.",
            f"The same money by the number of queries, {HOSTILE}.",
        ],
    }  # fmt: skip


def rewrite(root: Path, answers: Json) -> None:
    """Writes changed answers."""
    write_json(root / "answers.json", answers)
