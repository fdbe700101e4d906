"""How positions are searched: one value that recipes, players and engines share."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Array, Bool, Float

from nextflop.errors import InputError

KINDS = ("gumbel", "puct", "regularised")
NOISE_SHARE, NOISE_TOTAL = 0.25, 10.0
"""Of PUCT: the share of the noise in the root's prior (Silver et al. 2018), and the sum of the concentrations of its
Dirichlet distribution: theirs fall as the moves of a game rise, and Jones 2021 has 10 over the number of actions."""


@dataclass(frozen=True)
class Search:
    """How positions are searched.

    Attributes:
        simulations: for each position.
        kind: "gumbel" is Danihelka et al. 2022 (`search.gumbel`); "puct" is AlphaZero's (`search.puct`); "regularised"
            visits the nodes of "puct" and takes its policy from them as Grill et al. 2020 (`search.regularised`).
        considered: actions at the root at most, of "gumbel".
        init, base: constants of the other two as published: pb_c_init and pb_c_base of Silver et al. 2018.
    """

    simulations: int = 16
    kind: str = "gumbel"
    considered: int = 16
    init: float = 1.25
    base: float = 19652.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InputError(f"A search of kind {self.kind!r} is not known: take one of {', '.join(KINDS)}.")
        if min(self.simulations, self.considered) < 1 or self.init < 0 or self.base <= 0:
            raise InputError(
                f"{self}: simulations and considered actions must be 1 or more, init 0 or more, base above 0."
            )

    def noise(
        self, rng: np.random.Generator, legal: Bool[np.ndarray, "games actions"]
    ) -> Float[np.ndarray, "games actions"]:
        """What `Engine.search` is given where games are to differ; no action's noise knows which action it is.

        Gumbel noise for "gumbel"; for the others a Dirichlet distribution over the legal actions of each game. Zeros
        in its place are play without chance, whatever the kind.
        """
        if self.kind == "gumbel":
            return rng.gumbel(size=legal.shape)
        draws = rng.standard_gamma(NOISE_TOTAL / legal.shape[1], legal.shape) * legal
        return draws / np.maximum(draws.sum(1, keepdims=True), np.finfo(float).tiny)

    def rooted(
        self, prior: Float[Array | np.ndarray, "games actions"], noise: Float[Array | np.ndarray, "games actions"]
    ) -> Float[Array | np.ndarray, "games actions"]:
        """The prior of the root with its share of Dirichlet noise; noise of zeros leaves it as it is."""
        return (1 - NOISE_SHARE * noise.sum(-1, keepdims=True)) * prior + NOISE_SHARE * noise


def check_noise(noise: Float[np.ndarray, "games actions"], legal: Bool[np.ndarray, "games actions"]) -> None:
    """Refuses what is no distribution over the legal actions, nor zeros.

    Raises:
        InputError: then.
    """
    sums = noise.sum(1)
    right = np.isclose(sums, 1, atol=1e-4) | (sums == 0)
    if not (right.all() and (noise >= 0).all() and (noise[~legal] == 0).all()):
        raise InputError(
            "Noise of this search is a distribution over the legal actions of each position, or zeros for play without "
            "chance: take what `Search.noise` gives."
        )
