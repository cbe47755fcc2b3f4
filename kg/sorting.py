"""Sorting statements that may not fit into memory: in pieces on disk, merged as they are read.

A statement is a line of N-Triples or N-Quads, as every engine writes it.
"""

from __future__ import annotations

import heapq
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from functools import partial
from itertools import groupby, islice
from operator import itemgetter
from typing import IO, TypeAlias

CHUNK = 1_000_000
"""How many lines are sorted in memory at a time, about 200 MB."""

Block: TypeAlias = tuple[bytes, Iterable[bytes]]
"""A subject, and what follows it in each of its lines, in no order, each once."""


def sort_lines(lines: Iterable[bytes], chunk: int = CHUNK, terms: int = 2) -> Iterator[bytes]:
    r"""Yield the lines in order, each once, holding at most `chunk` of them in memory.

    The first `terms` terms of a line are compared whole: `<a>` stands before `<a#b>` and `<a/b>`.

    >>> list(sort_lines([b"<b> .\n", b"<a> .\n", b"<b> .\n"], chunk=1))
    [b'<a> .\n', b'<b> .\n']
    """
    order = partial(_order, terms=terms)
    source = iter(lines)
    first = sorted(set(islice(source, chunk)), key=order)
    rest = next(source, None)
    if rest is None:
        yield from first
        return
    with ExitStack() as stack:
        pieces = [_spill(first, stack)]
        del first
        while piece := sorted({*islice(source, chunk), *([rest] if rest else [])}, key=order):
            pieces.append(_spill(piece, stack))
            rest = None
        for line, _ in groupby(heapq.merge(*pieces, key=order)):
            yield line


def gather(lines: Iterable[bytes], chunk: int = CHUNK) -> Iterator[Block]:
    r"""Yield the subjects in order, each with the rest of its lines; `chunk` lines are held in memory.

    There are fewer subjects than lines, so this is much quicker than sorting the lines.

    >>> [(s, sorted(r)) for s, r in gather([b"<b> 1\n", b"<a> 2\n", b"<b> 0\n"], chunk=2)]
    [(b'<a>', [b'2\n']), (b'<b>', [b'0\n', b'1\n'])]
    """
    source = iter(lines)
    first = _gathered(islice(source, chunk))
    following = _gathered(islice(source, chunk))
    if not following:
        yield from ((subject, set(rests)) for subject, rests in first)
        return
    with ExitStack() as stack:
        pieces = [_spill(_joined(first), stack)]
        del first
        while following:
            pieces.append(_spill(_joined(following), stack))
            following = _gathered(islice(source, chunk))
        merged = heapq.merge(*map(_read_back, pieces), key=_subject)
        for subject, group in groupby(merged, key=itemgetter(0)):
            yield subject, {rest for _, rests in group for rest in rests}


def _gathered(lines: Iterable[bytes]) -> list[tuple[bytes, list[bytes]]]:
    groups = defaultdict[bytes, list[bytes]](list)
    for line in lines:
        subject, _, rest = line.partition(b" ")
        groups[subject].append(rest)
    return sorted(groups.items(), key=_subject)


def _joined(blocks: Iterable[tuple[bytes, list[bytes]]]) -> Iterator[bytes]:
    return (b"%s %s" % (subject, rest) for subject, rests in blocks for rest in set(rests))


def _read_back(piece: IO[bytes]) -> Iterator[tuple[bytes, list[bytes]]]:
    parted = (line.partition(b" ") for line in piece)
    for subject, group in groupby(parted, key=itemgetter(0)):
        yield subject, [rest for _, _, rest in group]


def _subject(block: tuple[bytes, object]) -> bytes:
    """Sort `<a>` before `<a#b>`, as `_order` does."""
    return block[0].rstrip(b">")


def _order(line: bytes, terms: int) -> bytes:
    return line.replace(b"> ", b"\0", terms)


def _spill(lines: Iterable[bytes], stack: ExitStack) -> IO[bytes]:
    """Keep sorted lines in a temporary file that goes away with the stack."""
    file: IO[bytes] = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the stack closes it
    file.writelines(lines)
    file.seek(0)
    return file
