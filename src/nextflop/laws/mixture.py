"""Loss against the shares of named domains in the training data."""

from collections.abc import Mapping, Sequence
from dataclasses import make_dataclass
from functools import cache
from typing import Any, ClassVar

import numpy as np

from nextflop.errors import InputError
from nextflop.laws.base import Law, Parameter, Value
from nextflop.laws.guess import scatter

PREFIX = "mixture:"
_WHOLE = 0.02  # how far from 1 shares may add up, for published mixtures are rounded
_POINTS = 400  # from which a search sets out


class Mixture(Law):
    """Base of the laws that `mixture` makes."""

    domains: ClassVar[tuple[str, ...]]
    response = "loss"

    def __call__(self, **inputs: Value) -> Any:
        """Loss at the share of each domain, broadcast against the parameters.

        Raises:
            InputError: if an input is missing, or shares do not add up to 1.
        """
        self.check_inputs(inputs)
        total = np.asarray(sum(inputs[domain] for domain in self.domains))
        if (np.abs(total - 1) > _WHOLE).any():
            odd = total.ravel()[np.abs(total.ravel() - 1).argmax()]
            raise InputError(
                f"The shares of {', '.join(self.domains)} add up to {odd:g}, not to 1: give shares of all domains."
            )
        values = self.values
        return values["c"] + values["k"] * np.exp(_exponent(values, inputs, self.domains))

    @classmethod
    def basis(cls, exponents: Mapping[str, Value], **inputs: np.ndarray) -> np.ndarray:
        """The columns 1, e^(Σ t r)."""
        term = np.exp(np.asarray(_exponent(exponents, inputs, cls.domains)))
        return np.stack([np.ones_like(term), term], axis=-2)

    @classmethod
    def nodes(cls, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """Scattered over the box that `search` marks out."""
        return scatter(cls.search(**inputs), _POINTS)

    def in_units(self, **units: float) -> "Mixture":
        """The law itself: a share has no other unit."""
        return self


def mixture(domains: Sequence[str]) -> type[Mixture]:
    r"""The law of a mixture of these domains.

    $$L(r) = c + k e^{\sum_j t_j r_j}, \qquad \sum_j r_j = 1$$

    Ye et al. give every domain a t. Since the shares add up to 1, a shift of all of them is a factor of k, and their
    form has one parameter more than data can tell. Here t of the first domain is 0: k is what a model trained on it
    alone loses above c, and k e^t what one trained on another domain alone does. The loss is that of one validation
    set; each set has a law of its own.

    Args:
        domains: the columns with the shares, at least two names that could be names in Python.

    Returns:
        The family, the same class for the same names; `find("mixture:web,code")` gives it too.

    Raises:
        InputError: if there are fewer than two names, one appears twice, or one is not a plain name.

    Example:
        >>> law = mixture(("web", "code", "books"))(c=1.5, k=1.2, t_code=0.7, t_books=-0.2)
        >>> round(law(web=1.0, code=0.0, books=0.0), 3), round(law(web=0.5, code=0.2, books=0.3), 3)
        (2.7, 2.8)
    """
    if len(domains) < 2 or len(set(domains)) < len(domains):
        raise InputError(f"A mixture of {', '.join(domains) or 'nothing'}: name at least two domains, each once.")
    for domain in domains:
        if not domain.isidentifier():
            raise InputError(f"The domain {domain!r} is not a plain name: rename its column, to letters, digits and _.")
    return _make(tuple(domains))


@cache
def _make(domains: tuple[str, ...]) -> type[Mixture]:
    terms = {domain: f"t_{{{domain.replace('_', '')}}}" for domain in domains[1:]}
    shares = {domain: f"r_{{{domain.replace('_', '')}}}" for domain in domains[1:]}
    entries = {
        "c": Parameter("c", "nats per token, as the loss", "loss that no mixture goes below", 0.0),
        "k": Parameter("k", "nats per token", f"loss above c on {domains[0]} alone", 0.0, log=True),
        **{
            _field(domain): Parameter(terms[domain], "", f"log of the loss above c on {domain} alone over k")
            for domain in domains[1:]
        },
    }
    return make_dataclass(
        f"Mixture_{'_'.join(domains)}",
        [(name, Value) for name in entries],
        bases=(Mixture,),
        frozen=True,
        namespace={
            "__doc__": f"Loss against the shares of {', '.join(domains)}: see `mixture`.",
            "domains": domains,
            "search": classmethod(_search),
            "name": PREFIX + ",".join(domains),
            "formula": "L(r) = c + k e^{" + " + ".join(f"{terms[name]} {shares[name]}" for name in domains[1:]) + "}",
            "reference": "Ye et al. 2024, arXiv:2403.16952, eq. 6, with t of the first domain 0",
            "inputs": domains,
            "parameters": entries,
            "linear": ("c", "k"),
            "zeros": domains,
            "pure": domains,
        },
    )


def _search(cls: type[Mixture], **inputs: np.ndarray) -> dict[str, np.ndarray]:
    """Domains that are worth 50 times less to 50 times more than the first."""
    return {_field(domain): np.linspace(-4.0, 4.0, 5) for domain in cls.domains[1:]}


def _field(domain: str) -> str:
    return f"t_{domain}"


def _exponent(values: Mapping[str, Value], inputs: Mapping[str, Value], domains: Sequence[str]) -> Any:
    return sum(values[_field(domain)] * inputs[domain] for domain in domains[1:])
