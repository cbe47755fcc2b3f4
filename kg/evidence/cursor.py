"""Reading tokens one by one, and the terms they spell: IRIs, names, literals, variables, blank nodes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NoReturn
from urllib.parse import urljoin

import pyoxigraph as ox

from kg.errors import LimitError, QuerySyntaxError
from kg.evidence.tokens import Token, error_at, resolve_escapes, tokenize
from kg.evidence.tree import Constant, Node, Var
from kg.vocab import PREFIXES

MAX_DEPTH: Final = 80
"""Groups, brackets and operators may nest this deep; a query people write stays under 10."""

FRESH: Final = "_kg_"
"""Our own variables begin like this; a query whose variables do gets a longer beginning."""

_XSD = PREFIXES["xsd"]
_RDF = PREFIXES["rdf"]
TYPE, NIL = ox.NamedNode(_RDF + "type"), ox.NamedNode(_RDF + "nil")
FIRST, REST = ox.NamedNode(_RDF + "first"), ox.NamedNode(_RDF + "rest")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_LOCAL_ESCAPE = re.compile(r"\\(.)")
_STRING_ESCAPE = re.compile(r"\\([tbnrf\\\"'])")
_STRING_CHARACTERS = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f", "\\": "\\", '"': '"', "'": "'"}


class Cursor:
    """A place in the tokens of a query."""

    def __init__(self, text: str, prefixes: Mapping[str, str], base: str | None = None) -> None:
        self.text = resolve_escapes(text)
        self.tokens = tokenize(self.text)
        self.index = 0
        self.token = self.tokens[0]
        self.prefixes = dict(prefixes)
        self.base = base
        self.depth = 0
        self.blanks = 0
        self.last_end = 0
        self.aggregates = False

    def advance(self) -> Token:
        """Step over the current token and return it."""
        token = self.token
        self.last_end = token.end
        self.index += 1
        self.token = self.tokens[self.index] if token.kind != "end" else token
        return token

    def at(self, text: str) -> bool:
        """Tell whether the current token is this mark."""
        return self.token.text == text and self.token.kind == "mark"

    def at_word(self, *words: str) -> bool:
        """Tell whether the current token is one of these keywords (given in upper case)."""
        return self.token.kind == "word" and self.token.text.upper() in words

    def take(self, text: str) -> bool:
        """Step over this mark if it is the current token."""
        if self.token.text == text and self.token.kind == "mark":
            self.advance()
            return True
        return False

    def take_word(self, *words: str) -> str | None:
        """Step over one of these keywords and return it in upper case, or None."""
        if self.at_word(*words):
            return self.advance().text.upper()
        return None

    def expect(self, text: str) -> Token:
        """Step over this mark or fail."""
        if not self.at(text):
            self.fail(f"expected {text!r}")
        return self.advance()

    def expect_word(self, word: str) -> None:
        """Step over this keyword or fail."""
        if not self.take_word(word):
            self.fail(f"expected {word}")

    def fail(self, reason: str, offset: int | None = None) -> NoReturn:
        """Raise the syntax error for the current token, or for an offset."""
        raise self.error(reason, offset)

    def error(self, reason: str, offset: int | None = None) -> QuerySyntaxError:
        """Make the syntax error for the current token, or for an offset."""
        if offset is None:
            found = repr(self.token.text) if self.token.kind != "end" else "the end of the query"
            return error_at(self.text, self.token.start, f"{reason}, found {found}")
        return error_at(self.text, offset, reason)

    def enter(self) -> None:
        """Go one level deeper. Raises `LimitError` where nobody's query goes."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise LimitError(
                f"This query nests more than {MAX_DEPTH} levels deep, so its evidence is not computed; "
                "flatten the groups and brackets that hold only one thing."
            )

    def leave(self) -> None:
        """Come one level up."""
        self.depth -= 1

    def split_less_than(self) -> None:
        """Read `<…>` again as the operator `<`, where an operator is wanted (`?a<?b&&?c>?d`)."""
        start = self.token.start
        del self.tokens[self.index :]
        mark = "<=" if self.text.startswith("<=", start) else "<"
        end = start + len(mark)
        self.tokens += [Token("mark", mark, start, end), *tokenize(self.text, end)]
        self.token = self.tokens[self.index]

    def fresh_blank(self) -> Var:
        """Make the variable of an anonymous blank node."""
        self.blanks += 1
        return Var(f"[{self.blanks}", blank=True)

    def iri(self) -> ox.NamedNode:
        """Read an IRI or a prefixed name."""
        token = self.token
        if token.kind == "iri":
            self.advance()
            return self.resolve(token)
        if token.kind != "pname":
            self.fail("expected an IRI")
        prefix, _, local = token.text.partition(":")
        if prefix not in self.prefixes:
            self.fail(f"the prefix {prefix + ':'!r} is not declared", token.start)
        self.advance()
        local = _LOCAL_ESCAPE.sub(r"\1", local) if "\\" in local else local
        return self.named(self.prefixes[prefix] + local, token)

    def resolve(self, token: Token) -> ox.NamedNode:
        """Make the IRI of `<…>`, relative to the base where it has no scheme."""
        text = token.text[1:-1]
        if self.base is not None and not _SCHEME.match(text):
            text = urljoin(self.base, text) if text else self.base.partition("#")[0]
        return self.named(text, token)

    def named(self, text: str, token: Token) -> ox.NamedNode:
        """Make an IRI. Raises `QuerySyntaxError` for text that is none."""
        try:
            return ox.NamedNode(text)
        except ValueError as error:
            raise self.error(f"{text!r} is not an IRI: {error}", token.start) from error

    def var(self) -> Var:
        """Read a variable."""
        if self.token.kind != "var":
            self.fail("expected a variable")
        token = self.advance()
        return Var(token.text[1:], token.start, token.end)

    def literal(self) -> Constant | None:
        """Read a literal if one stands here."""
        token = self.token
        if token.kind == "string":
            return self._string()
        if token.kind == "number":
            self.advance()
            return Constant(_number(token.text), token.start, token.end)
        if token.text in {"+", "-"} and self.tokens[self.index + 1].kind == "number":
            number = self.tokens[self.index + 1]
            if number.start != token.end:
                return None
            self.advance(), self.advance()
            return Constant(_number(token.text + number.text), token.start, number.end)
        if token.kind == "word" and token.text.lower() in {"true", "false"}:
            self.advance()
            return Constant(ox.Literal(token.text.lower() == "true"), token.start, token.end)
        return None

    def _string(self) -> Constant:
        token = self.advance()
        quotes = 3 if token.text[:3] in {'"""', "'''"} else 1
        value = token.text[quotes:-quotes]
        if "\\" in value:
            value = _STRING_ESCAPE.sub(lambda found: _STRING_CHARACTERS[found[1]], value)
        if self.token.kind == "lang":
            tag = self.advance()
            return Constant(ox.Literal(value, language=tag.text[1:]), token.start, tag.end)
        if self.take("^^"):
            return Constant(ox.Literal(value, datatype=self.iri()), token.start, self.last_end)
        return Constant(ox.Literal(value), token.start, token.end)

    def term(self) -> Node | None:
        """Read a variable, an IRI, a literal or a blank node if one stands here."""
        token = self.token
        if token.kind == "var":
            return self.var()
        if token.kind in {"iri", "pname"}:
            return Constant(self.iri(), token.start, token.end)
        if token.kind == "blank":
            self.advance()
            return Var(token.text, token.start, token.end, blank=True)
        return self.literal()


def _number(text: str) -> ox.Literal:
    kind = "double" if "e" in text.lower() else "decimal" if "." in text else "integer"
    return ox.Literal(text, datatype=ox.NamedNode(_XSD + kind))
