"""A store on disk is before or after a file, never between, and is read while it is written."""

from __future__ import annotations

import bz2
import gc
import gzip
import lzma
import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner, Result

import kg
from kg.cli import cli
from kg.engine.bulk import Progress, load_file, missing_copies
from kg.engine.store import Loaded, OnDisk, backup, read_manifest, writing
from kg.errors import EngineError, InputError
from tests.conftest import RunKg


def quads(path: Path, first: int, count: int) -> Path:
    """Write so many quads, each in a passage of five."""
    lines = (
        f"<http://e/s{n}> <http://e/p> <http://e/o{n % 97}> <http://e/g{n // 5}> .\n"
        for n in range(first, first + count)
    )
    path.write_text("".join(lines))
    return path


def load(store: Path, *files: Path) -> None:
    with writing(store) as writer:
        for file in files:
            load_file(writer, file)


def count(store: Path) -> int:
    return len(OnDisk(store).store)


def bag(graph: kg.Graph, question: str) -> Counter[tuple[str, ...]]:
    return Counter(tuple(map(str, row)) for row in graph.query(question))


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def test_every_statement_gets_its_copy_and_counts_once(tmp_path: Path) -> None:
    load(tmp_path / "a.kg", quads(tmp_path / "1.nq", 0, 100), quads(tmp_path / "2.nq", 50, 100))
    assert count(tmp_path / "a.kg") == 2 * 150
    assert list(missing_copies(OnDisk(tmp_path / "a.kg").store)) == []


def test_a_file_is_not_loaded_twice(tmp_path: Path) -> None:
    file = quads(tmp_path / "1.nq", 0, 10)
    load(tmp_path / "a.kg", file)
    with writing(tmp_path / "a.kg") as writer:
        assert load_file(writer, file) is None
    assert [f.name for f in read_manifest(tmp_path / "a.kg").files] == ["1.nq"]


