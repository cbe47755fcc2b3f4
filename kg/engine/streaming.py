"""The body of a service's answer, read as it comes; whatever breaks it off becomes one sentence."""

from __future__ import annotations

import http.client
import io
import zlib
from codecs import BOM_UTF8
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from email.message import Message
from itertools import chain, islice
from typing import BinaryIO

from kg.errors import EngineError

FIRST = 1 << 20
"""The bytes that are read before anything is used: a shorter answer is used whole or not at all."""
_BLOCK, _TAIL = 1 << 16, 64
_LONGEST_WORD = 1 << 24
_ANY_HEADER = zlib.MAX_WBITS | 32


@dataclass(frozen=True, slots=True)
class Rewrite:
    """What to say in other words, and what words begin with: an answer may be cut before it."""

    words: Callable[[bytes], bytes]
    before: bytes


class UnreachableError(EngineError):
    """The service could not be reached, or broke off."""


class SilentError(EngineError):
    """The service was reached, and did not finish its answer; `how` says why we think so."""

    def __init__(self, message: str, how: str) -> None:
        self.how = how
        super().__init__(message)


class BrokenError(SilentError, UnreachableError):
    """It broke off."""


class Body:
    """The bytes of an answer: the first ones are here, those that follow are never held as a whole.

    Raises `UnreachableError` for a connection that breaks, `EngineError` for a service that stops to speak.
    """

    def __init__(self, url: str, reply: http.client.HTTPResponse, timeout: float) -> None:
        self.url = url
        self._rest = _blocks(url, reply, timeout)
        first = list(islice(self._rest, FIRST // _BLOCK))
        self.is_whole = len(first) < FIRST // _BLOCK
        # Some services put a mark before a text, which no format of RDF knows.
        self.first = b"".join(first).removeprefix(BOM_UTF8)

    def close(self) -> None:
        """Let go of the connection, of an answer that nobody will read to its end."""
        self._rest.close()

    def file(self, ends: tuple[bytes, ...], rewrite: Rewrite) -> BinaryIO:
        """Return a file to parse, once, that must end in one of `ends`: no parser sees missing lines.

        `rewrite` says in other words what a parser would not understand. An answer that is here as a whole is
        checked at once, a longer one where it ends: both raise `EngineError`.
        """
        parts = rewritten(self._ending(chain([self.first], self._rest), ends), rewrite)
        return io.BytesIO(b"".join(parts)) if self.is_whole else as_file(parts)

    def _ending(self, parts: Iterable[bytes], ends: tuple[bytes, ...]) -> Iterable[bytes]:
        tail = b""
        for part in parts:
            tail = (tail + part)[-_TAIL:]
            yield part
        if not tail.strip() and b"" not in ends:
            raise EngineError(f"{self.url} answered nothing at all; is this the endpoint itself?")
        if not b"".join(tail.split()).endswith(ends):
            raise unfinished(self.url)


def as_file(parts: Iterable[bytes]) -> BinaryIO:
    """Return a file made of parts that come one by one."""
    return io.BufferedReader(_File(parts), _BLOCK)


class _File(io.RawIOBase):
    """A file made of parts that come one by one."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        super().__init__()
        self._parts, self._left = iter(parts), b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # what BufferedReader gives
        while not self._left:
            part = next(self._parts, None)
            if part is None:
                return 0
            self._left = part
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size


def _blocks(url: str, reply: http.client.HTTPResponse, timeout: float) -> Generator[bytes, None, None]:
    """Yield what comes, unpacked where a service packs it unasked; raises what `Body` raises."""
    unpacker = _unpacker(url, reply.headers)
    with reply:
        try:
            while block := reply.read(_BLOCK):
                yield unpacker.decompress(block) if unpacker else block
        except TimeoutError as error:
            raise late(url, timeout) from error
        except (http.client.HTTPException, zlib.error, OSError) as error:
            raise broken(url, type(error).__name__) from error
        if reply.length:
            raise broken(url, f"{reply.length} bytes are missing")
        if unpacker and not unpacker.eof:
            raise broken(url, "it is packed, and the end is missing")


def _unpacker(url: str, headers: Message) -> zlib._Decompress | None:
    kind = headers.get("Content-Encoding", "").lower()
    if kind in {"gzip", "x-gzip", "deflate"}:
        return zlib.decompressobj(_ANY_HEADER)
    if kind in {"", "identity"}:
        return None
    raise EngineError(f"{url} packs its answer unasked, as {kind}, which kg cannot unpack.")


def unpacked(headers: Message, said: bytes) -> str:
    """Return the words with which a service refuses; they may be packed, and cut."""
    with suppress(EngineError, zlib.error):
        if unpacker := _unpacker("", headers):
            said = unpacker.decompress(said)
    return said.decode(errors="replace")


def unfinished(url: str) -> EngineError:
    """Return the error for an answer that ends where none can end."""
    return EngineError(
        f"The answer of {url} ends in the middle; do not use what came of it. Try again, or ask "
        "for less at a time with LIMIT."
    )


def late(url: str, timeout: float) -> SilentError:
    """Return the error for a service that keeps one waiting."""
    how = f"did not answer within {timeout:g} seconds"
    return SilentError(f"{url} {how}; allow it more with --timeout, or ask for less with LIMIT.", how)


def broken(url: str, how: str) -> BrokenError:
    """Return the error for a service that breaks off."""
    return BrokenError(
        f"{url} broke off in the middle of its answer ({how}); do not use what came of it. "
        "Try again, or ask for less at a time with LIMIT.",
        how,
    )


def rewritten(parts: Iterable[bytes], rewrite: Rewrite) -> Iterator[bytes]:
    """Rewrite words, also where a part ends within one.

    >>> words = Rewrite(lambda text: text.replace(b"name", b"other"), b"<")
    >>> b"".join(rewritten([b"<na", b"me><name>"], words))
    b'<other><other>'
    """
    left = b""
    for part in parts:
        text = left + part
        at = text.rfind(rewrite.before)
        if at < 0 and len(text) > _LONGEST_WORD:
            at = len(text)
        at = max(at, 0)
        yield rewrite.words(text[:at])
        left = text[at:]
    yield rewrite.words(left)
