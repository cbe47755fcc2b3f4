"""The pool: who works on what, in two lanes, and the end of any query that takes too long.

A query begins in the fast lane. One that is not done soon leaves its place there to the next: it goes on with
low priority in the slow lane, or stands still until there is room. So slow queries never hold up fast ones,
and both use all cores.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from kg.server.faults import LATER, Fault
from kg.server.frames import BLOCK, FAULT, HEAD, Frame
from kg.server.kinds import Kinds
from kg.server.lane import Lane
from kg.server.lending import Lender
from kg.server.processes import Stem, Worker
from kg.server.settings import Limits, Place
from kg.server.turns import STARVED, Gone, Turn
from kg.server.updating import Change

_LOG = logging.getLogger("kg.server")
_TICK = 0.1
_EMPTY = "The facts are still being opened; ask again in a moment."


@dataclass(frozen=True, slots=True)
class Head:
    """What comes before the bytes of an answer."""

    media_type: str
    encoding: str
    is_limited: bool
    """Whether the server wrote a LIMIT into the query."""


class Pool:
    """Workers that answer jobs."""

    def __init__(self, place: Place, limits: Limits, lender: Lender | None = None) -> None:
        self.place, self.limits, self._lender = place, limits, lender
        self.generation = 0
        self.kinds = Kinds()
        self.problem = ""
        self._stem: Stem | None = None
        self._stems: set[Stem] = set()
        self._idle: deque[Worker] = deque()
        # While an answer is on its way, its core has something to do.
        self._room = limits.workers + 1
        self._fast, self._slow = Lane(self._room), Lane(limits.workers)
        self._waiting = self._halted = 0
        self._changing = asyncio.Lock()
        self._opened = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin to open the facts."""
        self._later(self.reload())

    async def stop(self) -> None:
        """End all processes."""
        for task in self._tasks:
            task.cancel()
        if self._lender is not None:
            self._lender.stop()
        for stem in self._stems:
            stem.close()
        # The lines close on the loop's next turns.
        await asyncio.sleep(0.01)

    def pids(self) -> list[int]:
        """The processes at work."""
        return [] if self._stem is None else [worker.pid for worker in self._stem.workers]

    async def run(self, name: str, fields: dict[str, Any], gone: Gone) -> AsyncIterator[Head | bytes]:
        """Yield the head of a job's answer and then its bytes.

        Raises `Fault` for what went wrong: what the job says, a time that ran out, a worker that died, or
        too many waiting. A worker whose answer is not read to its end is killed.
        """
        turn = await self._take(gone)
        is_done = False
        try:
            turn.worker.send(name, fields)
            while True:
                frame = await self._next(turn)
                if frame.kind == BLOCK:
                    turn.has_begun = True
                    yield frame.body
                elif frame.kind == HEAD:
                    yield Head(*frame.data())
                else:
                    is_done = True
                    if frame.kind == FAULT:
                        raise Fault(*frame.data())
                    if name == "sparql" and turn.worker.generation == self.generation:
                        self.kinds.note(fields["query"], *frame.data())
                    return
        finally:
            self._give(turn, is_done=is_done)

    async def reload(self) -> None:
        """Open the facts anew; a failure leaves the old ones at work and is remembered."""
        async with self._changing:
            try:
                stem = await Stem.spawn(self.place, self.limits)
            except Fault as fault:
                self.problem = fault.message
            except OSError as error:
                self.problem = f"The process that is to hold the facts could not be started: {error}."
            else:
                self.problem = ""
                await self._swap(stem)
            if self.problem:
                _LOG.warning("kg: %s", self.problem)
            self._opened.set()

    async def update(self, change: Change) -> None:
        """Change the facts; raises `Fault`, and then nothing has changed."""
        async with self._changing:
            if self._stem is None:
                raise Fault(503, self.problem or _EMPTY, headers=LATER)
            is_on_disk = self.place.store is not None
            await self._swap(await self._stem.update(change, self.limits.seconds, is_on_disk=is_on_disk))

    async def _swap(self, stem: Stem) -> None:
        """Answer from a new stem; what runs on the old one runs to its end."""
        if self._lender is not None:
            # Nobody is told of a change before the last has stopped answering from what was before.
            await self._lender.close()
            self._lender.open(stem)
        old, self._stem = self._stem, stem
        self._stems = {known for known in self._stems if known.is_open} | {stem}
        self.generation += 1
        self.kinds.clear()
        while self._idle:
            self._later(self._end(self._idle.popleft()))
        if old is not None and old is not stem:
            old.is_current = False
            old.retire_if_done()
        for _ in range(self._room):
            self._later(self._refill())

    async def _take(self, gone: Gone) -> Turn:
        """Wait for a place in the fast lane and a worker."""
        if self._waiting >= self.limits.waiting:
            raise Fault(503, "Too many queries are waiting; ask again in a moment.", headers=LATER)
        self._waiting += 1
        try:
            if not self._opened.is_set():
                await self._opened.wait()
            await self._enter(self._fast, gone, self.limits.queue_seconds)
        finally:
            self._waiting -= 1
        with ExitStack() as undo:
            undo.callback(self._fast.leave)
            turn = Turn(await self._worker(), gone, self._fast)
            undo.pop_all()
        return turn

    async def _worker(self) -> Worker:
        while self._idle:
            worker = self._idle.pop()
            if worker.line.is_open:
                return worker
            self._later(self._end(worker))
        if self._stem is None:
            raise Fault(503, self.problem or _EMPTY, headers=LATER)
        if not self._stem.is_open:
            self._later(self.reload())
        return await self._fork(self._stem)

    async def _fork(self, stem: Stem) -> Worker:
        generation = self.generation
        worker = await stem.fork()
        worker.generation = generation
        return worker

    async def _enter(self, lane: Lane, gone: Gone, seconds: float) -> None:
        """Wait for room in a lane, unless it takes too long or the client goes."""
        place = lane.enter()
        if place is None:
            return
        with ExitStack() as undo:
            undo.callback(lane.give_up, place)
            await self._stand(place, gone, seconds)
            undo.pop_all()

    async def _stand(self, place: asyncio.Future[None], gone: Gone, seconds: float) -> None:
        started = time.monotonic()
        while not (await asyncio.wait([place], timeout=1.0))[0]:
            await _stay(gone)
            if time.monotonic() - started > seconds:
                raise Fault(503, "All workers are busy; ask again in a moment.", headers=LATER)
        if time.monotonic() - started > _TICK:
            await _stay(gone)

    async def _next(self, turn: Turn) -> Frame:
        """Receive one frame, unless the time runs out or the client goes."""
        line = turn.worker.line
        while True:
            frame = line.take()
            if frame is None:
                if not line.is_open:
                    raise Fault(503, "The worker of this query has died; ask again.", headers=LATER)
                before = time.monotonic()
                await line.wait(_TICK)
                turn.worked += time.monotonic() - before
                frame = line.take()
            await self._check(turn)
            if frame is not None:
                return frame

    async def _check(self, turn: Turn) -> None:
        """End what has worked too long or for nobody; move what is slow out of the way of the fast."""
        turn.check_time(self.limits)
        now = time.monotonic()
        if now - turn.checked < _TICK:
            return
        turn.checked = now
        await _stay(turn.gone)
        if turn.lane is self._fast and turn.is_slow(self.limits):
            await self._slow_down(turn)

    async def _slow_down(self, turn: Turn) -> None:
        self._fast.leave()
        turn.lane = None
        self._later(self._refill())
        if self._slow.is_full:
            if self._halted >= self.limits.halted and not turn.has_begun:
                raise Fault(503, "Too many slow queries are waiting; ask again later.", headers=LATER)
            turn.worker.halt()
            self._halted += 1
            try:
                waiting = self.limits.queue_seconds * (STARVED if turn.has_begun else 1)
                await self._enter(self._slow, turn.gone, waiting)
            finally:
                self._halted -= 1
                turn.worker.go_on()
        else:
            self._slow.enter()
        turn.lane = self._slow
        turn.worker.lower()

    def _give(self, turn: Turn, *, is_done: bool) -> None:
        """Take a worker back, or end it where it cannot take another job."""
        if turn.lane is not None:
            turn.lane.leave()
        worker = turn.worker
        if is_done and self._is_fit(worker) and len(self._idle) < self._room:
            self._idle.append(worker)
        else:
            self._later(self._end(worker))
            self._later(self._refill())

    def _is_fit(self, worker: Worker) -> bool:
        """Whether a worker can take another job, of the facts as they are now."""
        return worker.generation == self.generation and not worker.is_slow and worker.line.is_open

    async def _refill(self) -> None:
        """Have a worker ready for the next query."""
        stem = self._stem
        if stem is None or not stem.is_open or len(self._idle) >= self._room:
            return
        try:
            worker = await self._fork(stem)
        except Fault:
            return
        if self._is_fit(worker) and len(self._idle) < self._room:
            self._idle.append(worker)
        else:
            await self._end(worker)

    async def _end(self, worker: Worker) -> None:
        await worker.stem.end(worker)

    def _later(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _stay(gone: Gone) -> None:
    """Go on only for a client that is there."""
    if await gone():
        raise Fault(499, "The client has gone.")