@pytest.mark.parametrize(
    ("ending", "compress"), [("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress)]
)
def test_compressed_files_are_read(tmp_path: Path, ending: str, compress: object) -> None:
    assert callable(compress)
    plain = quads(tmp_path / "1.nq", 0, 10).read_bytes()
    file = tmp_path / f"2.nq.{ending}"
    file.write_bytes(compress(plain))
    load(tmp_path / "a.kg", file)
    assert count(tmp_path / "a.kg") == 20


@pytest.mark.parametrize("ending", ["nq", "nq.gz"])
def test_a_load_that_fails_names_the_file_and_leaves_the_store(tmp_path: Path, ending: str) -> None:
    load(tmp_path / "a.kg", quads(tmp_path / "1.nq", 0, 10))
    bad = tmp_path / f"bad.{ending}"
    text = quads(tmp_path / "2.nq", 0, 5000).read_bytes()
    bad.write_bytes(gzip.compress(text)[:3000] if ending == "nq.gz" else text + b"<a>")
    with pytest.raises(InputError, match=f"bad.{ending}"):
        load(tmp_path / "a.kg", bad)
    assert count(tmp_path / "a.kg") == 20
    assert [path.name for path in (tmp_path / "a.kg" / "data").glob("*[0-9]")] == ["000001"]


@pytest.mark.parametrize("change", [lambda file: quads(file, 0, 20), Path.unlink])
def test_a_file_that_changes_while_it_is_read_is_not_loaded(
    tmp_path: Path, change: Callable[[Path], object]
) -> None:
    file = quads(tmp_path / "1.nq", 0, 10)

    def report(at: Progress) -> None:
        if at.fraction < 1:
            change(file)

    with writing(tmp_path / "a.kg") as writer, pytest.raises(InputError, match=r"1\.nq changed while it was"):
        load_file(writer, file, report=report)
    assert not (tmp_path / "a.kg" / "manifest.json").exists()


def test_a_file_whose_name_is_no_text_is_loaded(tmp_path: Path) -> None:
    file = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.nq"))
    load(tmp_path / "a.kg", quads(file, 0, 10))
    assert [file.name for file in read_manifest(tmp_path / "a.kg").files] == ["caf\ufffd.nq"]


def test_a_first_load_that_fails_leaves_no_store(tmp_path: Path) -> None:
    bad = tmp_path / "bad.nq"
    bad.write_text("<a>")
    assert isinstance(run("load", bad, "--store", tmp_path / "a.kg").exception, InputError)
    assert not (tmp_path / "a.kg").exists()


def test_a_first_load_that_fails_leaves_a_folder_that_was_there(tmp_path: Path) -> None:
    (tmp_path / "a.kg").mkdir()
    (tmp_path / "b.kg").symlink_to(tmp_path / "a.kg")
    (tmp_path / "bad.nq").write_text("<a>")
    assert isinstance(run("load", tmp_path / "bad.nq", "--store", tmp_path / "b.kg").exception, InputError)
    assert list((tmp_path / "b.kg").iterdir()) == []


def test_a_reader_keeps_what_it_opened_while_a_writer_goes_on(tmp_path: Path) -> None:
    load(tmp_path / "a.kg", quads(tmp_path / "1.nq", 0, 10))
    before = OnDisk(tmp_path / "a.kg")
    load(tmp_path / "a.kg", quads(tmp_path / "2.nq", 10, 10))
    load(tmp_path / "a.kg", quads(tmp_path / "3.nq", 20, 10))
    assert (len(before.store), count(tmp_path / "a.kg")) == (20, 60)


def test_the_second_writer_is_told_who_writes(tmp_path: Path) -> None:
    with writing(tmp_path / "a.kg"), pytest.raises(InputError, match=r"written by process \d+ on"):
        load(tmp_path / "a.kg", quads(tmp_path / "1.nq", 0, 10))


def test_a_folder_that_is_no_store_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no store of kg"):
        OnDisk(tmp_path)


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"generation": 1, "files": [{}], "version": 1}'])
def test_a_store_whose_manifest_is_broken_is_damaged_and_is_not_to_be_made_anew(
    tmp_path: Path, text: str
) -> None:
    load(tmp_path / "a.kg", quads(tmp_path / "1.nq", 0, 10))
    (tmp_path / "a.kg" / "manifest.json").write_text(text)
    with pytest.raises(EngineError, match=r"damaged \(its manifest.json .* use a backup"):
        OnDisk(tmp_path / "a.kg")


def test_killing_a_load_leaves_the_store_before_or_after_a_file(tmp_path: Path) -> None:
    store = tmp_path / "a.kg"
    files = [quads(tmp_path / f"{n:02}.nq", n * 5000, 5000) for n in range(20)]
    load(store, files[0])
    chance = random.Random(36)  # noqa: S311 - the same moments in every run
    for _ in range(20):
        process = subprocess.Popen(
            [sys.executable, "-m", "kg", "load", *files, "--store", store], stderr=subprocess.DEVNULL
        )
        time.sleep(chance.uniform(0.1, 0.4))
        process.kill()
        process.wait()
        loaded = read_manifest(store).files
        assert [file.name for file in loaded] == [f.name for f in files[: len(loaded)]]
        assert count(store) == 10_000 * len(loaded)
    assert run("load", *files, "--store", store).exit_code == 0
    assert count(store) == 200_000
    assert len([path for path in (store / "data").iterdir() if path.is_dir()]) == 1


def test_a_full_disk_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    store, file = tmp_path / "a.kg", quads(tmp_path / "2.nq", 10, 20_000)
    load(store, quads(tmp_path / "1.nq", 0, 10))
    # A limit on the size of files stands in for a disk without room.
    script = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)); "
        "from kg.cli import main; main()"
    )
    command = [sys.executable, "-c", script, "load", str(file), "--store", str(store)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, "as it was before" in done.stderr) == (2, True), done.stderr
    assert count(store) == 20


def test_a_backup_is_a_store_of_its_own(tmp_path: Path) -> None:
    load(tmp_path / "a.kg", quads(tmp_path / "1.nq", 0, 10))
    backup(tmp_path / "a.kg", tmp_path / "b.kg")
    load(tmp_path / "b.kg", quads(tmp_path / "2.nq", 10, 10))
    assert (count(tmp_path / "a.kg"), count(tmp_path / "b.kg")) == (20, 40)
    with pytest.raises(InputError, match="exists"):
        backup(tmp_path / "a.kg", tmp_path / "b.kg")


