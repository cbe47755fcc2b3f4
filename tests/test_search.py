"""Things are found in any script and spelling, the nearest first."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

import kg
from kg.search import NameIndex, index

SHIPPED = index(kg.open(Path(__file__).parent.parent).engine)


@pytest.mark.parametrize(
    ("typed", "thing"),
    [
        ("бухарин", "nikolai-bukharin"),
        ("Boukharine", "nikolai-bukharin"),
        ("bukh", "nikolai-bukharin"),
        ("Bukahrin", "nikolai-bukharin"),
        ("Blucher", "vasily-blyukher"),
        ("хрущев", "nikita-khrushchev"),
        ("радек карл", "karl-radek"),
        ("московские процессы", "moscow-trials"),
        ("Тухачевский", "mikhail-tukhachevsky"),
    ],
)
def test_a_name_is_found_in_any_script_or_spelling(typed: str, thing: str) -> None:
    assert thing in [match.thing.value.rpartition("/")[2] for match in SHIPPED.search(typed)[:3]]


def test_an_exact_word_stands_before_one_that_begins_so() -> None:
    names = [("long", "Stalingrad"), ("short", "Stalin")]
    found = NameIndex([(ox.NamedNode(f"http://e/{iri}"), name) for iri, name in names]).search("stalin")
    assert [match.name for match in found] == ["Stalin", "Stalingrad"]


def test_every_word_must_be_found() -> None:
    assert SHIPPED.search("bukharin xylophone") == []
    assert SHIPPED.search("!?") == []
