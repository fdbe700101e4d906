"""Published claims rerun on their own data and judged, and receipts that anyone can rerun."""

from nextflop.audits.catalogue import find, names
from nextflop.audits.conduct import Conducted, absent, conduct
from nextflop.audits.parse import parse


def audit(name: str, *, online: bool = False) -> Conducted:
    """Reruns a published claim on its own data and judges it.

    Args:
        name: one of `names()`.
        online: whether data that are not on this machine may be downloaded.

    Raises:
        InputError: if there is no such audit.
        StoreError: if its data are not here, or are not those in the register.
    """
    return conduct(find(name), online=online)


__all__ = ["Conducted", "absent", "audit", "conduct", "find", "names", "parse"]
