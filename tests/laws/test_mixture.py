"""The law of a mixture: what it says of one domain alone, its one form, and its fit."""

import numpy as np
import pytest

from nextflop.errors import InputError
from nextflop.evidence.runs import Runs
from nextflop.fitting import Squares, Status, fit
from nextflop.laws import find, mixture

THREE = mixture(("web", "code", "books"))
LAW = THREE(c=1.5, k=1.2, t_code=0.7, t_books=-0.2)


def shares(domains: tuple[str, ...], count: int, seed: int = 0) -> dict[str, np.ndarray]:
    drawn = np.random.default_rng(seed).dirichlet(np.ones(len(domains)), count)
    return dict(zip(domains, drawn.T, strict=True))


def test_the_same_domains_are_the_same_family_and_have_a_name() -> None:
    assert mixture(["web", "code", "books"]) is THREE
    assert find("mixture:web,code,books") is THREE
    assert mixture(("code", "web", "books")) is not THREE
    assert THREE.name == "mixture:web,code,books"


def test_one_domain_alone_loses_its_own_factor_above_the_floor() -> None:
    alone = np.eye(3)
    loss = LAW(web=alone[0], code=alone[1], books=alone[2])
    np.testing.assert_allclose(loss, 1.5 + 1.2 * np.exp([0.0, 0.7, -0.2]), rtol=1e-14)
    # By hand: half web, a fifth code: 1.5 + 1.2 e^(0.14 - 0.06) = 2.79994.
    assert LAW(web=0.5, code=0.2, books=0.3) == pytest.approx(2.79994, abs=1e-5)


def test_the_published_form_is_this_one_with_a_parameter_that_no_data_tell() -> None:
    # Ye et al.: c + k exp(Σ t r) over all domains; a shift s of every t and a factor e^-s of k cancel.
    mix = shares(THREE.inputs, 20)
    for shift in (0.0, 1.3):
        t = np.array([-0.4, 0.3, -0.6]) + shift
        published = 1.5 + 1.2 * np.exp(0.4 - shift) * np.exp(sum(t[i] * mix[name] for i, name in enumerate(mix)))
        np.testing.assert_allclose(LAW(**mix), published, rtol=1e-13)


@pytest.mark.parametrize("count", [2, 3, 5, 7])
def test_it_is_found_again_from_few_mixtures(count: int) -> None:
    domains = ("web", "code", "books", "wiki", "arxiv", "forum", "news")[:count]
    family = mixture(domains)
    t = dict(zip(family.parameters, [1.9, 0.8, 0.9, -0.5, 0.4, -1.1, 0.2, 0.6], strict=False))
    truth = family(**t)
    mix = shares(domains, 4 * count, seed=count)
    found = fit(family, Runs({**mix, "loss": truth(**mix)}), objective=Squares(), draws=0)
    assert found.status is Status.converged
    assert found.certificate.agreeing > 0.5
    np.testing.assert_allclose(list(found.law.values.values()), list(t.values()), rtol=1e-4)


def test_noise_is_answered_with_intervals_that_hold_the_truth() -> None:
    mix = shares(THREE.inputs, 60)
    loss = LAW(**mix) * np.exp(0.002 * np.random.default_rng(1).normal(size=60))
    found = fit(THREE, Runs({**mix, "loss": loss}), draws=200, level=0.999)
    ends = found.quantiles(found.laws(**shares(THREE.inputs, 5, seed=9)))
    truth = LAW(**shares(THREE.inputs, 5, seed=9))
    assert ((ends[0] - 0.002 < truth) & (truth < ends[1] + 0.002)).all()


def test_shares_that_do_not_add_up_to_one_are_refused() -> None:
    with pytest.raises(InputError, match=r"web, code, books add up to 0\.7"):
        LAW(web=0.5, code=0.1, books=0.1)
    assert LAW(web=0.33, code=0.33, books=0.33) > 0  # published mixtures are rounded


@pytest.mark.parametrize(
    ("domains", "message"),
    [
        (("web",), "at least two"),
        (("web", "web"), "each once"),
        (("web", "common-crawl"), "'common-crawl' is not a plain name"),
    ],
)
def test_domains_that_cannot_name_parameters_are_refused(domains: tuple[str, ...], message: str) -> None:
    with pytest.raises(InputError, match=message):
        mixture(domains)


def test_a_mixture_without_domains_is_told_how_to_name_them() -> None:
    with pytest.raises(InputError, match="mixture:web,code"):
        find("mixture")
