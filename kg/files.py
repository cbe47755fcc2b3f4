"""Reading text, and writing files so that a reader sees the old one or the whole new one, never a half."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import ENOSPC
from pathlib import Path
from typing import IO

from kg.errors import InputError

_MAKE_ROOM = "make room there, and for temporary files, whose folder TMPDIR names."


def read_text(path: Path) -> str:
    """Return a UTF-8 text file's text; raises `InputError` for one that cannot be read or is not text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text (byte {error.start}); save it as UTF-8.") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error


def read_code(path: Path) -> str:
    """Return the text of a file like `read_text`, without the mark that some editors put before it."""
    return read_text(path).removeprefix("\ufeff")


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Open a file beside `path` that takes its place when the block ends without an error.

    A link stays, and what it names is replaced; a device or a pipe is written to as it is.
    Raises `InputError` where the folder does not exist or cannot be written.
    """
    try:
        if path.exists() and not path.is_file():
            with path.open("wb") as file:
                yield file
        else:
            with _beside(Path(os.path.realpath(path))) as file:
                yield file
    except BrokenPipeError:
        # Who reads has read enough.
        raise
    except OSError as error:
        advice = _MAKE_ROOM if error.errno == ENOSPC else "name another place."
        raise InputError(f"{path} cannot be written: {error.strerror}; {advice}") from error


@contextmanager
def _beside(path: Path) -> Iterator[IO[bytes]]:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        Path(name).chmod(_mode(path))
        Path(name).replace(path)
    finally:
        with suppress(FileNotFoundError):
            Path(name).unlink()


def _mode(path: Path) -> int:
    """Return the old file's permissions, or those a new file would get."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
