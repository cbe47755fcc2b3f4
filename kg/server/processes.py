"""Our handles on the stem and its workers: start, ask, slow down, stop, end."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import socket
from contextlib import ExitStack, nullcontext, suppress
from pathlib import Path
from typing import Any

from kg.server.faults import LATER, Fault
from kg.server.frames import COMMAND, FAULT, Frame, Line, pack_data
from kg.server.settings import Limits, Place
from kg.server.stem import grow
from kg.server.updating import Change

_SPAWN = multiprocessing.get_context("spawn")
_LOWER = 5


class Worker:
    """One worker: its number, and the line to it."""

    def __init__(self, stem: Stem, pid: int, line: Line, ours: socket.socket) -> None:
        self.stem, self.pid, self.line, self.socket = stem, pid, line, ours
        self.is_slow = False
        self.generation = 0

    def send(self, name: str, fields: dict[str, Any]) -> None:
        """Give it a job."""
        self.line.send(pack_data(COMMAND, [name, fields]))

    def lower(self) -> None:
        """Let it work when others do not want to; there is no way back, so it takes no other job."""
        self.is_slow = True
        with suppress(ProcessLookupError):
            # The whole server may have been started with a low priority itself.
            os.setpriority(os.PRIO_PROCESS, self.pid, min(os.getpriority(os.PRIO_PROCESS, 0) + _LOWER, 19))

    def halt(self) -> None:
        """Stop it where it stands."""
        self.is_slow = True
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def cpu_seconds(self) -> float | None:
        """How long it has worked on a core, None where the system does not say."""
        try:
            stat = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8")
        except OSError:
            return None
        user, system = stat.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def _signal(self, number: signal.Signals) -> None:
        # Its number is its own until the stem has been told to end it.
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)


class Stem:
    """The process that holds the facts of one generation; see `kg.server.stem`."""

    def __init__(self, control: socket.socket, line: Line) -> None:
        self._control, self._line = control, line
        self._one_at_a_time = asyncio.Lock()
        self.workers: set[Worker] = set()
        self.root = ""
        self.is_current = True

    @classmethod
    async def spawn(cls, place: Place, limits: Limits) -> Stem:
        """Open the facts in a new process; raises `Fault` with the reason where it cannot."""
        ours, theirs = socket.socketpair()
        process = _SPAWN.Process(target=grow, args=(theirs, place, limits), daemon=True)
        await asyncio.to_thread(process.start)
        theirs.close()
        stem = cls(ours, await Line.over(ours))
        with ExitStack() as undo:
            undo.callback(stem.close)
            stem.root = (await stem._reply()).data()
            undo.pop_all()
        return stem

    @property
    def is_open(self) -> bool:
        """Whether it lives."""
        return self._line.is_open

    async def fork(self) -> Worker:
        """Return a new worker; raises `Fault` where the stem is dead."""
        ours, theirs = socket.socketpair()
        with ExitStack() as undo:
            undo.callback(ours.close)
            pid = int((await self._tell("fork", None, theirs)).data())
            worker = Worker(self, pid, await Line.over(ours), ours)
            undo.pop_all()
        self.workers.add(worker)
        return worker

    async def end(self, worker: Worker) -> None:
        """End a worker, whatever it does; the last one of an old generation takes its stem along."""
        worker.line.close()
        if worker in self.workers:
            self.workers.discard(worker)
            with suppress(Fault):
                await self._tell("end", worker.pid)
        self.retire_if_done()

    async def update(self, change: Change, seconds: float, *, is_on_disk: bool) -> Stem:
        """Return the stem of the changed facts; raises `Fault`, and then nothing has changed."""
        ours, theirs = socket.socketpair()
        with ExitStack() as undo:
            undo.callback(ours.close)
            pid = int((await self._tell("update", change.as_dict(), theirs)).data())
            child = Stem(ours, await Line.over(ours))
            undo.pop_all()
        child.root = self.root
        is_kept = False
        try:
            async with asyncio.timeout(seconds):
                await child._reply()
            is_kept = not is_on_disk
        except TimeoutError as error:
            raise Fault(504, f"The update was stopped after {seconds:g} seconds.") from error
        finally:
            await self._tell("release" if is_kept else "end", pid)
            if not is_kept:
                child.close()
        return child if is_kept else self

    def retire_if_done(self) -> None:
        """Hang up on a stem of an old generation that has no workers left."""
        if not self.is_current and not self.workers:
            self.close()

    def close(self) -> None:
        """Hang up: it kills its workers and ends."""
        for worker in self.workers:
            worker.line.close()
        self._line.close()

    async def _tell(self, command: str, value: object, fd: socket.socket | None = None) -> Frame:
        # An answer that nobody took would be taken for that of the next command.
        exchange = asyncio.ensure_future(self._exchange(command, value, fd))
        exchange.add_done_callback(_see)
        return await asyncio.shield(exchange)

    async def _exchange(self, command: str, value: object, fd: socket.socket | None) -> Frame:
        # Who waits may have gone, and then nobody else would close the file.
        with fd or nullcontext():
            return await self._converse(command, value, fd)

    async def _converse(self, command: str, value: object, fd: socket.socket | None) -> Frame:
        async with self._one_at_a_time:
            if not self.is_open:
                raise Fault(503, "The process that holds the facts has died; ask again.", headers=LATER)
            frame = pack_data(COMMAND, [command, value])
            if fd is not None:
                # The first bytes of a frame carry the file; one command at a time leaves room for them.
                socket.send_fds(self._control, [frame[:5]], [fd.fileno()])
                frame = frame[5:]
            self._line.send(frame)
            return await self._reply()

    async def _reply(self) -> Frame:
        await self._line.wait(None)
        frame = self._line.take()
        if frame is None:
            raise Fault(503, "The process that holds the facts has died; ask again.", headers=LATER)
        if frame.kind == FAULT:
            said = frame.data()
            raise Fault(503, said, headers=LATER) if isinstance(said, str) else Fault(*said)
        return frame


def _see(exchange: asyncio.Future[Frame]) -> None:
    """Look at how it ended: who asked may have gone, and a failure that nobody sees is printed."""
    if not exchange.cancelled():
        exchange.exception()
