"""The Chinchilla law against its own published consequences."""

import numpy as np

from nextflop.laws import Chinchilla

# Hoffmann et al. (2022), appendix D.2; Besiroglu et al. (2024), arXiv:2404.10102.
HOFFMANN = Chinchilla(E=1.69, A=406.4, B=410.7, alpha=0.34, beta=0.28)
BESIROGLU = Chinchilla(E=1.8172, A=482.01, B=2085.43, alpha=0.3478, beta=0.3658)


def optimum(law: Chinchilla, flop: float) -> float:
    """Parameters of least loss at C = 6ND, by a dense search."""
    params = np.geomspace(1e9, 1e12, 200_001)
    return float(params[np.argmin(law(params=params, tokens=flop / 6 / params))])


def test_the_law_never_falls_below_its_irreducible_loss() -> None:
    assert HOFFMANN(params=1e30, tokens=1e40) >= 1.69
    assert HOFFMANN(params=1e30, tokens=1e40) < 1.6901


def test_the_published_laws_have_their_known_optima_at_the_budget_of_gopher() -> None:
    # 32.19 and 72.25 billion by the closed form of eq. 4; the grid is fine to 3.5e-5.
    assert abs(optimum(HOFFMANN, 5.76e23) / 32.19e9 - 1) < 1e-3
    assert abs(optimum(BESIROGLU, 5.76e23) / 72.25e9 - 1) < 2e-3
