"""Terms as people write and read them: IRIs, CURIEs and literals; pure functions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

import pyoxigraph as ox

from kg.engine import Term
from kg.vocab import PREFIXES

XSD: Final = PREFIXES["xsd"]
_LOCAL = re.compile(r"[A-Za-z0-9_](?:[\w.-]*[\w-])?")
_FORBIDDEN = re.compile(r'[\x00-\x20<>"{}|^`\\]')
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def curie(iri: str, prefixes: Mapping[str, str]) -> str:
    """Shorten an IRI by the longest matching prefix, or return it in angle brackets.

    >>> curie("https://w3id.org/kg-footnote/ontology#Trial", PREFIXES)
    'kg:Trial'
    >>> curie("http://example.org/a b", PREFIXES)
    '<http://example.org/a b>'
    """
    best = max(
        ((name, base) for name, base in prefixes.items() if iri.startswith(base)),
        key=lambda item: len(item[1]),
        default=None,
    )
    if best and _LOCAL.fullmatch(local := iri[len(best[1]) :]):
        return f"{best[0]}:{local}"
    return f"<{iri}>"


def expand(text: str, prefixes: Mapping[str, str]) -> str | None:
    """Return the IRI that a CURIE, `<IRI>` or IRI stands for, None if it is none of them.

    >>> expand("kg:Trial", PREFIXES)
    'https://w3id.org/kg-footnote/ontology#Trial'
    >>> expand("Nikolai Bukharin", PREFIXES) is None
    True
    """
    if _FORBIDDEN.search(bare := text.removeprefix("<").removesuffix(">")):
        return None
    prefix, colon, local = bare.partition(":")
    if not text.startswith("<") and colon and prefix in prefixes:
        return prefixes[prefix] + local
    return bare if colon and re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*", prefix) else None


def local_name(iri: str) -> str:
    """Return what follows the last `#` or `/` of an IRI.

    >>> local_name("https://w3id.org/kg-footnote/moscow-trials/nikolai-bukharin")
    'nikolai-bukharin'
    """
    return re.split(r"[#/]", iri.rstrip("#/"))[-1]


def readable(term: ox.Literal) -> str:
    """Return a literal as people read it: dates in words at their precision, all else as written.

    >>> readable(ox.Literal("1988-02", datatype=ox.NamedNode(XSD + "gYearMonth")))
    'February 1988'
    >>> readable(ox.Literal("1938-03-15", datatype=ox.NamedNode(XSD + "date")))
    '15 March 1938'
    >>> readable(ox.Literal("1937/1938-03-15", datatype=ox.NamedNode(PREFIXES["kg"] + "edtf")))
    '1937 to 15 March 1938'
    """
    kind = term.datatype.value.removeprefix(XSD)
    if kind in {"gYearMonth", "date"}:
        return _day_or_month(term.value)
    return _edtf(term.value) if kind == PREFIXES["kg"] + "edtf" else term.value


def _day_or_month(text: str) -> str:
    """Write a day or a month in words, anything else as it is."""
    try:
        if len(text) == 7:
            year, month = text.split("-")
            return f"{_MONTHS[int(month) - 1]} {year}"
        day = date.fromisoformat(text)
    except (ValueError, IndexError):
        return text
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _edtf(text: str) -> str:
    """Read the forms of EDTF that we write: intervals, open ends, and one of a set."""
    first, slash, last = text.partition("/")
    if slash:
        start, end = _day_or_month(first), _day_or_month(last)
        return f"until {end}" if first == ".." else f"from {start}" if last == ".." else f"{start} to {end}"
    return " or ".join(map(_day_or_month, text.strip("[]").split(",")))


def plain(term: Term | None) -> str:
    """Return a term's text without decoration, empty for None.

    >>> plain(ox.Literal("Pravda", language="en"))
    'Pravda'
    """
    if term is None:
        return ""
    if isinstance(term, ox.Triple):
        return str(term)
    return f"_:{term.value}" if isinstance(term, ox.BlankNode) else term.value


def printable(text: str) -> str:
    r"""Replace control characters, with which data could drive a terminal.

    >>> printable("\x1b[31mred")
    '�[31mred'
    """
    return _CONTROL.sub("\ufffd", text)
