"""Where nextflop keeps on this machine what it fetched from elsewhere."""

import os
import sys
from pathlib import Path


def cache() -> Path:
    """The folder where downloads are kept: what NEXTFLOP_CACHE names, else nextflop's in the user's cache folder."""
    if folder := os.environ.get("NEXTFLOP_CACHE"):
        return Path(folder)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "nextflop"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "nextflop" / "Cache"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "nextflop"
