"""Opening files of facts that may be compressed, by the ending after their format's: `.gz .bz2 .xz .zst`."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from kg.errors import InputError

MODULES: Mapping[str, tuple[str, ...]] = {
    ".gz": ("gzip",),
    ".bz2": ("bz2",),
    ".xz": ("lzma",),
    # Zstandard is in Python's own library from 3.14 on.
    ".zst": ("compression.zstd", "backports.zstd"),
}
"""What opens each ending, the first that is installed; imported when needed, for a quick start."""


def format_ending(path: Path) -> str:
    """Return the ending that names a file's format, that of its compression taken off.

    >>> format_ending(Path("letters.nq.gz")), format_ending(Path("letters.trig"))
    ('.nq', '.trig')
    """
    return (Path(path.stem) if path.suffix.lower() in MODULES else path).suffix


class Source:
    """A file being read, decompressed, that knows how far it has come; to be used in a `with` block.

    Reading raises `InputError` for a compressed file that is cut or damaged.
    """

    def __init__(self, path: Path, called: str | None = None) -> None:
        self._called = called or str(path)
        self._size = max(path.stat().st_size, 1)
        module = _module(path) if path.suffix.lower() in MODULES else None
        self._file = path.open("rb", buffering=1 << 20)
        self._stream: IO[bytes] = module.open(self._file) if module else self._file
        self._errors = _errors() if module else ()
        self._is_new = True

    def __enter__(self) -> Source:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()
        self._file.close()

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        try:
            data = self._stream.read(size)
        except self._errors as error:
            raise InputError(
                f"{self._called} is cut or damaged ({error}); get it again. Nothing of it was loaded."
            ) from error
        if self._is_new:
            self._is_new = False
            # Some editors put a mark before a text, which no format of RDF knows.
            data = data.removeprefix(BOM_UTF8)
        return data

    @property
    def fraction(self) -> float:
        """How much of the file has been read, between 0 and 1."""
        return 1.0 if self._file.closed else min(self._file.tell() / self._size, 1.0)


def _module(path: Path) -> Any:
    for name in MODULES[path.suffix.lower()]:
        try:
            return import_module(name)
        except ImportError:
            continue
    raise InputError(
        f"{path} wants a package that is not installed; install it with: pip install 'kg-footnote[zstd]'"
    )


def _errors() -> tuple[type[Exception], ...]:
    """What the decompressors raise for a file that is cut or damaged."""
    import lzma
    import zlib

    found: list[type[Exception]] = [EOFError, OSError, zlib.error, lzma.LZMAError]
    for name in MODULES[".zst"]:
        try:
            found.append(import_module(name).ZstdError)
        except ImportError:
            continue
    return tuple(found)
