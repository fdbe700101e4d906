r"""Intrinsic performance: the least training compute with which any size of a family gets as strong as an agent.

Hilton, Tang and Schulman 2023 (arXiv:2301.13442) tell strength in the unit in which it is paid for, so that games and
measures share it; on the compute-efficient frontier it is the compute itself. Their law

$$I^{-\beta'} = (N_c/N)^{\alpha_N} + (E_c/E)^{\alpha_E},\qquad 1/\beta' = 1/\alpha_N + 1/\alpha_E$$

leaves the map from I to strength open. `Undone` is the same law with that map written down: at one depth of search
strength is a monotone function of A N^-α + B D^-β, with α_N = α and α_E = β.
"""

from typing import NamedTuple

import numpy as np

from nextflop.evidence.files import Json
from nextflop.evidence.runs import Runs
from nextflop.fitting import Fit
from nextflop.laws.undone import Undone
from nextflop.studies.selfplay.ledger import Ledger, Point
from nextflop.studies.selfplay.measure import Interval, Measure
from nextflop.studies.selfplay.measured_frontier import MeasuredFrontier
from nextflop.studies.selfplay.sizes import ends
from nextflop.studies.selfplay.spending import BEYOND, Limits, own_and_draws

_GRID = 200  # sizes, of which the cheapest is taken


class Family(NamedTuple):
    """Networks of all sizes, trained with one recipe and judged with one depth of search.

    Attributes:
        law: of their strength, fitted and drawn: parameters of shape (1 + draws, 1).
        ledger: of what they cost.
        params: sizes that may be trained, shape (sizes,).
        simulations: of the search at each move.
        reach: training FLOP, least and most, between which intrinsic performance is told.
    """

    law: Undone
    ledger: Ledger
    params: np.ndarray
    simulations: float
    reach: tuple[float, float]

    @classmethod
    def of(cls, fit: Fit, measure: Measure, ledger: Ledger, agents: Runs, simulations: float) -> "Family":
        """What the agents of a board can tell: sizes as far as a plan goes, and `BEYOND` the compute of the runs."""
        limits, flop = Limits.of(agents), agents["flop"]
        # The sizes of the study are among them, so that no agent of the law costs less than the cheapest.
        params = np.union1d(np.geomspace(limits.smallest, limits.params, _GRID), ledger.params)
        reach = (float(flop.min() / BEYOND), float(flop.max() * BEYOND))
        return cls(own_and_draws(fit, measure), ledger, params, simulations, reach)

    def least(self, strength: np.ndarray) -> np.ndarray:
        """Training FLOP of the cheapest agents of some strength.

        Args:
            strength: in the unit of the law, shape (1 + draws, agents) or one that broadcasts to it.

        Returns:
            Shape (1 + draws, agents): 0 where the search alone is as strong, inf where no training is enough.
        """
        A, B, alpha, beta = (np.asarray(self.law.values[name])[..., None] for name in ("A", "B", "alpha", "beta"))
        room = self.law.undone_at(strength, self.simulations)[..., None] - A * self.params**-alpha
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            positions = np.where(room > 0, (B / np.maximum(room, 0.0)) ** (1 / beta), np.inf)
            return np.asarray(self.ledger.training(Point(self.params, positions, self.simulations))).min(-1)

    def of_agents(self, agents: Point) -> np.ndarray:
        """Intrinsic performance of agents in FLOP, each as strong as the law has it; shape (1 + draws, agents)."""
        return self.least(self.law(**agents.columns))

    def exponents(self) -> tuple[np.ndarray, np.ndarray]:
        """The powers of parameters, if positions abound, and of positions, if parameters do, as which it grows.

        α_N/β' and α_E/β' of Hilton et al., where an evaluation costs as its parameters; each of shape (1 + draws,).
        """
        share = np.ravel(self.law.size_exponent)
        with np.errstate(divide="ignore"):
            return 1 / share, 1 / (1 - share)


