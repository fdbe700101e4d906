"""The exponents of Neumann and Gros on the page of a study of self-play."""

from nextflop.evidence.files import Json
from nextflop.studies.selfplay.alphas import read_params

_TOLD = "{value:.2f} ({low:.2f} to {high:.2f})"


def size_rows(answers: Json) -> list[dict[str, str]]:
    """How strength goes with the parameters, a row a depth of search; of ratings, as BayesElo has them too."""
    found = answers["sizes"]["exponents"]
    read = [{}] * len(found) if answers["alphas"] is None else answers["alphas"]["bayeselo"]["exponents"]
    return [
        {
            "simulations": f"{row['simulations']:g}",
            "exponent": _TOLD.format(**row["exponent"]),
            "read": _TOLD.format(**other["exponent"]) if other else "",
        }
        for row, other in zip(found, read, strict=True)
    ]


def alpha_table(answers: Json) -> dict[str, Json] | None:
    """The three exponents beside those published; None of a study that is not rated in Elo."""
    found = answers["alphas"]
    if found is None:
        return None
    published = {name: f"{value:.2f}" for name, value in found["published"].items()}
    read = {"params": read_params(found), "compute": found["bayeselo"]["compute"]}
    rows = [
        ("α_N, of parameters, at the end of training", "params", found["params"]),
        ("α_C, of training compute, at the best size", "compute", found["compute"]),
        ("α_opt = α_C/α_N, of compute, in the best size", "optimal", found["optimal"]),
        ("the same by the law", "optimal", answers["sizes"]["optimal"]),
    ]
    return {
        "simulations": f"{found['simulations']:g}",
        "stretch": f"{found['bayeselo']['stretch']:.2f}",
        "rows": [
            {
                "exponent": words,
                "found": _TOLD.format(**told),
                "read": _TOLD.format(**read[name]) if name in read else "",
                "published": published[name],
            }
            for words, name, told in rows
        ],
    }
