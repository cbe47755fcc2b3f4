"""The W3C's tests of the SPARQL 1.1 Protocol, for queries and for updates."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kg.server.settings import Limits, Place, Rights
from tests.serving import Running, running

if TYPE_CHECKING:
    import rdflib

FOLDER = (
    Path(os.environ.get("KG_W3C_TESTS", Path(__file__).parents[2] / "shared" / "w3c" / "sparql11"))
    / "protocol"
)
DATA = "http://kasei.us/2009/09/sparql/data/"
HTTP = "http://www.w3.org/2011/http#"
TOKEN = "a token of the tests"  # noqa: S105 - opens nothing
MANIFEST = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The tests' own data in its graphs, served."""
    if not FOLDER.is_dir():
        pytest.skip("The W3C's tests are not here; name their folder in KG_W3C_TESTS.")
    file = tmp_path_factory.mktemp("w3c") / "data.nq"
    lines = []
    for number in (1, 2, 3):
        for line in (FOLDER / f"data{number}.nt").read_text().splitlines():
            if line.rstrip().endswith("."):
                lines.append(f"{line.rstrip()[:-1]} <{DATA}data{number}.rdf> .")  # noqa: PERF401 - plainer
    file.write_text("\n".join(lines) + "\n")
    with running(Place(data=(str(file),)), Limits(), Rights(token=TOKEN)) as started:
        yield started


def requests(name: str) -> Iterator[tuple[str, str, bytes, dict[str, str], bool, str]]:
    """Yield a test's requests: method, path, body, headers, whether it is to succeed, and its truth."""
    import rdflib
    from rdflib.collection import Collection

    graph = rdflib.Graph().parse(FOLDER / "manifest.ttl")
    ht, mf = rdflib.Namespace(HTTP), rdflib.Namespace(MANIFEST)
    cnt = rdflib.Namespace("http://www.w3.org/2011/content#")
    tests = rdflib.Namespace("http://www.w3.org/2009/sparql/docs/tests/data-sparql11/protocol/manifest#")
    action = graph.value(tests[name], mf.action)
    listed = graph.value(action, ht.requests)
    assert listed is not None
    for request in Collection(graph, listed):
        body = graph.value(graph.value(request, ht.body), cnt.chars) or ""
        coding = str(graph.value(graph.value(request, ht.body), cnt.characterEncoding) or "utf-8")
        headers = _headers(graph, graph.value(request, ht.headers), ht)
        answer = graph.value(request, ht.resp)
        wanted = " ".join(map(str, graph.objects(answer, mf.expectedStatus)))
        truth = str(graph.value(answer, mf.expectedBoolean) or "")
        path = str(graph.value(request, ht.absolutePath))
        method = str(graph.value(request, ht.methodName))
        yield method, path, str(body).encode(coding), headers, "2xx" in wanted, truth


def _headers(
    graph: "rdflib.Graph", listed: "rdflib.term.Node | None", ht: "rdflib.Namespace"
) -> dict[str, str]:
    from rdflib.collection import Collection

    if listed is None:
        return {}
    return {
        str(graph.value(header, ht.fieldName)): str(graph.value(header, ht.fieldValue))
        for header in Collection(graph, listed)
    }


QUERIES = [
    "query_post_form",
    "query_dataset_default_graphs_get",
    "query_dataset_default_graphs_post",
    "query_dataset_named_graphs_post",
    "query_dataset_named_graphs_get",
    "query_dataset_full",
    "query_multiple_dataset",
    "query_get",
    "query_content_type_select",
    "query_content_type_ask",
    "query_content_type_describe",
    "query_content_type_construct",
    "query_post_direct",
    "bad_query_method",
    "bad_multiple_queries",
    "bad_query_wrong_media_type",
    "bad_query_missing_form_type",
    "bad_query_missing_direct_type",
    "bad_query_non_utf8",
    "bad_query_syntax",
    "bad_update_get",
    "bad_multiple_updates",
    "bad_update_wrong_media_type",
    "bad_update_missing_form_type",
    "bad_update_non_utf8",
    "bad_update_syntax",
    "bad_update_dataset_conflict",
]
UPDATES = [
    "update_dataset_default_graph",
    "update_dataset_default_graphs",
    "update_dataset_named_graphs",
    "update_dataset_full",
    "update_post_form",
    "update_post_direct",
    "update_base_uri",
]


@pytest.mark.parametrize("name", [*QUERIES, *UPDATES])
def test_it_answers_as_the_w3c_expects(server: Running, name: str) -> None:
    for method, path, body, headers, is_good, truth in requests(name):
        headers["Authorization"] = f"Bearer {TOKEN}"
        status, _, said = server.ask(method, path, body, headers)
        assert (status // 100 == 2) is is_good, said
        assert is_good or status // 100 == 4
        if truth:
            assert f'"boolean":{truth}'.encode() in said


@pytest.mark.parametrize("name", UPDATES)
def test_without_the_token_no_update_is_run(server: Running, name: str) -> None:
    method, path, body, headers, *_ = next(requests(name))
    assert server.ask(method, path, body, headers)[0] == 401
    headers["Authorization"] = "Bearer another token of the tests"
    assert server.ask(method, path, body, headers)[0] == 401
