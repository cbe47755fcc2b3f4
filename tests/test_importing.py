"""Importing sheets: all rows or none, the same files every time, every fault with its row and column."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path

import pytest

import kg
from kg.errors import InputError
from kg.importing.rows import COLUMNS, read_sheet
from kg.importing.sheet import import_sheet, write_template
from kg.project import Project, find_project

ROOT = Path(__file__).parent.parent
FACTS = ROOT / "facts" / "moscow-trials"
HEAD = "subject,relation,object,qualifiers,source,locator\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "facts").mkdir()
    (tmp_path / "facts" / "seed.ttl").write_text(
        '<http://example.org/karl> <http://www.w3.org/2000/01/rdf-schema#label> "Karl Radek"@en .'
    )
    return find_project(tmp_path)


def sheet(folder: Path, rows: str, head: str = HEAD, name: str = "facts.csv") -> Path:
    path = folder / name
    path.write_text(head + rows, encoding="utf-8")
    return path


def test_the_shipped_facts_are_what_the_import_makes(tmp_path: Path) -> None:
    done = import_sheet(
        FACTS / "sources" / "trials_facts.json",
        find_project(ROOT),
        FACTS / "trials.trig",
        dry_run=True,
        allow_new=True,
    )
    assert done.rows == 1199
    assert done.files == ()
    copy = tmp_path / "trials.trig"
    made = import_sheet(
        FACTS / "sources" / "trials_facts.json", _without_output(tmp_path), copy, allow_new=True
    )
    for path in made.files:
        assert path.read_bytes() == (FACTS / path.name).read_bytes(), path.name


def _without_output(tmp_path: Path) -> Project:
    folder = tmp_path / "project"
    (folder / "facts").mkdir(parents=True)
    for name in ("legacy.trig", "names.trig", "mapping.toml"):
        if (FACTS / name).is_file():
            (folder / "facts" / name).write_bytes((FACTS / name).read_bytes())
    (folder / "facts" / "kg.toml").write_bytes((ROOT / "facts" / "kg.toml").read_bytes())
    return find_project(folder)


def test_a_row_becomes_statements_in_the_passage_of_its_citation(project: Project, tmp_path: Path) -> None:
    path = sheet(tmp_path, "Karl Radek,born_on,1885-10-31,,My notes,page 3\n")
    import_sheet(path, project)
    g = kg.open(project.root)
    row = g.query("""SELECT ?passage ?date ?where { GRAPH ?passage { ?b kg:born <http://example.org/karl> ;
        kg:date ?date } GRAPH kg:provenance { ?passage kg:locator ?where } }""").rows[0]
    assert [term.value for term in row if term is not None][1:] == ["1885-10-31", "page 3"]  # type: ignore[union-attr]


def test_a_dry_run_writes_nothing(project: Project, tmp_path: Path) -> None:
    path = sheet(tmp_path, "Karl Radek,born_in,Lemberg,,My notes,\n")
    before = sorted(project.root.rglob("*"))
    assert import_sheet(path, project, dry_run=True).new == ("Lemberg",)
    assert sorted(project.root.rglob("*")) == before


def test_importing_twice_changes_nothing(project: Project, tmp_path: Path) -> None:
    path = sheet(tmp_path, "Karl Radek,born_in,Lemberg,,My notes,\n")
    first = [file.read_bytes() for file in import_sheet(path, project).files]
    assert [file.read_bytes() for file in import_sheet(path, project).files] == first


@pytest.mark.parametrize(
    ("head", "rows", "said"),
    [
        ("subject,relation,object\n", "a,b,c\n", "row 1: no column 'source'"),
        ("subject,subject,relation,object,source\n", "a,a,b,c,d\n", "two columns are called 'subject'"),
        ("subject,relation,object,source,colour\n", "a,b,c,d,e\n", "nobody knows the column 'colour'"),
        (HEAD, "", "no rows"),
        (HEAD, "A,born_on,1900,,S,\n,born_on,1900,,S,\n", "row 3, column 'subject'"),
        (HEAD, "A,bron_on,1900,,S,\n", "bron_on"),
        (HEAD, "A,born_on,1900,date 1900,S,\n", "column 'qualifiers': 'date 1900'"),
        (HEAD, "A,born_on,1900,,S,,x,y\n", "8 cells under 6 headings"),
        (HEAD + "\n\n", "Karl Radec,born_on,1885,,S,\n", "row 4, column 'subject': 'Karl Radec' is nearly"),
        (HEAD, f"{'A' * 10_001},born_on,1900,,S,\n", "10,001 characters"),
    ],
)
def test_a_fault_is_named_and_nothing_is_written(
    project: Project, tmp_path: Path, head: str, rows: str, said: str
) -> None:
    path = sheet(tmp_path, rows, head)
    with pytest.raises(InputError, match=re.escape(said)):
        import_sheet(path, project)
    assert [file.name for file in (project.root / "facts").iterdir()] == ["seed.ttl"]


def test_other_encodings_are_read_or_refused(tmp_path: Path) -> None:
    utf16 = tmp_path / "utf16.csv"
    utf16.write_bytes((HEAD + "Бухарин,born_in,Москва,,S,\n").encode("utf-16"))
    assert read_sheet(utf16).rows[0].subject == "Бухарин"
    latin = tmp_path / "latin.csv"
    latin.write_bytes((HEAD + "Mercader,born_in,Barcel\xf3na,,S,\n").encode("latin-1"))
    with pytest.raises(InputError, match="row 2, column 'object': byte 0xf3"):
        read_sheet(latin)


def test_excel_dates_lose_the_time_nobody_typed_and_formulas_are_refused(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.append(["subject", "relation", "object", "source"])
    book.active.append(["A", "born_on", datetime(1888, 10, 9), "S"])
    book.active.append(["B", "born_on", date(1890, 1, 2), "S"])
    book.active.append([None, None, None, None])
    book.active.append(["C", "born_in_year", 1888.0, "S"])
    book.save(tmp_path / "facts.xlsx")
    assert [row.object for row in read_sheet(tmp_path / "facts.xlsx").rows] == [
        "1888-10-09",
        "1890-01-02",
        "1888",
    ]
    book.active.append(["D", "born_on", "=NOW()", "S"])
    book.save(tmp_path / "facts.xlsx")
    with pytest.raises(InputError, match="row 6, column 'object'"):
        read_sheet(tmp_path / "facts.xlsx")


def test_the_template_is_a_sheet_that_can_be_imported(project: Project, tmp_path: Path) -> None:
    write_template(tmp_path / "new.csv")
    assert (tmp_path / "new.csv").read_text().splitlines()[0] == ",".join(COLUMNS)
    assert import_sheet(tmp_path / "new.csv", project).rows == 1
