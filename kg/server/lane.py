"""A lane: room for so many at once, and a queue before it that keeps its order."""

from __future__ import annotations

import asyncio
from collections import deque


class Lane:
    """Like a semaphore, but whoever waits is a future and not a task, which costs a third.

    >>> lane = Lane(1)
    >>> lane.enter() is None, lane.is_full
    (True, True)
    """

    def __init__(self, places: int) -> None:
        self._free = places
        self._queue: deque[asyncio.Future[None]] = deque()

    @property
    def is_full(self) -> bool:
        """Whether one who comes now must wait."""
        return self._free == 0

    def enter(self) -> asyncio.Future[None] | None:
        """Take a place, which must be given back; where none is free, return what is done when one is."""
        if self._free:
            self._free -= 1
            return None
        place = asyncio.get_running_loop().create_future()
        self._queue.append(place)
        return place

    def give_up(self, place: asyncio.Future[None]) -> None:
        """Leave the queue, or the place if one has been given in the meantime."""
        if place.done():
            self.leave()
        else:
            place.cancel()

    def leave(self) -> None:
        """Give a place back, to who has waited longest."""
        while self._queue:
            place = self._queue.popleft()
            if not place.done():
                place.set_result(None)
                return
        self._free += 1
