"""Tables in a notebook: the first rows of an answer, in words, with links to what they name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

import pyoxigraph as ox

from kg.engine import Term
from kg.terms import curie, plain, readable
from kg.words import counted

SHOWN = 100
"""How many rows are shown; the rest is counted."""


def html_table(
    header: Iterable[str],
    rows: Sequence[Sequence[Term | None]],
    names: Mapping[ox.NamedNode, str],
    prefixes: Mapping[str, str],
) -> str:
    """Return rows as an HTML table, all text escaped.

    >>> html_table(["who"], [[ox.NamedNode("https://example.org/anna")]], {}, {})[:40]
    '<table><thead><tr><th>who</th></tr></the'
    """
    head = "".join(f"<th>{escape(name)}</th>" for name in header)
    body = "".join(
        f"<tr>{''.join(f'<td>{_cell(term, names, prefixes)}</td>' for term in row)}</tr>"
        for row in rows[:SHOWN]
    )
    count = f"{SHOWN} of " * (len(rows) > SHOWN) + counted(len(rows), "row")
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><p>{count}</p>"


def _cell(term: Term | None, names: Mapping[ox.NamedNode, str], prefixes: Mapping[str, str]) -> str:
    """Write one term; an IRI is a link only where it leads to the web."""
    if isinstance(term, ox.NamedNode):
        text = f"<bdi>{escape(names.get(term) or curie(term.value, prefixes))}</bdi>"
        if not term.value.startswith(("http://", "https://")):
            return text
        return f'<a href="{escape(term.value)}" rel="noopener noreferrer">{text}</a>'
    return (
        f'<span dir="auto">{escape(readable(term) if isinstance(term, ox.Literal) else plain(term))}</span>'
    )
