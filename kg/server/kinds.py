"""Kinds of queries: texts that differ in constants only, and which of them were quick.

What a query costs is known when it has been answered, and the next of its kind is likely to cost the same.
"""

from __future__ import annotations

import re
from collections import Counter

from kg.engine.syntax import keywords
from kg.server.light import is_light

QUICK = 0.005
"""So many seconds on a core may a quick query take."""
SLOW = 0.025
_TIMES = 3
"""A kind of which so many took longer is quick no more, whatever the others take."""
LONGEST = 65_536
"""A longer answer is not quick."""
LONGEST_QUERY = 8_192
_MOST = 10_000
# Comments, texts, IRIs, names of single things (they have a digit) and numbers; the engine of regular
# expressions finds their first characters quickly, and only then looks at what they are.
_CONSTANT = re.compile(
    r"""[\#"'<:0-9](?:(?<=\#)[^\r\n]*+|(?<=")(?:[^"\\\r\n]|\\.)*+"|(?<=')(?:[^'\\\r\n]|\\.)*+'
    |(?<=<)[^<>"{}|^`\\\s]*+>|(?<=:)[A-Za-z_.-]*+[0-9][\w.-]*+|(?<![\w?$][0-9])(?<=[0-9])[\w.]*+)""",
    re.VERBOSE,
)
# What differs from call to call.
_CHANGING = frozenset(["RAND", "UUID", "STRUUID", "NOW", "BNODE"])
# Most texts have none of it anywhere, which is quickly seen; an escape may hide one.
_HINT = re.compile(r"rand|uuid|now|bnode|\\u", re.IGNORECASE)


def kind(query: str) -> int:
    """Return the number of a query's kind, which is what is left of its text without constants.

    >>> kind("ASK { ?x1 ex:knows <urn:12> } # a") == kind("ASK { ?x1 ex:knows <urn:7> } # b")
    True
    >>> kind("ASK { ?x1 ex:knows ?x2 }") == kind("ASK { ?x1 ex:knows ?x3 }")
    False
    """
    return hash(_CONSTANT.sub("_", query))


class Kinds:
    """Which kinds of queries are quick, as far as one state of the facts has told."""

    def __init__(self) -> None:
        self._is_quick: dict[int, bool] = {}
        self._slow: Counter[int] = Counter()

    def note(self, query: str, seconds: float, size: int) -> None:
        """Remember how long an answer took, and how many bytes it has.

        >>> kinds = Kinds()
        >>> kinds.is_quick("ASK { ?x a <urn:A> ; <urn:p> 1 }")
        False
        >>> kinds.note("ASK { ?x a <urn:A> ; <urn:p> 1 }", 0.001, 20)
        >>> kinds.is_quick("ASK { ?x a <urn:B> ; <urn:p> 2 }")
        True
        """
        if len(query) > LONGEST_QUERY:
            return
        if len(self._is_quick) >= _MOST:
            self.clear()
        found = kind(query)
        self._slow[found] += seconds > SLOW
        # The first of all may be slow because nothing was in the caches.
        is_never = self._slow[found] >= _TIMES
        self._is_quick[found] = seconds <= QUICK and size <= LONGEST and not is_never

    def is_quick(self, query: str) -> bool:
        """Tell whether a query is likely to be answered quickly: by its kind, or else by its text alone."""
        known = self._is_quick.get(kind(query))
        return is_light(query) if known is None else known

    def clear(self) -> None:
        """Forget everything: the facts have changed."""
        self._is_quick.clear()
        self._slow.clear()


def changes(query: str) -> bool:
    """Tell whether a query may have another answer each time.

    >>> changes("SELECT (NOW() AS ?t) {}"), changes("ASK { <urn:brandon> ?knows ?x }")
    (True, False)
    """
    return bool(_HINT.search(query)) and not _CHANGING.isdisjoint(keywords(query))
