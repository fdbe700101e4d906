"""`nextflop published`: the public data sets, one of them in full, and the paths of its files."""

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from nextflop.cli.output import print_json, print_line, print_table
from nextflop.errors import InputError
from nextflop.evidence.files import Json

if TYPE_CHECKING:
    from nextflop.published import DataSet

_Flag = Annotated[bool, Parameter(negative="", show_default=False)]


def published(name: str | None = None, /, *, fetch: _Flag = False, online: _Flag = False, json: _Flag = False) -> None:
    """List the public data sets, show one in full, or fetch its files.

    Args:
        name: the data set.
        fetch: check the files of the data set and print their paths.
        online: with --fetch, download what is not on this machine.
        json: print JSON.
    """
    from nextflop.published import find, names

    if fetch and name is None:
        raise InputError("--fetch needs the name of a data set: `nextflop published` lists them.")
    if online and not fetch:
        raise InputError("--online allows a download and needs --fetch.")
    if name is None:
        sets = [find(known) for known in names()]
        if json:
            print_json({"data_sets": [to_json(known) for known in sets]})
        else:
            _list(sets)
    elif fetch:
        _fetch(find(name), online, json)
    elif json:
        print_json(to_json(find(name)))
    else:
        _show(find(name))


def to_json(known: "DataSet") -> dict[str, Json]:
    """What the register says of a data set, and where its files are on this machine."""
    from nextflop.published import located

    places = {file.name: located(known.name, file.name) for file in known.files}
    return {
        **vars(known),
        "files": [{**vars(file), "path": str(places[file.name] or "") or None} for file in known.files],
        "tables": [vars(table) for table in known.tables],
        "rows": known.rows,
    }


def _list(sets: list["DataSet"]) -> None:
    print_table(
        ("name", "rows", "here", "licence"),
        [(known.name, f"{known.rows}", _here(known), known.licence) for known in sets],
        right=("rows",),
    )
    print_line("nextflop published NAME shows a data set; with --fetch, the paths of its files.")


def _here(known: "DataSet") -> str:
    from nextflop.published import located

    count = sum(located(known.name, file.name) is not None for file in known.files)
    return "yes" if count == len(known.files) else f"{count} of {len(known.files)}" if count else "no"


def _show(known: "DataSet") -> None:
    from nextflop.published import located

    print_line(f"{known.name}: {known.title}", style="bold")
    print_line(f"{known.paper}{''.join(f', arXiv:{number}' for number in known.arxiv)}", style="dim")
    print_line(f"{known.source}, {known.version}", style="dim")
    print_line()
    passed_on = "may be passed on" if known.redistribute else "not to be passed on"
    print_line(f"Licence: {known.licence}; {passed_on}.")
    print_line(f"Backs: {known.backs}")
    print_line()
    for file in known.files:
        print_line(f"{file.name}: {file.rows} rows, {file.bytes} bytes, sha256 {file.sha256}")
        print_line(f"  {f'derived: {file.derived}' if file.derived else file.url}", style="dim")
        print_line(f"  {located(known.name, file.name) or 'not on this machine'}", style="dim")
        for column, meaning in file.columns.items():
            print_line(f"  {column}: {meaning}")
    print_line()
    for table in known.tables:
        pairs = {**table.columns, **{k: " + ".join(v) for k, v in table.join.items()}, **table.dates}
        print_line(f"table {table.name} of {table.file}: " + ", ".join(f"{k} = {v}" for k, v in pairs.items()))
        for quantity, way in table.conventions.items():
            print_line(f"  {quantity}: {way}")


def _fetch(known: "DataSet", online: bool, json: bool) -> None:
    from nextflop.published import fetch

    paths = [fetch(known.name, file.name, online=online) for file in known.files]
    if json:
        print_json({"name": known.name, "paths": [str(path) for path in paths]})
    else:
        print("\n".join(map(str, paths)))
