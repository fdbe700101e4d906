"""Public data sets by name: what they are, where they come from, under which licence, and the runs that they hold."""

from nextflop.published.catalogue import DataSet, File, Table, find, names
from nextflop.published.fetch import fetch, located
from nextflop.published.read import read

__all__ = ["DataSet", "File", "Table", "fetch", "find", "located", "names", "read"]
