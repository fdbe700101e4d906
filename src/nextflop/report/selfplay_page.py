"""The page for a study of self-play: the decision, strength against training and search, judges, and what ran."""

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from nextflop.evidence.files import Json
from nextflop.lab.selfplay.study import label
from nextflop.lab.study import Study
from nextflop.quantities import show
from nextflop.report.across_tables import across_tables
from nextflop.report.alpha_tables import alpha_table, size_rows
from nextflop.report.figures.play_strength import DEPTHS, decision, search, strength
from nextflop.report.intrinsic_tables import intrinsic_tables
from nextflop.report.mathml import formula
from nextflop.report.page import percent, render, write
from nextflop.report.recipe_tables import recipe_tables
from nextflop.report.study_data import interval, read_answers, verdicts
from nextflop.report.study_numbers import estimates
from nextflop.studies.selfplay.measure import MEASURES, Measure

Row = Mapping[str, object]

_SECTIONS = (
    ("decision-section", "Decision"),
    ("training", "Training"),
    ("search", "Search"),
    ("boards", "Boards"),
    ("law", "The law"),
    ("methods", "What ran"),
)
_ANSWERS = (
    *("across", "alphas", "axes", "boards", "budget", "by_moves", "conventions", "exchange", "fit", "held_out"),
    *("intrinsic", "level", "machine", "measure", "next", "per_position", "recipes", "recommendation", "scope"),
    *("seconds", "settings", "sizes", "slope", "spent", "start", "verdicts", "version"),
)
_HUES = ("teal", "blue", "purple")  # of the axes, in the order of the answers
# Jones 2021, arXiv:2104.03113; the worth of the first move by our fit to the published games of its anchors.
_TILES = {
    "elo": ("Elo of the start above random play", "Elo"),
    "regret": ("outcome that the start gives away a move", "regret divided by, for"),
}
_SIZES = {
    "elo": "the odds of winning go as the parameters to the power α",
    "regret": "regret goes as the parameters to the power -α",
}
_FIRST_MOVE = {3: 164, 4: 104, 5: 80, 6: 61, 7: 79, 8: 32, 9: 43}


def write_selfplay_report(root: Path, out: Path | None = None) -> Path:
    """Writes the page of a finished study of self-play as one self-contained HTML file.

    Args:
        root: the folder of the study, with `study.json`, `answers.json` and the store of its runs.
        out: where the page goes; `report.html` in the folder if not given.

    Returns:
        The path.

    Raises:
        StoreError: if a file of the study is missing or cannot be read, or the page cannot be written.
    """
    study, answers = Study.load(root), read_answers(root, _ANSWERS)
    agents, measure = answers["boards"][-1]["agents"], MEASURES[answers["measure"]]
    found = {agent["simulations"] for agent in agents}
    (first, *findings) = answers["recommendation"]
    headline, _, lede = first.partition(": ")
    html = render(
        "selfplay.html.jinja",
        title=f"{headline} · nextflop",
        kind=f"Study: {study.name}",
        subject=f"{len(study.trials)} runs",
        headline=f"{headline}.",
        lede=lede[:1].upper() + lede[1:],
        findings=findings,
        contents=_SECTIONS,
        level=f"{answers['level']:.0%}",
        tiles=_tiles(answers),
        pictures={
            "decision": decision(answers, _HUES),
            "strength": strength(answers, agents, [depth for depth in DEPTHS if depth in found]),
            "search": search(answers, agents),
        },
        axes=_axes(answers, measure),
        plans=_plans(answers, measure),
        boards=_boards(answers),
        across=across_tables(answers),
        anchors=_anchors(answers),
        outside=answers["settings"].get("outside"),
        labels=(answers["boards"][-1]["perfect"] or {"labels": 0})["labels"],
        judged=_judged(answers),
        sizes=size_rows(answers),
        alphas=alpha_table(answers),
        size_words=_SIZES[measure.name],
        intrinsic=intrinsic_tables(answers),
        recipes=recipe_tables(answers),
        foretold=_foretold(answers, measure),
        law=_law(answers, measure),
        verdicts=verdicts(answers["verdicts"]),
        spent=[(name, show(flop, "FLOP")) for name, flop in answers["spent"].items()],
        receipt=_receipt(answers),
    )
    return write(root / "report.html" if out is None else out, html)


def _tiles(answers: Json) -> list[Row]:
    slope, exchange = answers["slope"], answers["exchange"]
    start, gain = _TILES[answers["measure"]]
    return [
        _tile(start, answers["start"]["strength"]),
        _tile(f"{gain} a tenfold of training compute, where steepest", slope["steepest"]),
        _tile(f"{gain} a tenfold of training compute, the last one", slope["last"]),
        _tile("times deeper search that ten times the training is worth", exchange),
    ]


def _tile(meaning: str, told: Json) -> Row:
    value = interval(told)
    low, high = (show(end, digits=3) for end in value[1:])
    return {"meaning": meaning, "value": show(value.value, digits=3), "unit": "", "range": f"{low} to {high}"}


def _axes(answers: Json, measure: Measure) -> list[Row]:
    return [
        {
            "axis": axis["axis"],
            "course": f"{show(axis['from'])} → {show(axis['to'])} {axis['unit']}",
            "flop": show(axis["flop"], "FLOP"),
            "gain": measure.say_gain(axis["gain"]),
            "chance": percent(axis["probability_best"], 0),
        }
        for axis in answers["axes"]
    ]


