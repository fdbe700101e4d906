"""A plan in sentences: what to do, what it is worth, and what to measure before; every number is one of the plan's."""

from collections.abc import Mapping, Sequence
from math import inf

from nextflop.fitting.fit import Interval
from nextflop.judging.verdict import Outcome
from nextflop.planning.ledger import money
from nextflop.planning.ledger.candidates import SETTINGS
from nextflop.planning.ledger.decisive import Answered, Experiment
from nextflop.planning.ledger.options import Option
from nextflop.planning.ledger.plan import Plan
from nextflop.planning.ledger.reach import far
from nextflop.planning.ledger.situation import UNITS
from nextflop.quantities import listed, show

_PARTS = {"training": "training", "inference": "serving", "text": "text", "unspent": "left over"}
_AXES = {"params": "parameters", "tokens": "tokens"}
_LEAST = 5e-5  # of a loss, below which four places are all 0
_FRACTIONS = {2: "half", 3: "a third of", 4: "a quarter of", 5: "a fifth of", 10: "a tenth of"}
_LIKE = 0.1  # by which a share may differ from a fraction that is named for it
_PERCENT = 0.05  # from either end, where a probability is told to a tenth of a per cent
_LITTLE = 0.005  # of the budget, below which a part is not mentioned

THEN_SEEN = (
    "When it is made, plan again with --seen and a table of it: that weighs the laws as told here and decides anew, so "
    "that it may come out between these decisions."
)
"""What makes a run count for as much as it is said to be worth: one row more among many would not."""
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
    said = f"With {spend(found)}, train {_training(done, bool(found.situation.sources))}"
    low, high = best.outcome.low, best.outcome.high
    kept = done["unspent"] / found.situation.flop
    if kept >= _LITTLE:
        said += f", and keep {kept:.0%} of the budget"
    if away := far(best.beyond):
        decades = [f"{value:.1f} decades beyond the runs in {_AXES[axis]}" for axis, value in away.items()]
        said += f", which is {listed(decades)}"
    said += f": {found.response} {best.outcome.value:.3f}"
    said += f" ({low:.3f} to {high:.3f})." if low < high else "."
    base = found.option(found.base)
    gained = best.gain
    if best.code != base.code and abs(gained.value) >= NOTHING:
        said += f" That is {gained.value:.3f} ({gained.low:.3f} to {gained.high:.3f}) better than {base.name}."
    guess = near(found)
    return f"{said} {guess}" if guess else said


def value(found: Plan) -> str:
    """What the gain of the best option on the base is worth in compute; empty if there is none."""
    best, base = found.option(found.best), found.option(found.base)
    if best.code == base.code or best.gain.value < NOTHING:
        return ""
    return f"The gain of {best.gain.value:.3f} is worth {money.as_much(best.gain.value, found.compute)}."


def added(found: Plan) -> str:
    """Which text to buy or make, how much of it, and what that costs; empty if none."""
    given, said = found.situation, []
    sources = {source.name: source for source in given.sources}
    for name, tokens in found.adds.items():
        source = sources[name]
        verb = "make" if source.made_from else "buy"
        cost = money.dollars(tokens * source.price) if source.price else show(tokens * source.flop_per_token, "FLOP")
        said.append(f"{verb} {show(tokens)} tokens of {name} for {cost}")
    return f"For that, {listed(said)}." if said else ""


def then(found: Plan, form: str = "{}") -> str:
    """Where the next unit and the worth of a token are asked for, in a form; empty where the plan adds no text."""
    return form.format("once the text of the plan is there") if found.adds else ""


