"""Exports: nothing is lost that the format can hold, and the same facts give the same bytes."""

import io
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st

import kg
from kg.engine.embedded import Embedded
from kg.engine.loading import OX_FORMATS, load_files, with_default_copy
from kg.errors import InputError, UnknownNameError
from kg.export import write
from kg.ordering import ordered
from kg.sorting import gather, sort_lines
from kg.statements import facts as stated
from kg.turtle import Writer
from kg.vocab import PREFIXES

DATASETS = ["trig", "nquads", "jsonld"]
GRAPHS = ["turtle", "ntriples", "rdfxml"]
ENDINGS = {
    "trig": "trig",
    "nquads": "nq",
    "jsonld": "jsonld",
    "turtle": "ttl",
    "ntriples": "nt",
    "rdfxml": "rdf",
}


def facts_of(graph: kg.Graph) -> set[ox.Quad]:
    """All quads but those of the ontology and the copies in the default graph."""
    store = graph.engine.store  # type: ignore[attr-defined]  # an embedded engine has one
    skip = {ox.DefaultGraph(), ox.NamedNode("https://w3id.org/kg-footnote/ontology")}
    return {quad for quad in store if quad.graph_name not in skip}


@pytest.mark.parametrize("name", DATASETS)
def test_a_dataset_format_keeps_every_passage(graph: kg.Graph, tmp_path: Path, name: str) -> None:
    file = tmp_path / f"out.{ENDINGS[name]}"
    assert graph.export(file) == []
    assert facts_of(graph) == set(ox.parse(path=str(file)))


@pytest.mark.parametrize("name", GRAPHS)
def test_a_single_graph_format_keeps_every_fact_and_says_what_it_drops(
    graph: kg.Graph, tmp_path: Path, name: str
) -> None:
    file = tmp_path / f"out.{ENDINGS[name]}"
    assert "passages" in graph.export(file)[0]
    provenance = ox.NamedNode(PREFIXES["kg"] + "provenance")
    expected = {quad.triple for quad in facts_of(graph) if quad.graph_name != provenance}
    assert expected == {quad.triple for quad in ox.parse(path=str(file))}


@pytest.mark.parametrize("name", GRAPHS)
def test_evidence_carries_the_passages_as_reification(graph: kg.Graph, tmp_path: Path, name: str) -> None:
    file = tmp_path / f"out.{ENDINGS[name]}"
    assert graph.export(file, evidence=True) == []
    store = ox.Store()
    store.load(path=str(file))
    asked = store.query(
        "SELECT ?quote { ?s rdf:subject ex:anna ; rdf:predicate ex:wroteTo ; prov:wasQuotedFrom ?passage ."
        " ?passage oa:hasSelector/oa:exact ?quote } ORDER BY ?quote",
        prefixes=dict(graph.engine.prefixes),
    )
    assert isinstance(asked, ox.QuerySolutions)
    assert [r["quote"].value for r in asked] == [
        "Boris never answered 🙂",
        "Анна wrote to Борис in May 1901.",
    ]


def test_turtle_means_the_same_to_rdflib_and_to_oxigraph(trials: kg.Graph, tmp_path: Path) -> None:
    file = tmp_path / "trials.ttl"
    trials.export(file)
    by_rdflib = rdflib.Graph().parse(file)
    canonical = ox.Dataset(ox.parse(by_rdflib.serialize(format="nt"), format=ox.RdfFormat.N_TRIPLES))
    assert set(ox.Dataset(ox.parse(path=str(file)))) == set(canonical)


@pytest.mark.parametrize("name", [*DATASETS, *GRAPHS])
def test_the_same_facts_give_the_same_bytes(letters: Path, name: str) -> None:
    written = []
    for _ in range(2):
        output = io.BytesIO()
        kg.open(letters).write(output, name)
        written.append(output.getvalue())
    assert written[0] == written[1]


IRIS = st.sampled_from(
    [
        ox.NamedNode(f"https://example.org/{n}")
        for n in ("a", "a/b", "a#b", "a.b", "a.", "é", "a(b)", "0", "-", "a%20b")
    ]
    + [ox.NamedNode(PREFIXES["kg"] + "Trial"), ox.NamedNode(PREFIXES["rdf"] + "type"), ox.NamedNode("urn:x")]
)
XSD_TYPES = st.sampled_from(
    [ox.NamedNode(PREFIXES["xsd"] + name) for name in ("integer", "decimal", "boolean", "date", "double")]
)
LITERALS = st.one_of(
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=12).map(ox.Literal),
    st.sampled_from([ox.Literal("x", language="en"), ox.Literal("дом", language="ru-petr1708")]),
    st.builds(
        lambda value, kind: ox.Literal(value, datatype=kind),
        st.sampled_from(["1", "-5", "1.", "abc", "1.50", "true", "yes"]),
        XSD_TYPES,
    ),
)
QUADS = st.lists(
    st.builds(ox.Quad, IRIS, IRIS, IRIS | LITERALS, st.just(ox.DefaultGraph()) | IRIS), max_size=25
)


@given(QUADS, st.sampled_from(DATASETS))
@settings(max_examples=150)
def test_any_dataset_survives_export_and_loading(quads: list[ox.Quad], name: str) -> None:
    engine = Embedded(ox.Store(), {"ex": "https://example.org/", **PREFIXES})
    engine.store.extend(with_default_copy(quads))
    output = io.BytesIO()
    write(engine, output, name)
    again = ox.Store()
    again.extend(with_default_copy(ox.parse(output.getvalue(), format=OX_FORMATS[name])))
    assert set(engine.store) == set(again)


