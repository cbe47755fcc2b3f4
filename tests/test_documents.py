"""Real Word, PDF and Excel files, made here: their words and cells come in, and what is none is refused."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from openpyxl import Workbook
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

import kg
from kg.errors import InputError, LimitError
from kg.importing.anchors import sentences
from kg.importing.documents import read_document
from kg.importing.rows import read_sheet
from kg.importing.text import import_text
from kg.project import find_project
from tests.conftest import RunKg

HEAD = ["subject", "relation", "object", "source"]


def workbook(path: Path, rows: list[list[Any]], merged: str = "") -> Path:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    if merged:
        book.active.merge_cells(merged)
    book.save(path)
    return path


def pdf(path: Path, pages: list[list[str]], **options: object) -> Path:
    canvas = Canvas(str(path), **options)
    for lines in pages:
        for number, line in enumerate(lines):
            canvas.drawString(72, 770 - 14 * number, line)
        canvas.showPage()
    canvas.save()
    return path


def docx(path: Path, fill: Callable[[Any], object]) -> Path:
    document = Document()
    fill(document)
    document.save(str(path))
    return path


def project(folder: Path) -> Path:
    (folder / "facts").mkdir(parents=True)
    return folder


def test_a_word_document_gives_its_paragraphs_and_tables_in_order(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        document.add_heading("The trial", 1)
        document.add_paragraph("It began on Monday. It ended\nsoon.")
        table = document.add_table(rows=1, cols=2)
        table.rows[0].cells[0].text, table.rows[0].cells[1].text = "Judge", "Ulrikh"
        document.add_paragraph("")
        document.add_paragraph("Бухарин was there.")

    text = read_document(docx(tmp_path / "a.docx", fill))
    assert [found.exact for found in sentences(text)] == [
        "The trial",
        "It began on Monday.",
        "It ended\nsoon.",
        "Judge\tUlrikh",
        "Бухарин was there.",
    ]


def test_a_pdf_gives_its_text_layer_and_its_passages_check(tmp_path: Path) -> None:
    path = pdf(tmp_path / "a.pdf", [["The trial began", "on Monday. It ended", "soon."], ["Page two."]])
    assert [found.exact.split() for found in sentences(read_document(path))] == [
        ["The", "trial", "began", "on", "Monday."],
        ["It", "ended", "soon."],
        ["Page", "two."],
    ]
    import_text(path, find_project(project(tmp_path / "p")))
    assert kg.open(tmp_path / "p").check().ok


@pytest.mark.parametrize("name", ["a.docx", "a.pdf", "a.xlsx"])
@pytest.mark.parametrize("damage", ["cut", "garbage", "empty"])
def test_a_damaged_document_is_refused_by_name(run_kg: RunKg, tmp_path: Path, name: str, damage: str) -> None:
    path = tmp_path / name
    match path.suffix:
        case ".docx":
            docx(path, lambda document: document.add_paragraph("Words."))
        case ".pdf":
            pdf(path, [["Words."]])
        case _:
            workbook(path, [HEAD, ["A", "born_on", "1900", "S"]])
    data = path.read_bytes()
    path.write_bytes(
        {"cut": data[: len(data) // 2], "garbage": b"\x00\x01garbage" * 99, "empty": b""}[damage]
    )
    result = run_kg("import", str(path), "--project", str(project(tmp_path / "p")))
    assert (result.returncode, name in result.stderr, "Traceback" in result.stderr) == (2, True, False)
    assert list((tmp_path / "p" / "facts").iterdir()) == []


def test_a_scan_and_a_locked_pdf_are_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="OCR"):
        read_document(pdf(tmp_path / "scan.pdf", [[]]))
    locked = pdf(tmp_path / "locked.pdf", [["Words."]], encrypt=StandardEncryption("secret", "owner"))
    with pytest.raises(InputError, match=r"locked\.pdf is not a PDF that can be read"):
        read_document(locked)


def test_excel_dates_are_read_as_people_see_them(tmp_path: Path) -> None:
    values = [datetime(1888, 10, 9), date(1890, 1, 2), datetime(1938, 3, 15, 4, 30), 1888.0, 12.5, True]
    rows = [["A", "born_on", value, "S"] for value in values]
    path = workbook(tmp_path / "a.xlsx", [HEAD, *rows[:3], [None] * 4, *rows[3:]])
    assert [row.object for row in read_sheet(path).rows] == [
        "1888-10-09",
        "1890-01-02",
        "1938-03-15T04:30:00",
        "1888",
        "12.5",
        "True",
    ]


@pytest.mark.parametrize(
    ("rows", "merged", "said"),
    [
        ([HEAD, ["A", "born_on", "=TODAY()", "S"]], "", "row 2, column 'object': '=TODAY()' is a formula"),
        (
            [[*HEAD, None], ["A", "born_on", "1900", "S", "p. 3"]],
            "D1:E1",
            "row 2, column 5: 'p. 3' stands under",
        ),
        ([[*HEAD, "object"], ["A", "b", "c", "S", "d"]], "", "row 1: two columns are called 'object'"),
        ([HEAD[:3], ["A", "born_on", "1900"]], "", "row 1: no column 'source'"),
        ([HEAD, [None] * 4, ["A", None, "1900", "S"]], "", "row 3, column 'relation': the cell is empty"),
        (
            [["Facts of 1936", None, None, None], HEAD, ["A", "born_on", "1900", "S"]],
            "A1:D1",
            "row 1: no column",
        ),
        ([HEAD, ["A", "born_onn", "1900", "S"]], "", "Nearest: born_on"),
        ([HEAD], "", "has no rows"),
    ],
)
def test_a_bad_workbook_names_row_and_column(
    run_kg: RunKg, tmp_path: Path, rows: list[list[Any]], merged: str, said: str
) -> None:
    result = run_kg(
        "import", str(workbook(tmp_path / "a.xlsx", rows, merged)), "--project", str(project(tmp_path / "p"))
    )
    assert (result.returncode, said in result.stderr) == (2, True), result.stderr
    assert list((tmp_path / "p" / "facts").iterdir()) == []


def test_one_bad_row_among_a_hundred_thousand_is_named(run_kg: RunKg, tmp_path: Path) -> None:
    lines = [f"P{n},born_on,1900,S" for n in range(100_000)]
    lines[99_000] = "P,born_on,,S"
    (tmp_path / "a.csv").write_text("\n".join([",".join(HEAD), *lines]))
    result = run_kg("import", str(tmp_path / "a.csv"), "--project", str(project(tmp_path / "p")))
    assert (result.returncode, "row 99002, column 'object'" in result.stderr) == (2, True), result.stderr
    assert list((tmp_path / "p" / "facts").iterdir()) == []


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("A,born_in,Barcel\xf3na,S\n".encode("latin-1"), "row 3, column 'object': byte 0xf3 is no UTF-8"),
        (b"A,born\0_in,X,S\n", "row 3, column 'relation': a NUL character"),
        (b'A,"born_in,X,S\n' + b"x" * 200_000, "row 3: field larger"),
        (b'A,born_in,"<http://e/a b>",S\n', ""),
        (b"A,kg:about,<http://e/a b>,S\n", "row 3, column 'object': '<http://e/a b>' is no term"),
        (b"A,born_in,X,S,,,\n", ""),
        (b"A,born_in,=X1,S\n", "row 3, column 'object': '=X1' is a formula"),
    ],
)
def test_a_bad_sheet_names_row_and_column(run_kg: RunKg, tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"subject,relation,object,source\nP,born_on,1900,S\n" + data)
    result = run_kg("import", str(path), "--project", str(project(tmp_path / "p")))
    assert (result.returncode, said in result.stderr) == (2 if said else 0, True), result.stderr
    assert bool(list((tmp_path / "p" / "facts").iterdir())) == (not said)


def test_broken_utf16_is_refused_and_whole_utf16_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    text = codecs.BOM_UTF16_LE + (",".join(HEAD) + "\nБухарин,born_in,Москва,S\n").encode("utf-16-le")
    path.write_bytes(text)
    assert read_sheet(path).rows[0].subject == "Бухарин"
    path.write_bytes(text[:-1])
    with pytest.raises(InputError, match="is no UTF-16"):
        read_sheet(path)


@pytest.mark.parametrize(
    "content",
    [
        '[{"subject": {}, "relation": "a", "object": "b", "source": "c"}]',
        '[{"subject": "a", "relation": "b", "object": "c", "source": "d", "qualifiers": [1]}]',
        '[{"subject": "a", "relation": "b", "object": "c", "citations": "d"}]',
        '[{"subject": "a", "relation": "b", "object": "c"}]',
        '{"facts": [], "sources": [1]}',
        '{"facts": 1}',
        "[1]",
        "[",
        "[" * 100_000,
    ],
)
def test_bad_json_is_refused_in_a_sentence(run_kg: RunKg, tmp_path: Path, content: str) -> None:
    (tmp_path / "a.json").write_text(content)
    result = run_kg("import", str(tmp_path / "a.json"), "--project", str(project(tmp_path / "p")))
    assert (result.returncode, "a.json" in result.stderr) == (2, True), result.stderr


@pytest.mark.parametrize(
    "text",
    [
        "One.\r\n\r\nTwo\r\nlines. Three.\r\n",
        "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd. \u202bMixed \u05d0\u05d1 text.\u202c End.",
        "Cafe\u0301 noir. E\u0301te\u0301! \U0001f600 Smile. \u0b95\u0bcd\u0bb7.",
        "\ufeffA mark of order. And more.",
        "Line\u2028separators. And\u0085next lines. Form\ffeeds.",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
def test_offsets_are_right_in_every_script_and_encoding(tmp_path: Path, text: str, encoding: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes((codecs.BOM_UTF16_BE if encoding == "utf-16-be" else b"") + text.encode(encoding))
    import_text(path, find_project(project(tmp_path / "p")))
    report = kg.open(tmp_path / "p").check()
    assert report.ok, report.findings
    copy = (tmp_path / "p" / "facts" / "sources" / "a.txt").read_bytes().decode()
    assert copy.removeprefix("\ufeff") == text.removeprefix("\ufeff")
    assert all(found.exact == copy[found.start : found.end] for found in sentences(copy))


def test_a_text_of_fifty_megabytes_is_refused_and_a_large_one_is_read(run_kg: RunKg, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"A sentence of words. " * 2_500_000)
    with pytest.raises(LimitError, match=r"has 52 MB; texts of up to 20 MB"):
        read_document(path)
    assert run_kg("import", str(path), "--project", str(project(tmp_path / "p"))).returncode == 2
