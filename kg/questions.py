"""Saved questions: `.rq` files whose `#+` header gives a title, a description and typed parameters.

    #+ title: What is recorded of one person?
    #+ description: Every statement about a person, with its date.
    #+ param person: entity = mt:nikolai-bukharin -- The person whose record is wanted.

A parameter is a variable of the same name in the query; its value is bound as a term, never pasted as text.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyoxigraph as ox

from kg.engine import Engine, Term
from kg.errors import InputError, ParameterError, UnknownNameError
from kg.files import read_code
from kg.names import resolve
from kg.project import Project
from kg.terms import XSD

KINDS = ("entity", "source", "date", "year", "integer", "string", "language")
_FIELD = re.compile(r"#\+\s*(title|description)\s*:\s*(.+)")
_LONGEST_TITLE = 500
_PARAM = re.compile(r"#\+\s*param\s+(\w+)\s*:\s*(\w+)(?:\s*=\s*(.*?))?(?:\s+--\s+(.*))?\s*")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A typed variable that the asker fills in; `default` is None where a value must be given."""

    name: str
    kind: str
    default: str | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A saved query with what a person needs to know before asking it."""

    name: str
    title: str
    description: str
    parameters: tuple[Parameter, ...]
    text: str


def title_in(text: str) -> str:
    r"""Return the title in the header of a query, else the query itself on one line, cut if it is long.

    >>> title_in("#+ title: Who wrote?\nSELECT ?who { ?who ?p ?o }")
    'Who wrote?'
    """
    fields = filter(None, map(_FIELD.fullmatch, map(str.rstrip, text.splitlines())))
    title = next((match[2] for match in fields if match[1] == "title"), " ".join(text.split()))
    return title if len(title) <= _LONGEST_TITLE else f"{title[:_LONGEST_TITLE]} …"


def read_question(path: Path) -> Question:
    """Read one `.rq` file; raises `InputError` for a header line that cannot be understood."""
    text = read_code(path)
    fields: dict[str, str] = {}
    parameters: list[Parameter] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("#+"):
            continue
        if match := _FIELD.fullmatch(line.rstrip()):
            fields[match[1]] = match[2]
        elif (match := _PARAM.fullmatch(line)) and match[2] in KINDS:
            parameters.append(Parameter(match[1], match[2], match[3], match[4] or ""))
        else:
            raise InputError(
                f"{path}, line {number}: {line!r} is no header line; write title, description or "
                f"'param name: kind = default -- text' with a kind among {', '.join(KINDS)}."
            )
    title = fields.get("title", path.stem)
    return Question(path.stem, title, fields.get("description", ""), tuple(parameters), text)


def read_questions(paths: Iterable[Path]) -> dict[str, Question]:
    """Read questions by name, in the order given."""
    return {path.stem: read_question(path) for path in paths}


def find_question(paths: Iterable[Path], name: str, kind: str = "question") -> Question:
    """Return the question of that name; raises `UnknownNameError` with the nearest names."""
    known = {path.stem: path for path in paths}
    if name not in known:
        nearest = difflib.get_close_matches(name, known, n=4, cutoff=0.4)
        raise UnknownNameError(kind, name, nearest, hint=f"See them all with: kg {kind}s")
    return read_question(known[name])


def is_sparql(text: str) -> bool:
    """Whether a text is SPARQL rather than the name of a saved question.

    >>> is_sparql("ASK {}"), is_sparql("rehabilitated-when")
    (True, False)
    """
    return "{" in text or any(character.isspace() for character in text.strip())


def bind(question: Question, values: Mapping[str, str], engine: Engine, project: Project) -> dict[str, Term]:
    """Turn what the asker gave into terms, defaults included; raises `ParameterError`."""
    known = {parameter.name: parameter for parameter in question.parameters}
    for name in values:
        if name not in known:
            listed = ", ".join(known) or "none"
            raise ParameterError(f"{question.name} has no parameter {name!r}; it has: {listed}.")
    bound: dict[str, Term] = {}
    for parameter in question.parameters:
        value = values.get(parameter.name, parameter.default)
        if value is None:
            raise ParameterError(
                f"{question.name} needs the parameter {parameter.name!r} ({parameter.kind}); "
                f"give it with --param {parameter.name}=VALUE."
            )
        bound[parameter.name] = _term(parameter, value, engine, project)
    return bound


def _term(parameter: Parameter, value: str, engine: Engine, project: Project) -> Term:
    """Read a value as its parameter's kind."""
    try:
        match parameter.kind:
            case "entity" | "source":
                return resolve(engine, project, value, parameter.kind)
            case "date":
                return _literal(date.fromisoformat(value).isoformat(), "date")
            case "year":
                return _literal(f"{int(value):04d}", "gYear")
            case "integer":
                return _literal(str(int(value)), "integer")
            case "language":
                return ox.Literal(value.lower())
            case _:
                return ox.Literal(value)
    except ValueError as error:
        raise ParameterError(
            f"The parameter {parameter.name!r} is a {parameter.kind}, and {value!r} is none; "
            f"write it like {_EXAMPLES[parameter.kind]}."
        ) from error


_EXAMPLES = {"date": "1938-03-15", "year": "1938", "integer": "12"}


def _literal(value: str, kind: str) -> ox.Literal:
    return ox.Literal(value, datatype=ox.NamedNode(XSD + kind))
