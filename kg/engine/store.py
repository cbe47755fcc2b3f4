"""A store on disk that many read while one writes, and that a crash leaves as it was before or after a file.

An Oxigraph database must not be opened for reading while another process writes it, so what readers see is
never written: a writer works on a clone of the current generation (hard links to RocksDB's immutable files,
so it costs next to nothing) and makes it current in one rename. A folder holds:

    manifest.json     which generation is current, and which files have been loaded into it
    data/000007/      a generation: one Oxigraph database
    data/000007.sums  sums of its files, by which damage is found
    data/000007.use   locked by everybody who reads it, so that it is removed only when nobody does
    lock              locked by the writer, and says who it is
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socket
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import mkdtemp

import pyoxigraph as ox

from kg.engine.embedded import Embedded
from kg.engine.folders import (
    damaged,
    engine_errors,
    generation,
    is_ours,
    may_be_a_store,
    name_of,
    reading,
    sync_folder,
    try_lock,
)
from kg.engine.sums import write_sums
from kg.errors import InputError
from kg.files import replacing

VERSION = 1


@dataclass(frozen=True, slots=True)
class Loaded:
    """A file that a store holds: its name, the hash of its content, and the statements read from it."""

    name: str
    sha256: str
    statements: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a store says of itself."""

    generation: int = 0
    files: tuple[Loaded, ...] = ()
    version: int = VERSION

    def has(self, sha256: str) -> bool:
        """Whether a file with this content has been loaded."""
        return any(file.sha256 == sha256 for file in self.files)


class OnDisk(Embedded):
    """The current generation of a store, opened for reading; it stays as it is while others write."""

    # On disk statements stand in the order of hashes of their terms, however they came there.
    has_order = True

    def __init__(
        self, folder: Path, prefixes: Mapping[str, str] | None = None, *, allow_service: bool = False
    ) -> None:
        store, place, lease = _open_current(folder)
        # Closing the file gives the shared lock back.
        weakref.finalize(self, os.close, lease)
        super().__init__(store, prefixes, allow_service=allow_service)
        self.folder, self.place = folder, place

    def scratch(self) -> Embedded:
        """Return a copy to be changed at will, gone when nobody has it: hard links, made at once.

        Where the store's folder must not be written, it is a true copy in the folder for temporary files.
        """
        data = self.folder / "data"
        place = Path(mkdtemp(prefix="scratch-", dir=data if os.access(data, os.W_OK) else None))
        place.rmdir()
        lease = os.open(place.with_suffix(".use"), os.O_RDWR | os.O_CREAT, 0o666)
        fcntl.flock(lease, fcntl.LOCK_SH)
        with engine_errors(self.folder):
            self.store.backup(str(place))
            store = ox.Store(str(place))
        copy = Scratch(store, self.prefixes, allow_service=self.allow_service, is_copy=True)
        weakref.finalize(copy, _discard, store, place, lease)
        return copy


class Scratch(Embedded):
    """A copy of a store on disk; `OnDisk.scratch` makes it."""

    has_order = True


@dataclass(slots=True)
class Writer:
    """The one who may change a store; made by `writing`."""

    folder: Path
    manifest: Manifest = field(default_factory=Manifest)

    def change(self, work: Callable[[ox.Store], Sequence[Loaded]]) -> None:
        """Do some work on a clone of the current generation, then make it current.

        The work returns the records of the files that it added; where it fails, the store is as it was.
        """
        number = self.manifest.generation + 1
        place = generation(self.folder, number)
        with ExitStack() as undo:
            undo.callback(shutil.rmtree, place, ignore_errors=True)
            with engine_errors(self.folder):
                files = self._work_on_clone(place, work)
                write_sums(place, generation(self.folder, self.manifest.generation))
            undo.pop_all()
        self.commit(Manifest(number, (*self.manifest.files, *files)))

    def _work_on_clone(self, place: Path, work: Callable[[ox.Store], Sequence[Loaded]]) -> Sequence[Loaded]:
        """Work on a database that is closed on return, as a database is when its last name is gone."""
        if self.manifest.generation:
            ox.Store.read_only(str(generation(self.folder, self.manifest.generation))).backup(str(place))
        store = ox.Store(str(place))
        files = work(store)
        store.flush()
        return files

    def commit(self, manifest: Manifest) -> None:
        """Make the generation current that a manifest names; it stands in its place already."""
        # Whoever may only read can lock this, but not make it.
        generation(self.folder, manifest.generation).with_suffix(".use").touch()
        with replacing(self.folder / "manifest.json") as output:
            output.write(json.dumps(asdict(manifest), indent=2, ensure_ascii=False).encode())
            output.flush()
            os.fsync(output.fileno())
        sync_folder(self.folder)
        self.manifest = manifest
        self.sweep()

    def sweep(self) -> None:
        """Remove generations that are not current and that nobody reads: old ones, and what a crash left."""
        for place in (self.folder / "data").iterdir():
            if place.is_dir() and is_ours(place) and place.name != name_of(self.manifest.generation):
                use = place.with_suffix(".use")
                with use.open("a") as file:
                    if try_lock(file, fcntl.LOCK_EX):
                        shutil.rmtree(place)
                        place.with_suffix(".sums").unlink(missing_ok=True)
                        use.unlink()


