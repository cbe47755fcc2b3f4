"""The stem: a process that opens the facts once and of which every worker is a fork.

Workers share its memory until they write to it, and a new one is there in milliseconds, whatever the size of
the facts. An update is run in a fork too, which then becomes the new stem: it is whole or has not been.
A store on disk is opened by each worker itself, because its engine has threads, which no fork has.
"""

from __future__ import annotations

import gc
import os
import resource
import signal
import socket
import sys
from importlib import import_module
from pathlib import Path
from threading import Thread

from kg.engine.store import read_manifest
from kg.errors import KgError
from kg.graph import Graph
from kg.server.faults import Fault, fault_of
from kg.server.frames import DONE, FAULT, Wire, pack_data
from kg.server.settings import Limits, Place
from kg.server.updating import Change, update_graph, update_store
from kg.server.worker import work


def grow(control: socket.socket, place: Place, limits: Limits) -> None:
    """Open the facts, say so, and fork workers until the server hangs up."""
    # Ctrl-C reaches the whole group; the server tells its processes itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    wire = Wire(control)
    try:
        if place.store:
            read_manifest(Path(place.store))
        graph = None if place.store else place.open()
        root = place.root()
        if graph is not None:
            graph.questions()
    except (KgError, OSError) as error:
        wire.send(pack_data(FAULT, str(error)))
        return
    looking = import_module("kg.server.looking")
    import_module("kg.server.jobs")
    if graph is not None and not place.endpoint:
        # What the stem has learnt no worker has to.
        looking.learn_names(graph)
    # Objects that the collector never touches stay shared.
    gc.collect()
    gc.freeze()
    wire.send(pack_data(DONE, str(root)))
    Stem(control, place, limits, graph).run()


class Stem:
    """The process that forks."""

    def __init__(self, control: socket.socket, place: Place, limits: Limits, graph: Graph | None) -> None:
        self.control, self.wire = control, Wire(control)
        self.place, self.limits, self.graph = place, limits, graph
        self.children: set[int] = set()

    def run(self) -> None:
        """Do what the server says, one command after the other."""
        try:
            while True:
                command, value = self.wire.receive().data()
                if command == "end":
                    self._end(value)
                elif command == "release":
                    self.children.discard(value)
                    self.wire.send(pack_data(DONE, value))
                elif command == "fork":
                    self._fork_worker(self.wire.fds.pop())
                else:
                    self._fork_update(self.wire.fds.pop(), Change(**value))
        except (EOFError, BrokenPipeError, ConnectionResetError):
            for pid in list(self.children):
                self._end(pid, is_told=False)

    def _end(self, pid: int, *, is_told: bool = True) -> None:
        """Kill a fork and wait for it; until then its number belongs to nobody else."""
        if pid in self.children:
            self.children.discard(pid)
            os.kill(pid, signal.SIGKILL)
            # A stopped process dies of SIGKILL as well.
            os.waitpid(pid, 0)
        if is_told:
            self.wire.send(pack_data(DONE, pid))

    def _fork_worker(self, fd: int) -> None:
        pid = os.fork()
        if pid == 0:
            self.control.close()
            _bound(self.limits.memory_bytes)
            # A thread gets a heap of its own; the forked one is full of holes, and shared until written to.
            working = Thread(target=self._work, args=(fd,))
            working.start()
            working.join()
            os._exit(0)
        os.close(fd)
        self.children.add(pid)
        self.wire.send(pack_data(DONE, pid))

    def _work(self, fd: int) -> None:
        work(Wire(socket.socket(fileno=fd)), self._opened(), self.limits)

    def _opened(self) -> Graph | Fault:
        if self.graph is not None:
            return self.graph
        try:
            return self.place.open()
        except KgError as error:
            return Fault(503, str(error), headers={"Retry-After": "5"})

    def _fork_update(self, fd: int, change: Change) -> None:
        pid = os.fork()
        if pid:
            os.close(fd)
            self.children.add(pid)
            self.wire.send(pack_data(DONE, pid))
            return
        self.control.close()
        self.control = socket.socket(fileno=fd)
        self.wire, self.children = Wire(self.control), set()
        try:
            if self.graph is None:
                update_store(Path(str(self.place.store)), self.place.project().prefixes, change)
            else:
                update_graph(self.graph, change)
                import_module("kg.server.looking").learn_names(self.graph)
        except KgError as error:
            fault = fault_of(error)
            self.wire.send(pack_data(FAULT, [fault.status, fault.message, fault.line, fault.column]))
            os._exit(0)
        self.wire.send(pack_data(DONE, ""))
        self.run()
        os._exit(0)


def _bound(extra: int) -> None:
    """Let this process take so much memory and no more, and leave no dump where it fails."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        most = pages * resource.getpagesize() + extra
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
