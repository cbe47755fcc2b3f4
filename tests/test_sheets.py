"""Facts as a sheet and back: nothing is lost on the way, and cells say what Turtle says."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import kg
from kg.cli import cli
from kg.errors import InputError
from kg.importing.sheet import import_sheet
from kg.importing.text import import_text
from kg.project import Project, find_project
from kg.vocab import ONTOLOGY, PROVENANCE

HEAD = ("subject", "relation", "object", "source", "locator", "standing")
Line = tuple[str, ...]
LETTER = "Dear Anna. The trial began on Monday.\n\nYes. It ended soon. Yes.\n"


def empty_project(folder: Path) -> Project:
    (folder / "facts").mkdir(parents=True)
    return find_project(folder)


def written(path: Path, rows: Sequence[Line], head: Line = HEAD) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    return path


def sheet_of(folder: Path, path: Path) -> set[Line]:
    """The rows of a project's facts, what is curated aside."""
    with path.open("wb") as file:
        assert kg.open(folder).write_sheet(file) == []
    with path.open(encoding="utf-8", newline="") as file:
        lines = csv.DictReader(file)
        return {tuple(line[name] for name in HEAD) for line in lines if line["source"] != "kg:curated"}


def statements(folder: Path) -> set[ox.Quad]:
    apart = {ox.NamedNode(PROVENANCE), ox.NamedNode(ONTOLOGY), ox.DefaultGraph()}
    return {quad for quad in kg.open(folder).engine.store if quad.graph_name not in apart}  # type: ignore[attr-defined]


names = st.from_regex(r"[A-Za-zÀ-ž][a-zà-ž]{1,6}( [A-Z][a-z]{1,5})?", fullmatch=True)
values = st.one_of(
    st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12).map(lambda t: str(ox.Literal(t))),
    st.dates().map(lambda day: f'"{day.isoformat()}"^^xsd:date'),
    st.integers().map(str),
    st.sampled_from(["mt:legacy", "<https://example.org/a%20b>", '"слово"@ru', "true"]),
)
properties = st.sampled_from(["kg:description", "schema:knows", "kg:about", "<https://example.org/p>"])
cited = (st.sampled_from(["My notes", "Книга"]), st.sampled_from(["", "page 3"]))
said = st.tuples(
    names.map(str.title), properties, values, *cited, st.sampled_from(["", "reported", "alleged"])
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(st.lists(said, min_size=1, max_size=8, unique_by=lambda row: row[0].casefold()))
def test_a_sheet_comes_back_from_the_trig_that_it_became(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Line]
) -> None:
    folder = tmp_path_factory.mktemp("there")
    first = import_sheet(written(folder / "s.csv", rows), empty_project(folder / "a"), allow_new=True)
    found = sheet_of(folder / "a", folder / "back.csv")
    assert found == set(rows)
    project = empty_project(folder / "b")
    again = import_sheet(folder / "back.csv", project, folder / "b" / "facts" / "s.trig", allow_new=True)
    kept = [file.read_text().replace("/a/", "/b/") for file in first.files]
    assert kept == [file.read_text() for file in again.files]


@settings(deadline=None, max_examples=25)
@given(
    st.lists(
        st.tuples(
            names,
            st.sampled_from(["born_on", "arrested_on", "executed_on"]),
            st.dates().map(lambda day: day.isoformat()),
            *cited,
            st.just(""),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_relations_of_the_mapping_come_back_as_the_statements_they_made(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Line]
) -> None:
    folder = tmp_path_factory.mktemp("there")
    import_sheet(written(folder / "s.csv", rows), empty_project(folder / "a"), allow_new=True)
    before = statements(folder / "a")
    sheet_of(folder / "a", folder / "back.csv")
    for file in (folder / "a" / "facts").iterdir():
        file.unlink()
    import_sheet(folder / "back.csv", find_project(folder / "a"), allow_new=True)
    assert statements(folder / "a") == before


def test_all_shipped_facts_go_through_a_sheet_unchanged(tmp_path: Path) -> None:
    assert CliRunner().invoke(cli, ["export", "--sheet", "-o", str(tmp_path / "all.csv")]).exit_code == 0
    project = empty_project(tmp_path / "p")
    (project.root / "facts" / "kg.toml").write_bytes((kg.open().project.root / "facts/kg.toml").read_bytes())
    quads = kg.open().engine.store.quads_for_pattern(None, None, None, ox.NamedNode(PROVENANCE))  # type: ignore[attr-defined]
    ox.serialize(quads, str(project.root / "facts" / "bookkeeping.nq"), ox.RdfFormat.N_QUADS)
    import_sheet(tmp_path / "all.csv", find_project(project.root), allow_new=True)
    assert statements(project.root) == statements(kg.open().project.root)


def test_quotations_come_back_with_the_words_and_the_place(tmp_path: Path) -> None:
    project = empty_project(tmp_path / "p")
    (tmp_path / "letter.txt").write_text(LETTER)
    import_text(tmp_path / "letter.txt", project)
    second = LETTER.rindex("Yes.")
    head = ("subject", "relation", "object", "source", "locator", "quote")
    rows = [
        ("Trial", "kg:description", '"on Monday"@en', "letter", "", "began on Monday"),
        ("Trial", "kg:description", '"soon"@en', "<https://example.org/p/letter-004>", "", "It ended soon."),
        ("Anna", "kg:about", "Trial", "letter", "", "Yes."),
        ("Karl", "kg:about", "Trial", "letter", f"char={second},{second + 4}", "Yes."),
    ]
    import_sheet(written(tmp_path / "s.csv", rows, head), project, allow_new=True)
    assert kg.open(project.root).check().ok
    with (tmp_path / "back.csv").open("wb") as file:
        kg.open(project.root).write_sheet(file)
    with (tmp_path / "back.csv").open(encoding="utf-8") as lines:
        back = [tuple(line[name] for name in head) for line in csv.DictReader(lines)]
    offsets = LETTER.index("It ended")
    rows[1] = (*rows[1][:4], f"char={offsets},{offsets + 14}", rows[1][5])
    assert sorted(row for row in back if row[3] != "kg:curated") == sorted(rows)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("A", "kg:born", "<http://e/a b>", "S"), "row 2, column 'object': '<http://e/a b>' is no term"),
        (("mt:a b", "kg:born", "B", "S"), "row 2, column 'subject': 'mt:a b' is no term"),
        (("1936", "kg:born", "B", "S"), "row 2, column 'subject': '1936' is a value"),
        (("A", "kg:bron", "B", "S"), "kg:born"),
        (("A", '"born"', "B", "S"), "row 2, column 'relation'"),
        (("A", "kg:born", '"never closed', "S"), "row 2, column 'object'"),
        (("A", "kg:born", '"a", "b"', "S"), "row 2, column 'object'"),
        (("A", "kg:born", "B", "mt:no-such-passage"), "row 2, column 'source': no passage is called"),
    ],
)
def test_a_cell_that_is_no_term_is_named(tmp_path: Path, row: Line, said: str) -> None:
    project = empty_project(tmp_path / "p")
    with pytest.raises(InputError) as caught:
        import_sheet(written(tmp_path / "s.csv", [row], HEAD[:4]), project)
    assert said in str(caught.value)
    assert list((project.root / "facts").iterdir()) == []