def test_what_is_exported_and_loaded_again_is_the_same(tmp_path: Path) -> None:
    kg.open().export(tmp_path / "all.nq")
    assert run("load", tmp_path / "all.nq", "--store", tmp_path / "a.kg").exit_code == 0
    kg.open(store=tmp_path / "a.kg").export(tmp_path / "again.nq", is_sorted=True)
    assert (tmp_path / "again.nq").read_bytes() == (tmp_path / "all.nq").read_bytes()


def test_a_store_answers_every_question_as_the_project_does(tmp_path: Path) -> None:
    here = kg.open()
    assert run("load", *here.project.fact_files(), "--store", tmp_path / "a.kg").exit_code == 0
    there = kg.open(store=tmp_path / "a.kg")
    for name in here.questions():
        assert bag(there, name) == bag(here, name), name


def test_the_commands_look_after_a_store(tmp_path: Path) -> None:
    file, store = quads(tmp_path / "1.nq", 0, 10), tmp_path / "a.kg"
    assert run("load", file, "--store", store).exit_code == 0
    told = dict(line.split("\t") for line in run("store", "info", store).stdout.splitlines())
    assert told["read from 1.nq"] == "10"
    assert int(told["distinct statements"]) - int(told["of these, the ontology of kg"]) == 10
    assert run("store", "optimize", store).exit_code == 0
    assert run("store", "backup", store, tmp_path / "b.kg").exit_code == 0
    assert run("store", "verify", tmp_path / "b.kg").exit_code == 0
    assert run("query", "ASK { <http://e/s1> ?p ?o }", "--store", store).stdout == "yes\n"


def test_a_missing_copy_is_found(tmp_path: Path) -> None:
    def spoil(database: ox.Store) -> list[Loaded]:
        term = ox.NamedNode("http://e/x")
        database.add(ox.Quad(term, term, term, term))
        return []

    with writing(tmp_path / "a.kg") as writer:
        writer.change(spoil)
    done = CliRunner().invoke(cli, ["store", "verify", str(tmp_path / "a.kg")], standalone_mode=False)
    assert (done.return_value, "http://e/x" in done.stdout) == (1, True)


def test_two_places_for_facts_are_refused(tmp_path: Path) -> None:
    done = run("query", "ASK {}", "--store", tmp_path, "--endpoint", "http://127.0.0.1:9/")
    assert isinstance(done.exception, InputError)


def test_a_damaged_store_is_an_engine_error(tmp_path: Path) -> None:
    load(tmp_path / "a.kg", quads(tmp_path / "1.nq", 0, 10))
    (tmp_path / "a.kg" / "data" / "000001" / "CURRENT").unlink()
    with pytest.raises(EngineError, match=r"a\.kg could not be used"):
        OnDisk(tmp_path / "a.kg")


def test_a_projection_of_a_store_is_that_of_its_files(tmp_path: Path) -> None:
    files = kg.open().project.fact_files()
    load(tmp_path / "trials.kg", *files)
    stored, read = kg.open(store=tmp_path / "trials.kg"), kg.open(data=files)
    assert list(stored.projection("people").edges()) == list(read.projection("people").edges())


def test_a_store_without_a_source_is_a_passing_copy_that_shares_its_files(tmp_path: Path) -> None:
    store = tmp_path / "a.kg"
    load(store, quads(tmp_path / "1.nq", 0, 100))
    text = "SELECT ?g ?s ?o WHERE { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } } ORDER BY ?g ?s ?o"
    less = kg.open(store=store).restricted(without=["http://e/g3"])
    assert bag(less, text) == bag(kg.open(data=[tmp_path / "1.nq"]).restricted(without=["http://e/g3"]), text)
    assert len(list((store / "data").glob("scratch-*"))) == 2
    del less
    gc.collect()
    assert (list((store / "data").glob("scratch-*")), count(store)) == ([], 200)


