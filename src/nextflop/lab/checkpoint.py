"""Networks and optimiser states on disk as safetensors: named arrays, no code, readable elsewhere."""

from collections.abc import Mapping
from pathlib import Path
from typing import SupportsFloat, TypeVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from nextflop.errors import StoreError
from nextflop.evidence.files import write_bytes

Tree = TypeVar("Tree")


def save(path: Path, tree: object, about: Mapping[str, SupportsFloat] | None = None) -> None:
    """Writes the arrays of a tree, each under its path in the tree, atomically.

    Args:
        path: the file.
        tree: any JAX tree; what is not an array is left out.
        about: numbers to keep beside the arrays, such as the step.
    """
    from safetensors.numpy import save as to_bytes

    arrays = {name: np.asarray(leaf) for name, leaf in _named(tree).items()}
    write_bytes(path, to_bytes(arrays, {name: repr(float(value)) for name, value in (about or {}).items()}))


def load(path: Path, like: Tree) -> tuple[Tree, dict[str, float]]:
    """Reads a tree of the same structure and shapes as `like`, and the numbers beside it.

    Args:
        path: the file.
        like: a tree of arrays, or of their shapes alone (`jax.ShapeDtypeStruct`).

    Raises:
        StoreError: if the file is absent, damaged, or holds another network.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            about = {name: float(value) for name, value in (file.metadata() or {}).items()}
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a mapping)
    except (OSError, SafetensorError, ValueError) as error:
        raise StoreError(
            f"{path} is not a readable checkpoint ({error}): remove the folder of its run, and --resume makes it again."
        ) from error
    expected = _named(like)
    if {name: leaf.shape for name, leaf in expected.items()} != {name: a.shape for name, a in arrays.items()}:
        raise StoreError(
            f"{path} holds another network than the one declared: remove the folder of its run, or take another study."
        )
    leaves = iter(jnp.asarray(arrays[name], dtype=leaf.dtype) for name, leaf in expected.items())
    dynamic, static = eqx.partition(like, _is_array)
    return eqx.combine(jax.tree.map(lambda _: next(leaves), dynamic), static), about


def _named(tree: object) -> dict[str, jax.Array | jax.ShapeDtypeStruct]:
    leaves = jax.tree_util.tree_leaves_with_path(eqx.filter(tree, _is_array))
    return {jax.tree_util.keystr(path, simple=True, separator="."): leaf for path, leaf in leaves}


def _is_array(leaf: object) -> bool:
    return isinstance(leaf, jax.Array | jax.ShapeDtypeStruct)
