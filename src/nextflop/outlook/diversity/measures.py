"""What a corpus has: the measures of one pass, each with its interval."""

from collections.abc import Mapping
from statistics import NormalDist

from nextflop.fitting.fit import Interval
from nextflop.outlook.diversity import tail
from nextflop.outlook.diversity.corpus import Corpus
from nextflop.outlook.diversity.duplicates import repeats
from nextflop.outlook.diversity.intervals import bootstrap, jackknife, share, share_of_clusters
from nextflop.outlook.diversity.vendi import vendi

NAMES: Mapping[str, str] = {
    "compression_ratio": "compression ratio",
    "distinct_1": "distinct words",
    "distinct_2": "distinct 2-grams",
    "distinct_3": "distinct 3-grams",
    "distinct_4": "distinct 4-grams",
    "self_repetition": "4-grams of other documents",
    "type_token": "types over tokens",
    "all_distinct_1": "different words",
    "all_distinct_2": "different 2-grams",
    "all_distinct_3": "different 3-grams",
    "all_distinct_4": "different 4-grams",
    "duplicates": "duplicates",
    "near_duplicates": "near-duplicates",
    "tail_exponent": "exponent of the tail",
    "tail_share": "share of the tail",
    "vendi": "kinds among 100 documents",
}
"""Measure → its name for a person, in the order in which they are shown."""

SHARES = frozenset(
    {"self_repetition", "duplicates", "near_duplicates", "tail_share"}
    | {f"{scope}distinct_{n}" for scope in ("", "all_") for n in range(1, 5)}
)
"""The measures that are shares of a whole."""


def measures(of: Corpus, length: int, rank: int, level: float, seed: int) -> dict[str, Interval]:
    """The measures of a corpus, in the order of `NAMES`; nan where a corpus is too small for one.

    Args:
        of: what is kept of it.
        length: running words up to which what depends on length is compared.
        rank: the last of the words that are not of the tail.
        level: of the intervals.
        seed: of the bootstrap.
    """
    found = {name: bootstrap(values, level, seed) for name, values in of.windows.items()}
    different = of.growth.at(length) / length
    reach = different * of.growth.error(length) * NormalDist().inv_cdf((1 + level) / 2)
    for n, (value, width) in enumerate(zip(different.tolist(), reach.tolist(), strict=True), start=1):
        found[f"all_distinct_{n}"] = Interval(value, value - width, value + width)
    exact, near = repeats(of.signatures)
    early = of.signatures.start < length
    for name, inside in (("duplicates", exact), ("near_duplicates", near)):
        found[name] = share_of_clusters(inside[early], of.signatures.least[early], level)
    part = length / of.words
    found["tail_exponent"] = jackknife(lambda weights: tail.exponent(of.vocabulary, weights, part), level, of.documents)
    rare = tail.beyond_own(of.vocabulary, of.group_words, rank)
    found["tail_share"] = share(rare, of.group_words, level, of.documents)
    found["vendi"] = vendi(of.sets, level)
    return {name: found[name] for name in NAMES}
