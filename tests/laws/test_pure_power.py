"""The power law without offset, and its published extrapolations."""

import csv
from pathlib import Path

import numpy as np
import pytest

from nextflop.evidence.runs import Runs
from nextflop.fitting import Squares, fit
from nextflop.laws import Power, PurePower


def series(public_data: Path, model: str) -> tuple[Runs, Runs]:
    """Runs to fit and runs to predict of one series of the extrapolation benchmark, loss against examples seen."""
    with (public_data / "revisiting-nsl" / "benchmark.lang.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["Model"] == model]
    assert rows
    parts = [[row for row in rows if row["Training"] == flag] for flag in ("1", "0")]
    return columns(parts[0]), columns(parts[1])


def columns(rows: list[dict[str, str]]) -> Runs:
    seen, loss = (np.array([float(row[name]) for row in rows]) for name in ("Seen Examples", "Loss"))
    return Runs({"compute": seen, "loss": loss})


def test_every_decade_lowers_the_loss_by_the_same_factor() -> None:
    loss = PurePower(beta=40.0, c=0.06)(compute=np.geomspace(1e10, 1e20, 11))
    np.testing.assert_allclose(loss[1:] / loss[:-1], 10**-0.06, rtol=1e-13)


def test_it_is_the_power_law_that_falls_to_nothing() -> None:
    compute = np.geomspace(1e10, 1e20, 5)
    np.testing.assert_array_equal(PurePower(40.0, 0.06)(compute=compute), Power(0.0, 40.0, 0.06)(compute=compute))


def test_the_loss_at_the_published_scale_is_one() -> None:
    # Kaplan et al. (2020), eq. 1.3: C_c = 3.1e8 petaFLOP-days at an exponent of 0.050.
    scale = 3.1e8 * 8.64e19
    assert PurePower(beta=scale**0.05, c=0.05)(compute=scale) == pytest.approx(1.0, rel=1e-14)


@pytest.mark.parametrize(
    ("model", "error"),
    [
        ("6 Enc, 6 Dec", 2.6e-1),
        ("28 Enc, 6 Dec", 1.7e-1),
        ("6 Enc, 28 Dec", 2.3e-1),
        ("Dec-only", 2.5e-1),
        ("TEnc-LSTM", 1.9e-1),
    ],
)
def test_published_errors_of_extrapolation_are_met(public_data: Path, model: str, error: float) -> None:
    # Alabdulmohsin et al. (2022), table 2, column M1: root mean square of the error of log loss, to two digits.
    known, later = series(public_data, model)
    found = fit(PurePower, known, objective=Squares(log=True), draws=0)
    miss = np.log(found.law(compute=later["compute"]) / later["loss"])
    assert np.sqrt(np.mean(miss**2)) == pytest.approx(error, abs=0.0055)
    assert found.certificate.agreeing == 1.0
