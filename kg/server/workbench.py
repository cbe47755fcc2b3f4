"""The workbench page as it goes out: its policy, and what the page of a question says of itself."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.responses import HTMLResponse, Response

from kg.server.faults import Fault
from kg.server.guard import POLICY

STATIC = Path(__file__).parent / "static"
_FAULT = Path(__file__).parent / "templates" / "fault.html"
_ATTRIBUTES = "style-src-attr 'unsafe-inline'"


def workbench(head: str = "") -> Response:
    """Return the page; `head` is what it says of itself besides."""
    # The editor makes its style sheets itself; they carry a number that nobody can know before.
    nonce = secrets.token_urlsafe(16)
    page = (STATIC / "index.html").read_text(encoding="utf-8").replace("NONCE", nonce)
    policy = POLICY.replace("style-src 'self'", f"style-src 'self' 'nonce-{nonce}'; {_ATTRIBUTES}")
    return HTMLResponse(
        page.replace("</head>", f"{head}</head>"), headers={"Content-Security-Policy": policy}
    )


def fault_page(fault: Fault) -> Response:
    """Say what went wrong to a person, who may look at the frame where a graph was wanted."""
    # The frame is of no origin, so nothing of this server is given to it besides the page itself.
    nonce = secrets.token_urlsafe(16)
    style = (STATIC / "workbench.css").read_text(encoding="utf-8")
    page = _FAULT.read_text(encoding="utf-8").replace("NONCE", nonce).replace("STYLE", style)
    page = page.replace("MESSAGE", escape(fault.message))
    policy = POLICY.replace("style-src 'self'", f"style-src 'nonce-{nonce}'")
    policy = policy.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
    headers = fault.headers | {"Content-Security-Policy": policy}
    return HTMLResponse(page, status_code=fault.status, headers=headers)


def question_head(saved: Mapping[str, Any]) -> str:
    """Say in the page of a question what it is, and where its twins are.

    >>> question_head({"name": "a", "title": "</script>?", "description": ""}).count("</script>")
    1
    """
    address = "/question/" + quote(saved["name"], safe="")
    said = {"@context": "https://schema.org/", "@type": "Question", "name": saved["title"]}
    linked = json.dumps(said | {"text": saved["description"]}, ensure_ascii=False).replace("<", "\\u003c")
    twins = (("json", "application/json"), ("ttl", "text/turtle"))
    links = [f'<link rel="alternate" type="{kind}" href="{address}.{ending}">' for ending, kind in twins]
    return "\n".join([*links, f'<script type="application/ld+json">{linked}</script>\n'])