def near(found: Plan) -> str:
    """What to do instead of a plan far beyond the runs, and what that loses; empty within their reach."""
    one = found.reach
    if not far(found.option(found.best).beyond):
        return ""
    if one is None:
        return "That far the laws are a guess, and the limits leave no plan within a decade of the runs."
    more = f"{span(one.more, '.3f')} more"
    if one.more.value < NOTHING:
        more = f"nothing more under most laws and draws ({one.more.low:.3f} to {one.more.high:.3f})"
    kept = one.decision["unspent"] / found.situation.flop
    left = f" with {kept:.0%} of the budget kept" if kept >= _LITTLE else ""
    return (
        f"That far the laws are a guess. Within a decade of the runs the best is "
        f"{_training(one.decision, bool(found.situation.sources))}{left}, which in the median of the draws loses "
        f"{more}."
    )


def _training(done: Mapping[str, float], stocked: bool) -> str:
    """What is trained on how much, such as "7B parameters on 140B tokens, 5.6 epochs of 25B unique ones"."""
    said = f"{show(done['params'])} parameters on {show(done['tokens'])} tokens"
    if not stocked:
        return said
    epochs = "one epoch" if abs(done["epochs"] - 1) < 0.05 else f"{_epochs(done['epochs'])} epochs"
    return f"{said}, {epochs} of {show(done['raw'])} unique ones"


def _epochs(value: float) -> str:
    return f"{value:.1f}" if value > 1 else f"{value:.2g}"


def shares(option: Option, flop: float) -> str:
    """What the budget is spent on, such as "96% training, 4% text"."""
    parts = {name: option.decision[name] / flop for name in _PARTS}
    return ", ".join(f"{share:.0%} {_PARTS[name]}" for name, share in parts.items() if share >= _LITTLE)


def code(option: Option) -> str:
    """What a machine calls a row of the ledger, such as "once = repeat" where both come to the same."""
    return " = ".join(option.codes)


def name(found: Plan, option: Option) -> str:
    """A row of the ledger in words, with the options that come to the same."""
    others = listed([found.option(code).name for code in option.same])
    return f"{option.name}; here the same as {others}" if others else option.name


def unlikely(found: Plan, option: Option) -> str:
    """Why an option that loses to the base is the best under some draws all the same; empty for any other."""
    if option.gain.high >= 0 or option.probability < _LITTLE:
        return ""
    return (
        f"as decided it loses to {found.option(found.base).name}; in {option.probability:.0%} of draws and laws it "
        "would be the best if it were decided for them"
    )


def legend(found: Plan) -> str:
    """What the columns of the ledger are about."""
    return (
        f"Gain: in {found.response}, of the one decision in the row against that of {found.base}, under the same "
        "draw of the same law: the median of these differences, not the difference of the medians shown. Best: belief "
        "in the draws and laws under which the option would be the best one, each option decided for that draw."
    )


def sizes(found: Plan) -> str:
    """Which sizes are almost as good as the best, a much smaller one first."""
    allowed, safe = f"{found.regret.allowed:g}", f"{found.regret.safe:.0%}"
    told = f"{smaller(found)} " if found.regret.smaller else ""
    return (
        f"{told}Any size {ranges(found.regret.within)} is expected to lose at most {allowed} more than the "
        f"best one. Over all options, not knowing the law costs {small(found.option(found.best).regret)}, at most "
        f"{allowed} with a probability of {safe}."
    )


def smaller(found: Plan) -> str:
    """What a much smaller size loses, if one is almost as good; empty if none is."""
    one = found.regret.smaller
    if one is None:
        return ""
    how = f"at {one.epochs:.1f} epochs" if found.situation.sources else f"parameters on {show(one.tokens)} tokens"
    close = [name for parts, name in _FRACTIONS.items() if abs(parts * one.share - 1) < _LIKE]
    share = close[0] if close else f"{one.share:.0%} of"
    return f"{show(one.params)} {how} is expected to lose {small(one.more)} more, at {share} the size."


def ranges(within: Sequence[tuple[float, float]]) -> str:
    """Ranges of sizes, such as "from 19B to 58B, or from 103B to 122B parameters"."""
    ends = [(show(low), show(high)) for low, high in within]
    return f"{', or '.join(f'from {low} to {high}' if low != high else f'of {low}' for low, high in ends)} parameters"


