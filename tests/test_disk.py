"""Loading to disk from everywhere: every format and compression, standard input, a full disk, two writers."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import kg
from kg.cli import cli
from kg.engine.bulk import load_file
from kg.engine.loading import OX_FORMATS
from kg.engine.store import OnDisk, read_manifest, writing
from kg.errors import InputError
from kg.formats import RDF_FORMATS, Format
from tests.conftest import RunKg

EX = "https://example.org/"


def zstd(data: bytes) -> bytes:
    try:
        from compression import zstd as module  # type: ignore[import-not-found,unused-ignore]  # from 3.14 on
    except ImportError:
        from backports import zstd as module  # type: ignore[no-redef,unused-ignore]  # before
    return bytes(module.compress(data))


COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstd,
}
BROKEN = {
    "nt": b"<https://e/a> <https://e/b> <https://e/c> .\n" * 3 + b"<a",
    "nq": b"<https://e/a> <https://e/b> <https://e/c> <https://e/g> .\n" * 3 + b'<https://e/a> "b"',
    "ttl": b"@prefix e: <https://e/> .\n\ne:a e:b\n e:c e:d .",
    "trig": b"@prefix e: <https://e/> .\n\ne:g {\n e:a e:b",
    "rdf": b'<?xml version="1.0"?>\n<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n\n<x></y>',
    "jsonld": b'{\n"@id": "https://e/a",\n"https://e/b":\n]',
}


def quads(count: int, named: bool = True) -> list[ox.Quad]:
    node = ox.NamedNode
    return [
        ox.Quad(
            node(f"{EX}s{n}"),
            node(EX + "p"),
            ox.Literal(f"words {n}\n", language="en"),
            node(f"{EX}g{n // 3}") if named else ox.DefaultGraph(),
        )
        for n in range(count)
    ]


def load(store: Path, *files: Path) -> None:
    with writing(store) as writer:
        for file in files:
            load_file(writer, file)


def held(store: Path) -> set[ox.Quad]:
    return set(OnDisk(store).store)


@pytest.mark.parametrize("compression", COMPRESSIONS)
@pytest.mark.parametrize("kind", RDF_FORMATS, ids=lambda kind: kind.name)
def test_every_format_is_loaded_in_every_compression(tmp_path: Path, kind: Format, compression: str) -> None:
    facts = quads(50, kind.graphs)
    data = ox.serialize(facts, format=OX_FORMATS[kind.name])
    assert data is not None
    file = tmp_path / f"facts.{kind.extensions[0]}{compression}"
    file.write_bytes(COMPRESSIONS[compression](data))
    load(tmp_path / "a.kg", file)
    assert held(tmp_path / "a.kg") == {*facts, *(ox.Quad(*quad.triple) for quad in facts)}


def test_endings_may_be_written_large(tmp_path: Path) -> None:
    (tmp_path / "OLD.NT.GZ").write_bytes(gzip.compress(BROKEN["nt"].rpartition(b"\n")[0]))
    load(tmp_path / "a.kg", tmp_path / "OLD.NT.GZ")
    assert len(held(tmp_path / "a.kg")) == 1


@pytest.mark.parametrize("slip", ["nosuch.nq", "empty.nq", "text.txt"])
def test_a_slip_in_a_name_is_said_before_anything_is_loaded(run_kg: RunKg, tmp_path: Path, slip: str) -> None:
    (tmp_path / "good.nt").write_bytes(BROKEN["nt"].rpartition(b"\n")[0])
    (tmp_path / "empty.nq").touch()
    (tmp_path / "text.txt").write_text("Words.")
    done = run_kg("load", "good.nt", slip, "--store", "a.kg")
    assert (done.returncode, slip in done.stderr, (tmp_path / "a.kg").exists()) == (2, True, False)


@pytest.mark.parametrize("compression", COMPRESSIONS)
@pytest.mark.parametrize("ending", BROKEN)
def test_what_does_not_parse_names_file_and_line_and_changes_nothing(
    tmp_path: Path, ending: str, compression: str
) -> None:
    store, file = tmp_path / "a.kg", tmp_path / f"bad.{ending}{compression}"
    (tmp_path / "good.nq").write_bytes(BROKEN["nq"][:60].rpartition(b"\n")[0])
    load(store, tmp_path / "good.nq")
    before, kept = held(store), read_manifest(store)
    file.write_bytes(COMPRESSIONS[compression](BROKEN[ending]))
    with pytest.raises(InputError, match=rf"bad\.{ending}{compression}, line 4: "):
        load(store, file)
    assert (held(store), read_manifest(store)) == (before, kept)


@pytest.mark.parametrize("compression", [name for name in COMPRESSIONS if name])
def test_a_compressed_file_that_is_cut_changes_nothing(tmp_path: Path, compression: str) -> None:
    file = tmp_path / f"cut.nq{compression}"
    data = ox.serialize(quads(20_000), format=ox.RdfFormat.N_QUADS)
    assert data is not None
    whole = COMPRESSIONS[compression](data)
    file.write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(InputError, match=rf"cut\.nq{compression} is cut or damaged"):
        load(tmp_path / "a.kg", file)
    assert not (tmp_path / "a.kg" / "manifest.json").exists()


def test_standard_input_is_loaded_once_like_a_file(run_kg: RunKg, tmp_path: Path) -> None:
    lines = "".join(f"{quad} .\n" for quad in quads(10))
    first = run_kg("load", "-", "--store", "a.kg", stdin=lines)
    assert "standard input: 10 statements" in first.stderr
    assert "already in a.kg" in run_kg("load", "-", "--store", "a.kg", stdin=lines).stderr
    trig = "@prefix e: <https://e/> . e:g { e:a e:b [ e:c <relative> ] }"
    assert run_kg("load", "-", "-f", "trig", "--store", "a.kg", stdin=trig).returncode == 0
    assert [file.name for file in read_manifest(tmp_path / "a.kg").files] == ["standard input"] * 2
    bad = run_kg("load", "-", "--store", "a.kg", stdin=lines + "<a>")
    assert (bad.returncode, "standard input, line 11: " in bad.stderr) == (2, True)
    assert "No RDF file ending" in run_kg("load", "-", "-f", "docx", "--store", "a.kg", stdin=lines).stderr


def test_progress_rate_and_time_left_are_told_where_nobody_watches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "1.nq").write_text("".join(f"{quad} .\n" for quad in quads(50_000)))
    monkeypatch.setattr("kg.cli.load._BETWEEN", 0.0)
    done = CliRunner().invoke(cli, ["load", str(tmp_path / "1.nq"), "--store", str(tmp_path / "a.kg")])
    first, *_, written, last = done.stderr.splitlines()
    assert re.search(r"1\.nq: 20,000 statements, \d+%, [\d,]+ a second, \d+ s left$", first)
    assert written.endswith("1.nq: 50,000 statements are read, and now sorted and written")
    assert re.search(r"1\.nq: 50,000 statements in [\d.]+ s, [\d,]+ a second$", last)


def test_brackets_in_a_name_are_no_markup_where_a_person_watches(tmp_path: Path) -> None:
    (tmp_path / "a[").mkdir()
    (tmp_path / "a[" / "b].nq").write_text("<https://e/a> <https://e/b> <https://e/c> .\n")
    terminal, end = pty.openpty()
    load = [sys.executable, "-m", "kg", "load", "a[/b].nq", "--store", "a.kg"]
    done = subprocess.run(load, cwd=tmp_path, stderr=end, check=False)
    assert (done.returncode, b"a[/b].nq: 1 statement in" in os.read(terminal, 1 << 16)) == (0, True)
    os.close(terminal)
    os.close(end)


def test_a_second_writer_is_told_who_holds_the_store(run_kg: RunKg, tmp_path: Path) -> None:
    (tmp_path / "1.nq").write_text("<https://e/a> <https://e/b> <https://e/c> .\n")
    with writing(tmp_path / "a.kg"):
        done = run_kg("load", "1.nq", "--store", "a.kg")
    assert (done.returncode, f"is being written by process {os.getpid()} on" in done.stderr) == (2, True)
    assert run_kg("load", "1.nq", "--store", "a.kg").returncode == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 24 MB, which only root can make."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(place)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("mounting a small disk wants root")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_disk_that_fills_up_leaves_the_store_as_it_was(small_disk: Path, tmp_path: Path) -> None:
    for name, count in (("1.nq", 100), ("2.nq", 400_000)):
        lines = (f"<{EX}s{n}> <{EX}p> <{EX}o{n % 7}> <{EX}g{n // 5}> .\n" for n in range(count))
        (tmp_path / name).write_text("".join(lines))
    command = [sys.executable, "-m", "kg", "load", "--store", str(small_disk / "a.kg")]
    assert subprocess.run([*command, str(tmp_path / "1.nq")], check=False).returncode == 0
    before = held(small_disk / "a.kg")
    full = subprocess.run([*command, str(tmp_path / "2.nq")], capture_output=True, text=True, check=False)
    assert (full.returncode, "is full; make room" in full.stderr) == (2, True), full.stderr
    assert held(small_disk / "a.kg") == before
    assert [file.name for file in read_manifest(small_disk / "a.kg").files] == ["1.nq"]


def test_a_backup_that_finds_no_room_leaves_nothing(small_disk: Path, tmp_path: Path, run_kg: RunKg) -> None:
    lines = (f'<{EX}s{n}> <{EX}p> "{os.urandom(30).hex()}" .\n' for n in range(250_000))
    (tmp_path / "1.nq").write_text("".join(lines))
    load(tmp_path / "a.kg", tmp_path / "1.nq")
    full = run_kg("store", "backup", "a.kg", str(small_disk / "b.kg"))
    assert (full.returncode, "is full; make room" in full.stderr) == (2, True), full.stderr
    assert list(small_disk.iterdir()) == []


def test_standard_input_that_finds_no_room_is_said_to(small_disk: Path, run_kg: RunKg) -> None:
    lines = f"<{EX}a> <{EX}b> <{EX}c> .\n" * 500_000
    done = run_kg("load", "-", "--store", str(small_disk / "a.kg"), stdin=lines)
    assert (done.returncode, "is full; make room" in done.stderr) == (2, True), done.stderr
    assert list((small_disk / "a.kg" / "data").glob("scratch*")) == []


terms = st.sampled_from([ox.NamedNode(EX + name) for name in "abc"])
values = terms | st.builds(ox.Literal, st.text(st.characters(exclude_categories=["Cs"]), max_size=5))
datasets = st.lists(
    st.builds(ox.Quad, terms | st.just(ox.BlankNode("x")), terms, values, terms | st.just(ox.DefaultGraph())),
    min_size=1,
    max_size=9,
)


@settings(deadline=None, max_examples=15)
@given(datasets, st.sampled_from(["nq", "trig", "jsonld"]))
def test_load_export_load_gives_the_same_dataset(
    tmp_path_factory: pytest.TempPathFactory, facts: list[ox.Quad], ending: str
) -> None:
    folder = tmp_path_factory.mktemp("round")
    ox.serialize(facts, str(folder / "in.nq"), ox.RdfFormat.N_QUADS)
    load(folder / "a.kg", folder / "in.nq")
    kg.open(store=folder / "a.kg").export(folder / f"out.{ending}")
    load(folder / "b.kg", folder / f"out.{ending}")
    assert held(folder / "b.kg") == held(folder / "a.kg")


def test_a_store_streams_in_an_order_that_depends_on_its_facts_alone(run_kg: RunKg, tmp_path: Path) -> None:
    facts = [f"{quad} .\n" for quad in quads(3000)]
    for name, lines in {"1.nq": facts[:900], "2.nq": facts[900:], "3.nq": facts[::-1]}.items():
        (tmp_path / name).write_text("".join(lines))
    assert run_kg("load", "1.nq", "2.nq", "--store", "a.kg").returncode == 0
    assert run_kg("load", "3.nq", "--store", "b.kg").returncode == 0
    assert run_kg("store", "optimize", "b.kg").returncode == 0
    one, other = (run_kg("export", "-f", "nq", "--store", store).stdout for store in ("a.kg", "b.kg"))
    assert one == other == run_kg("export", "--unsorted", "--store", "a.kg").stdout
    in_order = run_kg("export", "-f", "nq", "--sorted", "--store", "a.kg").stdout.splitlines(keepends=True)
    assert (in_order == facts, sorted(in_order)) == (False, sorted(facts))


def test_an_unsorted_export_is_the_whole_dataset_and_loads_again(run_kg: RunKg, tmp_path: Path) -> None:
    (tmp_path / "in.nq").write_text("".join(f"{quad} .\n" for quad in quads(30)))
    load(tmp_path / "a.kg", tmp_path / "in.nq")
    assert run_kg("export", "--unsorted", "-o", "all.nq", "--store", "a.kg").returncode == 0
    assert (tmp_path / "all.nq").read_text() == run_kg("export", "--unsorted", "--store", "a.kg").stdout
    load(tmp_path / "b.kg", tmp_path / "all.nq")
    assert held(tmp_path / "b.kg") == held(tmp_path / "a.kg")
    assert "Unsorted" in run_kg("export", "--unsorted", "-o", "all.ttl", "--store", "a.kg").stderr
