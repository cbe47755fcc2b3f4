"""Loading files: the invariants of the dataset, and what is said of broken files."""

from pathlib import Path

import pyoxigraph as ox
import pytest

import kg
from kg.engine.loading import load_files, read_file
from kg.errors import DataSyntaxError, InputError, LimitError
from kg.vocab import PROVENANCE
from tests.conftest import PREFIXES


def test_every_statement_of_a_passage_stands_once_in_the_default_graph(graph: kg.Graph) -> None:
    store = graph.engine.store  # type: ignore[attr-defined]  # an embedded engine has one
    default = [q.triple for q in store.quads_for_pattern(None, None, None, ox.DefaultGraph())]
    named = {q.triple for q in store if q.graph_name not in {ox.DefaultGraph(), ox.NamedNode(PROVENANCE)}}
    assert len(default) == len(set(default))
    assert set(default) == named


def test_a_statement_in_two_passages_counts_once(graph: kg.Graph) -> None:
    rows = graph.query("SELECT (COUNT(*) AS ?n) { ex:anna ex:wroteTo ?whom }").rows
    assert rows[0][0].value == "1"  # type: ignore[union-attr]  # a count is a literal


def test_bookkeeping_never_turns_up_in_an_ordinary_answer(graph: kg.Graph) -> None:
    assert not graph.query("ASK { ?passage a kg:Passage }")
    assert graph.query("ASK { GRAPH kg:provenance { ?passage a kg:Passage } }")


def test_blank_nodes_become_the_same_iris_in_every_run(tmp_path: Path) -> None:
    file = tmp_path / "a.ttl"
    file.write_text(PREFIXES + "ex:a ex:b [ ex:c _:x ] . _:x ex:d ( 1 2 ) .", encoding="utf-8")
    first, second = list(read_file(file)), list(read_file(file))
    assert first == second
    assert not any(isinstance(t, ox.BlankNode) for quad in first for t in (quad.subject, quad.object))


def test_blank_nodes_within_triple_terms_are_those_outside(tmp_path: Path) -> None:
    file = tmp_path / "a.nt"
    file.write_text("_:x <urn:p> <<( _:x <urn:q> <<( <urn:a> <urn:q> _:y )>> )>> .\n_:y <urn:p> _:x .\n")
    outer, other = read_file(file)
    x, y = outer.subject, other.subject
    assert {type(x), type(y)} == {ox.NamedNode}
    q = ox.NamedNode("urn:q")
    assert outer.object == ox.Triple(x, q, ox.Triple(ox.NamedNode("urn:a"), q, y))
    assert other.object == x


def test_blank_nodes_of_two_files_stay_apart(tmp_path: Path) -> None:
    for name, letter in (("a.ttl", "b"), ("c.ttl", "d")):
        (tmp_path / name).write_text(PREFIXES + f"ex:a ex:{letter} _:x .", encoding="utf-8")
    objects = {quad.object for name in ("a.ttl", "c.ttl") for quad in read_file(tmp_path / name)}
    assert len(objects) == 2


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("broken.trig", "@prefix a: <http://a/> .\na:g { a:b a:c a:d }\na:d a:e", "broken.trig, line 3"),
        ("broken.ttl", '<http://a/> <http://b/> "never closed .', "broken.ttl, line 1"),
        ("empty.ttl", "", "is empty"),
        ("utf16.ttl", "<http://a/> <http://b/> 1 .".encode("utf-16"), "not UTF-8 text"),
        ("latin1.nt", '<http://a/> <http://b/> "é" .'.encode("latin-1"), "line 1: this is not UTF-8 text"),
        ("latin1.rdf", '<?xml version="1.0" encoding="ISO-8859-1"?><a/>', "this is not UTF-8 text"),
        ("word.ttl", "utf-8:a <http://b/> 1 .", "line 1: The prefix utf-8: "),
        ("binary.nq", b"\x89PNG\r\n\x1a\n\x00\x00", "not UTF-8 text"),
        ("facts.docx", "text", "No RDF file ending is called '.docx'. Known: .ttl, .trig, .nt, .nq,"),
        ("broken.jsonld", '{"@id": ', "broken.jsonld"),
        ("broken.rdf", "<rdf:RDF>", "broken.rdf"),
    ],
)
def test_a_file_that_cannot_be_loaded_is_named_with_the_reason(
    tmp_path: Path, name: str, content: str | bytes, says: str
) -> None:
    file = tmp_path / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError, match=says.replace(".", r"\.")):
        load_files(ox.Store(), [file])


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no-such\.ttl is not a file"):
        load_files(ox.Store(), [tmp_path / "no-such.ttl"])


def test_a_broken_fact_file_opens_nothing(letters: Path) -> None:
    (letters / "facts" / "zz.trig").write_text("ex:a ex:b", encoding="utf-8")
    with pytest.raises(DataSyntaxError, match="Nothing of it was loaded"):
        kg.open(letters)


@pytest.mark.parametrize("ending", ["ttl", "nt", "nq", "trig", "rdf", "jsonld"])
def test_the_mark_that_windows_editors_put_before_a_text_is_no_part_of_the_facts(
    tmp_path: Path, ending: str
) -> None:
    text = '<http://e/a> <http://e/b> "c" .'
    if ending in {"rdf", "jsonld"}:
        kind = ox.RdfFormat.RDF_XML if ending == "rdf" else ox.RdfFormat.JSON_LD
        quads = ox.parse(text, format=ox.RdfFormat.N_TRIPLES)
        text = (ox.serialize((q.triple for q in quads), format=kind) or b"").decode()
    file = tmp_path / f"a.{ending}"
    file.write_text("\ufeff" + text, encoding="utf-8")
    assert [str(quad.object) for quad in read_file(file)] == ['"c"']


def test_a_context_on_another_machine_is_said_to_be_there(tmp_path: Path) -> None:
    (tmp_path / "a.jsonld").write_text('{"@context": "http://example.org/c", "@id": "urn:a", "b": 1}')
    with pytest.raises(DataSyntaxError, match="@context is on another machine"):
        list(read_file(tmp_path / "a.jsonld"))


@pytest.mark.parametrize("ending", ["nq", "ttl"])
def test_a_text_longer_than_the_parser_takes_is_refused_in_words(tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"long.{ending}"
    file.write_text(f'<urn:a> <urn:p> "{"x" * 17_000_000}" .\n')
    with pytest.raises(LimitError, match="more than 16 MB"):
        list(read_file(file))
