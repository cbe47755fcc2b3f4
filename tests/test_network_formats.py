"""A projection for other programs: what is written is read back, whatever the data holds."""

import csv
import io
import json
import re
import tracemalloc
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

import kg
from kg.errors import InputError, UnknownNameError
from kg.projection import to_networkx
from kg.projection.formats import write, write_to

HOSTILE = 'a "quoted" <tag> & a\nline\tbreak, and \x07 a bell ; "]]>'


@pytest.fixture
def hostile(graph: kg.Graph) -> kg.Graph:
    """The letters, with a label that no format likes."""
    escaped = HOSTILE.replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t").replace("\x07", "\\u0007")
    graph.engine.update(
        "INSERT DATA { ex:anna <http://www.w3.org/2000/01/rdf-schema#label> "
        f'"{escaped}"@en ; ex:wroteTo ex:clara , ex:anna ; ex:knew ex:clara }} '.replace("{{", "{")
    )
    graph.engine.update('DELETE DATA { ex:anna <http://www.w3.org/2000/01/rdf-schema#label> "Anna"@en }')
    return graph


QUERY = "CONSTRUCT { ?a ?r ?b } { VALUES ?r { ex:wroteTo ex:knew } ?a ?r ?b }"


def without_lists(data: dict[str, Any]) -> dict[str, Any]:
    """The scalar attributes."""
    return {name: value for name, value in data.items() if name != "passages"}


@pytest.mark.parametrize("ending", ["gexf", "graphml"])
def test_networkx_reads_back_every_attribute(trials: kg.Graph, tmp_path: Path, ending: str) -> None:
    found = trials.projection("people")
    (file,) = write(
        found, tmp_path / f"people.{ending}", None, {node.id: (1.5, -2.0) for node in found.nodes()}
    )
    again = getattr(nx, f"read_{ending}")(file)
    expected = to_networkx(found)
    assert set(again) == set(expected)
    for thing, data in expected.nodes(data=True):
        assert data.items() <= again.nodes[thing].items()
    key = lambda edge: (edge[0], edge[1], edge[2]["relation"])  # noqa: E731 - a sort key
    pairs = zip(
        sorted(expected.edges(data=True), key=key), sorted(again.edges(data=True), key=key), strict=True
    )
    for (a, b, data), (c, d, read) in pairs:
        assert (a, b) == (c, d)
        assert without_lists(data).items() <= read.items()
        assert read["passages"] == " ".join(passage["id"] for passage in data["passages"])


def test_a_gexf_opens_with_positions_of_the_picture(trials: kg.Graph, tmp_path: Path) -> None:
    file = tmp_path / "trials.gexf"
    trials.export_projection("trials", file)
    places = [data["viz"]["position"] for _, data in nx.read_gexf(file).nodes(data=True)]
    assert len({(place["x"], place["y"]) for place in places}) == len(places) > 100


def test_hostile_text_survives_xml(hostile: kg.Graph, tmp_path: Path) -> None:
    found = hostile.projection(QUERY)
    for ending in ("gexf", "graphml"):
        (file,) = write(found, tmp_path / f"out.{ending}", None, {})
        again = getattr(nx, f"read_{ending}")(file)
        label = again.nodes["https://example.org/letters/anna"]["label"]
        assert label == HOSTILE.replace("\x07", "\ufffd")


def test_gexf_keeps_parallel_relations_and_loops_apart(hostile: kg.Graph, tmp_path: Path) -> None:
    found = hostile.projection(QUERY)
    for ending in ("gexf", "graphml"):
        (file,) = write(found, tmp_path / f"out.{ending}", None, {})
        assert getattr(nx, f"read_{ending}")(file).number_of_edges() == len(found) == 4


def test_edge_ids_are_unique_as_xml_wants_them(trials: kg.Graph) -> None:
    output = io.BytesIO()
    write_to(trials.projection("people"), output, "graphml", {})
    ids = re.findall(r'<edge id="(\w+)"', output.getvalue().decode())
    assert len(set(ids)) == len(ids) > 300


def test_cytoscape_json_has_full_passages_and_networkx_reads_it(hostile: kg.Graph) -> None:
    output = io.BytesIO()
    write_to(hostile.projection(QUERY), output, "json", {"https://example.org/letters/anna": (1.0, 2.0)})
    data = json.loads(output.getvalue())
    again = nx.cytoscape_graph(data)
    edge = again["https://example.org/letters/anna"]["https://example.org/letters/boris"]
    passages = edge["https://example.org/letters/wroteTo"]["passages"]
    assert passages[0]["quote"] == "Анна wrote to Борис in May 1901."
    assert data["elements"]["nodes"][0]["position"] == {"x": 1.0, "y": 2.0}
    assert data["elements"]["nodes"][0]["data"]["name"] == HOSTILE


