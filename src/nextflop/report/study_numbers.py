"""The tables of the evidence: laws, runs of reinforcement learning, coverage, data."""

from collections.abc import Mapping

from nextflop.evidence.files import Json
from nextflop.laws.base import Law
from nextflop.laws.chinchilla import Chinchilla
from nextflop.laws.exponential import ExponentialAccuracy
from nextflop.laws.reinforced import Reinforced
from nextflop.quantities import show
from nextflop.report.mathml import formula, symbol
from nextflop.report.page import between, number, percent
from nextflop.report.study_data import StudyData, interval, known, size_name
from nextflop.report.study_tables import Row, count, share

_LAWS: Mapping[str, tuple[type[Law], str]] = {
    "loss": (Chinchilla, "Loss against parameters and tokens"),
    "link": (ExponentialAccuracy, "Accuracy against loss"),
    "rl": (Reinforced, "Accuracy after reinforcement learning"),
}


def exchange(data: StudyData) -> list[Row]:
    """Reinforcement learning against sampling, for every start."""
    return [
        {
            "start": f"{size_name(row['size'])}, step {row['start']['origin']['step']}, seed {row['seed']}",
            "before": percent(row["pass@1_before"]),
            "after": percent(row["pass@1_after"]),
            "cross": count(interval(row["crossing"]["samples"])),
            "match": count(interval(row["match"]["samples"])),
            "flop": show(row["rl_flop"], "FLOP"),
            "queries": count(interval(row["queries"])),
        }
        for row in data.answers["exchange"]
    ]


def sampled(answers: Json) -> Mapping[str, object]:
    """Unbiased coverage at some k, beams and the fitted law, for every snapshot that was sampled."""
    wanted = [k for k in (1, 4, 16, 64, 256) if k <= min(row["samples"] for row in answers["coverage"])]
    return {
        "k": wanted,
        "problems": answers["coverage"][0]["problems"],
        "samples": answers["coverage"][0]["samples"],
        "rows": [
            {
                "label": row["label"],
                "values": [percent(point["value"]) for point in row["pass_at_k"] if point["k"] in wanted],
                "beams": ", ".join(f"{percent(beam['solved'])} at {beam['samples']}" for beam in row["beams"]),
                "law": _shape(row["fit"]),
                "status": "solved nothing" if row["fit"] is None else row["fit"]["status"].replace("_", " "),
            }
            for row in answers["coverage"]
        ],
    }


def _shape(fit: Json | None) -> list[str]:
    """The parameters of a coverage law; dashes for a snapshot that solved nothing and has none."""
    if fit is None:
        return ["–"] * 3
    return [number(known(fit["estimate"][name]["value"]), digits=3) for name in ("pi", "mu", "nu")]


def sigmoids(answers: Json) -> list[Row]:
    """The sigmoid of every run of reinforcement learning."""
    return [
        {
            "label": row["label"],
            "start": percent(row["estimate"]["R0"]["value"]),
            "ceiling": share(interval(row["estimate"]["A"])),
            "middle": f"{number(known(row['estimate']['C_mid']['value']), 'FLOP', 3)}",
            "steepness": number(known(row["estimate"]["B"]["value"]), digits=3),
            "status": row["status"].replace("_", " "),
        }
        for row in sorted(answers["fits"]["curves"], key=lambda row: (row["size"], row["start"]["step"], row["seed"]))
    ]


def estimates(family: type[Law], fit: Json) -> list[Row]:
    """The parameters of a fitted law, with their intervals; "held" where one was pinned."""
    pinned = (fit["method"] or {"pinned": {}})["pinned"]
    return [
        {
            "symbol": symbol(about.symbol),
            "meaning": about.meaning,
            "value": number(known(fit["estimate"][name]["value"])),
            "range": "held" if name in pinned else between(interval(fit["estimate"][name])),
            "unit": about.unit or "pure number",
        }
        for name, about in family.parameters.items()
    ]


def laws(answers: Json) -> list[Row]:
    """The three laws of the plan with their estimates."""
    return [
        {
            "key": key,
            "title": title,
            "formula": formula(family.formula),
            "reference": family.reference,
            "status": fit["status"].replace("_", " "),
            "runs": fit["runs"]["number"],
            "draws": fit["draws"]["number"],
            "objective": f"{fit['objective']:.4g}, {fit['objective_name']}",
            "notes": fit["notes"],
            "rows": estimates(family, fit),
        }
        for key, (family, title) in _LAWS.items()
        for fit in (answers["fits"][key],)
    ]


def arms(answers: Json) -> list[Row]:
    """Where every arm of the data experiment ended."""
    return [
        {
            "arm": row["arm"],
            "seed": row["seed"],
            "pool": "endless" if row["pool"] is None else show(row["pool"]),
            "own": "" if row["own"] is None else show(row["own"]),
            "epochs": "1" if row["pool"] is None else f"{row['curve'][-1]['epochs']:.1f}",
            "best": f"{min(point['loss'] for point in row['curve']):.3f}",
            "loss": f"{row['curve'][-1]['loss']:.3f}",
            "accuracy": percent(row["curve"][-1]["pass@1"]),
        }
        for row in answers["data"]
    ]
