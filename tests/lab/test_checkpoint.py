"""Networks on disk: what is saved is read back, and what is damaged is refused in one sentence."""

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from nextflop.errors import StoreError
from nextflop.lab.checkpoint import load, save
from nextflop.lab.language.learner import Recipe
from nextflop.lab.language.transformer import Shape, Transformer
from nextflop.lab.learner import Learner


@pytest.fixture
def learner() -> Learner:
    return Learner.init(Transformer.init(Shape(8, 1, 7, 5), jax.random.key(0)), Recipe(1e-3))


def test_a_learner_comes_back_as_it_was(tmp_path: Path, learner: Learner) -> None:
    save(tmp_path / "state.safetensors", learner, {"step": 7.0, "seconds": 0.1})
    other = jax.tree.map(jnp.zeros_like, learner)
    back, about = load(tmp_path / "state.safetensors", other)
    assert about == {"step": 7.0, "seconds": 0.1}
    for ours, theirs in zip(jax.tree.leaves(learner), jax.tree.leaves(back), strict=True):
        np.testing.assert_array_equal(ours, theirs)
        assert ours.dtype == theirs.dtype


@pytest.mark.parametrize("damage", ["cut", "garbage", "empty", "absent"])
def test_a_damaged_file_is_refused_and_left_alone(tmp_path: Path, learner: Learner, damage: str) -> None:
    path = tmp_path / "state.safetensors"
    save(path, learner)
    whole = path.read_bytes()
    if damage == "absent":
        path.unlink()
    else:
        path.write_bytes({"cut": whole[: len(whole) // 2], "garbage": b"x" * 400, "empty": b""}[damage])
    before = path.read_bytes() if path.exists() else None
    with pytest.raises(StoreError, match=r"state\.safetensors is not a readable checkpoint .* --resume"):
        load(path, learner)
    assert (path.read_bytes() if path.exists() else None) == before


def test_another_network_is_refused(tmp_path: Path, learner: Learner) -> None:
    save(tmp_path / "a.safetensors", learner.model)
    with pytest.raises(StoreError, match="holds another network"):
        load(tmp_path / "a.safetensors", Transformer.init(Shape(10, 1, 7, 5), jax.random.key(0)))
    with pytest.raises(StoreError, match="holds another network"):
        load(tmp_path / "a.safetensors", learner)
