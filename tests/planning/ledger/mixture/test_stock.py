"""What a plan has of every domain to mix: owned, bought and made, and none of it twice."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.planning.ledger.worlds import BESIROGLU, MUENNIGHOFF, member

from nextflop.errors import InputError
from nextflop.laws.mixture import mixture
from nextflop.planning.ledger.members import of_constants
from nextflop.planning.ledger.mixture import words
from nextflop.planning.ledger.mixture.domains import Domain, Mixing, Target, stocked
from nextflop.planning.ledger.mixture.mix import mix
from nextflop.planning.ledger.plan import plan
from nextflop.planning.ledger.programme import Programme
from nextflop.planning.ledger.situation import Corpus, Limits, Situation
from nextflop.planning.ledger.text import levers

WEB, HUB = Corpus("web", 10e9, "prose", access=0.5), Corpus("hub", 2e9, "code", quality=1.5)
BOOKS = Corpus("books", 100e9, "prose", "licensed", quality=1.2, access=0.9, price=1e-7)
ATLAS = Corpus("atlas", 1e9, "maps", "licensed", price=1e-7)
MADE = Corpus("made", 0.0, kind="synthetic", made_from="hub", price=1e-8, exchange=0.5, saturation=4.0, quality=0.8)
SITUATION = Situation(1e22, flop_price=1e-18, sources=(BOOKS, MADE, WEB, HUB, ATLAS), limits=Limits(most_epochs=8.0))
SHARES = mixture(("prose", "code"))(1.5, 1.0, -0.8)
MIXING = Mixing((), (Target("both", of_constants(SHARES, "shares", "made up")),))


def programme(*sources: Corpus, situation: Situation = SITUATION) -> Programme:
    """The option that opens the levers of some sources."""
    opened = tuple(lever for lever in levers(situation) if lever.source.name in {one.name for one in sources})
    return Programme(situation, situation.owned, opened)


def setting(of: Programme, *tokens: float) -> np.ndarray:
    return np.array([np.log1p(some / lever.scale) for some, lever in zip(tokens, of.levers, strict=True)])


def test_every_domain_has_what_is_owned_bought_and_made_of_it():
    option = programme(BOOKS, MADE)
    found = {one.name: one for one in stocked(option, setting(option, 20e9, 6e9))}
    assert found["prose"].owned == 5e9
    assert found["prose"].bought == pytest.approx(1.2 * 20e9)
    assert found["prose"].made == 0.0
    assert found["code"].owned == 3e9
    generations = 6e9 / 2e9
    assert found["code"].made == pytest.approx(0.8 * 0.5 * 1.5 * 2e9 * 4 * (1 - np.exp(-generations / 4)))
    assert found["maps"] == Domain("maps", 0.0, 8.0)


def test_made_text_that_takes_the_place_of_its_base_leaves_none_of_it():
    replacing = SITUATION.but(sources=(WEB, HUB, replace(MADE, replaces=True, share=0.5)))
    option = programme(MADE, situation=replacing)
    code = stocked(option, setting(option, 1e9))[0]
    assert (code.name, code.owned) == ("code", 0.0)
    assert code.made > 0


def test_a_filter_counts_only_what_it_keeps():
    found = stocked(Programme(SITUATION, (HUB,)), np.zeros(0))
    assert {one.name: one.tokens for one in found} == {"code": 3e9, "prose": 0.0, "maps": 0.0}


@given(bought=st.floats(0.0, 80e9), made=st.floats(0.0, 20e9))
def test_the_domains_together_are_the_unique_text_of_the_ledger(bought, made):
    option = programme(BOOKS, MADE)
    z = setting(option, bought, made)
    assert sum(one.tokens for one in stocked(option, z)) == pytest.approx(float(option.text(z[None]).worth[0]))


@given(
    first=st.floats(0.0, 80e9),
    more=st.floats(1.0, 10.0),
    made=st.floats(0.0, 20e9),
    tokens=st.floats(1e9, 5e10),
)
def test_more_of_a_domain_never_lowers_its_cap_nor_that_of_another(first, more, made, tokens):
    option = programme(BOOKS, MADE)
    caps = [
        MIXING.over(stocked(option, setting(option, some, made))[:2]).caps(tokens)
        for some in (first, min(first * more, 90e9))
    ]
    assert (caps[1] >= caps[0] * (1 - 1e-12)).all()


@settings(max_examples=10)
@given(prose=st.floats(1e9, 1e11), code=st.floats(1e9, 1e11), budget=st.floats(1e20, 1e22))
def test_with_nothing_bought_or_made_the_mixture_is_that_of_what_is_owned(prose, code, budget):
    owned = (Corpus("web", prose, "prose"), Corpus("hub", code, "code"))
    found = plan(
        [member(MUENNIGHOFF)], Situation(budget, sources=owned, limits=Limits(most_epochs=16.0)), mixture=MIXING
    )
    assert found.mixture is not None
    plain = mix(MIXING.over((Domain("prose", prose, 16.0), Domain("code", code, 16.0))), found.mixture.tokens)
    assert found.mixture.to_json() == plain.to_json()
    assert found.mixture.tokens == pytest.approx(found.option(found.best).decision["tokens"])
    assert words.title(found.mixture).endswith("of what is owned")


def test_a_plan_mixes_what_its_best_option_buys_and_makes():
    sources = (replace(WEB, tokens=2e9), replace(HUB, tokens=5e8, quality=1.0), replace(BOOKS, tokens=5e9), MADE)
    found = plan([member(MUENNIGHOFF)], SITUATION.but(sources=sources), mixture=MIXING)
    best = found.option(found.best)
    assert best.added["books"] > 1
    assert best.added["made"] > 1
    mixed = found.mixture
    assert mixed is not None
    prose, code = sorted(mixed.domains, key=lambda one: one.name != "prose")
    assert prose.bought == pytest.approx(1.2 * best.added["books"])
    assert 0 < code.made < 0.8 * 0.5 * best.added["made"]
    assert code.epochs == pytest.approx(code.tokens / (code.owned + code.bought + code.made))
    row = mixed.to_json()["domains"][1]  # type: ignore[index]
    assert {"owned", "bought", "made"} <= set(row)  # type: ignore[arg-type]
    assert words.title(mixed).endswith("of what is owned, bought and made")
    said = words.stock(mixed)
    assert "prose 1B owned and 5.4B bought" in said
    assert "code 500M owned and " in said
    assert said.endswith(" made. Made text counts as the text that it stands for.")


def test_a_domain_for_sale_that_the_laws_do_not_know_is_refused():
    with pytest.raises(InputError, match="no domain 'maps'"):
        plan([member(MUENNIGHOFF)], SITUATION, mixture=MIXING)
    with pytest.raises(InputError, match="say what text there is"):
        plan([member(BESIROGLU)], Situation(1e21), mixture=MIXING)
