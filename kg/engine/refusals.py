"""What a service says when it refuses, in one line: services write it as text, as JSON, or as a page."""

from __future__ import annotations

import html
import json
import re
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import urljoin

from kg.errors import EngineError

TRANSIENT = frozenset([429, 502, 503, 504])
_LONGEST = 300
_IN_JSON = re.compile(r'"(?:exception|detailedMessage|message|error|detail)"\s*:\s*("(?:[^"\\]|\\.)*")')
_IN_PAGES = re.compile(r"<(head|script|style)\b.*?</\1\s*>|<[^>]*>", re.DOTALL | re.IGNORECASE)


class RefusedError(EngineError):
    """The service answered with an error; `status` is its HTTP code, `said` its words.

    `challenge` is how it wants to know who asks, and `is_known` whether it was told.
    """

    def __init__(
        self, url: str, status: int, said: str, headers: Message | None = None, *, is_known: bool = False
    ) -> None:
        headers = headers or Message()
        self.status, self.said, self.is_known = status, said, is_known
        self.retry_after = _seconds(headers.get("Retry-After", ""))
        self.challenge = headers.get("WWW-Authenticate", "")
        moved = urljoin(url, headers.get("Location", "")).partition("?")[0]
        advice = _credentials(status, is_known=is_known) or _advice(status, self.retry_after, moved, url)
        words = f"{advice} {in_one_line(said)}".strip()
        super().__init__(f"{url} answered {status}: {words or 'it does not say why.'}")


def in_one_line(said: str) -> str:
    """Return what a body says.

    >>> in_one_line('{"status": "ERROR", "exception": "Out of memory", "query": "SELECT')
    'Out of memory'
    >>> in_one_line("<html><head><title>500</title></head><h1>No&nbsp;such repository</h1></html>")
    'No such repository'
    """
    text = said.lstrip()
    if text.startswith("{") and (found := _IN_JSON.search(text)):
        text = str(json.loads(found[1], strict=False))
    elif text.startswith("<"):
        text = " ".join(html.unescape(_IN_PAGES.sub(" ", text)).split())
    return next((line.strip()[:_LONGEST] for line in text.splitlines() if line.strip()), "")


def _credentials(status: int, *, is_known: bool) -> str:
    if status not in {401, 403}:
        return ""
    if is_known:
        does = "does not take" if status == HTTPStatus.UNAUTHORIZED else "does not allow this to"
        return f"it {does} the credentials that it was given; see --auth-env or ~/.netrc."
    wants = "wants credentials" if status == HTTPStatus.UNAUTHORIZED else "does not allow this to everybody"
    return f"it {wants}; name a variable that holds credentials with --auth-env, or use ~/.netrc."


def _advice(status: int, wait: float, moved: str, url: str) -> str:
    if status == 404:
        return "nothing is at this address; endpoints often end in /sparql or /query."
    if 300 <= status < 400 and moved == url:
        return "it sends one in circles, or does not say where to; is this the endpoint itself?"
    if 300 <= status < 400:
        return f"it has moved to {moved}, where kg does not follow; name the new address itself."
    if status in TRANSIENT:
        return f"it is busy or down; try again {f'in {wait:.0f} seconds' if wait else 'later'}."
    return ""


def _seconds(retry_after: str) -> float:
    """Return how long a service asks one to wait: it says seconds, or a time."""
    if retry_after.isdigit():
        return float(retry_after)
    try:
        return max(0.0, (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        # It says nothing, or what nobody understands.
        return 0.0