def intrinsic(family: Family, agents: Runs, measure: Measure, interval: Interval) -> dict[str, Json]:
    """What a study says in intrinsic performance.

    Args:
        family: of the board.
        agents: of the board.
        measure: of their strength.
        interval: of draws.

    Returns:
        "reach", within which numbers are told, others being None with "beyond" saying on which side; "sizes", the end
        of training for each; "search", the middle network with other depths; "exponents"; "without_law", the same
        from the measured frontier alone, held against the law's.
    """
    measured = MeasuredFrontier.of(agents, measure, family.simulations)
    middle = float(family.ledger.params[len(family.ledger.params) // 2])
    low, high = family.reach
    with np.errstate(invalid="ignore"):  # a draw without α or β has no exponent
        params, positions = map(interval, family.exponents())
    return {
        "simulations": family.simulations,
        "reach": {"low": low, "high": high},
        "sizes": [_size(family, measured, last, measure, interval) for last in _by(ends(agents, family.simulations))],
        "search": _search(family, measured, agents.where(params=middle), measure, interval),
        "exponents": {"params": params, "positions": positions},
        "without_law": _without_law(family, measured),
    }


def _by(agents: Runs) -> list[Runs]:
    return [agents.where(params=float(size)) for size in np.unique(agents["params"])]


def _size(
    family: Family, measured: MeasuredFrontier, last: Runs, measure: Measure, interval: Interval
) -> dict[str, Json]:
    """The end of training of one size, all seeds."""
    agent = Point(float(last["params"][0]), float(last["positions"].mean()), family.simulations)
    spent = float(family.ledger.training(agent))
    found = family.of_agents(agent)[:, 0]
    return {
        "params": agent.params,
        "positions": agent.positions,
        "spent": spent,
        "performance": _told(found, family.reach, interval),
        "efficiency": _told(found / spent, (family.reach[0] / spent, family.reach[1] / spent), interval),
        "without_law": _seen(measured, measure, last),
    }


def _search(
    family: Family, measured: MeasuredFrontier, middle: Runs, measure: Measure, interval: Interval
) -> list[dict[str, Json]]:
    """What the depth of its search gives a network, beside what it has with that of the family."""
    rows: list[dict[str, Json]] = []
    for depth in np.unique(middle["simulations"]):
        last = ends(middle, float(depth))
        agent = Point(float(last["params"][0]), float(last["positions"].mean()), float(depth))
        own, found = (family.of_agents(agent._replace(simulations=at))[:, 0] for at in (family.simulations, depth))
        told = _told(found, family.reach, interval)
        times = interval(np.clip(found, *family.reach) / np.clip(own, *family.reach))
        rows.append(
            {
                "simulations": agent.simulations,
                "performance": told,
                "times": {name: None if told[name] is None else value for name, value in times.items()},
                "without_law": _seen(measured, measure, last),
            }
        )
    return rows


def _without_law(family: Family, measured: MeasuredFrontier) -> dict[str, Json]:
    """How the measured frontier, which knows of no law, agrees with it, over the snapshots."""
    by_law = family.of_agents(Point(measured.params, measured.positions, family.simulations))[0]
    ratios = measured.least(measured.strength) / by_law
    ratios = ratios[ratios > 0]
    return {
        "snapshots": len(by_law),
        "compared": len(ratios),
        "ratio": float(np.median(ratios)),
        "apart": float(np.exp(np.median(np.abs(np.log(ratios))))),
    }


def _seen(measured: MeasuredFrontier, measure: Measure, agents: Runs) -> dict[str, Json]:
    """What the measured frontier says of the mean of some agents."""
    value = float(measured.least(measure.of(agents).mean()))
    side = _side(value, 0.0, np.inf)
    return {"value": value if side is None else None, "beyond": side}


def _told(values: np.ndarray, reach: tuple[float, float], interval: Interval) -> dict[str, Json]:
    """An interval whose ends are None where they lie outside the reach; "beyond" says where the value itself does."""
    told = interval(np.clip(values, *reach))
    inside = {name: value if _side(value, *reach) is None else None for name, value in told.items()}
    return {**inside, "beyond": _side(float(values[0]), *reach)}


def _side(value: float, low: float, high: float) -> str | None:
    return "above" if value >= high else "below" if value <= low else None
