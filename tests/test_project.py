"""Projects: where facts, names and settings come from."""

from pathlib import Path

import pyoxigraph as ox
import pytest

import kg
from kg.errors import InputError, UnknownNameError
from kg.names import labels
from kg.project import find_project


def test_a_folder_with_facts_is_opened_instead_of_the_bundled_project(
    letters: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(letters)
    assert find_project().title == "Letters"


def test_elsewhere_the_moscow_trials_are_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_project().is_bundled


def test_a_folder_without_facts_is_no_project(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no folder facts/"):
        kg.open(tmp_path)


def test_broken_settings_are_named(letters: Path) -> None:
    (letters / "facts" / "kg.toml").write_text("title = ", encoding="utf-8")
    with pytest.raises(InputError, match=r"kg\.toml is not TOML"):
        kg.open(letters)


def test_a_source_outside_the_facts_is_never_read(letters: Path) -> None:
    with pytest.raises(InputError):
        find_project(letters).source_file("../../../../../etc/passwd")


@pytest.mark.parametrize("name", ["anna", "ex:anna", "<https://example.org/letters/anna>", "Анна", "ANNA"])
def test_a_thing_is_found_by_short_name_curie_iri_or_label(graph: kg.Graph, name: str) -> None:
    assert ox.NamedNode("https://example.org/letters/anna") == graph.resolve(name)


def test_a_label_of_several_things_is_refused_with_their_names(tmp_path: Path) -> None:
    facts = "@prefix e: <https://example.org/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> ."
    same = (f'e:{name} rdfs:label "Ivan Smirnov"@en .' for name in ("ivan-smirnov", "smirnov-the-younger"))
    (tmp_path / "a.ttl").write_text(facts + "".join(same))
    with pytest.raises(InputError, match=r"2 things are called; .*: ivan-smirnov, smirnov-the-younger"):
        kg.open(data=[tmp_path / "a.ttl"]).resolve("ivan smirnov")


def test_a_label_stands_before_a_title_of_a_source(trials: kg.Graph) -> None:
    assert trials.resolve("Ivan Smirnov") == trials.resolve("ivan-smirnov")


def test_an_unknown_name_gets_the_nearest(graph: kg.Graph) -> None:
    with pytest.raises(UnknownNameError) as caught:
        graph.resolve("borris")
    assert "boris" in caught.value.nearest


@pytest.mark.parametrize(("language", "label"), [("en", "Anna"), ("ru", "Анна"), ("fr", "Anna")])
def test_a_label_is_in_the_language_asked_for_or_in_english(
    graph: kg.Graph, language: str, label: str
) -> None:
    anna = graph.resolve("anna")
    assert {anna: label} == labels(graph.engine, [anna], language)
