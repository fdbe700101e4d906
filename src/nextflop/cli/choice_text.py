"""How a law was chosen, as a person reads it on a terminal."""

from typing import TYPE_CHECKING

from nextflop.cli.output import print_line, print_table

if TYPE_CHECKING:
    from nextflop.judging.choice import Choice


def show_choice(choice: "Choice") -> None:
    """Prints what every law and every simple forecast would have missed of the runs that were held out."""
    from nextflop.judging.choice import MEAN

    print_line(f"What would have been foretold of runs beyond a cut of {choice.axis}", style="bold")
    print_line()
    laws = {member.law for member in choice.ensemble.members}
    cuts = [f"at {cut.cut:.3g}" for cut in choice.cuts]
    rows = [
        (
            name,
            f"{choice.share(name):.0%}" if name in laws else "",
            *(f"{cut.errors[name]:.2%}" if name in cut.errors else "-" for cut in choice.cuts),
            f"{choice.error(name):.2%}",
        )
        for name in sorted(choice.names, key=lambda name: (name not in laws, choice.error(name)))
    ]
    header = ("forecast", "weight", *cuts, "all cuts")
    print_table(header, rows, right=header[1:])
    tested = ", ".join(f"{cut.trained} and {cut.tested}" for cut in choice.cuts)
    print_line(
        f"Root mean squares of log errors; runs fitted and tested: {tested}. A law's row is its fit to all runs below "
        f"the cut; the {MEAN} takes every law on all runs and on the last decades of them.",
        style="dim",
    )
    print_line(choice.verdict.sentence, style="" if choice.verdict.outcome.value == "pass" else "yellow")
    print_line()