@given(st.lists(st.binary(max_size=6).map(lambda b: b"<" + b.hex().encode() + b"> .\n")), st.integers(1, 9))
def test_sorting_on_disk_is_sorting_in_memory(lines: list[bytes], chunk: int) -> None:
    assert list(sort_lines(lines)) == list(sort_lines(lines, chunk=chunk))
    assert set(lines) == set(sort_lines(lines))


def test_labels_come_first_and_names_are_short() -> None:
    lines = [
        b'<https://example.org/a> <https://example.org/p> "x" .\n',
        f"<https://example.org/a> <{PREFIXES['rdf']}type> <https://example.org/T> .\n".encode(),
        b'<https://example.org/a> <http://www.w3.org/2000/01/rdf-schema#label> "A"@en .\n',
    ]
    text = "".join(Writer({"ex": "https://example.org/", "rdfs": PREFIXES["rdfs"]}).blocks(sort_lines(lines)))
    assert text == 'ex:a a ex:T ;\n    rdfs:label "A"@en ;\n    ex:p "x" .\n'


def test_an_unknown_ending_lists_the_formats(graph: kg.Graph, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match=r"\.ttl, \.trig"):
        graph.export(tmp_path / "out.docx")


def test_a_pipe_or_a_device_is_written_to_and_not_replaced(graph: kg.Graph, tmp_path: Path) -> None:
    graph.export(tmp_path / "plain.nt")
    os.mkfifo(tmp_path / "pipe.nt")
    with ThreadPoolExecutor(1) as pool:
        read = pool.submit((tmp_path / "pipe.nt").read_bytes)
        graph.export(tmp_path / "pipe.nt")
    assert read.result() == (tmp_path / "plain.nt").read_bytes()
    assert (tmp_path / "pipe.nt").is_fifo()


def test_a_link_stays_and_what_it_names_is_replaced(graph: kg.Graph, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link.nt").symlink_to("folder/facts.nt")
    for _ in range(2):
        graph.export(tmp_path / "link.nt")
        assert (tmp_path / "link.nt").is_symlink()
        assert (tmp_path / "folder" / "facts.nt").stat().st_size


def test_an_old_file_stays_when_the_new_one_fails(
    graph: kg.Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "old.ttl"
    file.write_text("old", encoding="utf-8")
    monkeypatch.setattr("kg.export.ordered", broken)
    with pytest.raises(InputError):
        graph.export(file)
    assert file.read_text(encoding="utf-8") == "old"
    assert [file] == [path for path in tmp_path.iterdir() if path.is_file()]


def broken(*_: object, **__: object) -> None:
    """Stand for an engine whose disk is full."""
    raise OSError(28, "No space left on device")


def test_a_folder_that_cannot_be_written_is_named(graph: kg.Graph, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        graph.export(tmp_path / "nowhere" / "out.ttl")


def test_facts_that_a_format_cannot_hold_are_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "in.nt").write_text("<urn:a> <urn:p> <<( <urn:a> <urn:p> <urn:b> )>> .")
    with pytest.raises(InputError, match=r"cannot be written as JSON-LD: JSON-LD does not"):
        kg.open(data=[tmp_path / "in.nt"]).export(tmp_path / "out.jsonld")


def test_rdflib_reads_the_live_store(graph: kg.Graph) -> None:
    anna = rdflib.URIRef("https://example.org/letters/anna")
    dataset = graph.to_rdflib()
    assert {"Anna", "Анна"} == {str(name) for name in dataset.objects(anna, rdflib.RDFS.label)}
    letter = dataset.graph(rdflib.URIRef("https://example.org/letters/letter-1"))
    assert len(letter) == 2


def test_exported_trig_opens_as_data(graph: kg.Graph, tmp_path: Path) -> None:
    graph.export(tmp_path / "a.trig")
    store = ox.Store()
    load_files(store, [tmp_path / "a.trig"])
    assert facts_of(graph) == facts_of(kg.open(data=[tmp_path / "a.trig"]))


EX = "https://example.org/"
awkward = st.sampled_from([ox.NamedNode(EX + n) for n in ("a", "b", "é", "a:b", "a/b", "", ".a", "a?", "0")])
odd = awkward | st.sampled_from(
    [
        *(ox.Literal(text, language="en") for text in ("x , y", 'q"\\ ;\n\t', "e:a .", "é", "<<( ", "")),
        *(ox.Literal(1), ox.Literal(1.5), ox.Literal(True), ox.Literal("1", datatype=ox.NamedNode(EX + "é"))),
        ox.BlankNode("x"),
        ox.Triple(ox.NamedNode(EX + "a"), ox.NamedNode("https://e/b"), ox.Literal(1)),
    ]
)
quads = st.builds(ox.Quad, awkward, awkward, odd)


@settings(deadline=None, max_examples=60)
@given(st.lists(quads, min_size=1, max_size=12), st.sampled_from([40, 1 << 20]))
def test_the_engine_s_turtle_in_order_is_what_the_writer_writes(quads: list[ox.Quad], piece: int) -> None:
    engine, writer = Embedded(ox.Store(), {"e": EX}), Writer({"e": EX})
    engine.store.extend(quads)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kg.ordering.PIECE", piece)
        found = "".join(ordered(engine.store, writer))
    assert found == "".join(writer.gathered(gather(stated(engine))))
