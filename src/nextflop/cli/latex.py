"""LaTeX of formulas and units as plain text for a terminal."""

import re

_GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ",
    "tau": "τ", "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
}  # fmt: skip
_SIGNS = {
    **_GREEK,
    **{name.capitalize(): letter.upper() for name, letter in _GREEK.items()},
    "cdot": "·", "times": "×", "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "infty": "∞", "sum": "∑", "prod": "∏",
    "approx": "≈", "pm": "±", "to": "→", "in": "∈", "ldots": "…", "dots": "…", "ell": "ℓ", "sim": "~",
    "quad": " ", "qquad": " ",
}  # fmt: skip
_GROUP = r"\{((?:[^{}]|\{[^{}]*\})*)\}"  # a group in braces with at most one level of groups inside


def to_text(latex: str) -> str:
    r"""A formula as a line of text: `E + \frac{A}{N^{\alpha}}` becomes `E + A/N^α`."""
    text = re.sub(r"\\(?:left|right|bigl?|bigr?|Bigl?|Bigr?|displaystyle)(?![a-zA-Z])", "", latex)
    text = re.sub(r"\\(?:mathrm|text|textrm|operatorname|mathbf|mathit|hat|bar|tilde)\s*" + _GROUP, r"\1", text)
    while (plain := re.sub(r"\\[dt]?frac\s*" + _GROUP + r"\s*" + _GROUP, _fraction, text)) != text:
        text = plain
    text = re.sub(r"\\sqrt\s*" + _GROUP, r"√(\1)", text)
    text = re.sub(r"\\([a-zA-Z]+)", lambda match: _SIGNS.get(match[1], match[1]), text)
    text = re.sub(r"\\[,;:! ]|~", " ", text).replace("\\%", "%").replace("\\_", "_").replace("\\{", "{")
    while (plain := re.sub(r"([\^_])" + _GROUP, _script, text)) != text:
        text = plain
    return " ".join(text.replace("{", "").replace("}", "").split())


def _fraction(match: re.Match[str]) -> str:
    return f"{_bracketed(match[1])}/{_bracketed(match[2])}"


def _script(match: re.Match[str]) -> str:
    sign, inner = match.groups()
    return f"{sign}{inner}" if re.fullmatch(r"-?[^\W_]+", inner) else f"{sign}({inner})"


def _bracketed(part: str) -> str:
    """A part of a fraction, in brackets if it is a sum or product that a slash would tear apart."""
    depth, bare = 0, ""
    for sign in part.strip():
        depth -= sign in "})"
        bare += sign if depth == 0 else ""
        depth += sign in "{("
    return f"({part.strip()})" if re.search(r"[-+/ ]|\\d?frac", bare) else part.strip()