def test_csv_is_two_sheets_named_after_the_file(hostile: kg.Graph, tmp_path: Path) -> None:
    said = hostile.export_projection(QUERY, tmp_path / "letters.csv")
    with (tmp_path / "letters-nodes.csv").open(newline="", encoding="utf-8") as nodes:
        things = list(csv.DictReader(nodes))
    with (tmp_path / "letters-edges.csv").open(newline="", encoding="utf-8") as edges:
        relations = list(csv.DictReader(edges))
    assert things[0]["label"] == HOSTILE
    assert [row["quotes"] for row in relations if row["target"].endswith("boris")] == [
        "Анна wrote to Борис in May 1901. | Boris never answered 🙂"
    ]
    assert said[-1].endswith("letters-edges.csv hold 3 things and 4 relations.")


def test_the_same_projection_gives_the_same_bytes(trials: kg.Graph) -> None:
    for kind in ("gexf", "graphml", "json"):
        outputs = [io.BytesIO(), io.BytesIO()]
        for output in outputs:
            write_to(trials.projection("trials"), output, kind, {})
        assert outputs[0].getvalue() == outputs[1].getvalue()


def test_a_projection_with_nothing_is_a_file_that_opens(graph: kg.Graph, tmp_path: Path) -> None:
    nothing = graph.projection("CONSTRUCT { ?a ex:knows ?b } { ?a ex:unheardOf ?b }")
    for ending in ("gexf", "graphml"):
        (file,) = write(nothing, tmp_path / f"out.{ending}", None, {})
        assert len(getattr(nx, f"read_{ending}")(file)) == 0


def test_an_unknown_format_and_csv_to_a_stream_are_refused_in_words(graph: kg.Graph, tmp_path: Path) -> None:
    found = graph.projection(QUERY)
    with pytest.raises(UnknownNameError, match=r"\.gexf, \.graphml, \.json, \.csv"):
        write(found, tmp_path / "people.docx", None, {})
    with pytest.raises(InputError, match="two files"):
        write_to(found, io.BytesIO(), "csv", {})
    with pytest.raises(InputError, match="cannot be written"):
        write(found, tmp_path / "nowhere" / "people.gexf", None, {})


def test_a_file_stays_as_it_was_when_writing_fails(
    graph: kg.Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "letters.graphml"
    write(graph.projection(QUERY), file, None, {})
    before = file.read_bytes()
    monkeypatch.setattr("kg.projection.formats.graphml.edge_values", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write(graph.projection(QUERY), file, None, {})
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir() if "graphml" in path.name] == ["letters.graphml"]


@pytest.mark.parametrize("kind", ["gexf", "graphml", "json"])
def test_writing_holds_no_text_of_edges_already_written(trials: kg.Graph, kind: str) -> None:
    class Nowhere(io.RawIOBase):
        def write(self, data: Any) -> int:
            return len(data)

    found = trials.projection("main")
    for _ in (*found.nodes(), *found.edges()):
        pass  # what is looked up is looked up before
    tracemalloc.start()
    write_to(found, Nowhere(), kind, {})  # type: ignore[arg-type]  # all that is asked of it is to write
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 500_000


@pytest.mark.parametrize("ending", ["gexf", "graphml", "json", "csv"])
@pytest.mark.parametrize("name", ["people", "trials"])
def test_what_is_looked_up_part_by_part_is_written_the_same(
    trials: kg.Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, ending: str
) -> None:
    whole = write(trials.projection(name), tmp_path / f"whole.{ending}", None, {})
    monkeypatch.setattr("kg.projection.model._PART", 7)
    parts = write(trials.projection(name), tmp_path / f"parts.{ending}", None, {})
    assert [file.read_bytes() for file in parts] == [file.read_bytes() for file in whole]


def test_a_part_of_the_links_has_the_passages_that_state_them_and_no_others(trials: kg.Graph) -> None:
    links = trials.to_arrays("people")
    part = links.part(3, 10)
    passages = {links.passages[number] for number in links.behind[links.first[3] : links.first[10]]}
    assert (len(part), set(part.passages)) == (7, passages)
