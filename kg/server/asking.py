"""Questions of the page: what text and bindings were asked, and terms as the page shows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pyoxigraph as ox

from kg.engine import Term
from kg.errors import InputError
from kg.graph import Graph
from kg.names import labels
from kg.passages import lookup
from kg.questions import Question, bind, find_question, is_sparql
from kg.terms import curie, plain
from kg.views.citation import citation, place


@dataclass(frozen=True, slots=True)
class Asked:
    """A query with its bindings, whether it was written or saved."""

    text: str
    bindings: Mapping[str, Term]

    @classmethod
    def read(cls, graph: Graph, fields: Mapping[str, Any]) -> Asked:
        """Read a request's `question` and `values`; raises `UnknownNameError` or `ParameterError`."""
        question = fields["question"]
        if is_sparql(question):
            return cls(question, {})
        saved = find_question(graph.project.query_files(), question)
        return cls(saved.text, bind(saved, fields.get("values") or {}, graph.engine, graph.project))


def read_term(text: str) -> Term:
    """Read one term in N-Triples; raises `InputError` for anything else."""
    try:
        (quad,) = ox.parse(f"<urn:s> <urn:p> {text} .", format=ox.RdfFormat.N_TRIPLES)
    except (SyntaxError, ValueError) as error:
        raise InputError(f"{text[:100]!r} is no term in N-Triples.") from error
    term: Term = quad.object
    return term


def language_of(graph: Graph, fields: Mapping[str, Any]) -> str:
    """The reader's language, the project's where the request says none."""
    return fields.get("language") or graph.project.language


def term_names(
    graph: Graph, rows: Iterable[Sequence[Term | None]], language: str = ""
) -> dict[ox.NamedNode, str]:
    """Look up the labels of all IRIs in some rows."""
    iris = {term for row in rows for term in row if isinstance(term, ox.NamedNode)}
    return labels(graph.engine, sorted(iris, key=str), language or graph.project.language)


def cell(term: Term | None, names: Mapping[ox.NamedNode, str], graph: Graph) -> dict[str, str] | None:
    """Return a term for the page: in words, as N-Triples, and what to follow."""
    if term is None:
        return None
    if isinstance(term, ox.NamedNode):
        name = curie(term.value, graph.engine.prefixes)
        return {
            "type": "iri",
            "text": names.get(term, name),
            "name": name,
            "iri": term.value,
            "nt": str(term),
        }
    if isinstance(term, ox.Literal):
        return {"type": "literal", "text": plain(term), "language": term.language or "", "nt": str(term)}
    return {"type": "other", "text": plain(term), "nt": str(term)}


def passages_of(graph: Graph, graphs: Iterable[ox.NamedNode]) -> dict[str, dict[str, Any]]:
    """Return passages for the page, by their IRIs."""
    found = lookup(graph.engine, graphs)
    voices = {ox.NamedNode(iri) for p in found.values() for iri in (p.voice, p.standing) if iri}
    names = labels(graph.engine, sorted(voices, key=str), graph.project.language)
    prefixes = graph.engine.prefixes
    return {
        node.value: asdict(passage)
        | {"citation": citation(passage, names), "place": place(passage), "name": curie(node.value, prefixes)}
        | {"source_name": curie(passage.source, prefixes)}
        | {"standing": names.get(ox.NamedNode(passage.standing), "") if passage.standing else ""}
        | {"voice": names.get(ox.NamedNode(passage.voice), "") if passage.voice else ""}
        for node, passage in found.items()
    }


def question_data(question: Question) -> dict[str, Any]:
    """Return a saved question for the page."""
    return {
        "name": question.name, "title": question.title, "description": question.description,
        "text": question.text,
        "parameters": [
            {"name": p.name, "kind": p.kind, "default": p.default, "description": p.description}
            for p in question.parameters
        ],
    }  # fmt: skip
