"""The files that the page of the relationship graph is made of, and the policy that lets nothing else run."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
MODULES = (
    "dom", "data", "evidence", "theme", "filters", "geometry", "paint", "labels", "overview", "focus",
    "layers", "panel", "legend", "years", "search", "tables", "svg", "takeaway", "link", "keys", "main",
)  # fmt: skip
"""Our script's parts, in the order in which they stand in the page."""
BLOCK = 500
"""Relations whose passages are packed together; a block opens in a few milliseconds."""


@cache
def scripts() -> tuple[str, str]:
    """vis-network as pyvis ships it, and our own script: one function, so that no name of it is global."""
    import pyvis

    vis = Path(pyvis.__file__).parent / "templates" / "lib" / "vis-9.1.2" / "vis-network.min.js"
    parts = [(HERE / "static" / "network" / f"{name}.js").read_text(encoding="utf-8") for name in MODULES]
    return vis.read_text(encoding="utf-8"), '(() => {\n"use strict";\n' + "\n".join(parts) + "})();\n"


@cache
def style() -> str:
    """Our style; vis-network's own is for buttons that the page does not use."""
    return (HERE / "static" / "network.css").read_text(encoding="utf-8")


def policy() -> str:
    """A Content-Security-Policy that runs these scripts and nothing else, and fetches nothing."""
    hashes = " ".join(f"'sha256-{_digest(script)}'" for script in scripts())
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'sha256-{_digest(style())}'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def inert(data: object) -> str:
    r"""Write JSON that cannot close the script element it stands in.

    >>> inert({"label": "</script>"})
    '{"label":"\\u003c/script>"}'
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def blocks(passages: list[list[dict[str, Any]]]) -> list[str]:
    """Pack the passages behind the relations, `BLOCK` relations at a time, each passage once a block."""
    packed = []
    for start in range(0, len(passages), BLOCK):
        seen: dict[str, int] = {}
        rows = [
            [seen.setdefault(inert(passage), len(seen)) for passage in behind]
            for behind in passages[start : start + BLOCK]
        ]
        text = f'{{"passages":[{",".join(seen)}],"relations":{inert(rows)}}}'
        packed.append(base64.b64encode(gzip.compress(text.encode("utf-8", "replace"), mtime=0)).decode())
    return packed
