"""What `import nextflop` offers, and what it does not load."""

import ast
import inspect
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import nextflop

HEAVY = ("jax", "numpy", "scipy", "matplotlib", "rich", "cyclopts")


def test_the_public_names_are_those_and_no_more() -> None:
    # A new public name is a promise: raise the number only with the name documented.
    assert len(nextflop.__all__) == 71
    assert set(nextflop.__all__) <= set(dir(nextflop))


def test_the_version_is_that_of_the_package() -> None:
    assert nextflop.__version__ == version("nextflop")


def test_type_checkers_see_the_same_names_from_the_same_places() -> None:
    stub = ast.parse(Path(nextflop.__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
    told = {alias.asname: node.module for node in stub.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert told == nextflop._HOME


@pytest.mark.parametrize("name", [name for name in nextflop.__all__ if name not in {"LAWS", "__version__"}])
def test_every_public_name_explains_itself(name: str) -> None:
    value = getattr(nextflop, name)
    assert value.__name__ == name
    assert inspect.getdoc(value)


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'nextflop' has no attribute 'fitt'"):
        nextflop.fitt  # noqa: B018


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = f"import nextflop, sys; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
