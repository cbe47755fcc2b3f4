"""Rows: what a sheet says, one claim a row, read from CSV, XLSX or JSON; every fault names row and column."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from kg.errors import InputError
from kg.importing.tables import read_csv, read_xlsx

COLUMNS: dict[str, str] = {
    "subject": "the thing spoken of, by its name",
    "relation": "one of the relations of the mapping, such as born_on; or a property, such as kg:born",
    "object": "the other thing, or the value: a name, a date, a number, words",
    "qualifiers": "what else holds: date=1936-08-24; trial=First Moscow Trial",
    "source": "the title or the short name of the source; or a passage, such as mt:legacy-08",
    "locator": "where in the source: page 12, chapter 3; or where in its text: char=812,918",
    "quote": "the words of the source, if its text was imported; they are looked up in it",
    "standing": "asserted (if empty), reported, quoted, alleged, confessed, implied or retracted",
}
"""The columns of a sheet, and what goes into them; the first three and the source are needed."""
REQUIRED = ("subject", "relation", "object", "source")
MAX_CELL = 10_000
_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Source:
    """A document that rows cite."""

    id: str
    title: str
    publisher: str = ""
    year: str = ""
    url: str = ""
    family: str = ""
    read_as: str = ""


class Row(NamedTuple):
    """One claim: a relation between a subject and an object, and the sources that make it."""

    where: str
    subject: str
    relation: str
    object: str
    sources: tuple[str, ...]
    qualifiers: Mapping[str, str] = _NONE
    kind: str = ""
    locator: str = ""
    quote: str = ""
    standing: str = ""
    id: str = ""
    preferred: str = ""
    """Why the editors rank this value before others that contradict it, empty if they do not."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """All rows of a file, and what it says of their sources."""

    rows: tuple[Row, ...]
    sources: Mapping[str, Source]


def read_sheet(path: Path) -> Sheet:
    """Read a sheet by its ending; raises `InputError` with row and column."""
    if not path.is_file():
        raise InputError(f"{path} is not a file; name a sheet (.csv, .tsv, .xlsx or .json) or a text.")
    match path.suffix.lower():
        case ".json":
            return _read_json(path)
        case ".xlsx":
            return _from_table(path, read_xlsx(path))
        case _:
            return _from_table(path, read_csv(path))


def _from_table(path: Path, table: Iterable[list[str]]) -> Sheet:
    lines = iter(table)
    header = [name.strip().lower() for name in next(lines, [])]
    _check_header(path, header)
    place, width = {name: header.index(name) for name in COLUMNS if name in header}, len(header)
    # A column that the sheet lacks is the empty cell after the last.
    pick = itemgetter(*(place.get(name, -1) for name in COLUMNS))
    nameless = [at for at, name in enumerate(header) if not name]
    rows: list[Row] = []
    for number, cells in enumerate(lines, 2):
        values = [cell.strip() for cell in cells]
        if not any(values):
            continue
        if len(values) > width and any(values[width:]):
            raise InputError(
                f"{path}, row {number}: {len(cells)} cells under {width} headings; "
                "is a comma missing its quotation marks?"
            )
        if nameless and any(values[at] for at in nameless if at < len(values)):
            at = next(at for at in nameless if values[at])
            raise InputError(
                f"{path}, row {number}, column {at + 1}: {values[at]!r} stands under no heading; "
                "name the column in row 1, where merged cells name only the first of theirs."
            )
        values += [""] * (width - len(values) + 1)
        rows.append(_row(f"{path}, row {number}", values, place, pick))
    if not rows:
        raise InputError(f"{path} has no rows; see kg import --template facts.csv.")
    return Sheet(tuple(rows), {})


def _check_header(path: Path, header: list[str]) -> None:
    missing = [name for name in REQUIRED if name not in header]
    twice = sorted({name for name in header if name and header.count(name) > 1})
    unknown = [name for name in header if name and name not in COLUMNS]
    if missing:
        raise InputError(
            f"{path}, row 1: no column {', '.join(map(repr, missing))}. See kg import --template."
        )
    if twice:
        raise InputError(f"{path}, row 1: two columns are called {', '.join(map(repr, twice))}.")
    if unknown:
        raise InputError(
            f"{path}, row 1: nobody knows the column {', '.join(map(repr, unknown))}; "
            f"known are {', '.join(COLUMNS)}."
        )


def _row(where: str, values: list[str], place: Mapping[str, int], pick: Callable[[list[str]], Any]) -> Row:
    """Make a row of its cells, which `pick` takes in the order of `COLUMNS`."""
    subject, relation, target, qualifiers, source, locator, quote, standing = pick(values)
    if not (subject and relation and target and source):
        empty = next(name for name in REQUIRED if not values[place[name]])
        raise InputError(f"{where}, column {empty!r}: the cell is empty.")
    joined = "\0".join(values)
    if joined[0] == "=" or "\0=" in joined:
        name = next(name for name, at in place.items() if values[at][:1] == "=")
        raise InputError(
            f"{where}, column {name!r}: {values[place[name]]!r} is a formula; put its value there."
        )
    if len(joined) > MAX_CELL and max(map(len, values)) > MAX_CELL:
        name = next(name for name, at in place.items() if len(values[at]) > MAX_CELL)
        raise InputError(
            f"{where}, column {name!r}: {len(values[place[name]]):,} characters; at most {MAX_CELL:,}."
        )
    return Row(
        where,
        subject,
        relation,
        target,
        (source,),
        _qualifiers(where, qualifiers) if qualifiers else _NONE,
        locator=locator,
        quote=quote,
        standing=standing.lower(),
    )


def _qualifiers(where: str, text: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for part in filter(str.strip, text.split(";")):
        name, equals, value = part.partition("=")
        if not equals or not name.strip().isidentifier():
            raise InputError(f"{where}, column 'qualifiers': {part.strip()!r} is not of the form name=value.")
        found[name.strip()] = value.strip()
    return found


def _read_json(path: Path) -> Sheet:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise InputError(f"{path} cannot be read as JSON: {error}.") from error
    if isinstance(data, list):
        data = {"facts": data}
    if not isinstance(data, dict) or not isinstance(data.get("facts"), list):
        raise InputError(f"{path}: a list of facts is wanted, or an object with a list 'facts'.")
    sources = {
        name: Source(name, *(_text(f"{path}, source {name}", entry, key) for key in _SOURCE_KEYS))
        for name, entry in _table(f"{path}", data, "sources").items()
    }
    reasons = {
        _text(f"{path}, disagreements", entry, "id"): _text(f"{path}, disagreements", entry, "comment")
        for entry in data.get("disagreements", [])
    }
    rows = tuple(_fact(path, number, fact, reasons) for number, fact in enumerate(data["facts"], 1))
    return Sheet(rows, sources)


_SOURCE_KEYS = ("title", "publisher", "year", "url", "family", "read_as")


def _fact(path: Path, number: int, fact: Any, reasons: Mapping[str, str]) -> Row:
    """Read one fact of a JSON sheet."""
    where = f"{path}, fact {number}"
    subject, relation, target = (_text(where, fact, name) for name in ("subject", "relation", "object"))
    for name, value in (("subject", subject), ("relation", relation), ("object", target)):
        if not value:
            raise InputError(f"{where}: {name!r} is missing.")
    sources = fact.get("citations") or ([fact["source"]] if fact.get("source") else [])
    if not isinstance(sources, list) or not all(isinstance(source, str) for source in sources):
        raise InputError(f"{where}, 'citations': a list of names is wanted, found {sources!r}.")
    if not sources:
        raise InputError(f"{where}: 'citations' is missing; a fact without a source is not taken.")
    qualifiers = {
        name: ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        for name, value in _table(where, fact, "qualifiers").items()
    }
    if "note" not in qualifiers and fact.get("note"):
        qualifiers["note"] = _text(where, fact, "note")
    group = qualifiers.get("basis", "").startswith("group")
    reason = reasons.get(_text(where, fact, "disagreement")) or "the value that the editors prefer"
    return Row(
        where=where,
        subject=subject,
        relation=relation,
        object=target,
        sources=tuple(sources),
        qualifiers=qualifiers,
        kind=_text(where, fact, "type"),
        locator=_text(where, fact, "locator"),
        quote=_text(where, fact, "quote"),
        standing="group" if group else _text(where, fact, "status") or _text(where, fact, "standing"),
        id=_text(where, fact, "id"),
        preferred=reason if fact.get("preferred") else "",
    )


def _text(where: str, entry: Any, name: str) -> str:
    """Return a text or a number of an object as text, empty where it is not there."""
    if not isinstance(entry, dict):
        raise InputError(f"{where}: an object is wanted, found {entry!r}.")
    value = entry.get(name)
    if not isinstance(value, (str, int, float, type(None))):
        raise InputError(f"{where}, {name!r}: a text is wanted, found {value!r}.")
    return "" if value is None else str(value)


def _table(where: str, entry: dict[str, Any], name: str) -> dict[str, Any]:
    value = entry.get(name) or {}
    if not isinstance(value, dict):
        raise InputError(f"{where}, {name!r}: an object is wanted, found {value!r}.")
    return value
