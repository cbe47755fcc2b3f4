"""The folder of a store: the names in it, its locks, and words for what its disk refuses."""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import ENOSPC
from pathlib import Path
from typing import IO

from kg.errors import EngineError


def generation(folder: Path, number: int) -> Path:
    """Return where a generation stands."""
    return folder / "data" / name_of(number)


def name_of(number: int) -> str:
    """Return what a generation is called."""
    return f"{number:06}"


def is_ours(place: Path) -> bool:
    """Whether something in `data` has a name that only a store gives."""
    return re.fullmatch(r"(\d{6}|scratch-\w+)(\.use|\.tmp|\.sums)?", place.name) is not None


def may_be_a_store(folder: Path) -> bool:
    """Whether a folder is a store, is empty, or holds no more than a store that a crash cut short."""
    if (folder / "manifest.json").exists():
        return True
    names = {place.name for place in folder.iterdir() if not place.name.startswith(".manifest.json.")}
    inside = list((folder / "data").glob("*"))
    return all(map(is_ours, inside)) if names == {"data", "lock"} else names <= {"data"} and not inside


def try_lock(file: IO[str], kind: int) -> bool:
    """Lock a file if nobody else holds it."""
    with suppress(BlockingIOError):
        fcntl.flock(file, kind | fcntl.LOCK_NB)
        return True
    return False


def reading(place: Path) -> int:
    """Lock a generation for reading; return the open file that holds the lock.

    Where the folder must not be written, what is there is locked.
    """
    use = place.with_suffix(".use")
    try:
        lease = os.open(use, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError:
        lease = os.open(use if use.exists() else place.parent, os.O_RDONLY)
    fcntl.flock(lease, fcntl.LOCK_SH)
    return lease


def sync_folder(folder: Path) -> None:
    """Let what a folder holds survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def engine_errors(folder: Path) -> Iterator[None]:
    """Put into words what the disk of a store refuses; raises `EngineError`."""
    try:
        yield
    except RuntimeError as error:
        if not is_damage(error):
            raise
        raise damaged(folder, str(error)) from error
    except OSError as error:
        if error.errno == ENOSPC or os.strerror(ENOSPC) in str(error):
            words = f"The disk of {folder} is full; make room and run the same command again."
        else:
            words = f"The store {folder} could not be used: {error}."
        raise EngineError(f"{words} It is as it was before.") from error


def is_damage(error: RuntimeError) -> bool:
    """Whether an error of the engine tells of files that are not as it wrote them."""
    return str(error).startswith("Corruption")


def damaged(folder: Path | str, how: str) -> EngineError:
    """Return the error for a store whose files are not as they were written."""
    return EngineError(f"{folder} is damaged ({how}); use a backup, or load its files into a new store.")
