"""Dates keep the precision that the source gives, and know which days they allow."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.dates import Span, parse


def span(text: str) -> Span:
    found = parse(text)
    assert found is not None, text
    return found


@pytest.mark.parametrize(
    ("text", "kind", "earliest", "latest"),
    [
        ("1938-03-15", "date", "1938-03-15", "1938-03-15"),
        ("1988-02", "gYearMonth", "1988-02-01", "1988-02-29"),
        ("1940", "gYear", "1940-01-01", "1940-12-31"),
        ("1937/1938", "edtf", "1937-01-01", "1938-12-31"),
        ("1956-02-24/1956-02-25", "edtf", "1956-02-24", "1956-02-25"),
        ("1889 or 1890", "edtf", "1889-01-01", "1890-12-31"),
        ("from 1957", "edtf", "1957-01-01", "9999-12-31"),
        ("1886-05-01 (as printed)", "date", "1886-05-01", "1886-05-01"),
    ],
)
def test_a_date_is_read_at_its_precision(text: str, kind: str, earliest: str, latest: str) -> None:
    found = span(text)
    assert (found.kind, found.earliest.isoformat(), found.latest.isoformat()) == (kind, earliest, latest)


@pytest.mark.parametrize("text", ["soon after", "1938-13", "1938-02-30", "1940/1930", "", "19", "12:10"])
def test_what_is_no_date_is_not_read_as_one(text: str) -> None:
    assert parse(text) is None


@given(st.dates(min_value=date(1000, 1, 1)))
def test_a_day_lies_within_its_month_and_its_year(day: date) -> None:
    for coarser in (day.isoformat()[:7], day.isoformat()[:4]):
        assert span(coarser).overlaps(span(day.isoformat()))
