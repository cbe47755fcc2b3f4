"""What the functions of a mapping make of a cell: literals in N-Triples, and what comes with them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache

from kg import dates
from kg.vocab import PREFIXES

KG, XSD = PREFIXES["kg"], PREFIXES["xsd"]
_ESCAPES = str.maketrans(
    {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
)
_NUMBER = re.compile(r"-?\d{1,3}(?:,\d{3})+|-?\d+")
_LIST = re.compile(r",\s*(?:and\s+)?|\s+and\s+")
_FORBIDDEN = re.compile(r'[\x00-\x20<>"{}|^`\\]')

Pairs = Iterator[tuple[str, str]]
"""Predicates and objects of statements, as N-Triples writes them."""


@lru_cache(maxsize=1 << 17)
def slug(text: str) -> str:
    """Make a short name: small letters and digits of any script, without accents, joined by hyphens.

    >>> slug("Fayzulla Khodzhayev"), slug("Ramón Mercader"), slug("Бухарин, Н. И.")
    ('fayzulla-khodzhayev', 'ramon-mercader', 'бухарин-н-и')
    """
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return re.sub(r"[\W_]+", "-", bare.lower()).strip("-") or "unnamed"


def literal(text: str, suffix: str = "") -> str:
    """Write a literal; `suffix` is its language tag or its datatype with the sign before it."""
    return f'"{text.translate(_ESCAPES)}"{suffix}'


def typed(text: str, kind: str) -> str:
    """Write a literal of an XSD type, or of EDTF."""
    return literal(text, f"^^<{KG if kind == 'edtf' else XSD}{kind}>")


def split_list(text: str) -> list[str]:
    """Split an enumeration.

    >>> split_list("threats, beatings and torture")
    ['threats', 'beatings', 'torture']
    """
    return [part for part in _LIST.split(text) if part]


def _date(predicate: str, text: str) -> Pairs:
    """A date with the days that it allows; what is none stays as the source's words."""
    span = dates.parse(text)
    if span is None:
        yield f"<{KG}version>", literal(text, "@en")
        return
    yield predicate, typed(span.text, span.kind)
    if predicate == f"<{KG}date>":
        yield f"<{KG}earliest>", typed(span.earliest.isoformat(), "date")
        yield f"<{KG}latest>", typed(span.latest.isoformat(), "date")


def _ends(text: str) -> tuple[str, str] | None:
    """Return the two ends of an interval, at their own precision."""
    span = dates.parse(text)
    if span is None or "/" not in span.text:
        return None
    first, _, last = span.text.partition("/")
    return first, last


def _span(_: str, text: str) -> Pairs:
    for name, end in zip(("start", "end"), _ends(text) or (), strict=False):
        if end != "..":
            yield from _date(f"<{KG}{name}>", end)


def _first(predicate: str, text: str) -> Pairs:
    yield from _date(predicate, (_ends(text) or (text,))[0])


def _last(predicate: str, text: str) -> Pairs:
    yield from _date(predicate, (_ends(text) or (text,))[-1])


def _number(predicate: str, text: str) -> Pairs:
    """A whole number; words that only contain one give none."""
    if _NUMBER.fullmatch(text):
        yield predicate, typed(text.replace(",", ""), "integer")


def _otherwise(predicate: str, text: str) -> Pairs:
    """The words, where there is no number for `_number`."""
    if not _NUMBER.fullmatch(text):
        yield predicate, literal(text, "@en")


def _exactness(predicate: str, text: str) -> Pairs:
    low = text.lower()
    name = "AtLeast" if low.startswith(("more than", "over", "at least")) else "Indefinite"
    yield predicate, f"<{KG}{'Exact' if _NUMBER.fullmatch(text) else name}>"


def _iri(predicate: str, text: str) -> Pairs:
    if not _FORBIDDEN.search(text) and ":" in text:
        yield predicate, f"<{text}>"


VALUES: dict[str, Callable[[str, str], Pairs]] = {
    "words": lambda predicate, text: iter([(predicate, literal(text, "@en"))]),
    "text": lambda predicate, text: iter([(predicate, literal(text))]),
    "date": _date,
    "first": _first,
    "last": _last,
    "span": _span,
    "number": _number,
    "otherwise": _otherwise,
    "exactness": _exactness,
    "iri": _iri,
}
"""Each function of a mapping: predicate and filled text to predicates and objects."""
