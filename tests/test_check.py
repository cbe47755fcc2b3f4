"""Checking: what is wrong is found, named and placed."""

from collections import defaultdict
from pathlib import Path

import pyoxigraph as ox
import pyshacl
import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st

import kg
from kg.errors import InputError
from kg.shapes import compile_shapes
from kg.vocab import PREFIXES

SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ex: <https://example.org/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
ex:S1 a sh:NodeShape ; sh:targetClass ex:A ; sh:nodeKind sh:IRI ;
    sh:property [ sh:path ex:p ; sh:minCount 1 ; sh:maxCount 1 ; sh:datatype xsd:integer ] ;
    sh:property [ sh:path ex:q ; sh:minCount 2 ; sh:class ex:B ] ;
    sh:property [ sh:path [ sh:inversePath ex:q ] ; sh:maxCount 1 ; sh:in ( ex:a ex:b ) ] .
ex:S2 a sh:NodeShape ; sh:targetSubjectsOf ex:r ;
    sh:or ( [ sh:path ex:p ; sh:minCount 1 ; sh:datatype xsd:integer ] [ sh:path ex:q ; sh:minCount 1 ] ) ;
    sh:property [ sh:path ex:r ;
        sh:or ( [ sh:datatype xsd:date ] [ sh:datatype xsd:gYear ] [ sh:class ex:A ] ) ] ;
    sh:property [ sh:path ex:s ; sh:pattern "^x" ; sh:nodeKind sh:Literal ] ;
    sh:property [ sh:path ex:p ; sh:lessThanOrEquals ex:t ; sh:hasValue 1 ] ;
    sh:property [ sh:path ( ex:q ex:p ) ; sh:minInclusive 1 ; sh:not [ sh:in ( 2 ) ] ] .
"""
EX = "https://example.org/"
DATATYPES = {ox.NamedNode(PREFIXES["xsd"] + name) for name in ("string", "integer", "date", "gYear")}
NODES = st.sampled_from([ox.NamedNode(EX + n) for n in "abcd"])
TYPES = [("integer", "1"), ("integer", "2"), ("date", "1938-03-15"), ("date", "nonsense"), ("gYear", "1938")]
VALUES = NODES | st.sampled_from(
    [ox.Literal("xy"), ox.Literal("yx")]
    + [ox.Literal(v, datatype=ox.NamedNode(PREFIXES["xsd"] + t)) for t, v in TYPES]
)
TRIPLES = st.one_of(
    st.builds(
        ox.Triple,
        NODES,
        st.just(ox.NamedNode(PREFIXES["rdf"] + "type")),
        st.sampled_from([ox.NamedNode(EX + "A"), ox.NamedNode(EX + "B")]),
    ),
    st.builds(ox.Triple, NODES, st.sampled_from([ox.NamedNode(EX + n) for n in "pqrst"]), VALUES),
)
SH = rdflib.Namespace(PREFIXES["sh"])


@given(st.lists(TRIPLES, min_size=1, max_size=14))
@settings(max_examples=60, deadline=None)
def test_compiled_shapes_find_what_pyshacl_finds(
    tmp_path_factory: pytest.TempPathFactory, triples: list[ox.Triple]
) -> None:
    file = tmp_path_factory.mktemp("shapes") / "shapes.ttl"
    file.write_text(SHAPES, encoding="utf-8")
    store = ox.Store()
    store.extend(ox.Quad(*triple) for triple in triples)
    ours = {
        (row["this"].value, constraint.component.lower())
        for constraint in compile_shapes(file)
        for row in store.query(constraint.query)  # type: ignore[union-attr]  # compiled to SELECT
    }
    data = rdflib.Graph().parse(data=store.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph()))
    _, report, _ = pyshacl.validate(data, shacl_graph=rdflib.Graph().parse(data=SHAPES), inplace=True)
    theirs = {
        (
            str(report.value(result, SH.focusNode)),
            str(report.value(result, SH.sourceConstraintComponent))
            .removeprefix(PREFIXES["sh"])
            .removesuffix("ConstraintComponent")
            .lower(),
        )
        for result in report.objects(None, SH.result)
    }
    # SHACL: values that SPARQL cannot compare are violations; pySHACL compares them as rdflib sorts them.
    kinds = defaultdict[str, set[object]](set)
    for triple in triples:
        if triple.predicate in {ox.NamedNode(EX + "p"), ox.NamedNode(EX + "t")}:
            literal = isinstance(triple.object, ox.Literal) and triple.object.value != "nonsense"
            kinds[triple.subject.value].add(triple.object.datatype if literal else triple.object)  # type: ignore[union-attr]  # subjects are IRIs
    unlike = {
        (subject, "lessthanorequals")
        for subject, several in kinds.items()
        if len(several) > 1 or not several <= DATATYPES
    }
    assert theirs - unlike == ours - unlike


def test_a_shape_beyond_what_we_compile_is_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "shapes.ttl"
    file.write_text(SHAPES + "ex:S1 sh:xone ( ex:a ) .", encoding="utf-8")
    with pytest.raises(InputError, match="sh:xone"):
        compile_shapes(file)


def test_the_bundled_facts_hold(trials: kg.Graph) -> None:
    assert [str(f) for f in trials.check().findings if f.level == "error"] == []


def test_a_quotation_that_does_not_stand_at_its_offsets_is_named(letters: Path) -> None:
    file = letters / "facts" / "letters.trig"
    moved = file.read_text(encoding="utf-8").replace("oa:start 33", "oa:start 34")
    file.write_text(moved, encoding="utf-8")
    errors = [str(f) for f in kg.open(letters).check().findings if f.level == "error"]
    wanted = ["letter.txt", "letter-2", "expected 'Boris never answered 🙂'", "found 'oris never"]
    assert any(all(part in error for part in wanted) for error in errors), errors


def test_offsets_count_code_points_in_any_script(graph: kg.Graph) -> None:
    assert [f for f in graph.check().findings if "letter.txt" in f.where] == []


def test_a_text_that_is_gone_is_named(letters: Path) -> None:
    (letters / "facts" / "letter.txt").unlink()
    report = kg.open(letters).check()
    assert not report.ok
    assert any(f.where == "letter.txt" for f in report.findings)


def test_a_graph_without_a_record_and_a_term_nobody_declared_are_found(letters: Path) -> None:
    extra = (
        "@prefix kg: <https://w3id.org/kg-footnote/ontology#> .\n<urn:g> { <urn:a> kg:invented <urn:b> }\n"
    )
    (letters / "facts" / "extra.trig").write_text(extra, encoding="utf-8")
    found = {f.where: f.message for f in kg.open(letters).check().findings if f.level == "error"}
    assert "no record" in found["<urn:g>"]
    assert "does not declare" in found["kg:invented"]
