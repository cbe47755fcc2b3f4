"""The programs that people ask endpoints with, against a real server; those that are absent say so."""

import importlib.util
import json
import os
import random
import shutil
import subprocess
import sys
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.server.settings import Limits, Place
from tests.serving import Running, running

MODULES = os.environ.get("KG_NODE_MODULES", "")
LABELS = "SELECT ?s ?l WHERE { ?s <http://www.w3.org/2000/01/rdf-schema#label> ?l } ORDER BY ?s ?l LIMIT 25"
FORMATS = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "tsv": ox.QueryResultsFormat.TSV,
}
COMUNICA = """
const { QueryEngine } = require("@comunica/query-sparql");
const [url, query] = process.argv.slice(1);
new QueryEngine().queryBindings(query, { sources: [{ type: "sparql", value: url }] })
  .then((found) => found.toArray())
  .then((rows) => console.log(JSON.stringify(rows.map((row) => row.get("l").value))));
"""
FETCHER = """
const { SparqlEndpointFetcher } = require("fetch-sparql-endpoint");
const [url, query] = process.argv.slice(1);
new SparqlEndpointFetcher().fetchBindings(url, query).then((rows) => {
  const names = [];
  rows.on("data", (row) => names.push(row.l.value));
  rows.on("end", () => console.log(JSON.stringify(names)));
});
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    """The Moscow Trials, served."""
    with running(Place(), Limits(seconds=10)) as started:
        assert started.ask("GET", "/sparql?query=ASK%20%7B%7D")[0] == 200
        yield started


@pytest.fixture(scope="module")
def names(server: Running) -> list[str]:
    """The labels that every client must get."""
    body = server.ask("GET", "/sparql?query=" + urllib.parse.quote(LABELS))[2]
    return [row["l"]["value"] for row in json.loads(body)["results"]["bindings"]]


def test_sparqlwrapper_gets_its_rows(server: Running, names: list[str]) -> None:
    wrapper = pytest.importorskip("SPARQLWrapper")
    for method in (wrapper.GET, wrapper.POST):
        client = wrapper.SPARQLWrapper(server.address + "/sparql", returnFormat=wrapper.JSON)
        client.setMethod(method)
        client.setQuery(LABELS)
        rows = client.queryAndConvert()["results"]["bindings"]
        assert [row["l"]["value"] for row in rows] == names


@pytest.mark.parametrize("form", ["json", "xml", "csv", "tsv"])
def test_rdflibs_store_gets_its_rows(server: Running, names: list[str], form: str) -> None:
    import rdflib
    from rdflib.plugins.stores.sparqlstore import SPARQLStore

    graph = rdflib.Graph(SPARQLStore(server.address + "/sparql", returnFormat=form))
    rows = [row for row in graph.query(LABELS) if isinstance(row, rdflib.query.ResultRow)]
    assert [str(row[1]) for row in rows] == names


@pytest.mark.parametrize("form", ["json", "xml", "tsv"])
def test_pyoxigraph_parses_what_curl_gets(server: Running, names: list[str], form: str) -> None:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("curl is not installed.")
    kind = FORMATS[form]
    command = [curl, "-sS", "--compressed", "-H", f"Accept: {kind.media_type}"]
    command += ["--data-urlencode", f"query={LABELS}", server.address + "/sparql"]
    found = ox.parse_query_results(subprocess.run(command, check=True, capture_output=True).stdout, kind)
    assert isinstance(found, ox.QuerySolutions)
    assert [row["l"].value for row in found] == names


def test_all_rdf_formats_parse(server: Running) -> None:
    query = urllib.parse.quote("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o } LIMIT 200")
    sizes = set()
    for kind in (ox.RdfFormat.TURTLE, ox.RdfFormat.N_TRIPLES, ox.RdfFormat.RDF_XML, ox.RdfFormat.JSON_LD):
        body = server.ask("GET", "/sparql?query=" + query, headers={"Accept": kind.media_type})[2]
        sizes.add(len(set(ox.parse(body, kind))))
    assert len(sizes) == 1


@pytest.mark.parametrize("script", [COMUNICA, FETCHER], ids=["comunica", "fetch-sparql-endpoint"])
def test_clients_on_node_get_their_rows(server: Running, names: list[str], script: str) -> None:
    if not MODULES or shutil.which("node") is None:
        pytest.skip("The packages for Node are not here; name their folder in KG_NODE_MODULES.")
    command = ["node", "-e", script, server.address + "/sparql", LABELS]
    told = os.environ | {"NODE_PATH": MODULES}
    found = subprocess.run(command, check=True, capture_output=True, env=told, timeout=120)
    assert sorted(json.loads(found.stdout)) == sorted(names)


def test_the_json_api_is_as_it_is_described(server: Running, tmp_path: Path) -> None:
    if importlib.util.find_spec("schemathesis") is None:
        pytest.skip("schemathesis is not installed.")
    checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
    more = "200" if os.environ.get("KG_LONG") else "15"
    command = [
        str(Path(sys.executable).parent / "schemathesis"), "run", server.address + "/openapi.json",
        "--phases", "examples,coverage,fuzzing", "--max-examples", more, "--checks", checks, "--no-color",
        "--seed", "1", "--generation-database", "none",
    ]  # fmt: skip
    found = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, timeout=600)
    assert found.returncode == 0, found.stdout[-3000:]


def malformed(chance: random.Random) -> tuple[str, str, bytes, dict[str, str]]:
    """Make one request that is nearly right or not at all."""
    kinds = ["application/sparql-query", "application/x-www-form-urlencoded", "application/json"]
    kinds += [
        "application/sparql-update",
        "text/plain; charset=x",
        kinds[0] + "; charset=utf-16",
    ]
    texts = ["SELECT * { ?s ?p ?o } LIMIT 2", "ASK {", "CLEAR ALL", '{"question": "ASK {}", "row": [null]}']
    texts += ["\0" * 9, "SELECT (1/0 AS ?x) {}", "ASK { FILTER(" + "(" * 300, "query=ASK%20{}&query=%zz"]
    text = chance.choice(texts)
    at = chance.randrange(len(text))
    noise = "".join(chance.choice("{}?<>%&=\"'\\:/.a0é\0\r\n ") for _ in range(chance.randrange(12)))
    text = text[:at] + noise + text[at + chance.randrange(3) :]
    paths = ["/sparql?query=", "/sparql?default-graph-uri=", "/sparql?update=", "/thing/", "/api/search?q="]
    paths += ["/view/", "/view?q=", "/question/", "/api/citation?passage=", "/static/", "/"]
    posts = ["/sparql", "/api/ask", "/api/evidence", "/api/check", "/sparql?using-graph-uri=x"]
    headers = {
        "Content-Type": chance.choice(kinds),
        "Accept": chance.choice(["", "*/*;q=x", "text/csv", ";;;"]),
    }
    if chance.random() < 0.5:
        return "POST", chance.choice(posts), text.encode(), headers
    method = chance.choice(["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "GET"])
    return method, chance.choice(paths) + urllib.parse.quote(text, safe="?&=%/.:"), b"", headers


def test_malformed_requests_meet_no_500_no_traceback_and_no_leak(server: Running) -> None:
    chance = random.Random(1)  # noqa: S311 - the same noise in every run
    times = 10_000 if os.environ.get("KG_LONG") else 500
    before = 0
    for number in range(times):
        if number == times // 5:
            before = memory()
        method, path, body, headers = malformed(chance)
        status, kind, said = server.ask(method, path, body, headers)
        assert status < 500 or status == 504, (method, path, body, status, said)
        assert b"Traceback" not in said
        if status >= 400 and method != "HEAD":
            assert (kind, json.loads(said)["error"]["status"]) == ("application/json", status), (path, said)
    assert memory() - before < 40_000_000
    assert server.ask("GET", "/sparql?query=ASK%20%7B%7D")[0] == 200


def memory() -> int:
    """Bytes that this process, the server's, holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
