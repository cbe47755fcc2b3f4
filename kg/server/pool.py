"""The pool: a few workers, a short queue before them, and the end of any query that takes too long."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from kg.server.faults import Fault
from kg.server.settings import Limits, Place
from kg.server.worker import work

_SPAWN = multiprocessing.get_context("spawn")
Gone = Callable[[], Awaitable[bool]]


class Worker:
    """One process and our end of its pipe."""

    def __init__(self, place: Place, limits: Limits, generation: int) -> None:
        self.generation = generation
        self.pipe, theirs = _SPAWN.Pipe()
        self.process = _SPAWN.Process(target=work, args=(theirs, place, limits.answer_bytes), daemon=True)
        self.process.start()
        theirs.close()
        self.greeting: tuple[Any, ...] | None = None

    def kill(self) -> None:
        """End the process, whatever it does."""
        self.process.kill()
        self.process.join(5)
        self.pipe.close()


class Pool:
    """Workers that answer jobs; one that is killed is replaced by a new one."""

    def __init__(self, place: Place, limits: Limits) -> None:
        self.place, self.limits = place, limits
        self.generation = 0
        self.problem = ""
        self._idle: asyncio.Queue[Worker] = asyncio.Queue()
        self._all: set[Worker] = set()
        self._waiting = 0
        self._threads = ThreadPoolExecutor(limits.workers + 2, thread_name_prefix="pipe")

    def start(self) -> None:
        """Start all workers."""
        for _ in range(self.limits.workers):
            self._add(Worker(self.place, self.limits, self.generation))

    def stop(self) -> None:
        """End all workers."""
        for worker in self._all:
            worker.kill()
        self._all.clear()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def pids(self) -> list[int]:
        """The processes at work."""
        return [worker.process.pid for worker in self._all if worker.process.pid is not None]

    async def run(self, name: str, fields: dict[str, Any], gone: Gone) -> AsyncIterator[Any]:
        """Yield the media type of a job's answer and then its bytes.

        Raises `Fault` for what went wrong: what the job says, a time that ran out, a worker that died, or
        too many waiting. A worker whose answer is not read to its end is killed.
        """
        worker = await self._take()
        finished = False
        try:
            await self._greet(worker)
            deadline = time.monotonic() + self.limits.seconds
            worker.pipe.send((name, fields))
            while True:
                message = await self._next(worker, deadline, gone)
                if isinstance(message, bytes):
                    yield message
                elif message[0] == "head":
                    yield message[1]
                elif message[0] == "fault":
                    finished = True
                    raise Fault(*message[1:])
                else:
                    finished = True
                    return
        except (EOFError, OSError) as error:
            raise Fault(503, "The worker of this query has died; ask again.", headers=_LATER) from error
        finally:
            self._give(worker, alive=finished)

    async def reload(self) -> None:
        """Open the facts anew in new workers; a failure leaves the old ones at work and is remembered."""
        candidate = Worker(self.place, self.limits, self.generation + 1)
        try:
            await self._greet(candidate)
        except Fault as fault:
            self.problem = fault.message
            candidate.kill()
            return
        self.problem = ""
        self.generation += 1
        self._add(candidate)
        for worker in [self._idle.get_nowait() for _ in range(self._idle.qsize())]:
            if worker.generation == self.generation:
                self._idle.put_nowait(worker)
            else:
                self._drop(worker)
        while len(self._all) < self.limits.workers:
            self._add(Worker(self.place, self.limits, self.generation))

    async def greeting(self) -> tuple[Any, ...]:
        """Return the title and the folder that a worker opened; raises `Fault` where it could not."""
        worker = await self._take()
        try:
            return await self._greet(worker)
        finally:
            self._give(worker, alive=worker.process.is_alive())

    async def _take(self) -> Worker:
        if self._waiting >= self.limits.waiting:
            raise Fault(503, "Too many queries are waiting; ask again in a moment.", headers=_LATER)
        self._waiting += 1
        try:
            return await asyncio.wait_for(self._idle.get(), self.limits.queue_seconds)
        except TimeoutError as error:
            raise Fault(503, "All workers are busy; ask again in a moment.", headers=_LATER) from error
        finally:
            self._waiting -= 1

    def _give(self, worker: Worker, *, alive: bool) -> None:
        """Take a worker back; one that is dead, stopped in mid-query or out of date is replaced."""
        if worker not in self._all:
            return
        if alive and worker.generation == self.generation:
            self._idle.put_nowait(worker)
            return
        self._drop(worker)
        if len(self._all) < self.limits.workers:
            self._add(Worker(self.place, self.limits, self.generation))

    def _add(self, worker: Worker) -> None:
        self._all.add(worker)
        self._idle.put_nowait(worker)

    def _drop(self, worker: Worker) -> None:
        self._all.discard(worker)
        worker.kill()

    async def _greet(self, worker: Worker) -> tuple[Any, ...]:
        """Wait until a worker has opened its facts, which no query's time is charged for."""
        if worker.greeting is None:
            try:
                worker.greeting = await self._next(worker, time.monotonic() + 600, _never)
            except (EOFError, OSError) as error:
                raise Fault(503, "A worker died while it opened the facts.", headers=_LATER) from error
        if worker.greeting[0] == "failed":
            raise Fault(503, str(worker.greeting[1]), headers=_LATER)
        return worker.greeting

    async def _next(self, worker: Worker, deadline: float, gone: Gone) -> Any:
        """Receive one message, unless the time runs out or the client goes."""
        loop = asyncio.get_running_loop()
        while True:
            is_there = await loop.run_in_executor(self._threads, worker.pipe.poll, 0.1)
            if time.monotonic() > deadline:
                raise Fault(504, f"The query was stopped after {self.limits.seconds:g} seconds.")
            if await gone():
                raise Fault(499, "The client has gone.")
            if is_there:
                break
        return await loop.run_in_executor(self._threads, worker.pipe.recv)


_LATER = {"Retry-After": "2"}


async def _never() -> bool:
    return False
