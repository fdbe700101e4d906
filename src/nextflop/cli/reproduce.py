"""`nextflop reproduce`: a receipt rerun, and what differs."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from nextflop.cli.output import print_json, print_line, print_table, progress
from nextflop.errors import InputError

if TYPE_CHECKING:
    from nextflop.audits.receipt import Receipt

_Flag = Annotated[bool, Parameter(negative="", show_default=False)]


def reproduce(receipt: Path, /, *, data: Path | None = None, online: _Flag = False, json: _Flag = False) -> int:
    """Rerun a receipt and say what differs; exit status 1 if it is not reproduced.

    Args:
        receipt: what --receipt of audit, fit or check wrote.
        data: the table of a fit or check, if it is not where it was.
        online: download published data that are not on this machine.
        json: print JSON.
    """
    from nextflop.audits.receipt import compare, read

    given = read(receipt)
    if given.kind == "audit" and data is not None:
        raise InputError("--data is for receipts of fit and check; the data of an audit are those of the register.")
    now = _audit(given, online) if given.kind == "audit" else _fit(given, receipt, data, online)
    differences = compare(given, now)
    reproduced = not any(difference.decisive for difference in differences)
    if json:
        print_json(
            {
                "reproduced": reproduced,
                "kind": given.kind,
                "name": given.name,
                "numbers": len(given.numbers),
                "tolerance": dict(given.tolerance),
                "differences": [difference._asdict() for difference in differences],
            }
        )
        return 0 if reproduced else 1
    if differences:
        print_table(
            ("what", "name", "receipt", "now"), [(one.what, one.name, one.receipt, one.now) for one in differences]
        )
    what = f"the {given.kind} {given.name!r}, {len(given.numbers)} numbers and {len(given.outcomes)} verdicts"
    if reproduced:
        print_line(f"Reproduced: {what}.", style="green")
    else:
        count = sum(difference.decisive for difference in differences)
        print_line(f"Not reproduced: {what}; {count} differ.", style="bold red")
    return 0 if reproduced else 1


def _audit(given: "Receipt", online: bool) -> "Receipt":
    from nextflop.audits import conduct, parse
    from nextflop.audits.receipt import of_audit

    declared = parse(given.name, given.how)
    with progress().status(f"Rerunning the audit {declared.name} …"):
        return of_audit(conduct(declared, online=online))


def _fit(given: "Receipt", receipt: Path, data: Path | None, online: bool) -> "Receipt":
    from nextflop.cli.receipts import options_of, rerun

    path, options, axis = options_of(given, str(receipt))
    options = replace(options, online=online)  # a receipt is a file like any other, and opens no connection
    # As it was given, from here or from beside the receipt.
    place = data or next((there for there in (path, receipt.parent / path) if there.exists()), path)
    return rerun(given.kind, place, options, axis)
