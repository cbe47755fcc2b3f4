"""Dates as sources give them: from a word to a typed literal with the days that it allows.

Covers the forms of ISO 8601-1 for days, months and years, and of EDTF (ISO 8601-2) intervals, open ends,
approximate and uncertain dates and "one of a set"; in brackets behind a date may stand a remark.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

_POINT = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?([~?%]?)")
_REMARK = re.compile(r"\s*\([^)]*\)\s*$")
_YEARS = re.compile(r"(\d{4}(?:-\d{2}(?:-\d{2})?)?)\s*[-–]\s*(\d{4})")
_EITHER = re.compile(r"\[?(\d{4}(?:-\d{2})*)(?: or |,\s*)(\d{4}(?:-\d{2})*)\]?")
_SINCE = re.compile(r"(?:from|since|after)\s+(\d{4}(?:-\d{2}(?:-\d{2})?)?)")
_UNTIL = re.compile(r"(?:by|until|before)\s+(\d{4}(?:-\d{2}(?:-\d{2})?)?)")
_KINDS = ("gYear", "gYearMonth", "date")


@dataclass(frozen=True, slots=True)
class Span:
    """A date at its precision: how it is written, its datatype, its first and its last possible day."""

    text: str
    kind: str
    """`date`, `gYearMonth`, `gYear` (of XML Schema), or `edtf`."""
    earliest: date
    latest: date

    def overlaps(self, other: Span) -> bool:
        """Whether both can be true: some day is allowed by both."""
        return self.earliest <= other.latest and other.earliest <= self.latest


@lru_cache(maxsize=1 << 16)
def parse(text: str) -> Span | None:
    """Read a date; None for what is none.

    >>> parse("1988-02").latest
    datetime.date(1988, 2, 29)
    >>> parse("1937/1938").kind, parse("1889 or 1890").text, parse("1918-1924").text
    ('edtf', '[1889,1890]', '1918/1924')
    >>> parse("1935 (summer)").text, parse("soon after") is None
    ('1935', True)
    """
    text = _REMARK.sub("", text.strip())
    if match := _EITHER.fullmatch(text):
        return _pair(match[1], match[2], f"[{match[1]},{match[2]}]")
    if match := _YEARS.fullmatch(text):
        return _pair(match[1], match[2], f"{match[1]}/{match[2]}")
    if match := _SINCE.fullmatch(text):
        text = f"{match[1]}/.."
    elif match := _UNTIL.fullmatch(text):
        text = f"../{match[1]}"
    first, slash, last = text.partition("/")
    return _pair(first, last, text) if slash else _point(text)


def _point(text: str) -> Span | None:
    """Read one day, month or year, with a mark of doubt or without."""
    match = _POINT.fullmatch(text)
    if match is None:
        return None
    try:
        year, month, day = int(match[1]), int(match[2] or 0), int(match[3] or 0)
        earliest = date(year, month or 1, day or 1)
        end_day = calendar.monthrange(year, month or 12)[1]
        latest = date(year, month or 12, day or end_day)
    except ValueError:
        return None
    kind = "edtf" if match[4] else _KINDS[bool(month) + bool(day)]
    if match[4]:
        # A doubt of a year either side: wide enough not to contradict, narrow enough to sort.
        earliest, latest = earliest.replace(year=year - 1, day=1), latest.replace(year=year + 1, day=28)
    return Span(text, kind, earliest, latest)


def _pair(first: str, last: str, text: str) -> Span | None:
    """Read an interval, `..` standing for an open end."""
    start = Span("..", "edtf", date.min, date.min) if first in {"..", ""} else _point(first)
    end = Span("..", "edtf", date.max, date.max) if last in {"..", ""} else _point(last)
    if start is None or end is None or start.earliest > end.latest:
        return None
    return Span(text, "edtf", start.earliest, end.latest)
