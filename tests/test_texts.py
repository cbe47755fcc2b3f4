"""Importing texts: exact offsets whatever the script, names that stay, and losses that are said."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kg
from kg.errors import InputError, LimitError
from kg.importing import documents
from kg.importing.anchors import Anchor, anchor, find_again, sentences
from kg.importing.sheet import import_sheet
from kg.importing.text import import_text
from kg.project import Project, find_project

LETTER = "Dear Anna. The trial began on Monday.\n\nIt ended soon.\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "my" / "facts").mkdir(parents=True)
    return find_project(tmp_path / "my")


def letter(tmp_path: Path, text: str, name: str = "letter.txt") -> Path:
    path = tmp_path / name
    path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (LETTER, ["Dear Anna.", "The trial began on Monday.", "It ended soon."]),
        ("Title\nOne sentence. Two.\n", ["Title", "One sentence.", "Two."]),
        ("Он был арестован. Его судили.", ["Он был арестован.", "Его судили."]),
        ("One.\r\n\r\nTwo\r\nlines.\r\n", ["One.", "Two\r\nlines."]),
        ("", []),
    ],
)
def test_sentences_of_a_text(text: str, found: list[str]) -> None:
    assert [a.exact for a in sentences(text)] == found


@given(st.text(alphabet=st.sampled_from("aé́😀שم. \n\r!?АбB"), max_size=200))
def test_offsets_always_reproduce_the_words(text: str) -> None:
    for found in sentences(text):
        assert text[found.start : found.end] == found.exact
        assert text[: found.start].endswith(found.prefix)
        assert text[found.end :].startswith(found.suffix)


@given(before=st.text(max_size=40), after=st.text(max_size=40))
def test_a_quotation_is_found_again_wherever_it_moved(before: str, after: str) -> None:
    old = anchor("The trial began. It ended.", 0, 16)
    found = find_again(f"{before}The trial began.{after}", old)
    assert found is not None
    assert found.exact == "The trial began."


def test_of_two_places_the_one_with_the_old_context_is_taken() -> None:
    old = anchor("Red. Yes. Blue. Yes. Green.", 16, 20)
    found = find_again("New. Red. Yes. Blue. Yes. Green.", old)
    assert found is not None
    assert found.start == 21


def test_changed_white_space_is_forgiven_and_changed_words_are_not() -> None:
    assert find_again("It  ended\nsoon.", Anchor(0, 14, "It ended soon.", "", "")) is not None
    assert find_again("It ended late.", Anchor(0, 14, "It ended soon.", "", "")) is None


def test_offsets_beyond_the_text_are_refused() -> None:
    with pytest.raises(ValueError, match="outside a text of 3"):
        anchor("abc", 1, 9)


def test_a_text_becomes_passages_that_check(project: Project, tmp_path: Path) -> None:
    done = import_text(letter(tmp_path, LETTER), project)
    assert (done.passages, done.new, done.lost) == (3, 3, ())
    assert kg.open(project.root).check().ok


def test_an_unchanged_text_gives_the_same_files(project: Project, tmp_path: Path) -> None:
    path = letter(tmp_path, LETTER)
    first = {file: file.read_bytes() for file in import_text(path, project).files}
    again = import_text(path, project)
    assert (again.new, again.moved, again.lost) == (0, (), ())
    assert {file: file.read_bytes() for file in first} == first


def test_passages_keep_their_names_when_the_text_around_them_changes(
    project: Project, tmp_path: Path
) -> None:
    import_text(letter(tmp_path, LETTER), project)
    changed = import_text(letter(tmp_path, "A new start. " + LETTER.replace("soon", "late")), project)
    assert [name.rpartition("/")[2] for name in changed.moved] == ["letter-001", "letter-002"]
    assert [name.rpartition("/")[2] for name in changed.lost] == ["letter-003"]
    assert changed.new == 2
    errors = [f for f in kg.open(project.root).check().findings if f.level == "error"]
    assert errors
    assert all("letter-003" in error.where for error in errors)


def test_facts_that_people_wrote_are_never_overwritten(project: Project, tmp_path: Path) -> None:
    path = letter(tmp_path, LETTER)
    import_text(path, project)
    own = project.root / "facts" / "letter.trig"
    own.write_text("# mine\n")
    import_text(path, project)
    assert own.read_text() == "# mine\n"


def test_a_dry_run_of_a_text_writes_nothing(project: Project, tmp_path: Path) -> None:
    assert import_text(letter(tmp_path, LETTER), project, dry_run=True).files == ()
    assert list((project.root / "facts").iterdir()) == []


def test_utf16_is_read_and_other_encodings_are_refused(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "utf16.txt"
    path.write_bytes(codecs.BOM_UTF16_LE + "Он был арестован.".encode("utf-16-le"))
    assert import_text(path, project).passages == 1
    path.write_bytes(b"caf\xe9 noir")
    with pytest.raises(InputError, match="byte 3: 0xe9"):
        import_text(path, project)


@pytest.mark.parametrize(("data", "said"), [(b"a\0b", "NUL"), (b"  \n", "no text"), (b"", "no text")])
def test_what_is_no_text_is_refused(project: Project, tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "bad.txt"
    path.write_bytes(data)
    with pytest.raises(InputError, match=said):
        import_text(path, project)


def test_a_text_that_is_too_large_is_refused(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "MAX_BYTES", 10)
    with pytest.raises(LimitError, match="are read"):
        import_text(letter(tmp_path, LETTER), project)


def test_html_gives_its_visible_words(project: Project, tmp_path: Path) -> None:
    page = "<head><title>x</title></head><h1>Trial</h1><p>It &amp; that <b>began</b>.</p><script>no</script>"
    import_text(letter(tmp_path, page, "page.html"), project)
    assert (project.root / "facts" / "sources" / "page.txt").read_text() == "Trial\nIt & that began."


def test_a_quotation_of_a_sheet_becomes_a_passage_with_offsets(project: Project, tmp_path: Path) -> None:
    import_text(letter(tmp_path, LETTER), project)
    sheet = tmp_path / "facts.csv"
    sheet.write_text("subject,relation,object,source,quote\nTrial,date,1936-08,letter,began on Monday\n")
    import_sheet(sheet, project)
    assert kg.open(project.root).check().ok
    sheet.write_text("subject,relation,object,source,quote\nTrial,date,1936-08,letter,began on Friday\n")
    with pytest.raises(InputError, match="row 2, column 'quote'"):
        import_sheet(sheet, project)


words = st.text(alphabet="abcdefghij", min_size=1, max_size=8)
rows = st.lists(
    st.tuples(words, st.dates().map(lambda d: d.isoformat()), words, words),
    min_size=1,
    max_size=15,
    unique=True,
)


@given(rows)
def test_a_sheet_can_be_read_back_from_its_trig(
    tmp_path_factory: pytest.TempPathFactory, table: list[tuple[str, str, str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("round")
    (folder / "facts").mkdir()
    sheet = folder / "sheet.csv"
    lines = (f"p{who},born_on,{day},s{source},l{where}" for who, day, source, where in table)
    sheet.write_text("subject,relation,object,source,locator\n" + "\n".join(lines) + "\n")
    import_sheet(sheet, find_project(folder), allow_new=True)
    back = kg.open(folder).query("""SELECT ?who ?day ?source ?where {
        GRAPH ?g { ?birth kg:born ?person ; kg:date ?day }
        GRAPH kg:curated { ?person rdfs:label ?who }
        GRAPH kg:provenance { ?g dcterms:isPartOf/dcterms:title ?source ; kg:locator ?where } }""")
    found = {tuple(term.value[0 if i == 1 else 1 :] for i, term in enumerate(row)) for row in back}  # type: ignore[union-attr]
    assert found == set(table)
