r"""The LaTeX of the laws as MathML, which browsers set by themselves, and as plain text for figures.

Understood are letters, numbers, Greek, `\frac`, `^`, `_`, groups, `\left` and `\right`: what formulas of laws are
made of.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from markupsafe import Markup, escape

_GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ", "eta": "η", "theta": "θ",
    "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ",
    "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Sigma": "Σ", "Omega": "Ω",
}  # fmt: skip
_SIGNS = {"cdot": "⋅", "times": "×", "le": "≤", "ge": "≥", "infty": "∞", "approx": "≈", "qquad": " ", "to": "→"}
_APART = re.compile(r", *(?:\\;|\\qquad) *")
_TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|\d+(?:\.\d+)?|\S")


class Node(NamedTuple):
    """A MathML element: its tag, and its text or its parts."""

    tag: str
    text: str = ""
    parts: tuple["Node", ...] = ()


def formula(latex: str, numbers: Mapping[str, str] | None = None) -> Markup:
    """A formula as MathML, an element for every equation of it, so that a page may break between them.

    Args:
        latex: without dollar signs.
        numbers: symbol, in LaTeX → the number to write in its place.
    """
    known = {_parse(symbol): Node("mn", text) for symbol, text in (numbers or {}).items()}
    equations = _APART.split(latex)
    ends = [*[","] * (len(equations) - 1), ""]
    return Markup("").join(
        Markup(f'<math display="block" alttext="{escape(one)}">{_write(_put(_parse(one + end), known))}</math>')
        for one, end in zip(equations, ends, strict=True)
    )


def symbol(latex: str) -> Markup:
    """A symbol as a MathML element within a line."""
    return Markup(f"<math>{_write(_parse(latex))}</math>")


def to_text(latex: str) -> str:
    r"""A symbol as plain text: `\alpha` becomes `α`, `C_{mid}` becomes `C_mid`."""
    return (
        re.sub(r"\\([a-zA-Z]+)", lambda match: _GREEK.get(match[1], match[1]), latex).replace("{", "").replace("}", "")
    )


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
            base, script = nodes.pop(), _one(tokens)
            if token == "^" and base.tag == "msub":
                nodes.append(Node("msubsup", parts=(*base.parts, script)))
            else:
                nodes.append(Node("msup" if token == "^" else "msub", parts=(base, script)))
        elif token not in (r"\left", r"\right", r"\,", r"\;", r"\ "):
            tokens.insert(0, token)
            nodes.append(_one(tokens))
    return nodes[0] if len(nodes) == 1 else Node("mrow", parts=tuple(nodes))


def _one(tokens: list[str]) -> Node:
    """The next group, fraction or sign."""
    token = tokens.pop(0)
    if token == "{":
        row = _row(tokens)
        tokens.pop(0)
        word = "".join(part.text for part in row.parts)
        return Node("mi", word) if row.parts and all(part.tag == "mi" for part in row.parts) else row
    if token == r"\frac":
        return Node("mfrac", parts=(_one(tokens), _one(tokens)))
    if token.startswith("\\"):
        name = token[1:]
        return Node("mi", _GREEK[name]) if name in _GREEK else Node("mo", _SIGNS.get(name, name))
    if token[0].isdigit():
        return Node("mn", token)
    return Node("mi", token) if token.isalpha() else Node("mo", "−" if token == "-" else token)


def _put(node: Node, known: Mapping[Node, Node]) -> Node:
    """The tree with numbers for symbols; a dot goes between numbers that have come to stand side by side."""
    if node in known:
        return known[node]
    nodes: list[Node] = []
    for part in (_put(part, known) for part in node.parts):
        if node.tag == "mrow" and part.tag == "mn" and nodes and nodes[-1].tag == "mn":
            nodes.append(Node("mo", "⋅"))
        nodes.append(part)
    return node._replace(parts=tuple(nodes))


def _write(node: Node) -> str:
    return f"<{node.tag}>{escape(node.text)}{''.join(map(_write, node.parts))}</{node.tag}>"
