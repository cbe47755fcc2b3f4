"""Ordering Turtle: what the engine writes fast but in its own order, put in the order of our writer.

An engine writes all statements of a subject together. Their lines are only put in order, never read, unless
a block holds something that our writer would write in another way; then the writer writes it.
"""

from __future__ import annotations

import heapq
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from contextlib import ExitStack
from itertools import groupby
from operator import itemgetter
from typing import IO, TypeAlias

import pyoxigraph as ox

from kg.collecting import no_collection
from kg.turtle import Remembered, Writer

PIECE = 64 << 20
"""How many bytes are put in order in memory at a time; several times as many are in use."""
_BLOCK = 1 << 20
"""How many bytes of each ordered piece are in memory while pieces are merged."""
_END, _NEXT = " .\n", " ;\n\t"
_LITERAL = r'"(?:[^"\\]|\\.)*"(?:@[\w-]+|\^\^\S+)?'
_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"')
_OBJECTS = re.compile(_LITERAL + r"|[^\s,]\S*")

Group: TypeAlias = tuple[str, str, list[str]]
"""What a subject is ordered by, the subject as it is written, and the rest of each of its blocks."""


def can_order(prefixes: Mapping[str, str]) -> bool:
    """Whether the engine shortens IRIs as our writer does: no two namespaces compete for one."""
    bases = list(prefixes.values())
    return len(set(bases)) == len(bases) and all(base[-1:] in {"/", "#"} for base in bases)


def ordered(store: ox.Store, writer: Writer, hidden: Set[bytes] = frozenset()) -> Iterator[str]:
    """Yield the default graph's statements, one subject after the other, without the `hidden` lines."""
    make = _Block(writer, hidden)
    with ExitStack() as stack:
        file = stack.enter_context(tempfile.TemporaryFile())
        store.dump(file, ox.RdfFormat.TURTLE, prefixes=writer.prefixes, from_graph=ox.DefaultGraph())
        file.seek(0)
        pieces = (_gathered(blocks, writer) for blocks in _pieces(file, PIECE))
        found: Iterable[Group] = next(pieces, [])
        if (following := next(pieces, None)) is not None:
            spilled = [_spill(found, stack), _spill(following, stack)]
            del found, following
            spilled += [_spill(piece, stack) for piece in pieces]
            found = _merged([_read_back(piece, writer) for piece in spilled])
        for _, subject, blocks in found:
            if text := make(subject, blocks):
                yield text


def _pieces(file: IO[bytes], size: int) -> Iterator[list[str]]:
    """Cut Turtle as the engine writes it into lists of blocks, each block whole, its end taken off."""
    rest, mark = b"", _END.encode()
    while data := file.read(size):
        data = rest + data
        end = max(data.rfind(mark), 0)
        blocks = str(memoryview(data)[:end], "utf-8").split(_END)
        rest = data[end + len(mark) :] if end else data
        yield [block for block in blocks if block and not block.startswith("@prefix ")]


def _gathered(blocks: list[str], writer: Writer) -> list[Group]:
    """Gather the blocks of each subject, which an engine in memory may scatter, and order them."""
    groups = defaultdict[str, list[str]](list)
    with no_collection():
        for block in blocks:
            subject, _, rest = block.partition(" ")
            groups[subject].append(rest)
        return sorted((_key(subject, writer), subject, rests) for subject, rests in groups.items())


def _key(subject: str, writer: Writer) -> str:
    """Return what a subject is ordered by: its IRI, not as Turtle escapes it."""
    return writer.expand(subject).rstrip(">").replace("\\", "")


def _merged(pieces: list[Iterator[Group]]) -> Iterator[Group]:
    for (key, subject), groups in groupby(heapq.merge(*pieces), key=itemgetter(0, 1)):
        yield key, subject, [rest for _, _, rests in groups for rest in rests]


class _Block:
    """Writes the blocks of one subject as our writer does."""

    def __init__(self, writer: Writer, hidden: Set[bytes]) -> None:
        self._writer = writer
        self._header = writer.header()
        self._hidden = {line.decode()[:-3] for line in hidden}
        self._apart = {line.split(" ", 1)[0] for line in self._hidden}
        self._ranks = Remembered(lambda verb: writer.rank(writer.expand(verb)))

    def __call__(self, subject: str, blocks: list[str]) -> str:
        """Return one block; empty where all of it is hidden."""
        if not _is_plain(subject, blocks) or (self._apart and self._writer.expand(subject) in self._apart):
            return self._rewritten(subject, blocks)
        lines = blocks[0].split(_NEXT) if len(blocks) == 1 else _combined(blocks)
        found, ranks = {}, self._ranks
        for line in lines:
            verb = line[: line.find(" ")]
            found[ranks[verb]] = _sorted(verb, line) if " , " in line else line
        return f"{subject} " + " ;\n    ".join([found[rank] for rank in sorted(found)]) + _END

    def _rewritten(self, subject: str, blocks: list[str]) -> str:
        """Read the blocks and write them anew."""
        text = self._header + "".join(f"{subject} {block}{_END}" for block in blocks)
        quads = ox.parse(text, format=ox.RdfFormat.TURTLE, rename_blank_nodes=False)
        lines = (ox.serialize(quads, format=ox.RdfFormat.N_TRIPLES) or b"").decode().split(_END)[:-1]
        kept = [line.split(" ", 2) for line in lines if line not in self._hidden]
        return self._writer.block(kept[0][0], (triple[1:] for triple in kept)) if kept else ""


def _combined(blocks: list[str]) -> list[str]:
    """Gather the objects of each predicate from several blocks of one subject."""
    objects = defaultdict[str, list[str]](list)
    for block in blocks:
        for line in block.split(_NEXT):
            verb, _, targets = line.partition(" ")
            objects[verb].append(targets)
    return [f"{verb} {' , '.join(targets)}" for verb, targets in objects.items()]


def _sorted(verb: str, line: str) -> str:
    """Return a predicate with its objects in order."""
    return f"{verb} {', '.join(sorted(_objects(line[len(verb) + 1 :])))}"


def _objects(targets: str) -> list[str]:
    return _OBJECTS.findall(targets) if '"' in targets else targets.split(" , ")


def _is_plain(subject: str, blocks: list[str]) -> bool:
    """Whether nothing outside of quotation marks is escaped, spelled beyond ASCII, or a statement itself."""
    for text in (subject, *blocks):
        # One character is found sooner than three.
        if text.isascii() and "\\" not in text and ("(" not in text or "<<(" not in text):
            continue
        bare = _STRINGS.sub("", text)
        if "\\" in bare or "<<(" in bare or not bare.isascii():
            return False
    return True


def _spill(groups: Iterable[Group], stack: ExitStack) -> IO[bytes]:
    """Keep ordered blocks in a temporary file that goes away with the stack."""
    file: IO[bytes] = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the stack closes it
    file.writelines(f"{subject} {rest}{_END}".encode() for _, subject, rests in groups for rest in rests)
    file.seek(0)
    return file


def _read_back(file: IO[bytes], writer: Writer) -> Iterator[Group]:
    """Yield the blocks of a temporary file."""
    for blocks in _pieces(file, _BLOCK):
        for block in blocks:
            subject, _, rest = block.partition(" ")
            yield _key(subject, writer), subject, [rest]
