"""`nextflop audit`: published claims rerun on their own data and judged."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from nextflop.cli.output import print_json, print_line, print_table, progress

if TYPE_CHECKING:
    from rich.status import Status

    from nextflop.audits import Conducted
    from nextflop.audits.declaration import Question
    from nextflop.judging.verdict import Verdict

_Flag = Annotated[bool, Parameter(negative="", show_default=False)]
_MARKS = {True: "yes", False: "no", None: "-"}


def audit(
    name: str | None = None,
    /,
    *,
    online: _Flag = False,
    receipt: Path | None = None,
    json: _Flag = False,
) -> int:
    """Rerun published claims on their own data and judge them; exit status 1 if one does not follow.

    Args:
        name: one audit, shown in full; without it all whose data are on this machine.
        online: download data that are not on this machine.
        receipt: write what `nextflop reproduce` needs: a file for one audit, a folder for all.
        json: print JSON.
    """
    from nextflop.audits import absent, find, names

    wanted = [find(name)] if name is not None else [find(known) for known in names()]
    missing = {one.name: absent(one, online=online) for one in wanted} if name is None else {}
    found = _conduct([one.name for one in wanted if not missing.get(one.name)], online)
    paths = {} if receipt is None else _receipts(receipt, found, one=name is not None)
    if json:
        print_json(
            {
                "audits": [{**one.to_json(), "receipt": paths.get(one.audit.name)} for one in found],
                "absent": [{"audit": known, "data": list(sets)} for known, sets in missing.items() if sets],
            }
        )
    elif name is not None:
        _show(found[0])
    else:
        _list(found)
    for known, sets in missing.items():
        if sets and not json:
            print_line(
                f"{known}: not judged, for the data of {', '.join(sets)} are not on this machine; "
                f"{'' if online else '--online downloads what is published as it is, or '}set NEXTFLOP_MIRROR to a "
                "folder that has them.",
                style="yellow",
            )
    if not json:
        for path in paths.values():
            print_line(f"Receipt: {path}")
    return 0 if all(one.follows for one in found) else 1


def _conduct(chosen: Sequence[str], online: bool) -> list["Conducted"]:
    from nextflop.audits import conduct, find

    found = []
    with progress().status("Auditing …") as status:
        for number, name in enumerate(chosen, start=1):
            say = partial(_say, status, f"Auditing {name} ({number} of {len(chosen)})")
            found.append(conduct(find(name), online=online, progress=say))
    return found


def _say(status: "Status", place: str, step: str) -> None:
    status.update(f"{place}: {step} …")


def _receipts(path: Path, found: Sequence["Conducted"], *, one: bool) -> dict[str, str]:
    from nextflop.audits.receipt import of_audit, write

    paths = {}
    for conducted in found:
        name = conducted.audit.name
        place = path if one and not path.is_dir() else path / f"{name}.json"
        write(place, of_audit(conducted))
        paths[name] = str(place)
    return paths


def _list(found: Sequence["Conducted"]) -> None:
    """One line a claim."""
    from nextflop.audits.conduct import words

    rows = []
    for one in found:
        for headline, verdict in zip(one.audit.headlines, one.verdicts, strict=True):
            lead = next(question for question in one.audit.questions if question.code == headline.lead)
            name = one.audit.name if headline is one.audit.headlines[0] else ""
            rows.append((name, headline.short, _published(lead), _found(lead, one), words(headline, verdict)))
    if rows:
        print_table(("audit", "claim", "published", "found", "verdict"), rows)
    print_line(_count([verdict for one in found for verdict in one.verdicts], len(found)))
    print_line("nextflop audit NAME shows an audit in full, with the reasons.")


def _count(verdicts: Sequence["Verdict"], audits: int) -> str:
    from nextflop.audits.conduct import WORDS

    counts = {words: sum(WORDS[verdict.outcome] == words for verdict in verdicts) for words in WORDS.values()}
    told = f"{counts['follows']} follow, {counts['follows, but']} follow with a reservation"
    rest = f"{counts['does not follow']} do not follow, of {counts['cannot tell']} the data cannot tell"
    return f"{audits} audit{'s' if audits != 1 else ''}, {len(verdicts)} claims: {told}, {rest}."


def _show(found: "Conducted") -> None:
    from nextflop.audits.conduct import words

    audit = found.audit
    print_line(f"{audit.name}: {audit.title}", style="bold")
    print_line(f"{audit.paper}{''.join(f', arXiv:{number}' for number in audit.arxiv)}", style="dim")
    for entry in {str(data.get("file") or data.get("typed_in")): data for data in found.data.values()}.values():
        where = f"{entry['set']}/{entry['file']} (sha256 {entry['sha256']})" if "set" in entry else entry["typed_in"]
        print_line(f"Data: {where}", style="dim")
    for note in audit.notes:
        print_line(note)
    print_line()
    rows = [
        (question.name, _published(question), _found(question, found), _MARKS[found.agrees[question.code]])
        for question in audit.questions
    ]
    print_table(("quantity", "published", "found", "agrees"), rows)
    for name, fit in found.fits.items():
        proof = fit.certificate
        print_line(
            f"Fit {name}: {fit.law.name}, {fit.objective_name}; {fit.status.name}, "
            f"scaled gradient {proof.gradient:.1e}, {proof.agreeing:.0%} of {proof.starts} starts agree; "
            f"{len(fit.draws)} draws, {fit.level:.0%} intervals.",
            style="dim",
        )
    if found.fits:
        print_line()
    for headline, verdict in zip(audit.headlines, found.verdicts, strict=True):
        print_line(headline.claim, style="bold")
        said = words(headline, verdict)
        print_line(f"{said[0].upper()}{said[1:]}. {verdict.sentence}", style=_COLOURS[verdict.outcome.value])
        print_line()


_COLOURS = {"pass": "green", "warn": "yellow", "fail": "bold red", "cannot tell": ""}


def _published(question: "Question") -> str:
    from nextflop.audits.conduct import spelled

    return "-" if question.published is None else spelled(question.published, question.unit)


def _found(question: "Question", found: "Conducted") -> str:
    from nextflop.audits.conduct import brief

    return brief(found.answers[question.code], question.unit)
