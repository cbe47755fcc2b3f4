"""Content negotiation: which format an Accept header asks for."""

from __future__ import annotations

from functools import lru_cache

from kg.formats import Format

_ALIASES = {
    "json": ("application/json",),
    "xml": ("application/xml", "text/xml"),
    "rdfxml": ("application/xml", "text/xml"),
    "turtle": ("application/x-turtle",),
    "ntriples": ("text/plain",),
    "jsonld": ("application/json",),
}


def accepted(header: str) -> list[tuple[str, float]]:
    """Read an Accept header; what has no number for its q counts as not said.

    >>> accepted("text/csv;q=0.5, */*;q=0.1")
    [('text/csv', 0.5), ('*/*', 0.1)]
    """
    return [(name, quality) for name, quality in _weighted(header) if "/" in name]


@lru_cache(maxsize=256)
def takes_gzip(header: str) -> bool:
    """Tell whether an Accept-Encoding header welcomes gzip.

    >>> takes_gzip("deflate, gzip"), takes_gzip("gzip;q=0, *"), takes_gzip("")
    (True, False, False)
    """
    said = dict(_weighted(header))
    return said.get("gzip", said.get("*", 0.0)) > 0


def _weighted(header: str) -> list[tuple[str, float]]:
    ranges = []
    for part in header.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weight = next((p.partition("=")[2] for p in parameters if p.startswith("q=")), "1")
        try:
            quality = min(max(float(weight), 0.0), 1.0)
        except ValueError:
            continue
        ranges.append((name, quality))
    return ranges


@lru_cache(maxsize=256)
def choose(header: str | None, formats: tuple[Format, ...]) -> Format | None:
    """Return the format that is wanted most, the first where all are welcome, None where none is.

    >>> from kg.formats import RESULT_FORMATS
    >>> [choose(a, RESULT_FORMATS).name for a in (None, "text/csv", "application/xml;q=0.5,*/*;q=0.4")]
    ['json', 'csv', 'xml']
    """
    if header is None or not header.strip():
        return formats[0]
    ranges = accepted(header)
    best = max(formats, key=lambda entry: _quality(entry, ranges))
    return best if _quality(best, ranges) > 0 else None


def _quality(entry: Format, ranges: list[tuple[str, float]]) -> float:
    """The q of the most specific range that a format falls under."""
    names = (entry.media_type, *_ALIASES.get(entry.name, ()))
    patterns = [{name} for name in names] + [{name.split("/")[0] + "/*" for name in names}, {"*/*"}]
    for pattern in patterns:
        found = [quality for name, quality in ranges if name in pattern]
        if found:
            return max(found)
    return 0.0
