"""The ontology is closed, documented, free of blank nodes, and its shapes are sound SHACL."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.vocab import PREFIXES

ONTOLOGY = Path(__file__).parent.parent / "ontology"
KG, RDF, RDFS, OWL = (PREFIXES[prefix] for prefix in ("kg", "rdf", "rdfs", "owl"))
TYPE, LABEL, COMMENT = (ox.NamedNode(iri) for iri in (RDF + "type", RDFS + "label", RDFS + "comment"))
PROPERTY_KINDS = {ox.NamedNode(OWL + kind) for kind in ("ObjectProperty", "DatatypeProperty")}
CLASS = ox.NamedNode(OWL + "Class")


def store(name: str) -> ox.Store:
    loaded = ox.Store()
    loaded.load(path=str(ONTOLOGY / name), format=ox.RdfFormat.TURTLE)
    return loaded


KG_TTL = store("kg.ttl")
SUBJECTS = {quad.subject.value for quad in KG_TTL if isinstance(quad.subject, ox.NamedNode)}
OURS = sorted(iri for iri in SUBJECTS if iri.startswith(KG))


def values(subject: str, predicate: ox.NamedNode) -> list[object]:
    return [quad.object for quad in KG_TTL.quads_for_pattern(ox.NamedNode(subject), predicate, None, None)]


CLASSES = [iri for iri in OURS if CLASS in values(iri, TYPE)]
PROPERTIES = [iri for iri in OURS if PROPERTY_KINDS & set(values(iri, TYPE))]


@pytest.mark.parametrize("iri", OURS)
def test_every_term_has_one_english_label_and_comment(iri: str) -> None:
    for predicate in (LABEL, COMMENT):
        (text,) = values(iri, predicate)
        assert isinstance(text, ox.Literal)
        assert text.language == "en"


@pytest.mark.parametrize("iri", PROPERTIES)
def test_every_property_has_one_domain_and_one_range(iri: str) -> None:
    for predicate in ("domain", "range"):
        (_,) = values(iri, ox.NamedNode(RDFS + predicate))


@pytest.mark.parametrize("terms", [CLASSES, PROPERTIES], ids=["classes", "properties"])
def test_labels_tell_terms_apart(terms: list[str]) -> None:
    labels = {str(values(iri, LABEL)[0]) for iri in terms}
    assert len(labels) == len(terms)


@pytest.mark.parametrize("name", ["kg.ttl", "shapes.ttl", "alignments.ttl"])
def test_our_terms_are_declared_before_use(name: str) -> None:
    shapes = {quad.subject.value for quad in store("shapes.ttl") if isinstance(quad.subject, ox.NamedNode)}
    for quad in store(name):
        for term in (quad.subject, quad.predicate, quad.object):
            if isinstance(term, ox.NamedNode) and term.value.startswith(KG):
                assert term.value in shapes | SUBJECTS


def test_the_ontology_has_no_blank_nodes() -> None:
    assert not [
        q for q in KG_TTL if isinstance(q.subject, ox.BlankNode) or isinstance(q.object, ox.BlankNode)
    ]


def test_no_class_is_disjoint_with_its_own_superclass() -> None:
    disjoint = f"<{OWL}disjointWith>"
    assert not KG_TTL.query(f"ASK {{ ?c {disjoint}|^{disjoint} ?d . ?c <{RDFS}subClassOf>+ ?d }}")


def test_properties_with_one_value_are_declared_functional() -> None:
    functional = ox.NamedNode(OWL + "FunctionalProperty")
    for name in ("date", "start", "end", "presidingJudge", "penalty", "value", "total", "size", "born"):
        assert functional in values(KG + name, TYPE)


# pySHACL 0.40 still calls what rdflib 7.6 deprecates.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_shapes_are_sound_shacl() -> None:
    pyshacl = pytest.importorskip("pyshacl")
    shapes = (ONTOLOGY / "shapes.ttl").read_text(encoding="utf-8")
    conforms, _, text = pyshacl.validate(
        shapes, shacl_graph=shapes, data_graph_format="turtle", shacl_graph_format="turtle", meta_shacl=True
    )
    assert conforms, text


def test_every_constraint_has_a_message_for_people() -> None:
    query = """PREFIX sh: <http://www.w3.org/ns/shacl#>
        ASK { ?node sh:property ?shape FILTER NOT EXISTS { ?shape sh:message ?message } }"""
    assert not store("shapes.ttl").query(query)
