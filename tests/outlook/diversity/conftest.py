"""Made text with a known vocabulary: words drawn by Zipf's law, some of them never."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

VOCABULARY = 20_000


def spelled(ranks: np.ndarray) -> list[str]:
    """A word of letters for every rank, another for another."""
    return [f"{chr(97 + rank % 26)}{rank // 26:x}w" for rank in ranks.tolist()]


def drawn(documents: int, seed: int, words: int = 120, beta: float = 1.2, last: int = VOCABULARY) -> list[str]:
    """Documents of words of ranks up to the last, with probabilities that fall as rank^-β."""
    rng = np.random.default_rng(seed)
    shares = np.arange(1, last + 1) ** -beta
    edges = np.cumsum(shares / shares.sum())
    ranks = np.searchsorted(edges, rng.random((documents, words)) * edges[-1])
    return [" ".join(spelled(row)) for row in ranks]


@pytest.fixture(scope="session")
def texts() -> Callable[..., list[str]]:
    return drawn


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes documents, a line each."""

    def one(name: str, documents: list[str]) -> Path:
        path = tmp_path / name
        path.write_text("\n".join(documents) + "\n", encoding="utf-8")
        return path

    return one
