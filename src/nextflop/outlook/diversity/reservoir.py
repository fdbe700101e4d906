"""A fair sample of a stream whose length is not known before its end."""

import heapq
from collections.abc import Callable
from typing import Any

import numpy as np


class Sample:
    """Keeps the things with the least of random ranks; what is to be kept of a thing is only worked out if it stays."""

    def __init__(self, most: int, seed: int) -> None:
        """Starts empty.

        Args:
            most: how many stay.
            seed: of the ranks.
        """
        self._most = most
        self._rng = np.random.default_rng(seed)
        self._count = 0
        self._heap: list[tuple[float, int, Any]] = []  # the largest rank first, by its negative

    def offer(self, count: int, keep: Callable[[int], Any]) -> None:
        """Takes the next things of the stream.

        Args:
            count: how many.
            keep: from the place of one among them to what is kept of it; called for those that stay for now.
        """
        ranks = self._rng.random(count)
        bar = -self._heap[0][0] if len(self._heap) == self._most else np.inf
        for place in np.flatnonzero(ranks < bar).tolist():
            entry = (-float(ranks[place]), self._count + place)
            if len(self._heap) < self._most:
                heapq.heappush(self._heap, (*entry, keep(place)))
            elif entry > self._heap[0][:2]:
                heapq.heapreplace(self._heap, (*entry, keep(place)))
        self._count += count

    def in_order(self) -> list[Any]:
        """What stays, in the order of the stream."""
        return [value for _, _, value in sorted(self._heap, key=lambda entry: entry[1])]

    def shuffled(self) -> list[Any]:
        """What stays, in a random order."""
        return [value for _, _, value in sorted(self._heap, key=lambda entry: entry[0])]
