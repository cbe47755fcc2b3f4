"""Finding things by name in any script or spelling: accents, transliteration, prefixes and slips forgiven."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

import pyoxigraph as ox

from kg.engine import Engine, Term, select

_CYRILLIC = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "zh", "з": "z", "и": "i", "к": "k",
    "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
    "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu",
    "я": "ya", "і": "i", "є": "ye", "ґ": "g", "ў": "u",
}  # fmt: skip
_LETTERS = str.maketrans(_CYRILLIC | {"ß": "ss", "ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe"})
_PATTERN = """
  { ?thing rdfs:label|skos:prefLabel|skos:altLabel|skos:hiddenLabel ?name }
  UNION { GRAPH kg:provenance { ?thing dcterms:title ?name } }
  FILTER(isIRI(?thing) && !STRSTARTS(STR(?thing), STR(kg:)))"""
_NAMES = f"SELECT DISTINCT ?thing ?name WHERE {{ {_PATTERN} }}"
_SCAN = f"""
SELECT DISTINCT ?thing ?name ?wanted WHERE {{
  {_PATTERN}
  FILTER(CONTAINS(LCASE(?name), LCASE(?wanted)))
}} ORDER BY STRLEN(?name) ?name ?thing LIMIT %d"""


@dataclass(frozen=True, slots=True)
class Match:
    """A thing whose name is like what was asked for, and how much (0 to 100)."""

    thing: ox.NamedNode
    name: str
    score: float


@lru_cache(maxsize=1 << 17)
def fold(text: str) -> str:
    """Reduce a name to small Latin letters and digits: no accents, Cyrillic written in Latin.

    >>> fold("Бухарин"), fold("Blücher"), fold("Khrushchëv")
    ('bukharin', 'blucher', 'khrushchev')
    """
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    words = "".join(c if c.isalnum() else " " for c in bare.translate(_LETTERS))
    return " ".join(words.split())


class NameIndex:
    """Names of things, ready to be searched.

    >>> index = NameIndex([(ox.NamedNode("http://example.org/b"), "Николай Бухарин")])
    >>> index.search("Bukharn")[0].name
    'Николай Бухарин'
    """

    def __init__(self, names: Iterable[tuple[ox.NamedNode, str]]) -> None:
        self._names = list(names)
        words: dict[str, list[int]] = {}
        for number, (_, name) in enumerate(self._names):
            for word in set(fold(name).split()):
                words.setdefault(word, []).append(number)
        self._words = sorted(words)
        self._where = [words[word] for word in self._words]
        self._of_length: dict[int, list[str]] = {}
        for word in self._words:
            self._of_length.setdefault(len(word), []).append(word)

    def search(self, text: str, limit: int = 10) -> list[Match]:
        """Return the names that have every word asked for, or one like it, the best first."""
        wanted = fold(text).split()
        scores: dict[int, float] = {}
        for position, word in enumerate(wanted):
            found = self._like(word)
            scores = {
                number: score + scores.get(number, 0)
                for number, score in found.items()
                if position == 0 or number in scores
            }
        # Of equally good names the shortest is nearest to what was typed.
        ranked = sorted(scores, key=lambda n: (-scores[n], len(self._names[n][1]), self._names[n][1]))
        best: dict[ox.NamedNode, Match] = {}
        for number in ranked:
            thing, name = self._names[number]
            best.setdefault(thing, Match(thing, name, scores[number] / len(wanted)))
            if len(best) == limit:
                break
        return list(best.values())

    def _like(self, word: str) -> dict[int, float]:
        """Return the names that have a word like this one, with how alike it is."""
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        scores: dict[int, float] = {}
        at = bisect_left(self._words, word)
        while at < len(self._words) and self._words[at].startswith(word):
            score = 100.0 if self._words[at] == word else 95.0
            for number in self._where[at]:
                scores[number] = max(score, scores.get(number, 0))
            at += 1
        if len(word) > 2:
            # One slip in four letters, two in eight; other lengths need more than that.
            slips = max(1, len(word) // 4)
            for length in range(len(word) - slips, len(word) + slips + 1):
                for found, distance, _ in process.extract(
                    word, self._of_length.get(length, ()), scorer=OSA.distance, score_cutoff=slips, limit=50
                ):
                    score = 100.0 * (1 - distance / len(word))
                    for number in self._where[bisect_left(self._words, found)]:
                        scores[number] = max(score, scores.get(number, 0))
        return scores


def index(engine: Engine) -> NameIndex:
    """Index every label, other spelling and title."""
    return NameIndex(_names(select(engine, _NAMES)))


def index_few(engine: Engine, most: int) -> NameIndex | None:
    """Index every name, or nothing where there are more than so many."""
    names = list(islice(_names(select(engine, _NAMES)), most + 1))
    return NameIndex(names) if len(names) <= most else None


def scan(engine: Engine, text: str, limit: int) -> list[ox.NamedNode]:
    """Return things whose names contain a text, the shortest names first; no slip is forgiven."""
    found = _names(select(engine, _SCAN % (2 * limit), {"wanted": ox.Literal(text)}))
    return list(dict.fromkeys(thing for thing, _ in found))[:limit]


def _names(rows: Iterable[Mapping[str, Term]]) -> Iterator[tuple[ox.NamedNode, str]]:
    return ((row["thing"], row["name"].value) for row in rows)  # type: ignore[misc,union-attr]  # as the query says
