"""The families of laws, one small file each."""

from nextflop.errors import InputError, unknown
from nextflop.laws.base import Law
from nextflop.laws.bounded import Bounded
from nextflop.laws.bounded_power import BoundedPower
from nextflop.laws.broken import Broken1, Broken2, Broken3
from nextflop.laws.chinchilla import Chinchilla
from nextflop.laws.clamped_line import ClampedLine
from nextflop.laws.coverage import BetaBinomial, BothInflatedBetaBinomial, ZeroInflatedBetaBinomial
from nextflop.laws.coverage_power import CoveragePower
from nextflop.laws.data_constrained import DataConstrained
from nextflop.laws.exponential import ExponentialAccuracy, ExponentialError
from nextflop.laws.farseer import Farseer
from nextflop.laws.game_regret import GameRegret
from nextflop.laws.growth import Growth
from nextflop.laws.hyperparameters import BatchSize, LearningRate
from nextflop.laws.kaplan import Kaplan
from nextflop.laws.log_sigmoid import LogSigmoid
from nextflop.laws.loss_accuracy import LossAccuracy
from nextflop.laws.mixture import PREFIX, mixture
from nextflop.laws.over_training import OverTraining
from nextflop.laws.overfit_penalty import OverfitPenalty
from nextflop.laws.overoptimisation import BestOfN, RLOveroptimised, best_of_n_kl
from nextflop.laws.power import Power
from nextflop.laws.pure_power import PurePower
from nextflop.laws.rectified import Rectified
from nextflop.laws.reinforced import Reinforced
from nextflop.laws.rl_log import RLLog
from nextflop.laws.routing import Routing
from nextflop.laws.self_play import SelfPlay
from nextflop.laws.shifted_power import ShiftedPower
from nextflop.laws.sigmoid import Sigmoid
from nextflop.laws.skaling import Skaling
from nextflop.laws.strength import StrengthCompute, StrengthParams, StrengthSimulations
from nextflop.laws.synthetic_data import SyntheticData
from nextflop.laws.tied import tie
from nextflop.laws.transfer import Transfer
from nextflop.laws.vocabulary import Vocabulary

#: Name → family, in the order in which they are listed.
LAWS: dict[str, type[Law]] = {
    law.name: law
    for law in (
        # of the loss
        Chinchilla,
        Power,
        PurePower,
        ShiftedPower,
        BoundedPower,
        Broken1,
        Broken2,
        Broken3,
        Kaplan,
        Skaling,
        Farseer,
        OverTraining,
        DataConstrained,
        OverfitPenalty,
        Bounded,
        Routing,
        Vocabulary,
        # of synthetic and transferred data
        SyntheticData,
        Rectified,
        Transfer,
        # of what a loss is worth
        LossAccuracy,
        ExponentialAccuracy,
        ExponentialError,
        # of reinforcement learning
        Sigmoid,
        Reinforced,
        RLLog,
        BestOfN,
        RLOveroptimised,
        # of sampling
        ZeroInflatedBetaBinomial,
        BothInflatedBetaBinomial,
        BetaBinomial,
        CoveragePower,
        # of games
        ClampedLine,
        LogSigmoid,
        StrengthParams,
        StrengthCompute,
        StrengthSimulations,
        SelfPlay,
        GameRegret,
        # of hyper-parameters
        LearningRate,
        BatchSize,
        # of time
        Growth,
    )
}


def find(name: str) -> type[Law]:
    """The family of that name.

    "mixture:web,code" names the law of a mixture of these domains, "chinchilla[beta=alpha]" a family with ties.

    Raises:
        InputError: if there is none; the message has the nearest name.
    """
    if name.endswith("]") and "[" in name:
        return _with_ties(*name.removesuffix("]").rsplit("[", 1))
    if name.startswith(PREFIX):
        return mixture(name.removeprefix(PREFIX).split(","))
    if name == PREFIX.removesuffix(":"):
        raise InputError(
            "The law of a mixture needs the names of its domains, the columns with the share of each in the data: "
            f"give {PREFIX}web,code for a table with the columns web, code and loss."
        )
    if name not in LAWS:
        raise unknown("law", name, LAWS)
    return LAWS[name]


def _with_ties(name: str, ties: str) -> type[Law]:
    pairs = [[side.strip() for side in part.split("=")] for part in ties.split(",")]
    if any(len(pair) != 2 for pair in pairs):
        raise InputError(f"{ties!r} in {name}[{ties}] is no tie: give the parameters as in chinchilla[beta=alpha].")
    return tie(find(name), **dict(pairs))


__all__ = [
    "LAWS",
    "BatchSize",
    "BestOfN",
    "BetaBinomial",
    "BothInflatedBetaBinomial",
    "Bounded",
    "BoundedPower",
    "Broken1",
    "Broken2",
    "Broken3",
    "Chinchilla",
    "ClampedLine",
    "CoveragePower",
    "DataConstrained",
    "ExponentialAccuracy",
    "ExponentialError",
    "Farseer",
    "GameRegret",
    "Growth",
    "Kaplan",
    "Law",
    "LearningRate",
    "LogSigmoid",
    "LossAccuracy",
    "OverTraining",
    "OverfitPenalty",
    "Power",
    "PurePower",
    "RLLog",
    "RLOveroptimised",
    "Rectified",
    "Reinforced",
    "Routing",
    "SelfPlay",
    "ShiftedPower",
    "Sigmoid",
    "Skaling",
    "StrengthCompute",
    "StrengthParams",
    "StrengthSimulations",
    "SyntheticData",
    "Transfer",
    "Vocabulary",
    "ZeroInflatedBetaBinomial",
    "best_of_n_kl",
    "find",
    "mixture",
    "tie",
]
