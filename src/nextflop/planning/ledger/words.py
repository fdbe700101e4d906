"""A plan in sentences: what to do, what it is worth, and what to measure before; every number is one of the plan's."""

from nextflop.fitting.fit import Interval
from nextflop.planning.ledger.decisive import SETTINGS, Experiment
from nextflop.planning.ledger.options import Option
from nextflop.planning.ledger.plan import Plan
from nextflop.planning.ledger.situation import UNITS
from nextflop.quantities import show

_PARTS = {"training": "training", "inference": "serving", "text": "text", "unspent": "left over"}
_LEAST = 5e-5  # of a loss, below which four places are all 0
_LITTLE = 0.005  # of the budget, below which a part is not mentioned

NOTHING = 5e-4
"""Of a loss, below which a gain is not mentioned."""


def spend(found: Plan) -> str:
    """The budget as a person writes it."""
    given = found.situation
    amount = show(given.budget, UNITS[given.unit])
    if given.unit == "FLOP":
        return amount
    flop = show(given.flop, "FLOP")
    if given.unit == "USD":
        return f"{amount} ({flop})"
    money = "" if given.flop_price is None else f"{show(given.flop * given.flop_price, '$')}, "
    return f"{amount} {f'hours of {given.chip}' if given.chip else 'chip-hours'} ({money}{flop})"


def headline(found: Plan) -> str:
    """What to do with the budget, in one or two sentences."""
    best = found.option(found.best)
    done = best.decision
    said = f"With {spend(found)}, train {show(done['params'])} parameters on {show(done['tokens'])} tokens"
    if found.situation.sources:
        said += f", {done['epochs']:.1f} epochs of {show(done['raw'])} unique ones"
        if abs(done["epochs"] - 1) < 0.05:
            said = said.replace("1.0 epochs", "one epoch")
    low, high = best.outcome.low, best.outcome.high
    kept = done["unspent"] / found.situation.flop
    if kept >= _LITTLE:
        said += f", and keep {kept:.0%} of the budget"
    said += f": {found.response} {best.outcome.value:.3f}"
    said += f" ({low:.3f} to {high:.3f})." if low < high else "."
    base = found.option(found.base)
    gained = best.gain
    if best.code != base.code and abs(gained.value) >= NOTHING:
        said += f" That is {gained.value:.3f} ({gained.low:.3f} to {gained.high:.3f}) better than {base.name}."
    return said


def shares(option: Option, flop: float) -> str:
    """What the budget is spent on, such as "96% training, 4% text"."""
    parts = {name: option.decision[name] / flop for name in _PARTS}
    return ", ".join(f"{share:.0%} {_PARTS[name]}" for name, share in parts.items() if share >= _LITTLE)


def sizes(found: Plan) -> str:
    """Which sizes are almost as good as the best."""
    low, high = found.regret.within
    allowed, safe = f"{found.regret.allowed:g}", f"{found.regret.safe:.0%}"
    return (
        f"Any size from {show(low)} to {show(high)} parameters is expected to lose at most {allowed} more than the "
        f"best one; not knowing the law costs {small(found.option(found.best).regret)} by itself, at most {allowed} "
        f"with a probability of {safe}."
    )


def alone(found: Plan) -> str:
    """Which option the epochs of each law belong to, where every law says what it would do were it the truth."""
    return f"What each law would do alone under the best option, {found.option(found.best).name}"


def run(experiment: Experiment, trainer: str = "") -> str:
    """How to make a run: the trainer's own command, or the setting."""
    if not trainer:
        said = f"train {show(experiment.params)} parameters on {show(experiment.tokens)} tokens"
        if experiment.epochs > 1:
            said += f", {experiment.epochs:g} epochs of {show(experiment.unique_tokens)}"
        return said
    for name in SETTINGS:
        value = getattr(experiment, name)
        trainer = trainer.replace(f"{{{name}}}", f"{value:g}" if name == "epochs" else f"{value:.0f}")
    return trainer


def worth(experiment: Experiment, response: str) -> str:
    """What an experiment costs, foretells and settles."""
    foretold = ", ".join(f"{name} {value:.3f}" for name, value in experiment.foretold.items())
    return (
        f"{show(experiment.flop, 'FLOP')}, {experiment.share:.2%} of the budget. Foretold: {foretold}. It is worth "
        f"{small(experiment.gain)} of {response}, {experiment.known:.0%} of what knowing the truth would be."
    )


def small(value: float) -> str:
    """A difference of losses to four places; what would be none of them in words."""
    return f"{value:.4f}" if value >= _LEAST else "less than 0.0001"


def span(interval: Interval, digits: str) -> str:
    """A value with its interval, such as "0.612 (0.58 to 0.64)"; the value alone where there is no interval."""
    value, low, high = (f"{end + 0.0 if abs(end) > 1e-9 else 0.0:{digits}}" for end in interval)
    return f"{value} ({low} to {high})" if low != high and interval.low < interval.high else value
