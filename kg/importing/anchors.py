"""Anchors: where the sentences of a text stand, and where a quotation stands now if the text has changed.

Offsets are 0-based, half-open, in code points, as Web Annotation's text position selector wants them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

CONTEXT = 32
"""How many characters before and after a quotation are kept beside it."""
_PARAGRAPH = re.compile(r"\n[^\S\n]*\n\s*")


@dataclass(frozen=True, slots=True)
class Anchor:
    """A stretch of a text: its offsets, its words, and the words around it."""

    start: int
    end: int
    exact: str
    prefix: str
    suffix: str


def anchor(text: str, start: int, end: int) -> Anchor:
    """Mark a stretch of a text; raises `ValueError` for offsets beyond it.

    >>> anchor("One. Two.", 5, 9)
    Anchor(start=5, end=9, exact='Two.', prefix='One. ', suffix='')
    """
    if not 0 <= start <= end <= len(text):
        raise ValueError(f"The offsets {start} to {end} lie outside a text of {len(text)} characters.")
    return Anchor(
        start, end, text[start:end], text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT]
    )


def sentences(text: str, language: str = "en") -> Iterator[Anchor]:
    """Yield the sentences of a text in order, without the white space around them.

    An empty line ends a paragraph; in a text without any, every line end does.
    """
    from sentencex import get_sentence_boundaries

    for start, end in _blocks(text):
        for found in get_sentence_boundaries(language, text[start:end]):
            words = text[start + found["start_index"] : start + found["end_index"]]
            left = start + found["start_index"] + len(words) - len(words.lstrip())
            right = start + found["end_index"] - len(words) + len(words.rstrip())
            if left < right:
                yield anchor(text, left, right)


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Yield the paragraphs of a text."""
    at = 0
    breaks = list((_PARAGRAPH if _PARAGRAPH.search(text) else re.compile(r"\n")).finditer(text))
    for found in breaks:
        yield at, found.start()
        at = found.end()
    yield at, len(text)


def find_again(text: str, old: Anchor) -> Anchor | None:
    """Find a quotation in a changed text; of several places the one whose context fits best.

    White space may have changed; other changes to the words make it another quotation, and the answer None.

    >>> find_again("Zero. One. Two.", Anchor(0, 4, "One.", "", " Two."))
    Anchor(start=6, end=10, exact='One.', prefix='Zero. ', suffix=' Two.')
    """
    if text[old.start : old.end] == old.exact and text[: old.start].endswith(old.prefix):
        return anchor(text, old.start, old.end)
    words = old.exact.split()
    if not words:
        return None
    pattern = re.compile(r"\s+".join(map(re.escape, words)))
    places = [match.span() for match in pattern.finditer(text)]
    if not places:
        return None
    start, end = max(places, key=lambda place: (_fit(text, place, old), -abs(place[0] - old.start)))
    return anchor(text, start, end)


def _fit(text: str, place: tuple[int, int], old: Anchor) -> int:
    """Count how many characters of the old context stand around a place."""
    before = zip(reversed(text[max(0, place[0] - CONTEXT) : place[0]]), reversed(old.prefix), strict=False)
    after = zip(text[place[1] : place[1] + CONTEXT], old.suffix, strict=False)
    return _common(before) + _common(after)


def _common(pairs: Iterable[tuple[str, str]]) -> int:
    count = 0
    for a, b in pairs:
        if a != b:
            break
        count += 1
    return count
