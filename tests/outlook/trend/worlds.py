"""Series whose truth is known: lines with scatter that fades, and a field of groups of which some fall silent."""

import numpy as np

from nextflop.outlook.trend.change import Points
from nextflop.outlook.trend.scale import scale
from nextflop.outlook.trend.series import Rule, Series

LOG = scale("log")


def points(dates: np.ndarray, values: np.ndarray, **how: np.ndarray) -> Points:
    """Values of which all are known."""
    given = {"low": values, "high": values, "errors": None, "ahead": np.zeros(len(dates)), **how}
    return Points(dates, given["low"], given["high"], given["errors"], given["ahead"])


def scatter(rng: np.random.Generator, dates: np.ndarray, time: float, share: float = 1.0) -> np.ndarray:
    """Scatter of variance one, of which a share fades with a correlation time; 0 for independent points."""
    if not time:
        return rng.normal(size=len(dates))
    shape = share * np.exp(-np.abs(dates[:, None] - dates) / time) + (1 - share) * np.eye(len(dates))
    return np.linalg.cholesky(shape + 1e-9 * np.eye(len(dates))) @ rng.normal(size=len(dates))


def made(values: np.ndarray, dates: np.ndarray, **more: object) -> Series:
    """A series of values on a logarithmic scale, its rows in order of date."""
    given: dict[str, object] = {
        "name": "made",
        "title": "made",
        "unit": "",
        "meaning": "inputs against time",
        "scale": LOG,
        "rule": Rule("every"),
        "dates": np.asarray(dates, dtype=float),
        "values": np.asarray(values, dtype=float),
        "sides": np.zeros(len(dates)),
        **more,
    }
    return Series(**given)  # type: ignore[arg-type]


def field(seed: int, dark: float | None = None, rule: str = "record", fall: float = 0.0) -> Series:
    """Four leading groups and six that follow, six years from 2018 on; the pace is 1.4 e-foldings a year.

    Args:
        seed: of the world.
        dark: the year from which on no leader discloses anything.
        rule: which rows are the frontier.
        fall: of the pace from 2022 on.
    """
    rng = np.random.default_rng(seed)
    dates, values, groups = [], [], []
    for kind, count, often, behind, wide in (("leader", 4, 24, 0.0, 0.5), ("follower", 6, 18, 2.5, 0.7)):
        for group in range(count):
            when = rng.uniform(0, 6, often)
            dates.append(when)
            values.append(1.4 * when - fall * np.maximum(when - 4, 0) - behind + wide * rng.normal(size=often))
            groups += [f"{kind} {group}"] * often
    when, worth, who = np.concatenate(dates) + 2018, np.exp(np.concatenate(values)), np.array(groups)
    if dark is not None:
        worth = np.where((when > dark) & np.char.startswith(who, "leader"), np.nan, worth)
    order = np.argsort(when)
    return made(worth[order], when[order], groups=who[order], rule=Rule.parse(rule))
