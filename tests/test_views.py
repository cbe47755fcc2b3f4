"""The relationship graph as a page: one file, the same bytes, and nothing in the data runs."""

import os
import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import networkx as nx

import kg
from kg.views.layout import layout
from kg.views.network import page


def test_the_same_facts_give_the_same_page_in_every_process(tmp_path: Path) -> None:
    pages = []
    for seed in ("1", "2"):
        file = tmp_path / f"{seed}.html"
        environment = {
            **os.environ,
            "PYTHONHASHSEED": seed,
            "PYTHONPATH": str(Path(kg.__file__).parent.parent),
        }
        command = [sys.executable, "-m", "kg", "view", "-o", str(file)]
        subprocess.run(command, check=True, cwd=tmp_path, env=environment, capture_output=True)
        pages.append(file.read_bytes())
    assert pages[0] == pages[1]


def test_the_page_names_no_address_to_fetch_from(trials: kg.Graph) -> None:
    html = trials.view()
    head = re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)
    assert re.findall(r"(?:src|href)\s*=|url\(|@import", head) == []
    assert "default-src 'none'" in unescape(head)


def test_the_callers_graph_is_left_as_it_was(trials: kg.Graph) -> None:
    found = trials.to_networkx()
    before: nx.MultiDiGraph[str] = nx.MultiDiGraph(found)
    page(found, "A title")
    assert nx.utils.graphs_equal(before, found)


def test_no_two_things_lie_on_each_other(trials: kg.Graph) -> None:
    positions = layout(trials.to_networkx())
    assert len(positions) == len(set(positions.values()))


def test_a_graph_without_edges_is_still_a_page() -> None:
    assert "<title>Nothing</title>" in page(nx.MultiDiGraph(), "Nothing")
