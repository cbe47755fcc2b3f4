"""The errors that a user of kg can meet, as one tree.

KgError                      what was wrong, which value, what to do
├── InputError               an argument, a file or a setting that cannot be used
│   ├── DataSyntaxError      RDF data that does not parse: file, line, what was expected
│   ├── QuerySyntaxError     SPARQL that does not parse: line, column, the line with a caret
│   ├── NotAllowedError      something refused unless the user allows it (SERVICE, updates)
│   ├── UnknownNameError     a question, entity, source or format nobody knows, with the nearest names
│   └── ParameterError       a question's parameter that is missing or of the wrong type
├── LimitError               a query or a file beyond what we promise to handle
└── EngineError              the engine or the endpoint failed
"""

from __future__ import annotations

from collections.abc import Sequence

_SHOWN = 80
"""So many characters before and after a mistake are shown of a line that is longer than both."""


class KgError(Exception):
    """Root of all errors that kg raises on purpose."""


class InputError(KgError):
    """Something the user gave cannot be used."""


class DataSyntaxError(InputError):
    """RDF data that does not parse."""

    def __init__(self, file: str, line: int | None, reason: str) -> None:
        self.file, self.line, self.reason = file, line, reason
        where = file if line is None else f"{file}, line {line}"
        super().__init__(f"{where}: {reason}. Nothing of it was loaded; correct the file and try again.")


class QuerySyntaxError(InputError):
    """SPARQL that does not parse; `line` and `column` count from 1, None where the engine gives none."""

    def __init__(self, reason: str, query: str, line: int | None = None, column: int | None = None) -> None:
        self.reason, self.query, self.line, self.column = reason, query, line, column
        super().__init__(self._describe())

    def _describe(self) -> str:
        if self.line is None or self.column is None:
            return f"The query does not parse: {self.reason}"
        lines = self.query.split("\n")
        text, column = _around(lines[min(self.line, len(lines)) - 1].rstrip("\r"), self.column)
        before = "".join("\t" if c == "\t" else " " for c in text[: column - 1])
        return (
            f"The query does not parse at line {self.line}, column {self.column}: {self.reason}\n"
            f"  {text}\n  {before}^"
        )


def _around(line: str, column: int) -> tuple[str, int]:
    """Cut a line that no terminal shows to what is around a column; return it and the column's new place."""
    start = max(0, column - 1 - _SHOWN) if len(line) > 2 * _SHOWN else 0
    cut = line[start : start + 2 * _SHOWN]
    before, after = "…" * (start > 0), "…" * (start + len(cut) < len(line))
    return f"{before}{cut}{after}", column - start + len(before)


class NotAllowedError(InputError):
    """Something refused unless the user allows it; what else is said tells who may how to."""

    def __init__(self, what: str, advice: str = "") -> None:
        self.what = what
        super().__init__(f"{what} {advice}".rstrip())


class UnknownNameError(InputError):
    """A name nobody knows; `nearest` lists the known names that look most like it."""

    def __init__(self, kind: str, name: str, nearest: Sequence[str] = (), hint: str = "") -> None:
        self.kind, self.name, self.nearest = kind, name, tuple(nearest)
        guess = f" Nearest: {', '.join(self.nearest)}." if self.nearest else ""
        super().__init__(f"No {kind} is called {name!r}.{guess}{' ' + hint if hint else ''}")


class ParameterError(InputError):
    """A question's parameter that is missing, unknown or of the wrong type."""


class LimitError(KgError):
    """A query or a file beyond what is promised to work."""


class EngineError(KgError):
    """The engine or the endpoint failed."""