def freest(found: Plan) -> Option:
    """The option under which it is told what each law would do alone: the best; the base where both come to the same.

    An option of one epoch would show one epoch for every law, also for those that call for more.
    """
    best = found.option(found.best)
    return found.option(found.base) if found.base in best.same else best


def alone(found: Plan) -> str:
    """Which option the epochs of each law belong to, where every law says what it would do were it the truth."""
    return f"What each law would do alone under {freest(found).name}"


def run(experiment: Experiment, trainer: str = "") -> str:
    """How to make a run: the trainer's own command, or the setting."""
    if not trainer:
        said = f"train {show(experiment.params)} parameters on {show(experiment.tokens)} tokens"
        if experiment.epochs > 1:
            said += f", {experiment.epochs:g} epochs of {show(experiment.unique_tokens)} unique ones"
        return said
    for name in SETTINGS:
        value = getattr(experiment, name)
        trainer = trainer.replace(f"{{{name}}}", f"{value:g}" if name == "epochs" else f"{value:.0f}")
    return trainer


def worth(experiment: Experiment, found: Plan) -> str:
    """What an experiment costs, foretells and settles."""
    foretold = ", ".join(f"{name} {value:.3f}" for name, value in experiment.foretold.items())
    return (
        f"{money.cost(experiment.flop, found.situation)}, {experiment.share:.2%} of the budget. Foretold: {foretold}. "
        f"It is worth {small(experiment.gain)} of {found.response}, "
        f"{money.as_much(experiment.gain, found.compute_after)} and {experiment.known:.0%} of what knowing the truth "
        "would be."
    )


def outcomes(experiment: Experiment, found: Plan) -> list[str]:
    """What to do for what a run shows, the likeliest outcome first; empty where that is not reckoned."""
    told = sorted(experiment.answers, key=lambda one: -one.probability)
    return [_outcome(one, found) for one in told]


def _outcome(one: Answered, found: Plan) -> str:
    kept = one.gain == 0
    said = "as planned" if kept else _training(one.decision, bool(found.situation.sources))
    texts = [f"{show(tokens)} of {name}" for name, tokens in one.added.items() if tokens >= 1]
    said += f", with {listed(texts)}" if texts and not kept else ""
    gains = "" if kept else f", expected to lose {small(one.gain)} less than as planned"
    where = _range(one, found)
    return f"{where[0].upper()}{where[1:]} ({_share(one.probability)}): {said}{gains}."


def _share(probability: float) -> str:
    return f"{probability:.0%}" if _PERCENT <= probability <= 1 - _PERCENT else f"{probability:.1%}"


def _range(one: Answered, found: Plan) -> str:
    low, high = f"{one.low:.3f}", f"{one.high:.3f}"
    if one.low == -inf:
        return f"{found.response} below {high}" if one.high < inf else f"any {found.response}"
    return f"{found.response} above {low}" if one.high == inf else f"{found.response} from {low} to {high}"


def unmoved(found: Plan) -> str:
    """That no run is worth making, and what that rests on."""
    failed = any(verdict.outcome is Outcome.fail for verdict in found.verdicts)
    rests = " That holds as far as these laws do, and what failed is not weighed in it." if failed else ""
    return f"No small run would change the decision by anything that matters.{rests}"


def small(value: float) -> str:
    """A difference of losses to four places; what would be none of them in words."""
    return f"{value:.4f}" if value >= _LEAST else "less than 0.0001"


def span(interval: Interval, digits: str) -> str:
    """A value with its interval, such as "0.612 (0.58 to 0.64)"; the value alone where there is no interval."""
    value, low, high = (f"{end + 0.0 if abs(end) > 1e-9 else 0.0:{digits}}" for end in interval)
    return f"{value} ({low} to {high})" if low != high and interval.low < interval.high else value
