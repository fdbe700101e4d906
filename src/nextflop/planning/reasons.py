"""Why a run is worth making: which disagreement between laws it settles, or which parameter."""

import numpy as np

from nextflop.planning.ensemble import Ensemble
from nextflop.planning.greedy import Picked

_SAYS = 0.02  # of a variance, below which a run says nothing of a law or a parameter
_WILD = 5.0  # robust standard deviations, where a parameter's deviation is cut


def followed(drawn: Ensemble) -> np.ndarray:
    """What is followed beside the aims, as deviations of the members: which law each is, then its parameters.

    Returns:
        Shape (members, laws + all parameters); a law's parameters deviate in its own members only.
    """
    laws, blocks, start = [], [], 0
    for points in drawn.coordinates:
        mine = slice(start, start + len(points))
        law = np.zeros((drawn.members, 1))
        law[mine] = 1.0
        away = points - np.median(points, axis=0)
        spread = 1.4826 * np.median(np.abs(away), axis=0)
        block = np.zeros((drawn.members, points.shape[1]))
        block[mine] = np.clip(away, -_WILD * spread, _WILD * spread)
        laws.append(law - law.mean())
        blocks.append(block)
        start += len(points)
    return np.concatenate([*laws, *blocks], axis=1)


def reasons(drawn: Ensemble, picked: Picked) -> tuple[str, ...]:
    """What each run settles most, in one phrase."""
    laws = [type(law) for law in drawn.laws]
    names = [(law.name, name) for law in laws for name in law.parameters]
    told = []
    for settled in picked.settled:
        between, within = settled[: len(laws)], settled[len(laws) :]
        law, best = int(between.argmax()), int(within.argmax())
        if len(laws) > 1 and between[law] > max(within[best], _SAYS):
            rivals = " and ".join(other.name for other in laws if other is not laws[law])
            told.append(f"tells {laws[law].name} from {rivals}: settles {between[law]:.0%} of that doubt")
        elif within[best] > _SAYS:
            told.append(f"narrows {names[best][1]} of {names[best][0]}: removes {within[best]:.0%} of its variance")
        else:
            told.append("shows what no law explains near the target")
    return tuple(told)
