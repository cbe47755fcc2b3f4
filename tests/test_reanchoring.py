"""A changed text: whatever words are still in it are found again, the rest is said, nothing points astray."""

from __future__ import annotations

import csv
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kg
from kg.importing.quotes import marked
from kg.importing.sheet import import_sheet
from kg.importing.text import import_text
from kg.project import Project, find_project

word = st.text(alphabet="abcdeéжש😀", min_size=2, max_size=6)
sentence = st.lists(word, min_size=2, max_size=4).map(lambda words: " ".join(words).capitalize() + ".")
texts = st.lists(sentence, min_size=1, max_size=8, unique=True)


def project(folder: Path) -> Project:
    (folder / "p" / "facts").mkdir(parents=True)
    return find_project(folder / "p")


def passages(place: Project) -> dict[str, tuple[int, int, str]]:
    """Every recorded passage of the letter, with its offsets and words."""
    store = ox.Store()
    for file in place.fact_files():
        store.load(path=str(file), format=ox.RdfFormat.TRIG)
    found = marked(store, place.namespace + "letter")
    return {iri: (anchor.start, anchor.end, anchor.exact) for iri, anchor in found.items()}


def quote(folder: Path, place: Project, words: list[str]) -> None:
    with (folder / "sheet.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("subject", "relation", "object", "source", "quote"))
        writer.writerows((f"P{n}", "born_on", "1900", "letter", said) for n, said in enumerate(words))
    import_sheet(folder / "sheet.csv", place, allow_new=True)


@settings(deadline=None, max_examples=30)
@given(old=texts, new=texts, data=st.data())
def test_words_that_stay_are_found_again_and_the_others_are_named(
    tmp_path_factory: pytest.TempPathFactory,
    old: list[str],
    new: list[str],
    data: st.DataObject,
) -> None:
    folder = tmp_path_factory.mktemp("t")
    place, letter = project(folder), folder / "letter.txt"
    letter.write_text("\n\n".join(old), encoding="utf-8")
    import_text(letter, place)
    said = data.draw(st.lists(st.sampled_from(old), max_size=3, unique=True))
    quote(folder, place, [words[:-1] for words in said] or [old[0]])
    before = passages(place)

    cut = data.draw(st.integers(0, len(old)))
    changed = [words for n, words in enumerate(old) if n != cut]
    for words in new:
        changed.insert(data.draw(st.integers(0, len(changed))), words)
    text = "\n\n".join(changed) or "Nothing."
    letter.write_text(text, encoding="utf-8")
    done = import_text(letter, place)

    after = passages(place)
    assert set(done.lost) == {iri for iri, (_, _, words) in before.items() if words not in text}
    for iri, (_, _, words) in before.items():
        start, end, now = after[iri]
        assert now == words
        assert iri in done.lost or text[start:end] == words
    broken = [finding for finding in kg.open(place.root).check().findings if finding.level == "error"]
    assert {finding.where.rpartition("/")[2].rstrip(">") for finding in broken} == {
        iri.rpartition("/")[2] for iri in done.lost
    }


def test_a_quotation_keeps_its_name_and_its_facts_when_the_text_grows(tmp_path: Path) -> None:
    place, letter = project(tmp_path), tmp_path / "letter.txt"
    letter.write_text("It began. He was shot in March. It ended.")
    import_text(letter, place)
    quote(tmp_path, place, ["shot in March"])
    names = passages(place).keys()
    letter.write_text("New words first. It began. He was shot in March. It ended.")
    done = import_text(letter, place)
    assert (done.lost, done.by_hand, passages(place).keys() >= names) == ((), (), True)
    assert kg.open(place.root).check().ok
    first = sorted(file.read_bytes() for file in place.fact_files())
    quote(tmp_path, place, ["shot in March"])
    assert sorted(file.read_bytes() for file in place.fact_files()) == first


def test_a_file_that_a_person_wrote_is_named_and_left_alone(tmp_path: Path) -> None:
    place, letter = project(tmp_path), tmp_path / "letter.txt"
    letter.write_text("It began. It ended.")
    import_text(letter, place)
    own = place.root / "facts" / "own.trig"
    own.write_text(
        """@prefix kg: <https://w3id.org/kg-footnote/ontology#> . @prefix oa: <http://www.w3.org/ns/oa#> .
        @prefix my: <https://example.org/p/> . @prefix dcterms: <http://purl.org/dc/terms/> .
        # a remark that must not be lost
        kg:provenance { my:own a kg:Passage ; dcterms:isPartOf my:letter ; kg:standing kg:Asserted ;
          oa:hasSelector my:s . my:s oa:start 10 ; oa:end 19 ; oa:exact "It ended." }"""
    )
    kept = own.read_bytes()
    letter.write_text("A start. It began. It ended.")
    assert import_text(letter, place).by_hand == (own,)
    assert own.read_bytes() == kept
