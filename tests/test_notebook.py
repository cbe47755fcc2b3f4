"""In a notebook, answers and pictures show themselves, and what the data holds cannot run."""

from pathlib import Path

import kg
from kg.views.page import Page


def test_an_answer_is_a_table_of_labels(graph: kg.Graph) -> None:
    shown = graph.query("SELECT ?who ?name { ?who ex:wroteTo ?x . ?x rdfs:label ?name }")._repr_html_()
    assert '<a href="https://example.org/letters/anna" rel="noopener noreferrer"><bdi>Anna</bdi></a>' in shown
    assert "<th>who</th><th>name</th>" in shown
    assert shown.endswith("<p>1 row</p>")


def test_an_answer_with_evidence_and_triples_are_tables_too(graph: kg.Graph) -> None:
    assert "<bdi>Boris</bdi>" in graph.query("who-wrote", evidence=True)._repr_html_()
    assert (
        "<th>subject</th>" in graph.query("CONSTRUCT { ?a ex:knows ?b } { ?a ex:wroteTo ?b }")._repr_html_()
    )
    assert graph.query("ASK {}")._repr_html_() == "<p>yes</p>"


def test_many_rows_are_counted_and_the_first_hundred_shown(trials: kg.Graph) -> None:
    shown = trials.query("SELECT ?a ?b ?c { ?a ?b ?c } LIMIT 250")._repr_html_()
    assert shown.endswith("<p>100 of 250 rows</p>")
    assert shown.count("<tr>") == 101


def test_hostile_text_is_text(graph: kg.Graph) -> None:
    hostile = "<img src=x onerror=alert(1)>\\\"'&"
    shown = graph.query(f'SELECT ("{hostile}" AS ?a) (IRI("javascript:alert(1)") AS ?b) {{}}')._repr_html_()
    assert "<img" not in shown
    assert "href" not in shown


def test_a_view_shows_itself_in_a_frame_that_is_kept_apart(graph: kg.Graph) -> None:
    view = graph.view("CONSTRUCT { ?a ex:knows ?b } { ?a ex:wroteTo ?b }")
    assert isinstance(view, Page)
    shown = view._repr_html_()
    assert shown.startswith('<iframe sandbox="allow-scripts')
    assert "allow-same-origin" not in shown
    assert shown.count("<") == 2
    assert view._repr_mimebundle_()["text/html"] == shown


def test_a_view_is_saved_whole(graph: kg.Graph, tmp_path: Path) -> None:
    view = graph.view("CONSTRUCT { ?a ex:knows ?b } { ?a ex:wroteTo ?b }")
    assert view.save(tmp_path / "view.html").read_bytes() == view.encode()
