"""Footnotes, restrictions to sources, and the commands that show them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

import kg
from kg.errors import UnknownNameError
from kg.evidence import explain
from kg.views.answer import page
from kg.views.footnotes import Footnotes, strongest
from tests.conftest import RunKg

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WROTE = "SELECT ?a { ?a ex:wroteTo ?b }"
UNANSWERED = "SELECT ?a { ?a ex:leftUnanswered ?b }"


def test_each_row_of_a_result_has_its_evidence(graph: kg.Graph) -> None:
    (row,) = graph.query(WROTE, evidence=True)
    assert [passage.value.rpartition("/")[2] for passage in row.evidence.passages] == ["letter-1", "letter-2"]


def test_a_truth_has_evidence_too(graph: kg.Graph) -> None:
    assert graph.query("ASK { ex:anna ex:wroteTo ex:boris }", evidence=True).evidence.status == "supported"


def test_a_row_that_only_alleged_passages_carry_is_marked(graph: kg.Graph) -> None:
    explanation = explain(graph.engine, UNANSWERED)
    evidence = explanation.evidence(0)
    assert Footnotes(graph.engine, [evidence]).marks(evidence) == "[1] (only alleged)"


def test_one_passage_that_asserts_is_enough(graph: kg.Graph) -> None:
    evidence = explain(graph.engine, WROTE).evidence(0)
    assert Footnotes(graph.engine, [evidence]).marks(evidence) == "[1] [2]"


def test_a_row_is_not_called_alleged_for_want_of_the_witness_that_was_cut(trials: kg.Graph) -> None:
    explanation = trials.explain("SELECT DISTINCT ?y { ?x ?p ?y . ?x kg:charge ?z }")
    few = explanation.for_rows(range(len(explanation.rows)))
    every = explanation.wider(5_000).for_rows(range(len(few)))
    marks = [Footnotes(trials.engine, found).standing for found in (few, every)]
    assert [marks[0](one) for one in few] != [marks[1](one) for one in every]
    strong = strongest(trials.engine, explanation, few)
    notes = Footnotes(trials.engine, strong)
    assert [notes.standing(one) for one in strong] == [marks[1](one) for one in every]
    assert [len(one.witnesses) for one in strong] == [len(one.witnesses) for one in few]


def test_a_no_is_marked_as_resting_on_something_absent(graph: kg.Graph) -> None:
    evidence = explain(graph.engine, "ASK { ex:boris ex:wroteTo ex:boris }").evidence(0)
    assert Footnotes(graph.engine, [evidence]).marks(evidence) == "something absent"


def test_remarks_on_a_row_are_told_apart(trials: kg.Graph) -> None:
    text = "SELECT (NOW() AS ?t) { mt:second-moscow-trial a ?k FILTER NOT EXISTS { ?k kg:date ?d } }"
    evidence = explain(trials.engine, text).evidence(0)
    marks = Footnotes(trials.engine, [evidence]).marks(evidence)
    assert marks == "curated; from elsewhere: NOW() and something absent"


def test_a_passage_has_one_number_in_the_whole_answer(run_kg: RunKg, letters: Path) -> None:
    text = "SELECT ?p { { ex:anna ?p ex:boris } UNION { ex:boris ?p ex:anna } } ORDER BY DESC(?p)"
    done = run_kg("query", text, "--evidence", cwd=letters)
    assert done.stdout.splitlines() == [
        "p\tevidence",
        "ex:wroteTo\t[1] [2]",
        "ex:leftUnanswered\t[2] (only alleged)",
        "",
        "[1] “Анна wrote to Борис in May 1901.” — A letter, characters 0–32 (asserted)",
        "[2] “Boris never answered 🙂” — A letter, characters 33–55 (alleged)",
    ]


def test_json_is_standard_with_one_member_more(run_kg: RunKg, letters: Path) -> None:
    done = run_kg("query", WROTE, "--evidence", "-f", "json", cwd=letters)
    found = json.loads(done.stdout)
    assert list(found) == ["head", "results", "evidence"]
    assert found["evidence"]["rows"][0]["status"] == "supported"
    assert [p["number"] for p in found["evidence"]["passages"].values()] == [1, 2]


def test_a_row_without_columns_can_be_written(run_kg: RunKg, letters: Path) -> None:
    done = run_kg(
        "query", "SELECT * { ex:anna ex:wroteTo ex:boris }", "--evidence", "-f", "json", cwd=letters
    )
    assert json.loads(done.stdout)["results"]["bindings"] == [{}]
    html = run_kg(
        "query", "SELECT * { ex:anna ex:wroteTo ex:boris }", "--evidence", "-f", "html", cwd=letters
    )
    assert html.stdout.count("<th ") == html.stdout.count("<td ") == 1


def test_html_marks_the_passage_in_its_source_and_asks_nothing_of_the_network(
    run_kg: RunKg, letters: Path
) -> None:
    run_kg("query", WROTE, "--evidence", "-o", "answer.html", cwd=letters)
    html = (letters / "answer.html").read_text(encoding="utf-8")
    assert "<mark>Анна wrote to Борис in May 1901.</mark>" in html
    assert not re.search(r'(?:src|href)="(?!#)|url\(|<script', html)


REHABILITATED = "SELECT ?who ?extent { ?rehabilitation kg:rehabilitated ?who ; kg:extent ?extent }"


def _opened(browser: Browser, html: str, width: int) -> Page:
    opened = browser.new_page(viewport={"width": width, "height": 800})
    opened.set_content(html)
    return opened


def _html(graph: kg.Graph, text: str) -> str:
    explanation = graph.explain(text)
    evidence = explanation.for_rows(range(len(explanation.rows)))
    return page(explanation, evidence, Footnotes(graph.engine, evidence), graph.project, "An answer")


@pytest.mark.parametrize("width", [390, 1280])
def test_html_breaks_no_word_of_a_row_and_fits_the_window(
    browser: Browser, trials: kg.Graph, width: int
) -> None:
    columns = " ".join(f'("rehabilitation of someone" AS ?rehabilitated{n})' for n in range(5))
    opened = _opened(browser, _html(trials, f"SELECT {columns} {{}}"), width)
    assert opened.evaluate("document.documentElement.scrollWidth") == width
    # A range around one word has one box unless the word is broken.
    boxes = """[...document.querySelectorAll("td bdi")].map(cell => {
        const range = document.createRange();
        range.setStart(cell.firstChild, 0);
        range.setEnd(cell.firstChild, "rehabilitation".length);
        return range.getClientRects().length;
    })"""
    assert set(opened.evaluate(boxes)) == {1}
    opened.close()


def test_html_keeps_the_sources_beside_the_footnotes(browser: Browser, trials: kg.Graph) -> None:
    opened = _opened(browser, _html(trials, REHABILITATED), 1280)
    opened.locator("[href='#note-2']").first.click()
    assert opened.evaluate("document.querySelector('aside').getBoundingClientRect().bottom > innerHeight / 2")
    opened.locator("#note-2 a").click()
    top = "document.querySelector('%s').getBoundingClientRect().top"
    assert opened.evaluate(f"0 <= {top % '#passage-2'} && {top % '#passage-2'} < innerHeight")
    assert opened.evaluate(f"0 <= {top % '#note-2'} && {top % '#note-2'} < innerHeight")
    opened.close()


def test_the_page_of_an_answer_has_the_title_of_its_query_and_no_endless_one(graph: kg.Graph) -> None:
    assert graph.title_of("#+ title: Who wrote?\nSELECT ?a { ?a ?p ?o }") == "Who wrote?"
    assert graph.title_of("SELECT  *\n{ ?s ?p ?o }") == "SELECT * { ?s ?p ?o }"
    assert len(graph.title_of(f"SELECT * {{ VALUES ?x {{ {'1 ' * 10_000} }} }}")) < 600


def test_an_answer_without_rows_has_a_page(graph: kg.Graph) -> None:
    assert "<tbody>\n</tbody>" in _html(graph, "SELECT ?x { ?x ex:none ?y }")


def test_html_lists_the_rows_that_fall_without_a_source(run_kg: RunKg, letters: Path) -> None:
    done = run_kg("query", UNANSWERED, "--evidence", "--without", "letter-2", "-f", "html", cwd=letters)
    assert "<h2>1 row falls without these sources</h2>\n<ul>\n<li>Boris</li>" in done.stdout


def test_below_a_table_stand_the_caps_that_bit_and_what_limit_does(run_kg: RunKg, letters: Path) -> None:
    text = "SELECT DISTINCT ?one { VALUES ?one { 1 } ?s ?p ?o } LIMIT 1"
    below = run_kg("query", text, "--evidence", cwd=letters).stdout.splitlines()[-3:]
    assert re.fullmatch(
        r"partly explained: 3 of the witnesses are given; \d+ derivations were counted", below[0]
    )
    assert below[1].startswith("LIMIT 1 chose the rows")


def test_what_a_row_rests_on_elsewhere_is_named_at_the_row(run_kg: RunKg, letters: Path) -> None:
    done = run_kg("query", "SELECT (RAND() < 2 AS ?x) (NOW() > 1 AS ?y) {}", "--evidence", cwd=letters)
    assert done.stdout.splitlines()[1].endswith("\tfrom elsewhere: NOW(), RAND()")


def test_why_says_what_an_ask_answers(run_kg: RunKg, letters: Path) -> None:
    done = run_kg("why", "ASK { ex:boris ex:wroteTo ex:boris }", cwd=letters)
    assert done.stdout.startswith("answer: no\nsupported+absence")


def test_html_escapes_what_the_data_holds(graph: kg.Graph) -> None:
    explanation = explain(
        graph.engine, 'SELECT ("<script>alert(1)</script>" AS ?x) { ex:anna ex:wroteTo ?b }'
    )
    evidence = explanation.for_rows([0])
    notes = Footnotes(graph.engine, evidence)
    assert "<script" not in page(explanation, evidence, notes, graph.project, "<script>")


def test_why_tells_statements_passages_and_what_is_absent(run_kg: RunKg, letters: Path) -> None:
    text = "SELECT ?a { ?a ex:wroteTo ?b FILTER NOT EXISTS { ?a ex:leftUnanswered ?b } }"
    done = run_kg("why", text, cwd=letters)
    assert "Anna ex:wroteTo Boris [1] [2]" in done.stdout
    assert "no passage in this corpus states { ?a ex:leftUnanswered ?b }" in done.stdout
    assert "to check: PREFIX ex: <https://example.org/letters/> ASK {" in done.stdout


def test_why_tells_the_nearest_miss_with_its_passages(run_kg: RunKg, letters: Path) -> None:
    text = "SELECT ?a { ?a ex:wroteTo ?b FILTER NOT EXISTS { ?b ex:leftUnanswered ?c . ?c ex:age ?n } }"
    done = run_kg("why", text, cwd=letters)
    assert "  found: Boris ex:leftUnanswered Anna [2]" in done.stdout.replace("    found", "  found")
    assert "not found: <https://example.org/letters/anna> <https://example.org/letters/age> ?n" in done.stdout
    assert "(2 passages of 1 documents searched)" in done.stdout


def test_without_a_source_the_rows_that_fall_are_listed(run_kg: RunKg, letters: Path) -> None:
    text = "SELECT ?a ?b { ?a ex:leftUnanswered ?b }"
    done = run_kg("query", text, "--evidence", "--without", "letter-2", cwd=letters)
    assert "1 row falls without these sources:\n  Boris; Anna" in done.stdout
    done = run_kg("query", text, "--evidence", "--without", "letter-2", "-f", "json", cwd=letters)
    assert len(json.loads(done.stdout)["evidence"]["fallen"]) == 1


def test_without_a_source_it_is_said_that_the_truth_of_an_ask_falls(run_kg: RunKg, letters: Path) -> None:
    command = ["query", "ASK { ?a ex:leftUnanswered ?b }", "--evidence", "--without", "letter-2"]
    done = run_kg(*command, cwd=letters)
    assert done.stdout.startswith("answer\tevidence\nno")
    assert "1 row falls without these sources:\n  true" in done.stdout
    fallen = json.loads(run_kg(*command, "-f", "json", cwd=letters).stdout)["evidence"]["fallen"]
    assert [row["answer"]["value"] for row in fallen] == ["true"]


def test_a_restriction_in_place_is_the_same_as_a_copy(letters: Path) -> None:
    copy = kg.open(letters).restricted(without=["letter-2"])
    place = kg.open(letters).restricted(without=["letter-2"], keep=False)
    text = "SELECT ?g ?s ?p ?o { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } } ORDER BY ?g ?s ?p ?o"
    assert copy.query(text).to("csv") == place.query(text).to("csv")


@pytest.mark.parametrize(
    ("text", "cap", "said"),
    [
        ("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "--members", "members of the group are given"),
        ("SELECT DISTINCT ?n { VALUES ?n { 1 } ?s ?p ?o }", "--witnesses", "1 of the witnesses are given"),
        ("SELECT ?b { ex:anna (ex:wroteTo|^ex:wroteTo)+ ?b } ORDER BY ?b", "--nodes", "1 nodes"),
    ],
)
def test_caps_are_options_and_said_where_they_bite(
    run_kg: RunKg, letters: Path, text: str, cap: str, said: str
) -> None:
    for command in (["why"], ["query", "--evidence"]):
        assert said in run_kg(*command, text, cap, "1", cwd=letters).stdout


@pytest.mark.parametrize("command", [["why", "--row", "3"], ["query", "--evidence"]])
def test_no_more_rows_are_read_than_are_shown(run_kg: RunKg, letters: Path, command: list[str]) -> None:
    endless = f"SELECT * {{ {' '.join(f'?s{n} ?p{n} ?o{n} .' for n in range(12))} }}"
    assert run_kg(*command, endless, cwd=letters).returncode == 0


def test_why_of_a_row_that_is_not_there_says_how_many_are(run_kg: RunKg, letters: Path) -> None:
    done = run_kg("why", WROTE, "--row", "7", cwd=letters)
    assert (done.returncode, "1 row," in done.stderr) == (2, True)


def test_only_a_source_leaves_its_statements_and_the_labels(graph: kg.Graph) -> None:
    text = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o FILTER(STRSTARTS(STR(?p), STR(ex:))) }"
    counts = [graph.restricted(only=["letter-2"]), graph.restricted(without=["letter-2"]), graph]
    assert [g.query(text).rows[0]["n"] for g in counts] == [ox.Literal(2), ox.Literal(1), ox.Literal(2)]
    assert graph.restricted(only=["letter-1"]).query("SELECT ?l { ex:anna rdfs:label ?l }").rows


def test_without_a_source_a_statement_of_another_stays(graph: kg.Graph) -> None:
    assert graph.restricted(without=["letter-2"]).query("ASK { ex:anna ex:wroteTo ex:boris }")
    assert not graph.restricted(without=["letter"]).query("ASK { ex:anna ex:wroteTo ex:boris }")


def test_a_restriction_changes_nothing_for_others(graph: kg.Graph) -> None:
    before = len(graph.query("SELECT * { ?s ?p ?o }"))
    graph.restricted(without=["letter"]).query("ASK {}")
    assert len(graph.query("SELECT * { ?s ?p ?o }")) == before


def test_an_unknown_source_is_told_the_nearest(graph: kg.Graph) -> None:
    with pytest.raises(UnknownNameError, match="letter"):
        graph.restricted(only=["lettr"])
    with pytest.raises(UnknownNameError, match="letter"):
        graph.restricted(only=["anna"])


def test_the_names_nearest_to_an_unknown_source_are_those_of_sources(trials: kg.Graph) -> None:
    with pytest.raises(UnknownNameError) as raised:
        trials.restricted(only=["legaci"])
    assert "legacy" in raised.value.nearest
    assert all(trials.restricted(only=[name]) for name in raised.value.nearest)


@pytest.mark.parametrize("name", ["g", "notes", "http://e/g"])
def test_a_graph_of_any_dataset_is_a_source_by_its_name_title_or_iri(name: str, tmp_path: Path) -> None:
    restricted = _foreign(tmp_path, 'e:g dc:title "Notes" . e:h { e:x e:b e:c }').restricted(only=[name])
    assert len(restricted.query("SELECT * { ?s <http://e/b> ?o }")) == 1


def test_the_graph_nearest_to_an_unknown_one_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match=r"Nearest: graph1\."):
        _foreign(tmp_path, "e:graph1 { e:x e:b e:c }").restricted(without=["http://e/graph2"])


@pytest.mark.parametrize("command", [["query", "--evidence"], ["why"]])
def test_what_is_said_of_a_graph_is_known_also_where_only_that_graph_is_asked(
    run_kg: RunKg, tmp_path: Path, command: list[str]
) -> None:
    _foreign(tmp_path, 'e:about { e:g dc:title "Notes" }')
    done = run_kg(*command, "SELECT * { ?s ?p ?o }", "--only", "g", "--data", str(tmp_path / "any.trig"))
    assert "[1] Notes <http://e/g>" in done.stdout


def _foreign(folder: Path, more: str) -> kg.Graph:
    """Open a dataset with a graph that is no passage, and more."""
    prefixes = "@prefix e: <http://e/> . @prefix dc: <http://purl.org/dc/terms/> . "
    data = folder / "any.trig"
    data.write_text(f"{prefixes}e:g {{ e:a e:b e:c }} {more}", encoding="utf-8")
    return kg.open(data=[data])


def _noted(folder: Path, metadata: str) -> str:
    """Return the footnote of a graph of a foreign dataset that says this about it."""
    graph = _foreign(folder, metadata)
    evidence = graph.explain("SELECT ?o { <http://e/a> ?p ?o }").evidence(0)
    return Footnotes(graph.engine, [evidence]).lines()[-1]


def test_graphs_that_are_no_passages_are_shown_by_their_own_words_and_iri(tmp_path: Path) -> None:
    assert _noted(tmp_path, 'e:g dc:title "Notes" .') == "[1] Notes <http://e/g>"


def test_all_that_a_dataset_says_of_a_graph_is_shown(tmp_path: Path) -> None:
    said = 'e:m { e:g dc:creator "Boris", "Anna" ; e:creator e:c ; dc:source <http://s/> }'
    assert _noted(tmp_path, said) == "[1] http://e/g, creator: Anna, Boris, http://e/c; source: http://s/"


def test_of_very_many_values_of_one_property_of_a_graph_some_are_shown(tmp_path: Path) -> None:
    said = f"e:g e:part {', '.join(map(str, range(10, 99)))} ."
    assert _noted(tmp_path, said).endswith("18, 19 and 79 more")
