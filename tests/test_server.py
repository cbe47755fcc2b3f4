"""The endpoint, as its clients meet it: a real server, real sockets, and workers that can be killed."""

import gzip
import json
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.server.settings import Limits, Place
from tests.serving import Running, running

PACKED = {"Content-Type": "application/sparql-query", "Content-Encoding": "gzip"}


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    """The Moscow Trials, served."""
    with running(Place(), Limits(seconds=20)) as started:
        yield started


def sparql(server: Running, query: str, accept: str = "", **more: str) -> tuple[int, str, bytes]:
    body = urllib.parse.urlencode({"query": query, **more})
    headers = {"Content-Type": "application/x-www-form-urlencoded"} | ({"Accept": accept} if accept else {})
    return server.ask("POST", "/sparql", body.encode(), headers)


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", "application/sparql-results+json"),
        ("application/sparql-results+xml", "application/sparql-results+xml"),
        ("text/csv;q=0.2, text/tab-separated-values;q=0.9", "text/tab-separated-values; charset=utf-8"),
    ],
)
def test_the_format_is_negotiated(server: Running, accept: str, kind: str) -> None:
    status, found, body = sparql(server, "SELECT ?x { VALUES ?x { 1 2 } }", accept)
    assert (200, kind) == (status, found)
    if "csv" not in kind:
        parsed = ox.parse_query_results(body, format=ox.QueryResultsFormat.from_media_type(kind))
        assert isinstance(parsed, ox.QuerySolutions)
        assert [row["x"].value for row in parsed] == ["1", "2"]


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "status"),
    [
        ("POST", "/sparql", {"Content-Type": "text/plain"}, b"ASK {}", 415),
        ("POST", "/sparql", {}, b"ASK {}", 415),
        ("POST", "/sparql", {"Content-Type": "application/sparql-query"}, b"\xff\xfe", 400),
        ("POST", "/sparql", {"Content-Type": "application/sparql-update"}, b"CLEAR ALL", 403),
        ("POST", "/sparql", {"Content-Type": "application/sparql-query"}, b" " * 1_000_001, 413),
        ("GET", "/sparql?query=ASK%20%7B%7D&query=ASK%20%7B%7D", {}, b"", 400),
        ("GET", "/sparql?query=ASK%20%7B%7D", {"Accept": "image/png"}, b"", 406),
        ("GET", "/sparql?query=CLEAR%20ALL", {}, b"", 403),
        ("GET", "/sparql?query=ASK%7BSERVICE%3Curn:x%3E%7B%7D%7D", {}, b"", 403),
        ("GET", "/sparql?query=ASK%20%7B%7D&default-graph-uri=x", {}, b"", 400),
        ("GET", "/sparql?query=%00%00", {}, b"", 400),
        ("PUT", "/sparql", {}, b"", 405),
        ("POST", "/sparql", PACKED, b"ASK {}", 415),
        ("GET", "/static/../settings.py", {}, b"", 404),
    ],
)
def test_what_is_no_query_is_refused_in_one_shape(
    server: Running, method: str, path: str, headers: dict[str, str], *, body: bytes, status: int
) -> None:
    found, kind, said = server.ask(method, path, body, headers)
    assert (status, "application/json") == (found, kind)
    assert json.loads(said)["error"]["status"] == status


def test_a_mistake_is_answered_with_its_place(server: Running) -> None:
    _, _, body = sparql(server, "SELECT *\nWHERE { ?s ?p ?o FILTR }")
    error = json.loads(body)["error"]
    assert (error["line"], error["status"]) == (2, 400)


def test_nothing_of_another_site_is_allowed_by_a_header(server: Running) -> None:
    headers, _ = server.open("/", {})
    assert "Access-Control-Allow-Origin" not in headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy.replace("style-src-attr 'unsafe-inline'", "")
    again, _ = server.open("/", {})
    assert again["Content-Security-Policy"] != policy, "the nonce of the editor's styles is new every time"


def test_an_answer_is_compressed_where_the_client_says_so(server: Running) -> None:
    path = "/sparql?query=" + urllib.parse.quote("SELECT * { ?s ?p ?o } LIMIT 500")
    headers, body = server.open(path, {"Accept-Encoding": "gzip"})
    assert headers["Content-Encoding"] == "gzip"
    assert len(json.loads(gzip.decompress(body))["results"]["bindings"]) == 500


