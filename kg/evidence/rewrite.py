"""Editing the text of a query: what is not edited stays byte for byte."""

from __future__ import annotations

from kg.evidence import tree
from kg.evidence.steps import Slot


class Edits:
    """Replacements and insertions in a text, by offset."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._edits: list[tuple[int, int, str]] = []
        self._renamed: dict[int, tuple[int, str]] = {}

    def replace(self, start: int, end: int, text: str) -> None:
        """Put a text in the place of another; edits inside it are dropped."""
        self._edits.append((start, end, text))

    def insert(self, offset: int, text: str) -> None:
        """Put a text before an offset."""
        self._edits.append((offset, offset, text))

    def rename(self, var: tree.Var, text: str) -> None:
        """Write a variable differently; a later call for the same place wins."""
        self._renamed[var.start] = (var.end, text)

    def render(self, start: int, end: int) -> str:
        """Write the text between two offsets with the edits inside it."""
        renamed = [(at, until, text) for at, (until, text) in self._renamed.items()]
        parts, position = [], start
        for at, until, text in sorted(self._edits + renamed, key=_order):
            if at < position or until > end:
                continue
            parts += [self.text[position:at], text]
            position = until
        return "".join([*parts, self.text[position:end]])


def write(slot: Slot) -> str:
    """Write a column as a variable, a constant as itself."""
    return f"?{slot}" if isinstance(slot, str) else str(slot)


def write_path(path: tree.Path) -> str:
    """Write a property path with full IRIs and all brackets.

    >>> from kg.evidence.parse import parse
    >>> write_path(parse("ASK { ?s <a:b>/^<a:c>* ?o }").select.where.elements[0].triples[0].verb)
    '(<a:b>/(^((<a:c>)*)))'
    """
    inner = [write_path(part) for part in path.parts]
    if path.kind == "link":
        return str(path.iri)
    if path.kind == "!":
        return f"(!({'|'.join([*map(str, path.forward), *(f'^{iri}' for iri in path.backward)])}))"
    if path.kind == "^":
        return f"(^{inner[0]})"
    if path.kind in {"/", "|"}:
        return f"({path.kind.join(inner)})"
    return f"(({inner[0]}){path.kind})"


def _order(edit: tuple[int, int, str]) -> tuple[int, bool, int]:
    """Sort insertions before replacements, outer replacements before inner ones."""
    return edit[0], edit[0] != edit[1], -edit[1]