def test_a_writer_removes_the_copy_that_a_crash_left_and_no_other(tmp_path: Path) -> None:
    store = tmp_path / "a.kg"
    load(store, quads(tmp_path / "1.nq", 0, 10))
    used = OnDisk(store).scratch()
    (store / "data" / "scratch-left").mkdir()
    load(store, quads(tmp_path / "2.nq", 10, 10))
    left = [place.name for place in (store / "data").iterdir() if place.is_dir()]
    assert ("scratch-left" in left, len(left), len(used.store)) == (False, 2, 20)


@pytest.mark.parametrize("place", ["notes.txt", "data/raw/letter.txt", "data/201905/letter.txt", "lock"])
def test_a_folder_of_other_things_is_left_alone(tmp_path: Path, place: str) -> None:
    store, kept = tmp_path / "a.kg", tmp_path / "a.kg" / place
    kept.parent.mkdir(parents=True)
    kept.write_text("kept")
    with pytest.raises(InputError, match="no store of kg and not empty"):
        load(store, quads(tmp_path / "1.nq", 0, 10))
    assert [path for path in store.rglob("*") if path.is_file()] == [kept]


def test_a_writer_removes_nothing_that_is_not_its_own(tmp_path: Path) -> None:
    store = tmp_path / "a.kg"
    load(store, quads(tmp_path / "1.nq", 0, 10))
    (store / "data" / "notes").mkdir()
    load(store, quads(tmp_path / "2.nq", 10, 10))
    assert (store / "data" / "notes").is_dir()


def test_damage_in_any_file_is_found_and_said(tmp_path: Path) -> None:
    load(tmp_path / "a.kg", quads(tmp_path / "1.nq", 0, 3000), quads(tmp_path / "2.nq", 2000, 3000))
    backup(tmp_path / "a.kg", tmp_path / "b.kg")
    for store in ("a.kg", "b.kg"):
        files = [file for file in (tmp_path / store).rglob("*.sst") if file.stat().st_size > 4000]
        assert len(files) > 6
        for file in files:
            whole = file.read_bytes()
            file.write_bytes(whole[:100] + bytes(2000) + whole[2100:])
            done = run("store", "verify", store_path := tmp_path / store)
            assert f"{file.name} is not as it was written" in done.stdout
            file.write_bytes(whole)
        assert run("store", "verify", store_path).stdout == ""


def test_a_damaged_file_that_an_answer_meets_is_said(tmp_path: Path, run_kg: RunKg) -> None:
    load(tmp_path / "a.kg", quads(tmp_path / "1.nq", 0, 3000))
    for file in (tmp_path / "a.kg").rglob("*.sst"):
        whole = file.read_bytes()
        file.write_bytes(whole[:10] + bytes(len(whole) // 2) + whole[10 + len(whole) // 2 :])
    done = run_kg("query", "SELECT * { ?s ?p ?o }", "--store", "a.kg")
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert "damaged (Corruption" in done.stderr


def test_a_store_whose_data_is_gone_is_said_to_be_damaged(tmp_path: Path) -> None:
    load(tmp_path / "a.kg", quads(tmp_path / "1.nq", 0, 10))
    shutil.rmtree(tmp_path / "a.kg" / "data" / "000001")
    with pytest.raises(EngineError, match="000001 is missing"):
        OnDisk(tmp_path / "a.kg")


def test_a_store_that_must_not_be_written_is_read(tmp_path: Path) -> None:
    load(tmp_path / "a.kg", quads(tmp_path / "1.nq", 0, 10))
    place = tmp_path / "mounted"
    place.mkdir()
    for options in (["--bind", str(tmp_path / "a.kg")], ["-o", "remount,bind,ro"]):
        if subprocess.run(["mount", *options, str(place)], capture_output=True, check=False).returncode:
            pytest.skip("mounting a folder for reading only wants root")
    try:
        assert run("query", "ASK { ?s ?p ?o }", "--store", place).stdout == "yes\n"
        assert (
            run("query", "ASK { ?s ?p ?o }", "--store", place, "--without", "http://e/g0").stdout == "yes\n"
        )
    finally:
        gc.collect()
        subprocess.run(["umount", "-l", str(place)], check=True)
