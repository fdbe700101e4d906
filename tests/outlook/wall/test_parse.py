"""Whatever a model file holds, it is a model or one sentence."""

import tomllib
from contextlib import suppress
from copy import deepcopy
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nextflop.errors import InputError
from nextflop.outlook.wall.draw import accounts, dates, scores
from nextflop.outlook.wall.load import load, names
from nextflop.outlook.wall.parse import parsed

RAW = tomllib.loads((files("nextflop.outlook.wall") / "models" / "published.toml").read_text(encoding="utf-8"))
JUNK = [None, "", "soon", "-1", -1, 0, 1e400, float("nan"), True, [], [1], ["a", "b"], {}, {"value": 1}, {"x": {}}, 3.7]
GONE = object()


def places(tables: object, path: tuple = ()) -> list[tuple]:
    """Every place of the tables, outer ones too."""
    found = [path] if path else []
    items = tables.items() if isinstance(tables, dict) else enumerate(tables) if isinstance(tables, list) else ()
    for key, value in items:
        found += places(value, (*path, key))
    return found


def spoiled(place: tuple, junk: object) -> dict:
    """The published model with one place replaced, or taken away."""
    raw = deepcopy(RAW)
    home = raw
    for key in place[:-1]:
        home = home[key]
    if junk is GONE:
        del home[place[-1]]
    else:
        home[place[-1]] = junk
    return raw


def answers(raw: dict) -> None:
    """A model that can be read has a date for every draw."""
    with suppress(InputError):
        model = parsed("spoiled", raw)
        assert dates(model, scores(model, 10, 0), accounts(model, 10, 0)).shape == (10,)


@settings(max_examples=60)
@given(place=st.sampled_from(places(RAW)), junk=st.sampled_from([*JUNK, GONE]))
def test_a_spoiled_model_is_a_model_or_a_sentence(place: tuple, junk: object) -> None:
    answers(spoiled(place, junk))


@pytest.mark.slow
def test_every_spoiled_model_is_a_model_or_a_sentence() -> None:
    for place in places(RAW):
        for junk in (*JUNK, GONE):
            answers(spoiled(place, junk))


def test_bundled_models_differ_in_what_they_say_they_do() -> None:
    base, once = load("restart-2025"), load("restart-2025-once")
    differing = {name for name, one in base.inputs.items() if one.to_json() != once.inputs[name].to_json()}
    assert differing == {"repetition"}
    assert base.inputs["growth"].belief == load("restart-2025-closing").inputs["growth"].belief
    assert len({load(name).digest for name in names() if name != "own"}) == len(names()) - 1


@pytest.mark.parametrize(("text", "ends"), [("0.1..0.4", (0.1, 0.4)), ("0.1..0.4@90%", (0.1, 0.4)), ("20%", None)])
def test_a_setting_keeps_shape_and_level_unless_they_are_said(text: str, ends: tuple[float, float] | None) -> None:
    if ends is None:
        with pytest.raises(InputError, match="is not an amount"):
            load("restart-2025", {"quality": text})
        return
    belief = load("restart-2025", {"quality": text}).inputs["quality"].belief
    assert (belief.low, belief.high) == ends
    assert belief.level == (0.9 if "@" in text else 0.95)
    growth = load("restart-2025", {"growth": text}).inputs["growth"].belief
    assert type(growth).__name__ == "Normal"
    token = load("restart-2025", {"bytes_per_token": "3..5"}).inputs["bytes_per_token"].belief
    assert type(token).__name__ == "LogNormal"