@contextmanager
def writing(folder: Path, *, must_exist: bool = False) -> Iterator[Writer]:
    """Become the writer of a store, which is made if there is none.

    With `must_exist` none is made. Raises `InputError` where the folder is something else, or another process
    is writing: it says which.
    """
    if must_exist:
        read_manifest(folder)
    elif folder.is_dir() and not may_be_a_store(folder):
        raise InputError(f"{folder} is no store of kg and not empty; name another place.")
    try:
        (folder / "data").mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("a+", encoding="utf-8")
    except OSError as error:
        raise InputError(f"{folder} cannot be a store: {error.strerror}; name another place.") from error
    with lock:
        if not try_lock(lock, fcntl.LOCK_EX):
            lock.seek(0)
            who = lock.read().strip() or "another process"
            raise InputError(f"{folder} is being written by {who}; wait until it is done.")
        lock.truncate(0)
        lock.write(f"process {os.getpid()} on {socket.gethostname()}\n")
        lock.flush()
        writer = Writer(folder, read_manifest(folder) if (folder / "manifest.json").exists() else Manifest())
        writer.sweep()
        yield writer


def read_manifest(folder: Path) -> Manifest:
    """Return what a store says of itself.

    Raises `InputError` for a folder that is no store, `EngineError` where what it says cannot be read.
    """
    try:
        found = json.loads((folder / "manifest.json").read_bytes())
        files = tuple(Loaded(**file) for file in found["files"])
        manifest = Manifest(int(found["generation"]), files, int(found["version"]))
    except OSError as error:
        raise InputError(
            f"{folder} is no store of kg; make one with: kg load FILE --store {folder}"
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise damaged(folder, "its manifest.json is not as kg writes it") from error
    if manifest.version != VERSION:
        raise InputError(f"{folder} was made by another version of kg; load its files again with this one.")
    return manifest


def backup(folder: Path, target: Path) -> None:
    """Copy the current generation to a new store; raises `InputError` where something is in its place."""
    if target.exists():
        raise InputError(f"{target} exists; name a new folder for the backup.")
    engine, manifest = OnDisk(folder), read_manifest(folder)
    with ExitStack() as undo, writing(target) as writer:
        undo.callback(shutil.rmtree, target, ignore_errors=True)
        with engine_errors(target):
            place = generation(target, 1)
            engine.store.backup(str(place))
            write_sums(place, place)
        writer.commit(Manifest(1, manifest.files))
        undo.pop_all()


def _open_current(folder: Path) -> tuple[ox.Store, Path, int]:
    while True:
        number = read_manifest(folder).generation
        place = generation(folder, number)
        with ExitStack() as undo:
            lease = reading(place)
            undo.callback(os.close, lease)
            is_there = place.is_dir()
            # A writer may have gone on in between, and removed what we were about to open.
            if read_manifest(folder).generation == number:
                if not is_there:
                    raise damaged(folder, f"{place} is missing")
                with engine_errors(folder):
                    store = ox.Store.read_only(str(place))
                undo.pop_all()
                return store, place, lease


def _discard(store: ox.Store, place: Path, lease: int) -> None:
    # What is not written yet would be written when the store is closed, after this.
    with suppress(OSError):
        store.flush()
    shutil.rmtree(place, ignore_errors=True)
    place.with_suffix(".use").unlink(missing_ok=True)
    os.close(lease)
