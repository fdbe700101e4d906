"""`nextflop plan`: where the next unit of compute, data or money should go, and what would settle it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from nextflop.cli.options import FitOptions, pairs
from nextflop.cli.output import print_json, progress
from nextflop.cli.plan_fits import fits_to, seen_by
from nextflop.cli.rerun import typed
from nextflop.errors import InputError
from nextflop.quantities import parse

if TYPE_CHECKING:
    from nextflop.evidence.runs import Runs
    from nextflop.planning.constants import Constants
    from nextflop.planning.ledger.declaration import Declared
    from nextflop.planning.ledger.further import Further
    from nextflop.planning.ledger.plan import Plan

_Texts = Annotated[tuple[str, ...], Parameter(negative="", show_default=False)]


def plan(
    runs: Path | None = None,
    /,
    *,
    situation: Path | None = None,
    budget: str | None = None,
    unique: str | None = None,
    queries: str | None = None,
    most_params: str | None = None,
    most_epochs: str | None = None,
    chip: str | None = None,
    mfu: float | None = None,
    dollars_per_hour: float | None = None,
    law: str | None = None,
    constants: str | None = None,
    weight: _Texts = (),
    map: _Texts = (),
    convention: _Texts = (),
    points: str = "last",
    cluster: str | None = None,
    drop_highest_loss: int = 0,
    draws: int = 1000,
    seed: int = 0,
    level: float = 0.9,
    factor: float = 2.0,
    regret: float = 0.01,
    noise: float = 0.005,
    seen: Path | None = None,
    page: Path | None = None,
    json: Annotated[bool, Parameter(negative="", show_default=False)] = False,
) -> int:
    """Say where the next unit of compute, data or money should go, and which run would change the answer.

    Several laws are fitted and weighed by what each would have foretold. Exit status 1 if they disagree, or if the plan
    lies more than a decade beyond the runs.

    Args:
        runs: the table of runs: params, tokens and loss, with unique_tokens where data were repeated; without it the
            plan rests on published constants.
        situation: TOML file with budget, data, prices, use and limits; the options below change what it says.
        budget: what there is to spend, such as 1e22, $5M or 100k hours.
        unique: unique tokens owned, such as 25B, where the situation names no data.
        queries: queries that the model will answer over its life.
        most_params: the largest model that may be trained.
        most_epochs: how often any token may be seen at most.
        chip: what trains and serves, such as H100, for a budget in money or hours.
        mfu: the share of its dense bf16 peak that is made use of.
        dollars_per_hour: price of a chip-hour; by default the newest record.
        law: laws to fit, with commas between them; by default data-constrained and overfit-penalty where there are
            data to repeat, else chinchilla and skaling.
        constants: published constants to plan with beside the fits, with commas between them: hoffmann, besiroglu,
            muennighoff.
        weight: law=weight pairs such as data-constrained=1,overfit-penalty=2, instead of what the laws would have
            foretold.
        map: quantity=column pairs such as params=N,tokens=D,loss=L.
        convention: how quantities are counted, such as "loss=nats per token,params=non-embedding".
        points: of logs: which points of a curve count: last, best or every.
        cluster: column whose equal values are drawn together.
        drop_highest_loss: leave out that many runs, those of the highest loss.
        draws: bootstrap draws behind the intervals.
        seed: seed of the draws.
        level: level of the intervals.
        factor: by which compute and data are multiplied to ask which is worth more.
        regret: loss above the best, up to which sizes count as equally good.
        noise: standard deviation of one more run, as a share of its loss.
        seen: table of runs that were made since, to decide: they weigh laws and draws by what each had foretold.
        page: also write the plan there as a page that answers other budgets by itself.
        json: print JSON.
    """
    from nextflop.planning.ledger.gather import check_text
    from nextflop.planning.ledger.plan import plan as ask

    options = FitOptions(
        map=map,
        convention=convention,
        points=points,
        cluster=cluster,
        drop_highest_loss=drop_highest_loss,
        draws=draws,
        seed=seed,
        level=level,
    )
    given, more = _declared(
        situation,
        options,
        _told(budget=budget, data=unique),
        use=_told(queries=queries),
        limits=_told(most_params=most_params, most_epochs=most_epochs),
        compute=_told(chip=chip, mfu=mfu, dollars_per_hour=dollars_per_hour),
    )
    known = [*(one.constants for one in given.laws), *_constants(constants)]
    check_text(known, given.situation)
    weights = {one.constants.name: one.weight for one in given.laws if one.weight is not None}
    weights |= {name: parse(value, f"weight of {name}") for name, value in pairs(weight, "weight").items()}
    table, fits, notes = None, [], []
    if runs is not None:
        table, fits, notes = fits_to(runs, law, options, bool(given.situation.sources))
    if runs is None and law is not None:
        raise InputError(f"--law {law} asks for a fit and there are no runs: give a table, or --constants.")
    made = None if seen is None else seen_by(seen, [type(one.law) for one in (*fits, *known)], options)
    with progress().status("Weighing the laws and solving every option …"):
        found = ask(
            [*fits, *known],
            given.situation,
            table,
            weights=weights or None,
            level=level,
            factor=factor,
            allowed=regret,
            noise=noise,
            purchases=more.purchases,
            bridge=more.bridge,
            mixture=more.mixture,
            notes=notes,
            seen=made,
        )
    if page is not None:
        _write(page, found, table, given.trainer)
    if json:
        print_json(found.to_json() | ({} if page is None else {"page": str(page)}))
    else:
        from nextflop.cli.plan_text import show

        show(found, given.trainer, page)
    return 1 if any(verdict.outcome.value == "fail" for verdict in found.verdicts) else 0


def _told(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _declared(
    path: Path | None, options: FitOptions, top: dict[str, Any], **tables: dict[str, Any]
) -> tuple["Declared", "Further"]:
    """What the file and the options say together; an option goes before the file."""
    from nextflop.planning.ledger import declaration
    from nextflop.planning.ledger.further import Draws, further

    said = {} if path is None else declaration.read(path)
    unique = top.pop("data", None)
    if unique is not None:
        if "data" in said:
            raise InputError(f"--unique {unique} and the data in {path} say two things: drop either.")
        said["data"] = [{"name": "text", "tokens": unique, "origin": "--unique"}]
    for name, told in tables.items():
        if told:
            before = said.get(name, {})
            said[name] = {**(before if isinstance(before, dict) else {}), **told}
    if path is None and "budget" not in top:
        raise InputError("There is no budget: give --budget, such as 1e22, $5M or 100k hours, or --situation.")
    said |= top
    found = declaration.declared(said)
    folder = Path() if path is None else path.parent
    with progress().status("Fitting the curves of the situation …"):
        return found, further(said, folder, found.situation, Draws(options.draws, options.seed, options.level))


def _constants(text: str | None) -> list["Constants"]:
    from nextflop.planning.constants import constants

    return [] if text is None else [constants(name.strip()) for name in text.split(",")]


def _write(path: Path, found: "Plan", runs: "Runs | None", trainer: str) -> None:
    from nextflop.evidence.files import write_bytes
    from nextflop.report.plan_page import plan_page

    write_bytes(path, plan_page(found, runs, trainer=trainer, command=typed()).encode())
