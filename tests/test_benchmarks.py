"""The frame of the benchmarks: what is recorded, and what is measured."""

import math
from pathlib import Path

import kg
from benchmarks.growth import write_facts
from benchmarks.measure import Line
from benchmarks.record import record
from kg.engine.bulk import load_file
from kg.engine.store import OnDisk, writing


def test_a_part_that_was_not_run_keeps_its_lines(tmp_path: Path) -> None:
    results, page = tmp_path / "results.json", tmp_path / "page.md"
    record({"one": [Line("old", "peer", 1, 2, 1)], "two": [Line("kept", "peer", 3, 2, 1)]}, results, page)
    record({"one": [Line("new", "peer", 1, 4, math.inf)]}, results, page)
    text = page.read_text()
    assert "| new | peer | 0.25 |" in text
    assert "| kept | peer | 1.50 | 1.00 | no |" in text
    assert "| old |" not in text
    assert "pyoxigraph" in text


def test_what_is_loaded_exported_and_loaded_again_is_the_same_at_size(tmp_path: Path) -> None:
    write_facts(tmp_path / "facts.nq", 20_000)
    with writing(tmp_path / "a.kg") as writer:
        load_file(writer, tmp_path / "facts.nq")
    held = set(OnDisk(tmp_path / "a.kg").store)
    assert len(held) == 2 * 20_000
    for name in ("all.nq", "all.trig"):
        kg.open(store=tmp_path / "a.kg").export(tmp_path / name)
        with writing(tmp_path / f"{name}.kg") as writer:
            load_file(writer, tmp_path / name)
        assert set(OnDisk(tmp_path / f"{name}.kg").store) == held
