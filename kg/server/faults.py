"""The one shape in which every failure is answered: a status and a JSON body."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from kg.errors import (
    EngineError,
    InputError,
    KgError,
    LimitError,
    NotAllowedError,
    QuerySyntaxError,
    UnknownNameError,
)

_STATUS: tuple[tuple[type[KgError], int], ...] = (
    (QuerySyntaxError, 400),
    (NotAllowedError, 403),
    (UnknownNameError, 404),
    (InputError, 400),
    (LimitError, 400),
    (EngineError, 502),
)
LATER = {"Retry-After": "2"}
"""The header of a refusal that may be none in a moment."""


@dataclass(eq=False)
class Fault(Exception):  # noqa: N818 - it is an answer as much as an error
    """A failure that is told to the client."""

    status: int
    message: str
    line: int | None = None
    column: int | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def body(self) -> bytes:
        """Return the JSON body.

        >>> Fault(400, "No query.").body()
        b'{"error": {"status": 400, "message": "No query."}}'
        """
        said: dict[str, object] = {"status": self.status, "message": self.message}
        if self.line is not None:
            said |= {"line": self.line, "column": self.column}
        return json.dumps({"error": said}, ensure_ascii=False).encode("utf-8", "backslashreplace")


def fault_of(error: KgError) -> Fault:
    """Return how an error of ours is answered."""
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), 400)
    if isinstance(error, QuerySyntaxError):
        return Fault(status, str(error), error.line, error.column)
    # Options of a command are no help to who asks over the network.
    return Fault(status, error.what if isinstance(error, NotAllowedError) else str(error))
