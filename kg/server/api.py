"""The JSON API of the page: what its requests hold, read strictly, and its OpenAPI description."""

from __future__ import annotations

import json
import re
from typing import Any

from starlette.requests import Request

from kg.server.faults import Fault
from kg.server.protocol import read_body
from kg.server.settings import Limits

MOST_ROWS = 5000
MOST_SKIPPED = 10_000_000
_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


async def ask_fields(request: Request, limits: Limits) -> dict[str, Any]:
    """Read the body of /api/ask; raises `Fault`."""
    body = await _object(request, limits)
    numbers = {"limit": _number(body, "limit", 200, 1, MOST_ROWS)}
    return {**_question(body), **numbers, "offset": _number(body, "offset", 0, 0, MOST_SKIPPED)}


async def evidence_fields(request: Request, limits: Limits) -> dict[str, Any]:
    """Read the body of /api/evidence; raises `Fault`."""
    body = await _object(request, limits)
    row = body.get("row")
    if not isinstance(row, list) or not all(text is None or isinstance(text, str) for text in row):
        raise Fault(400, "row is a list of terms, each in N-Triples or null.")
    return {**_question(body), "row": row}


async def check_fields(request: Request, limits: Limits) -> dict[str, Any]:
    """Read the body of /api/check; raises `Fault`."""
    return _question(await _object(request, limits))


def _number(body: dict[str, Any], name: str, otherwise: int, least: int, most: int) -> int:
    number = body.get(name, otherwise)
    if not isinstance(number, int) or isinstance(number, bool) or not least <= number <= most:
        raise Fault(400, f"{name} is a number from {least} to {most}.")
    return number


def read_language(text: object) -> str:
    """Return a language tag, nothing for what is none: it only chooses among labels."""
    return text if isinstance(text, str) and _TAG.fullmatch(text) else ""


def _question(body: dict[str, Any]) -> dict[str, Any]:
    question, values = body.get("question"), body.get("values", {})
    if not isinstance(question, str) or not question.strip():
        raise Fault(400, "question is a SPARQL text or the name of a saved question.")
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        raise Fault(400, "values is an object of texts, by the names of parameters.")
    return {"question": question, "values": values, "language": read_language(body.get("language"))}


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
