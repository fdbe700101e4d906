r"""The LaTeX of the laws as MathML, which browsers set by themselves, and as plain text for figures.

Understood are letters, numbers, Greek, `\frac`, `^`, `_`, groups, `\left` and `\right`: what formulas of laws are
made of.
"""

import re
from collections.abc import Mapping

from markupsafe import Markup, escape

_GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ", "eta": "η", "theta": "θ",
    "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ",
    "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Sigma": "Σ", "Omega": "Ω",
}  # fmt: skip
_SIGNS = {"cdot": "⋅", "times": "×", "le": "≤", "ge": "≥", "infty": "∞", "approx": "≈", "qquad": " ", "to": "→"}
_TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|\d+(?:\.\d+)?|\S")

# A node: its kind ("mi", "mn", "mo", "mrow", "mfrac", "msup", "msub", "msubsup") and its text or its nodes.
Node = tuple[str, "str | tuple[Node, ...]"]


def formula(latex: str, numbers: Mapping[str, str] | None = None) -> Markup:
    """A formula as a MathML element.

    Args:
        latex: without dollar signs.
        numbers: symbol, in LaTeX → the number to write in its place.
    """
    known = {_parse(symbol): ("mn", text) for symbol, text in (numbers or {}).items()}
    return Markup(f'<math display="block" alttext="{escape(latex)}">{_write(_put(_parse(latex), known))}</math>')


def symbol(latex: str) -> Markup:
    """A symbol as a MathML element within a line."""
    return Markup(f"<math>{_write(_parse(latex))}</math>")


def to_text(latex: str) -> str:
    r"""A symbol as plain text: `\alpha` becomes `α`, `C_{mid}` becomes `C_mid`."""
    return re.sub(r"\\([a-zA-Z]+)", lambda match: _GREEK.get(match[1], match[1]), latex).replace("{", "").replace("}", "")


def _parse(latex: str) -> Node:
    tokens = _TOKEN.findall(latex)
    row = _row(tokens)
    if tokens:
        raise ValueError(f"The formula {latex!r} closes a group that it did not open.")
    return row


def _row(tokens: list[str]) -> Node:
    nodes: list[Node] = []
    while tokens and tokens[0] != "}":
        token = tokens.pop(0)
        if token in "^_" and nodes:
            kind, base, script = ("msup" if token == "^" else "msub"), nodes.pop(), _one(tokens)
            if kind == "msup" and base[0] == "msub":
                nodes.append(("msubsup", (*base[1], script)))  # type: ignore[misc]
            else:
                nodes.append((kind, (base, script)))
        elif token not in (r"\left", r"\right", r"\,", r"\;", r"\ "):
            tokens.insert(0, token)
            nodes.append(_one(tokens))
    return nodes[0] if len(nodes) == 1 else ("mrow", tuple(nodes))


def _one(tokens: list[str]) -> Node:
    """The next group, fraction or sign."""
    token = tokens.pop(0)
    if token == "{":
        row = _row(tokens)
        tokens.pop(0)
        letters = "".join(text for kind, text in row[1] if kind == "mi") if row[0] == "mrow" else ""  # type: ignore[misc]
        return ("mi", letters) if letters and len(letters) == len(row[1]) else row
    if token == r"\frac":
        return "mfrac", (_one(tokens), _one(tokens))
    if token.startswith("\\"):
        name = token[1:]
        return ("mi", _GREEK[name]) if name in _GREEK else ("mo", _SIGNS.get(name, name))
    if token[0].isdigit():
        return "mn", token
    return ("mi", token) if token.isalpha() else ("mo", "−" if token == "-" else token)


def _put(node: Node, known: Mapping[Node, Node]) -> Node:
    """The tree with numbers for symbols; a dot goes between numbers that have come to stand side by side."""
    if node in known:
        return known[node]
    kind, inner = node
    if isinstance(inner, str):
        return node
    nodes: list[Node] = []
    for part in (_put(part, known) for part in inner):
        if kind == "mrow" and part[0] == "mn" and nodes and nodes[-1][0] == "mn":
            nodes.append(("mo", "⋅"))
        nodes.append(part)
    return kind, tuple(nodes)


def _write(node: Node) -> str:
    kind, inner = node
    content = str(escape(inner)) if isinstance(inner, str) else "".join(_write(part) for part in inner)
    return f"<{kind}>{content}</{kind}>"