def test_the_evidence_of_a_row_quotes_its_passages(server: Running) -> None:
    question = "SELECT ?who { ?r a kg:Rehabilitation ; kg:rehabilitated ?who } ORDER BY ?who LIMIT 1"
    headers = {"Content-Type": "application/json"}
    _, _, body = server.ask("POST", "/api/ask", json.dumps({"question": question}).encode(), headers)
    row = [cell["nt"] for cell in json.loads(body)["rows"][0]]
    wanted = json.dumps({"question": question, "row": row}).encode()
    status, _, body = server.ask("POST", "/api/evidence", wanted, headers)
    assert status == 200
    found = json.loads(body)
    assert found["status"].endswith("supported")
    assert found["witnesses"][0]["statements"][0]["passages"][0]["citation"]


def test_a_question_has_a_page_and_two_twins(server: Running) -> None:
    name = "/question/rehabilitated-when"
    _, _, page = server.ask("GET", name)
    linked = page.partition(b'<script type="application/ld+json">')[2].partition(b"</script>")[0]
    assert json.loads(linked)["@type"] == "Question"
    assert json.loads(server.ask("GET", name + ".json")[2])["title"] == json.loads(linked)["name"]
    turtle = server.ask("GET", name + ".ttl")[2]
    assert any(
        quad.predicate.value == "http://www.w3.org/ns/shacl#select"
        for quad in ox.parse(turtle, ox.RdfFormat.TURTLE, base_iri="http://127.0.0.1/")
    )
    assert server.ask("GET", "/question/nobody-asked")[0] == 404


def test_a_passage_is_cited_in_three_ways(server: Running) -> None:
    cited = json.loads(server.ask("GET", "/api/citation?passage=mt:legacy-08")[2])
    assert "characters 690" in cited["chicago"]
    assert cited["bibtex"].startswith("@misc{legacy-08,")
    assert cited["csl"][0]["id"] == "legacy-08"


def test_what_is_found_says_what_kind_of_thing_it_is(server: Running) -> None:
    found = json.loads(server.ask("GET", "/api/search?q=birth%20of%20nikolai%20bukharin")[2])["things"]
    assert ("Birth of Nikolai Bukharin", ["birth"]) in [(thing["text"], thing["kinds"]) for thing in found]
    (source, *_) = json.loads(server.ask("GET", "/api/search?q=mt:legacy")[2])["things"]
    assert "source" in source["kinds"]


def test_a_failure_is_a_page_for_people_and_json_for_programs(server: Running) -> None:
    for path, status in (("/thing/%3Csvg%3E", 404), ("/nowhere", 404), ("/view?q=ASK%7B%7D", 400)):
        found, kind, page = server.ask("GET", path, headers={"Accept": "text/html,*/*;q=0.8"})
        assert (found, kind) == (status, "text/html; charset=utf-8")
        assert b"<svg" not in page
        assert server.ask("GET", path)[1] == "application/json"


def test_a_refusal_names_no_option_of_a_command(server: Running) -> None:
    for query in ("ASK { SERVICE <urn:x> {} }", "INSERT DATA { <urn:a> <urn:b> <urn:c> }"):
        assert b"--allow" not in sparql(server, query)[2]


def test_names_questions_and_quoted_words_are_found(server: Running) -> None:
    found = json.loads(server.ask("GET", "/api/search?q=bucharin")[2])
    assert found["things"][0]["name"] == "mt:nikolai-bukharin"
    assert json.loads(server.ask("GET", "/api/search?q=secret%20speech")[2])["passages"]
    assert json.loads(server.ask("GET", "/api/search?q=rehabilitated")[2])["questions"]


def test_the_description_is_turtle_that_names_the_endpoint(server: Running) -> None:
    body = server.ask("GET", "/sparql")[2]
    found = {quad.predicate.value.rpartition("#")[2] for quad in ox.parse(body, ox.RdfFormat.TURTLE)}
    assert {"endpoint", "declare", "select"} <= found


