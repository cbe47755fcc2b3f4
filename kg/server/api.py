"""The JSON API of the page: what its requests hold, read strictly, and its OpenAPI description."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request

from kg.server.faults import Fault
from kg.server.protocol import read_body
from kg.server.settings import Limits

MOST_ROWS = 5000


async def ask_fields(request: Request, limits: Limits) -> dict[str, Any]:
    """Read the body of /api/ask; raises `Fault`."""
    body = await _object(request, limits)
    limit = body.get("limit", 200)
    if not isinstance(limit, int) or not 1 <= limit <= MOST_ROWS:
        raise Fault(400, f"limit is a number from 1 to {MOST_ROWS}.")
    return {**_question(body), "limit": limit}


async def evidence_fields(request: Request, limits: Limits) -> dict[str, Any]:
    """Read the body of /api/evidence; raises `Fault`."""
    body = await _object(request, limits)
    row = body.get("row")
    if not isinstance(row, list) or not all(text is None or isinstance(text, str) for text in row):
        raise Fault(400, "row is a list of terms, each in N-Triples or null.")
    return {**_question(body), "row": row}


def _question(body: dict[str, Any]) -> dict[str, Any]:
    question, values = body.get("question"), body.get("values", {})
    if not isinstance(question, str) or not question.strip():
        raise Fault(400, "question is a SPARQL text or the name of a saved question.")
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        raise Fault(400, "values is an object of texts, by the names of parameters.")
    return {"question": question, "values": values}


async def _object(request: Request, limits: Limits) -> dict[str, Any]:
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise Fault(415, "The body is application/json.")
    try:
        body = json.loads(await read_body(request, limits.body_bytes))
    except (ValueError, RecursionError) as error:
        raise Fault(400, "The body is not JSON.") from error
    if not isinstance(body, dict):
        raise Fault(400, "The body is a JSON object.")
    return body


def openapi() -> dict[str, Any]:
    """Return the OpenAPI description of the JSON API."""
    question = {
        "question": {"type": "string", "minLength": 1},
        "values": {"type": "object", "additionalProperties": {"type": "string"}},
    }
    limit = {"type": "integer", "minimum": 1, "maximum": MOST_ROWS}
    row = {"type": "array", "items": {"type": ["string", "null"]}}
    text = {"name": "q", "in": "query", "schema": {"type": "string"}}
    name = {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "kg", "version": "1"},
        "paths": {
            "/api/status": {"get": _operation("Whether the facts on disk could be read.")},
            "/api/questions": {"get": _operation("The saved questions.")},
            "/api/search": {"get": _operation("Things by a piece of their names.", parameters=[text])},
            "/api/ask": {"post": _operation("Some rows of an answer.", body={**question, "limit": limit})},
            "/api/evidence": {"post": _operation("The evidence of a row.", body={**question, "row": row})},
            "/thing/{name}.json": {"get": _operation("All about one thing.", parameters=[name])},
        },
    }


def _operation(summary: str, *, body: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    operation = {"summary": summary, **more, "responses": {
        "200": {"description": "The answer.", "content": {"application/json": {}}},
        "default": {"description": "What was wrong.", "content": {"application/json": {}}},
    }}  # fmt: skip
    if body:
        schema = {"type": "object", "required": ["question"], "properties": body}
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return operation
