"""`nextflop.plot`: a fit on an axes of one's own."""

import pytest
from matplotlib import colormaps
from matplotlib.figure import Figure

import nextflop as nf
from nextflop.evidence.runs import Runs
from nextflop.fitting import Fit


def test_it_draws_runs_law_and_interval_on_the_axes_it_is_given(chinchilla: Fit, runs: Runs) -> None:
    axes = Figure().subplots()
    assert nf.plot(chinchilla, runs, axes, against="tokens") is axes
    points = [line for line in axes.get_lines() if line.get_linestyle() == "None"]
    assert sum(len(line.get_xdata()) for line in points) == len(runs)
    assert len(axes.collections) == len(points)  # a band a group
    assert axes.get_xlabel() == "Training tokens D"
    assert axes.get_ylabel() == "Loss (nats per token)"
    assert colormaps  # matplotlib's own settings are as they were
    assert axes.get_xscale() == axes.get_yscale() == "log"


def test_an_input_that_the_law_does_not_have_is_refused(chinchilla: Fit, runs: Runs) -> None:
    with pytest.raises(nf.InputError, match="no input of chinchilla 'flop'"):
        nf.plot(chinchilla, runs, Figure().subplots(), against="flop")


def test_without_axes_it_makes_a_figure(chinchilla: Fit, runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPLBACKEND", "agg")
    from matplotlib import pyplot

    axes = nf.plot(chinchilla, runs)
    assert axes.get_xlabel() == "Parameters N"
    pyplot.close("all")