def test_a_thing_has_a_page_and_two_twins(server: Running) -> None:
    name = "/thing/mt:nikolai-bukharin"
    kinds = [server.ask("GET", name + ending)[1] for ending in ("", ".json", ".ttl")]
    assert kinds == ["text/html; charset=utf-8", "application/json", "text/turtle; charset=utf-8"]
    assert server.ask("GET", "/thing/nobody")[0] == 404


@pytest.mark.parametrize("page", ["/thing/mt:nikolai-bukharin", "/question/rehabilitated-when"])
@pytest.mark.parametrize("ending", [".json", ".ttl"])
def test_a_page_and_its_twins_lead_to_each_other(server: Running, page: str, ending: str) -> None:
    assert f'href="{page}{ending}"'.encode() in server.ask("GET", page)[2]
    assert server.send("GET", page + ending)[1]["Link"] == f'<{page}>; rel="alternate"; type="text/html"'


def test_the_page_of_a_thing_names_each_relation_once(server: Running) -> None:
    page = server.ask("GET", "/thing/mt:nikolai-bukharin")[2].decode()
    assert page.count(">also called</bdi></a></h3>") == 1
    assert page.index("<h2>Statements</h2>") < page.rindex("Bucharin<") < page.index("<h2>What names it</h2>")


@pytest.mark.parametrize(
    ("name", "kind"),
    [("nikolai-bukharin", "Person"), ("arrest-of-karl-radek", "Event"), ("legacy", "CreativeWork"),
     ("legacy-08", "Quotation")],
)  # fmt: skip
def test_a_page_says_what_schema_org_calls_its_thing(server: Running, name: str, kind: str) -> None:
    page = server.ask("GET", f"/thing/mt:{name}")[2]
    linked = page.partition(b'<script type="application/ld+json">')[2].partition(b"</script>")[0]
    assert json.loads(linked)["@type"] == kind


def test_the_page_of_a_passage_is_called_by_its_source_and_place(server: Running) -> None:
    page = server.ask("GET", "/thing/mt:legacy-08")[2].decode()
    assert "<title>Legacy, characters 690–846 ·" in page
    assert "<h1><bdi>Legacy, characters 690–846</bdi></h1>" in page


def test_the_page_of_what_very_much_names_is_cut_and_says_so(tmp_path: Path) -> None:
    file = tmp_path / "many.ttl"
    label = "<http://www.w3.org/2000/01/rdf-schema#label>"
    file.write_text(
        f'<urn:c> {label} "the class" .\n'
        + "".join(f'<urn:x:{n}> a <urn:c> ; {label} "thing {n}" .\n' for n in range(25_000))
    )
    with running(Place(data=(str(file),)), Limits(workers=1)) as many:
        page = many.ask("GET", "/thing/urn:c")[2].decode()
        assert "<h1><bdi>the class" in page
        assert "Much more is stated" in page
        assert page.count("<li>") < 2100
        assert json.loads(many.ask("GET", "/thing/urn:c.json")[2])["is_cut"]
        assert many.ask("GET", "/thing/urn:c.ttl")[2].count(b"<urn:x:") == 25_000
        found = json.loads(many.ask("GET", "/api/search?q=Thing%20777")[2])["things"]
        assert [thing["text"] for thing in found[:2]] == ["thing 777", "thing 7770"]


def test_the_page_of_a_source_lists_its_passages_by_their_words(server: Running) -> None:
    page = server.ask("GET", "/thing/mt:legacy")[2].decode()
    assert '<a href="/thing/mt:legacy-08"><bdi>“While Khrushchev' in page


