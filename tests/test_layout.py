"""Positions: communities together, parts apart, nothing on each other; and the columns of the page."""

from __future__ import annotations

import base64
import gzip
import json
import random
from typing import Any

import networkx as nx
import numpy as np
import pytest

from kg.views import network
from kg.views.layout import arrange, layout
from kg.views.network_data import columns
from kg.views.network_files import BLOCK, blocks
from tests.viewing import small


def planted(groups: int, size: int) -> nx.MultiDiGraph[Any]:
    """Communities of one size, few ties between them."""
    pick = random.Random(1)  # noqa: S311 - test data
    graph: nx.MultiDiGraph[Any] = nx.MultiDiGraph()
    for number in range(groups * size):
        for _ in range(4):
            near = number // size * size + pick.randrange(size)
            graph.add_edge(number, near if pick.random() < 0.95 else pick.randrange(groups * size))
    return graph


@pytest.mark.parametrize(("groups", "size"), [(5, 40), (40, 60)])
def test_communities_lie_together(groups: int, size: int) -> None:
    from scipy.spatial import cKDTree

    graph = planted(groups, size)
    positions, _ = arrange(graph)
    places = np.array([positions[node] for node in graph])
    group = np.array([node // size for node in graph])
    _, near = cKDTree(places).query(places, 6)
    assert (group[near[:, 1:]] == group[:, None]).mean() > 0.9


def test_things_of_a_small_graph_keep_clear_of_each_other() -> None:
    places = np.array(list(layout(planted(5, 40)).values()), float)
    gaps = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1)) + 1e9 * np.eye(len(places))
    assert gaps.min() > 40


def test_unconnected_parts_do_not_overlap() -> None:
    graph = small([(f"{part}-{i}", "r", f"{part}-{i + 1}") for part in range(6) for i in range(part + 2)])
    positions = layout(graph)
    boxes = []
    for part in nx.weakly_connected_components(graph):
        places = np.array([positions[node] for node in part])
        boxes.append((*places.min(axis=0), *places.max(axis=0)))
    apart = [a[2] < b[0] or b[2] < a[0] or a[3] < b[1] or b[3] < a[1] for a in boxes for b in boxes if a != b]
    assert all(apart)


def test_one_thing_and_none_have_places_too() -> None:
    one: nx.MultiDiGraph[Any] = nx.MultiDiGraph()
    one.add_edge("a", "a")
    assert layout(one) == {"a": (0, 0)}
    assert layout(nx.MultiDiGraph()) == {}


def test_a_relation_without_a_date_has_the_years_of_its_event() -> None:
    graph = small([("anna", "tried in", "trial"), ("anna", "knew", "boris")])
    graph.nodes["trial"].update(earliest="1936-08-19", latest="1936-08-24")
    graph.add_edge("boris", "trial", "judged", date="spring 1937", label="judged")
    data, _ = columns(graph, "Years")
    assert data["relations"]["from"] == [1936, 0, 1937]


def test_passages_come_out_of_their_blocks_as_they_went_in() -> None:
    behind: list[list[dict[str, Any]]] = [
        [{"quote": f"слово {i}"}, {"quote": "</script>"}] for i in range(BLOCK + 3)
    ]
    opened = [json.loads(gzip.decompress(base64.b64decode(block))) for block in blocks(behind)]
    found = [
        [block["passages"][place] for place in places] for block in opened for places in block["relations"]
    ]
    assert found == behind


def test_a_graph_too_large_for_a_page_is_cut_to_its_best_connected_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(network, "MOST_THINGS", 3)
    page = network.page(small([("hub", "r", name) for name in "abcdef"]), "Cut")
    found = json.loads(page.partition('id="data">')[2].partition("</script>")[0])
    assert (found["count"], found["left"]) == ([3, 2], [4, 4])
    assert found["things"]["label"][0] == "hub"
