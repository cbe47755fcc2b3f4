"""The commands of the relationship graph: view, projections, export, path, rank, analyze."""

import json
from pathlib import Path

import pytest

from tests.conftest import RunKg

KNOWS = "CONSTRUCT { ?a ?r ?b } { VALUES ?r { ex:wroteTo ex:leftUnanswered } ?a ?r ?b }"


def test_projections_lists_names_titles_and_counts(run_kg: RunKg) -> None:
    lines = run_kg("projections").stdout.splitlines()
    assert lines[0] == "projection\twhat it shows\tthings\trelations"
    assert any(line.startswith("people\tPeople and what ties them\t") for line in lines)


def test_a_view_of_a_query_says_what_was_cut(run_kg: RunKg, letters: Path) -> None:
    done = run_kg("view", KNOWS, "--hide", "alleged", "-o", "q.html", cwd=letters)
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines() == [
        "kg: 1 of 2 relations hidden: only alleged",
        "kg: q.html holds the graph; open it in a browser.",
    ]
    assert "Boris" in (letters / "q.html").read_text(encoding="utf-8")


def test_a_projection_is_exported_by_name_or_query(run_kg: RunKg, letters: Path) -> None:
    done = run_kg("export", KNOWS, "-o", "k.graphml", cwd=letters)
    assert done.stderr == "kg: k.graphml holds 2 things and 2 relations.\n"
    piped = run_kg("export", KNOWS, "-f", "cytoscape", cwd=letters)
    assert len(json.loads(piped.stdout)["elements"]["edges"]) == 2


def test_path_shows_each_link_with_its_passages(run_kg: RunKg, letters: Path) -> None:
    done = run_kg("path", "anna", "boris", "--in", KNOWS, cwd=letters)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "Anna and Boris: 1 shortest chain of 1 step",
        "",
        "  Anna —ex:wroteTo→ Boris [1] [2]",
        "  Anna ←ex:leftUnanswered— Boris [2] (only alleged)",
        "",
        "[1] “Анна wrote to Борис in May 1901.” — A letter, characters 0–32 (asserted)",
        "[2] “Boris never answered 🙂” — A letter, characters 33–55 (alleged)",
    ]


def test_path_gives_json_and_a_page(run_kg: RunKg, letters: Path) -> None:
    data = json.loads(run_kg("path", "anna", "boris", "--in", KNOWS, "--json", cwd=letters).stdout)
    assert (data["steps"], data["total"], data["from"]["label"]) == (1, 1, "Anna")
    quotes = [passage["quote"] for passage in data["chains"][0][0][0]["passages"]]
    assert quotes[0].startswith("Анна wrote")
    assert run_kg("path", "anna", "boris", "--in", KNOWS, "-o", "p.html", cwd=letters).returncode == 0
    drawn = (letters / "p.html").read_text(encoding="utf-8")
    assert "<title>Anna and Boris: 1 shortest chain of 1 step</title>" in drawn


def test_path_exits_with_one_where_nothing_joins_them(run_kg: RunKg, letters: Path) -> None:
    (letters / "facts" / "more.ttl").write_text(
        "@prefix ex: <https://example.org/letters/> . ex:clara ex:wroteTo ex:dora .", encoding="utf-8"
    )
    done = run_kg("path", "anna", "clara", "--in", KNOWS, cwd=letters)
    assert (done.returncode, done.stdout) == (1, "No chain of relations joins Anna and ex:clara.\n")


def test_rank_is_a_table_and_says_what_it_measures(run_kg: RunKg) -> None:
    done = run_kg("rank", "trials", "--by", "degree", "--limit", "1")
    header, first = done.stdout.splitlines()
    assert header == "rank\tthing\tkind\tdegree"
    assert first.split("\t")[1:3] == ["First Moscow Trial", "trial"]
    assert "degree: how many relations it has" in done.stderr
    assert "--limit shows more" in done.stderr


def test_rank_and_analyze_give_json(run_kg: RunKg) -> None:
    ranked = json.loads(run_kg("rank", "trials", "--by", "pagerank", "--limit", "2", "--json").stdout)
    central = json.loads(
        run_kg("analyze", "central", "trials", "--by", "pagerank", "--limit", "2", "--json").stdout
    )
    assert ranked == central
    assert [entry["rank"] for entry in ranked] == [1, 2]
    groups = json.loads(run_kg("analyze", "components", "trials", "--json").stdout)
    assert len(groups[0]) > 100


def test_communities_name_their_most_connected(run_kg: RunKg) -> None:
    done = run_kg("analyze", "communities", "people", "--by", "louvain", "--limit", "1")
    assert done.stdout.splitlines()[1].startswith("1\t")
    assert "more" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["view", "--hide", "rumour"], "No standing is called 'rumour'"),
        (["view", "--around", "nikolai-bukharn"], "Nearest: nikolai-bukharin"),
        (["view", "peple"], "kg projections"),
        (["view", "SELECT ?a { ?a ?b ?c }"], "?source ?relation ?target"),
        (["view", "--from", "1938", "--to", "1936"], "turn them round"),
        (["export", "people", "-o", "x.ttl"], ".gexf, .graphml, .json, .csv"),
        (["export", "-o", "x.ttl", "--around", "nikolai-bukharin"], "cuts a projection"),
        (["export", "people"], "Name a file with -o"),
        (["export", "people", "-f", "csv"], "two files"),
        (["path", "nikolai-bukharin", "nobody-at-all"], "No thing is called"),
        (["path", "nikolai-bukharin", "moscow", "--in", "people"], "has no relation in"),
        (["rank", "--by", "fame"], "No measure is called 'fame'"),
        (["rank", "--by", "fame"], "Known: betweenness, closeness"),
        (["analyze", "components", "--by", "louvain"], "leave it out"),
        (["rank", "--backend", "nosuch"], "No NetworkX backend is called 'nosuch'"),
    ],
)
def test_bad_input_is_one_clear_sentence(run_kg: RunKg, arguments: list[str], says: str) -> None:
    done = run_kg(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", [["rank"], ["analyze", "communities"], ["analyze", "components"]])
def test_a_projection_that_holds_nothing_is_said_to(run_kg: RunKg, command: list[str]) -> None:
    done = run_kg(*command, "CONSTRUCT { ?a kg:by ?b } { ?a kg:unheardOf ?b }")
    assert (done.returncode, "kg: this projection holds nothing here; " in done.stderr) == (0, True)


def test_a_thing_needs_no_chain_to_itself(run_kg: RunKg) -> None:
    done = run_kg("path", "leon-trotsky", "leon-trotsky")
    assert (done.returncode, done.stdout.strip()) == (
        0,
        "Leon Trotsky stands at both ends, so no chain is needed.",
    )


def test_no_page_is_drawn_of_no_chain(run_kg: RunKg, tmp_path: Path) -> None:
    apart = "CONSTRUCT { ?a kg:by ?a } { VALUES ?a { mt:leon-trotsky mt:genrikh-yagoda } }"
    done = run_kg("path", "leon-trotsky", "genrikh-yagoda", "--in", apart, "-o", "x.html")
    assert (done.returncode, done.stdout) == (
        1,
        "No chain of relations joins Leon Trotsky and Genrikh Yagoda.\n",
    )
    assert not (tmp_path / "x.html").exists()