def test_files_changed_on_disk_are_served_and_a_broken_one_leaves_the_last_good(
    letters: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = letters / "facts" / "more.ttl"
    query = "ASK { <urn:new> <urn:is> <urn:here> }"
    with running(Place(str(letters)), Limits(workers=1)) as server:
        assert json.loads(sparql(server, query)[2])["boolean"] is False
        time.sleep(1.5)
        file.write_text("<urn:new> <urn:is> <urn:here> .")
        server.wait_for(lambda: json.loads(sparql(server, query)[2])["boolean"])
        file.write_text("<urn:new> <urn:is")
        server.wait_for(lambda: json.loads(server.ask("GET", "/api/status")[2])["problem"])
        assert json.loads(sparql(server, query)[2])["boolean"] is True
    assert "more.ttl" in caplog.text, "who started the server is told"


@pytest.mark.parametrize(
    "accept", ["text/csv", "application/sparql-results+xml", "application/sparql-results+json"]
)
def test_a_saved_question_with_parameters_is_answered_in_every_format(server: Running, accept: str) -> None:
    questions = json.loads(server.ask("GET", "/api/questions")[2])["questions"]
    asked = next(question for question in questions if any(p["default"] for p in question["parameters"]))
    values = {f"p.{p['name']}": p["default"] for p in asked["parameters"] if p["default"]}
    address = f"/answer/{asked['name']}?{urllib.parse.urlencode(values)}"
    status, kind, body = server.ask("GET", address, headers={"Accept": accept})
    assert (status, kind.partition(";")[0]) == (200, accept), body
    assert server.ask("GET", f"{address}&p.nonsense=1")[0] == 400
    assert server.ask("GET", "/answer/nonsense")[0] == 404
    assert server.ask("GET", address, headers={"Accept": "image/png"})[0] == 406


def test_a_graph_is_drawn_with_all_that_touches_a_thing(server: Running) -> None:
    plain = server.ask("GET", "/view/main")
    more = server.ask("GET", "/view/main?expand=mt:nikolai-bukharin")
    assert (plain[0], more[0]) == (200, 200), more[2][:300]

    def relations(page: bytes) -> int:
        data = page.partition(b'id="data">')[2].partition(b"</script>")[0] or b"{}"
        return int(json.loads(data)["count"][1])

    assert relations(more[2]) > relations(plain[2])
    assert server.ask("GET", "/view/main?expand=nonsense")[0] == 404


def test_every_projection_is_drawn_with_all_that_touches_a_thing(server: Running) -> None:
    for name in json.loads(server.ask("GET", "/api/questions")[2])["projections"]:
        status, _, page = server.ask("GET", f"/view/{name}?expand=mt:karl-radek")
        assert status == 200, (name, page[:300])


def test_an_address_may_name_the_language_of_labels(server: Running) -> None:
    english, russian = (
        server.ask("GET", f"/thing/mt:nikolai-bukharin?language={tag}", headers={"Accept-Language": "en"})
        for tag in ("en", "ru")
    )
    assert (english[0], russian[0]) == (200, 200)
    default = server.ask("GET", "/thing/mt:nikolai-bukharin", headers={"Accept-Language": "en"})
    assert english[2].replace(b"?language=en", b"") == default[2], "links lead on in the language chosen"


def test_a_region_is_no_other_language(tmp_path: Path) -> None:
    label = "<http://www.w3.org/2000/01/rdf-schema#label>"
    file = tmp_path / "data.ttl"
    file.write_text(f'<urn:m> {label} "Moscow"@en , "Москва"@ru .')
    with running(Place(data=(str(file),)), Limits(workers=1)) as two:
        page = two.ask("GET", "/thing/urn:m", headers={"Accept-Language": "ru-RU,ru;q=0.9"})[2]
        assert "<h1><bdi>Москва" in page.decode()
        assert json.loads(two.ask("GET", "/api/languages")[2]) == {"languages": ["en", "ru"]}
        assert "Moscow Trials" not in page.decode(), "these are other facts"


def test_answers_to_saved_questions_are_described(server: Running) -> None:
    described = json.loads(server.ask("GET", "/openapi.json")[2])["paths"]["/answer/{name}"]["get"]
    formats = described["responses"]["200"]["content"]
    assert {"application/sparql-results+json", "text/csv", "text/turtle"} <= set(formats)
    assert [parameter["name"] for parameter in described["parameters"]] == ["name", "values"]


def test_a_head_has_what_the_answer_would_have_and_no_false_length(server: Running) -> None:
    path = "/sparql?query=" + urllib.parse.quote("SELECT * { ?s ?p ?o } LIMIT 5")
    (status, asked, body), (_, full, _) = (server.send(method, path) for method in ("HEAD", "GET"))
    assert (status, body) == (200, b"")
    assert asked["Content-Type"] == full["Content-Type"]
    assert "Content-Length" not in asked
