"""The OpenAPI description of the JSON API, for other programs and for the tests."""

from __future__ import annotations

from typing import Any

from kg.formats import RDF_FORMATS, RESULT_FORMATS
from kg.server.api import MOST_ROWS, MOST_SKIPPED

_TEXT = {"type": "string"}
_LANGUAGE = {"type": "string", "maxLength": 35}
_ASKED = {
    "question": {"type": "string", "minLength": 1, "examples": ["SELECT * { ?s ?p ?o } LIMIT 3"]},
    "values": {"type": "object", "additionalProperties": _TEXT},
    "language": _LANGUAGE,
}
_ROWS = {
    "limit": {"type": "integer", "minimum": 1, "maximum": MOST_ROWS},
    "offset": {"type": "integer", "minimum": 0, "maximum": MOST_SKIPPED},
}
_ROW = {"row": {"type": "array", "items": {"type": ["string", "null"]}}}
_CELL = {"type": "object", "required": ["type", "text", "nt"]}
_FAULT = {
    "type": "object",
    "required": ["error"],
    "properties": {"error": {"type": "object", "required": ["status", "message"]}},
}


def openapi() -> dict[str, Any]:
    """Return the description."""
    language = _parameter("language", _LANGUAGE)
    name = {**_parameter("name", {"type": "string", "minLength": 1}), "in": "path", "required": True}
    passage = {**_parameter("passage", _TEXT), "required": True}
    found = {"things": _list(_CELL), "questions": _list({}), "passages": _list({})}
    answer = {"form": {"enum": ["select", "ask", "graph"]}, "query": _TEXT}
    witnesses = {"status": _TEXT, "witnesses": _list({}), "reasons": _list(_TEXT)}
    words = {"prefixes": {"type": "object"}, "classes": _list(_CELL), "properties": _list(_CELL)}
    cited = {"chicago": _TEXT, "bibtex": _TEXT, "csl": _list({})}
    gets: dict[str, Any] = {
        "/api/status": _get("Whether the facts on disk could be read.", {"generation": {}, "problem": {}}),
        "/api/questions": _get("The saved questions and projections.", {"questions": _list({})}),
        "/api/search": _get(
            "Things, questions and quoted words by a name.", found, _parameter("q", _TEXT), language
        ),
        "/api/vocabulary": _get("Prefixes, classes and properties of the data.", words, language),
        "/api/languages": _get("The languages of labels.", {"languages": _list(_TEXT)}),
        "/api/conflicts": _get("What is disputed, and the values given.", None, language),
        "/api/citation": _get("A passage cited in three ways.", cited, passage),
        "/thing/{name}.json": _get("All about one thing.", {"thing": _CELL, "statements": _list({})}, name),
        "/question/{name}.json": _get("One saved question.", {"name": _TEXT, "text": _TEXT}, name),
    }
    gets["/answer/{name}"] = _answered(name)
    posts = {
        "/api/ask": _post("Some rows of an answer.", {**_ASKED, **_ROWS}, ["question"], answer),
        "/api/check": _post("A query's first mistake.", _ASKED, ["question"], {"message": {}}),
        "/api/evidence": _post("The evidence of a row.", {**_ASKED, **_ROW}, ["question", "row"], witnesses),
    }
    return {"openapi": "3.1.0", "info": {"title": "kg", "version": "1"}, "paths": {**gets, **posts}}


def _answered(name: dict[str, Any]) -> dict[str, Any]:
    """Describe the answers to saved questions, in all formats of answers."""
    values = {"type": "object", "propertyNames": {"pattern": r"^p\."}, "additionalProperties": _TEXT}
    named = "The question's parameters, each under p. and its name, as in p.person."
    given = _parameter("values", values) | {"style": "form", "explode": True, "description": named}
    found = _get("The answer to a saved question, in the format that Accept wants.", {}, name, given)
    formats = (*RESULT_FORMATS, *RDF_FORMATS)
    found["get"]["responses"]["200"]["content"] = {entry.media_type: {} for entry in formats}
    found["get"]["responses"]["406"] = found["get"]["responses"]["400"]
    return found


def _list(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


def _parameter(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema}


def _get(summary: str, answer: dict[str, Any] | None, *parameters: dict[str, Any]) -> dict[str, Any]:
    return {"get": {"summary": summary, "parameters": list(parameters), "responses": _responses(answer)}}


def _post(summary: str, body: dict[str, Any], required: list[str], answer: dict[str, Any]) -> dict[str, Any]:
    schema = {"type": "object", "required": required, "properties": body}
    sent = {"required": True, "content": {"application/json": {"schema": schema}}}
    return {"post": {"summary": summary, "requestBody": sent, "responses": _responses(answer)}}


def _responses(answer: dict[str, Any] | None) -> dict[str, Any]:
    good: dict[str, Any] = {"type": "array"}
    if answer is not None:
        good = {"type": "object", "required": list(answer), "properties": answer}
    faults = ("400", "403", "404", "405", "409", "413", "415", "502", "503", "504")
    return {
        "200": {"description": "The answer.", "content": {"application/json": {"schema": good}}},
        **{
            status: {"description": "What was wrong.", "content": {"application/json": {"schema": _FAULT}}}
            for status in faults
        },
    }
