"""Ensembles of walkers that draw from a density, and how far they may be believed.

The sampler is the affine-invariant ensemble of Goodman and Weare (2010, doi:10.2140/camcos.2010.5.65) as kept in
emcee (Foreman-Mackey et al. 2013, arXiv:1202.3665), all walkers of an ensemble evaluated in one batch. Four ensembles
that know nothing of one another are the chains of the split R-hat, computed on ranks (Vehtari et al. 2021,
arXiv:1903.08008).
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from nextflop.errors import InputError

ENSEMBLES = 4
WALKERS = 32  # an ensemble; fewer steer each other too closely
STEPS = 10_000  # after which the chains are given up
MIXED = 1.02  # split R-hat above which chains are not taken to have met
ENOUGH = 400  # effective draws of every coordinate, as Vehtari et al. advise: a hundred a chain
_BLOCK = 1000  # steps between two looks at whether the chains have mixed
_TIMES = 10  # autocorrelation times that a chain must last before its effective number means something


class Chains(NamedTuple):
    """What the ensembles drew after the first half of their steps.

    Attributes:
        draws: shape (steps × ensembles × walkers, coordinates), in the order of the steps.
        rhat: split R-hat of every coordinate.
        effective: how many independent draws they are worth, for every coordinate.
    """

    draws: np.ndarray
    rhat: np.ndarray
    effective: np.ndarray

    @property
    def mixed(self) -> bool:
        """Whether the chains have met, and hold enough independent draws."""
        return bool((self.rhat <= MIXED).all() and (self.effective >= ENOUGH).all())


def walk(
    log_density: Callable[[np.ndarray], np.ndarray],
    starts: np.ndarray,
    seed: int,
    progress: Callable[[int, int], None] | None = None,
) -> Chains:
    """Lets the walkers go until they have mixed or the steps are spent.

    Args:
        log_density: of rows of coordinates, shape (rows, coordinates) to (rows,); -inf where it is nought.
        starts: one a walker, shape (walkers, coordinates); their number divides by four.
        seed: of the random numbers.
        progress: called with the number of steps done and the largest number of steps.

    Raises:
        InputError: if emcee is not installed.
    """
    try:
        import emcee  # type: ignore[import-not-found] -- an extra
    except ImportError:
        raise InputError("The posterior needs emcee: pip install 'nextflop[bayes]'.") from None
    rng = np.random.default_rng(seed)
    walkers, count = len(starts) // ENSEMBLES, starts.shape[1]
    samplers, states = [], []
    for part in np.split(starts, ENSEMBLES):
        samplers.append(emcee.EnsembleSampler(walkers, count, log_density, vectorize=True))
        random = np.random.RandomState(int(rng.integers(2**32))).get_state()
        states.append(emcee.State(part, random_state=random))
    found = Chains(np.empty((0, count)), np.full(count, np.inf), np.zeros(count))
    for done in range(_BLOCK, STEPS + 1, _BLOCK):
        states = [
            sampler.run_mcmc(state, _BLOCK, skip_initial_state_check=True)
            for sampler, state in zip(samplers, states, strict=True)
        ]
        if progress is not None:
            progress(done, STEPS)
        chains = np.stack([sampler.get_chain(discard=done // 2) for sampler in samplers])
        rhat = np.array([split_rhat(part) for part in np.moveaxis(chains, 3, 0).reshape(count, ENSEMBLES, -1)])
        # Walkers of one ensemble steer each other, so what counts is how well their mean is known, not each walker's.
        means = chains.mean(axis=2)
        times = np.array([emcee.autocorr.integrated_time(mean[:, None], tol=0, quiet=True) for mean in means])
        effective = chains.shape[1] * chains.var(axis=(0, 1, 2)) * (1 / (means.var(axis=1) * times)).sum(axis=0)
        found = Chains(np.swapaxes(chains, 0, 1).reshape(-1, count), rhat, effective)
        if found.mixed and (times * _TIMES < chains.shape[1]).all():
            break
    return found


def split_rhat(chains: np.ndarray) -> float:
    """Split R-hat on normal scores of the ranks, of the values and of how far out they lie, whichever is larger.

    Args:
        chains: shape (chains, draws), in the order of the steps.
    """
    from scipy.special import ndtri
    from scipy.stats import rankdata

    half = chains.shape[1] // 2
    split = np.concatenate([chains[:, :half], chains[:, -half:]])
    found = []
    for values in (split, np.abs(split - np.median(split))):
        scores = ndtri((rankdata(values).reshape(values.shape) - 0.375) / (values.size + 0.25))
        within = scores.var(axis=1, ddof=1).mean()
        between = scores.mean(axis=1).var(ddof=1)
        found.append(float(np.sqrt((half - 1) / half + between / within)) if within > 0 else float("inf"))
    return max(found)
