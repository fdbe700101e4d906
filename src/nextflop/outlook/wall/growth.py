"""How fast training sets grow, fitted to public tables of released models, and how much text each crawl still finds."""

from typing import NamedTuple

import numpy as np

from nextflop.evidence.runs import Runs
from nextflop.fitting import Squares, fit
from nextflop.fitting.fit import Interval
from nextflop.laws.growth import Growth
from nextflop.published.read import read

DRAWS = 2_000
"""Of the bootstrap; the smaller table of the published model has five times as many."""

_TOP = 10  # larger models by compute that may have come before one that counts as large
_WEEKS = 52.1775  # in a year


class Slope(NamedTuple):
    """The growth of some training sets.

    Attributes:
        name: which models.
        orders: orders of magnitude a year, with the 95% interval of the pairs bootstrap.
        models: how many.
        first, last: years of their release.
        source: of the table, with its digest.
    """

    name: str
    orders: Interval
    models: int
    first: float
    last: float
    source: str


class Supply(NamedTuple):
    """What Common Crawl has found by a crawl, and how fast that grows.

    Attributes:
        crawl: its name.
        year: its date.
        urls, pages: distinct addresses, and distinct pages by content, found so far.
        growth: of the addresses since the crawl above, times a year; `nan` for the first.
    """

    crawl: str
    year: float
    urls: float
    pages: float
    growth: float


def slope(years: np.ndarray, sizes: np.ndarray, draws: int = DRAWS, seed: int = 0) -> Interval:
    """Orders of magnitude a year, by least squares of the logarithms, with the 95% interval of the pairs bootstrap.

    Raises:
        FitError: if the years do not determine a slope.
    """
    runs = Runs({"date": years, "value": sizes})
    found = fit(Growth, runs, objective=Squares(log=True), resampling="pairs", draws=draws, seed=seed, level=0.95)
    return Interval(*(np.log10(2) * np.array(found.estimate["g"])).tolist())


def language_models(*, compute: bool = True, online: bool = False) -> Runs:
    """The language models since 2010 whose training set is known, in the order of their release.

    Args:
        compute: whether the compute must be known too.
        online: whether the table may be downloaded.

    Raises:
        StoreError: if the table is not on this machine and may not be downloaded.
    """
    runs = read("epoch_training_cost", f"training-sets{'-with-compute' if compute else ''}", online=online)
    domain = runs["cluster"].astype(str)
    language = np.array(["Language" in name for name in domain])
    rows = np.flatnonzero(language & (runs["points"] > 0) & (runs["year"] >= 2010))
    return runs.where(rows[np.argsort(runs["year"][rows], kind="stable")])


def of_text_alone(runs: Runs) -> np.ndarray:
    """Whether a model reads text and nothing else: the data of others are counted in images and text together."""
    return runs["cluster"].astype(str) == "Language"


def large(runs: Runs, most: int = _TOP) -> np.ndarray:
    """The rows of models than which fewer than `most` earlier ones had more compute.

    Args:
        runs: in the order of their release.
        most: so many larger ones are too many.
    """
    flop = runs["flop"]
    return np.array([row for row in range(len(runs)) if (flop[:row] > flop[row]).sum() < most], dtype=np.intp)


def history(*, online: bool = False) -> Slope:
    """The growth behind the published model: the training sets of 80 language models, in words.

    Raises:
        StoreError: if the table is not on this machine and may not be downloaded.
    """
    runs = read("epoch_data_stock", "training-sets", online=online)
    return _slope("published model: language models to 2023", runs, runs["words"], 5 * DRAWS)


def slopes(*, online: bool = False) -> tuple[Slope, ...]:
    """The growth of training sets by three selections of models: that of the published model and two of a later table.

    Raises:
        StoreError: if a table is not on this machine and may not be downloaded.
    """
    models = language_models(online=online)
    every = language_models(compute=False, online=online)
    top = models.where(large(models))
    top = top.where(np.flatnonzero(top["year"] >= 2020))
    return (
        history(online=online),
        _slope("ten largest by compute at release, since 2020", top, top["points"]),
        _slope("all language models since 2010", every, every["points"]),
    )


def supply(*, online: bool = False) -> tuple[Supply, ...]:
    """How many distinct addresses and pages Common Crawl had found by some crawls.

    Crawls are not equally spaced, so growth is by the time between them.

    Raises:
        StoreError: if the table is not on this machine; it is derived, so that it cannot be downloaded.
    """
    runs = read("commoncrawl_stats", "cumulative", online=online)
    names = [str(name) for name in runs["name"]]
    years = np.array([_crawled(name) for name in names])
    with np.errstate(divide="ignore"):
        growth = np.exp(np.diff(np.log(runs["urls"])) / np.diff(years))
    columns = zip(names, years, runs["urls"], runs["distinct_pages"], [np.nan, *growth], strict=True)
    return tuple(Supply(name, *map(float, values)) for name, *values in columns)


def _slope(name: str, runs: Runs, sizes: np.ndarray, draws: int = DRAWS) -> Slope:
    years = runs["year"]
    return Slope(name, slope(years, sizes, draws), len(runs), float(years.min()), float(years.max()), str(runs.source))


def _crawled(name: str) -> float:
    """The date of a crawl by its name, such as CC-MAIN-2024-42: year and week."""
    year, week = name.rsplit("-", 2)[1:]
    return int(year) + (int(week) - 1) / _WEEKS
