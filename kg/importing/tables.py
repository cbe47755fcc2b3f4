"""Tables: the cells of a CSV file or an Excel workbook as texts; what cannot be one names row and column."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from kg.errors import InputError


def read_csv(path: Path) -> Iterator[list[str]]:
    """Yield the rows of a CSV or TSV file in UTF-8, or in UTF-16 where it says so."""
    data = path.read_bytes()
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(encoding, errors="ignore")
        wanted = encoding.removesuffix("-sig").upper()
        raise InputError(
            f"{_place(path, before)}: byte {data[error.start]:#04x} is no {wanted}. "
            "Save the sheet as 'CSV UTF-8' and try again."
        ) from error
    if "\0" in text:
        raise InputError(
            f"{_place(path, text.partition(chr(0))[0])}: a NUL character, which no text sheet holds. "
            "Save the sheet as 'CSV UTF-8' and try again."
        )
    yield from _rows(path, text)


def _rows(path: Path, text: str) -> Iterator[list[str]]:
    delimiter = "\t" if path.suffix == ".tsv" else max(",;\t", key=text.partition("\n")[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    number = 1
    try:
        for cells in reader:
            yield cells
            number += 1
    except csv.Error as error:
        raise InputError(
            f"{path}, row {number}: {error}; is a quotation mark missing its other half?"
        ) from error


def _place(path: Path, before: str) -> str:
    """Name the row and column that a text before them leads up to."""
    rows = list(_rows(path, before + "?"))
    name = rows[0][len(rows[-1]) - 1] if len(rows) > 1 and len(rows[-1]) <= len(rows[0]) else ""
    return f"{path}, row {len(rows)}, column {name.strip().lower()!r}"


def read_xlsx(path: Path) -> Iterator[list[str]]:
    """Yield the rows of the first sheet of an Excel workbook, formulas as they stand."""
    try:
        from openpyxl import load_workbook
        from openpyxl.utils.exceptions import InvalidFileException
    except ImportError as error:
        raise InputError("Reading .xlsx needs openpyxl: pip install 'kg-footnote[import]'.") from error
    import zipfile

    try:
        book = load_workbook(path, read_only=True, data_only=False)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        raise InputError(f"{path} is not an Excel workbook: {error}.") from error
    try:
        for cells in book.worksheets[0].iter_rows(values_only=True):
            yield [_cell(cell) for cell in cells]
    finally:
        book.close()


def _cell(value: Any) -> str:
    """Write a cell's value as people type it; Excel's dates come with a midnight that nobody typed."""
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)