def _plans(answers: Json, measure: Measure) -> list[Row]:
    rows: list[Row] = []
    for row in answers["by_moves"]:
        plan, axes = row["plan"], row["axes"]
        best = max(axes, key=axes.get)
        rows.append(
            {
                "moves": show(row["moves"]),
                "budget": show(row["budget"], "FLOP"),
                "best": f"{best}, {axes[best]:.0%}",
                "plan": "none"
                if plan is None
                else f"{show(plan['params'])} parameters, {show(plan['positions'])} positions, "
                f"{show(plan['simulations'])} simulations",
                "strength": "" if plan is None else measure.say_level(plan["strength"]),
            }
        )
    return rows


def _boards(answers: Json) -> list[Row]:
    """Those on which matches were played."""
    rows: list[Row] = []
    for board in answers["boards"]:
        arena = board["arena"]
        if arena is None:
            continue
        best, first = max(board["agents"], key=lambda agent: agent["elo"]), arena["first_move"]
        published = _FIRST_MOVE.get(board["game"].get("size")) if board["game"]["name"] == "hex" else None
        rows.append(
            {
                "board": label(board),
                "games": show(arena["games"]),
                "split": percent(arena["split"], 0),
                "even": f"{arena['dispersion']:.1f}",
                "first": f"{first['elo']:.0f} ± {first['error']:.0f}",
                "published": "unknown" if published is None else published,
                "top": f"{arena['anchors'][-1]['elo']:.0f}",
                "best": f"{best['elo']:.0f} ± {best['error']:.0f}: {show(best['params'])} parameters, "
                f"{best['simulations']:g} simulations",
            }
        )
    return rows


def _anchors(answers: Json) -> list[Row]:
    """Of the study's own board: their Elo, what they give away against perfect play, or both."""
    board, rows = answers["boards"][-1], {}
    for anchor in (board["arena"] or {"anchors": []})["anchors"]:
        rows[anchor["name"]] = {"regret": "", "optimal": "", "elo": f"{anchor['elo']:.0f} ± {anchor['error']:.0f}"}
    for anchor in (board["perfect"] or {"anchors": []})["anchors"]:
        told = {
            "regret": f"{anchor['regret']:.3f} ± {anchor['regret_error']:.3f}",
            "optimal": percent(anchor["optimal"]),
        }
        rows[anchor["name"]] = rows.get(anchor["name"], {"elo": ""}) | told
    return [{"name": name, **row} for name, row in rows.items()]


def _judged(answers: Json) -> list[Row]:
    """On solved boards: the end of every run, by size."""
    rows: list[Row] = []
    for board in answers["boards"]:
        judged = [agent for agent in board["agents"] if agent["optimal"] is not None]
        for params in sorted({agent["params"] for agent in judged}):
            last = max(agent["step"] for agent in judged if agent["params"] == params)
            ends = [agent for agent in judged if agent["params"] == params and agent["step"] == last]
            by_depth = {agent["simulations"]: agent for agent in ends}
            rows.append(
                {
                    "board": label(board),
                    "params": show(params),
                    "optimal": ", ".join(percent(by_depth[depth]["optimal"]) for depth in DEPTHS),
                    "regret": ", ".join(f"{by_depth[depth]['regret']:.3f}" for depth in DEPTHS),
                    "value_error": f"{ends[0]['value_error']:.2f}",
                }
            )
    return rows


def _foretold(answers: Json, measure: Measure) -> list[Row]:
    held = answers["held_out"]
    if held is None:
        return []
    return [
        {
            "params": show(row["params"]),
            "simulations": f"{row['simulations']:g}",
            "told": measure.say_level(row),
            "measured": show(row["measured"], digits=3),
        }
        for row in held["rows"]
        if row["simulations"] in DEPTHS
    ]


def _law(answers: Json, measure: Measure) -> Row:
    fit, law = answers["fit"], measure.law
    return {
        "formula": formula(law.formula),
        "reference": law.reference,
        "status": fit["status"].replace("_", " "),
        "agents": fit["runs"]["number"],
        "scatter": measure.say_apart(fit["scatter"]),
        "notes": fit["notes"],
        "rows": estimates(law, fit),
    }


def _receipt(answers: Json) -> list[tuple[str, str]]:
    machine, settings = answers["machine"], dict(answers["settings"])
    settings["board"] = "×".join(map(str, settings["board"]))
    settings["sizes"] = ", ".join(f"{width}×{depth}" for width, depth in settings["sizes"])
    settings |= {axis: ", ".join(map(show, settings[axis])) for axis in ("simulations", "reuse")}
    settings["outside"] = ", ".join(settings.get("outside", ())) or "none"
    seconds = "; ".join(f"{kind} {time:.0f}" for kind, time in answers["seconds"].items() if time)
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "numba", "jax"))
    return [
        ("Settings", "; ".join(f"{name} {value}" for name, value in sorted(settings.items()))),
        ("Planned for", f"{show(answers['scope']['moves'])} moves and {show(answers['budget'], 'FLOP')} in all"),
        ("Process seconds", seconds),
        ("Machine", f"{machine['processor']}; {machine['cores']} cores; JAX on {machine['backend']}"),
        ("Versions", f"nextflop {answers['version']}, Python {machine['python']}, {packages}"),
        *((f"Convention: {name}", way) for name, way in answers["conventions"].items()),
    ]
