"""Studies whose workers keep what they compile for the next study, and for the next time."""

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module", autouse=True)
def compiled(request: pytest.FixtureRequest) -> Iterator[None]:
    """JAX's own variable, which a study leaves as it is."""
    with pytest.MonkeyPatch.context() as patch:
        if hasattr(request.config, "cache"):  # not under -p no:cacheprovider
            patch.setenv("JAX_COMPILATION_CACHE_DIR", str(request.config.cache.mkdir("xla")))
        yield
