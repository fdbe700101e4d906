"""Plans to draw pages of: three laws that know repetition, with draws, and every kind of source."""

import numpy as np

from nextflop.laws import Chinchilla, DataConstrained, OverfitPenalty
from nextflop.laws.base import Law
from nextflop.planning.ledger.members import Member, of_constants
from nextflop.planning.ledger.plan import Plan, plan
from nextflop.planning.ledger.situation import Assumption, Corpus, Limits, Situation, Use

from .html_page import HOSTILE

PUBLISHED = DataConstrained(
    E=1.869144, A=520.825, B=1487.716, alpha=0.3526596, beta=0.3526596, R_D=15.387756, R_N=5.309743
)
REFITTED = DataConstrained(E=1.75, A=420.0, B=800.0, alpha=0.33, beta=0.31, R_D=5.5, R_N=20.0)
PENALTY = OverfitPenalty(E=1.9, A=650.0, B=1700.0, P=0.06, alpha=0.37, beta=0.36, delta=0.45, kappa=0.6)
REPHRASED = {"kind": "synthetic", "made_from": "web", "price": 6e-8, "saturation": 8.0, "exchange": 0.5, "share": 0.3}
RANGES = {"params": (7e6, 8.7e9), "tokens": (1e8, 9e11), "unique_tokens": (1e8, 1.8e11)}


def drawn(law: Law, name: str, weight: float, draws: int = 200, spread: float = 0.03, seed: int = 0) -> Member:
    """A law with draws that scatter about it, each parameter by its own share."""
    rng = np.random.default_rng(seed)
    centre = np.array([list(law.values.values())], dtype=np.float64)
    rows = np.concatenate([centre, centre * np.exp(spread * rng.normal(size=(draws, centre.shape[1])))])
    return Member(name, type(law).from_draws(rows), weight, RANGES, f"{draws} made up runs", 0.01)


def laws(draws: int = 200) -> list[Member]:
    return [
        of_constants(PUBLISHED, "published", "a paper", 0.1),
        drawn(REFITTED, "refitted", 0.4, draws, seed=1),
        drawn(PENALTY, "penalty", 0.5, draws, seed=2),
    ]


def situation(**changes: object) -> Situation:
    """1e22 FLOP; 25B owned tokens of two qualities, one source that is licensed and one that is made."""
    return Situation(
        **{
            "budget": 1e22,
            "flop_price": 1 / (989e12 * 0.4 * 3600 / 2),
            "sources": (
                Corpus("web", 20e9, origin="a crawl", date="2026-01-01"),
                Corpus("books", 5e9, quality=1.2),
                Corpus("archive", 1e12, kind="licensed", price=3e-7, quality=1.1),
                Corpus("rephrased", 0.0, **REPHRASED),
            ),
            "use": Use(0.0, 1000.0),
            "assumptions": (Assumption("price of a chip-hour", "$2", "a price list", "2026-10-01"),),
        }
        | changes
    )


def made(draws: int = 200, **changes: object) -> Plan:
    return plan(laws(draws), situation(**changes))


def hostile() -> Plan:
    """A plan in which every text that comes from outside is hostile."""
    members = [member._replace(name=f"{HOSTILE} {place}", source=HOSTILE) for place, member in enumerate(laws(20))]
    given = situation(
        sources=(
            Corpus(HOSTILE, 25e9, domain=HOSTILE, licence=HOSTILE, origin=HOSTILE, date=HOSTILE),
            Corpus(f"</script>{HOSTILE}", 1e12, kind="licensed", price=1e-8),
        ),
        limits=Limits(most_params=2e10, why={"most_params": HOSTILE}),
        assumptions=(Assumption(HOSTILE, HOSTILE, HOSTILE, HOSTILE),),
    )
    return plan(members, given)


def without_data() -> Plan:
    """A budget in dollars under two laws that know no repetition."""
    second = drawn(Chinchilla(1.8, 480.0, 2100.0, 0.35, 0.37), "second", 0.5, 50, seed=3)
    first = drawn(Chinchilla(1.7, 400.0, 1800.0, 0.33, 0.35), "first", 0.5, 50, seed=4)
    members = [one._replace(ranges={name: RANGES[name] for name in ("params", "tokens")}) for one in (first, second)]
    return plan(members, Situation(1e6, unit="USD", flop_per_unit=7e17, flop_price=1 / 7e17))
