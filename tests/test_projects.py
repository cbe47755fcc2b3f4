"""A new project runs at once; differences are told fact by fact."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

import kg
from kg.cli import cli
from kg.difference import difference
from kg.errors import InputError
from kg.starting import start
from tests.conftest import RunKg

OLD = "@prefix e: <http://e/> . e:p1 { e:a e:b e:c . e:a e:b e:d } e:p2 { e:a e:b e:c }"
NEW = "@prefix e: <http://e/> . e:p1 { e:a e:b e:c . e:a e:b e:e }"


def files(tmp_path: Path, old: str = OLD, new: str = NEW) -> tuple[Path, Path]:
    paths = tmp_path / "old.trig", tmp_path / "new.trig"
    for path, text in zip(paths, (old, new), strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


def test_a_new_project_checks_and_answers(tmp_path: Path) -> None:
    start(tmp_path / "my archive")
    g = kg.open(tmp_path / "my archive")
    assert g.check().ok
    assert len(g.query("born-when")) == 2


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="not empty"):
        start(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_nothing_is_imported_into_the_facts_that_ship(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "letter.txt").write_text("Dear Anna.")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="no project here"):
        CliRunner().invoke(cli, ["import", "letter.txt"], standalone_mode=False, catch_exceptions=False)


def test_what_came_went_and_moved(tmp_path: Path) -> None:
    old, new = files(tmp_path)
    changes = [(c.kind, str(c.fact.object)) for c in difference([old], [new]).changes]
    assert changes == [("came", "<http://e/e>"), ("moved", "<http://e/c>"), ("went", "<http://e/d>")]


def test_kg_diff_exits_with_1_when_facts_differ_and_0_when_not(tmp_path: Path) -> None:
    old, new = files(tmp_path)
    runner = CliRunner()
    changed = runner.invoke(cli, ["diff", str(old), str(new), "--json"], standalone_mode=False)
    assert (changed.return_value, len(json.loads(changed.stdout))) == (1, 3)
    same = runner.invoke(cli, ["diff", str(old), str(old)], standalone_mode=False)
    assert (same.return_value, same.stdout) == (0, "")


def test_every_example_that_a_new_project_prints_runs(run_kg: RunKg, tmp_path: Path) -> None:
    assert run_kg("init", "my-archive").returncode == 0
    for folder, place in ((["--project", "my-archive"], tmp_path), ([], tmp_path / "my-archive")):
        shown = run_kg(*folder, cwd=place).stdout.partition("Try next\n")[2]
        commands = [shlex.split(line.split("  ")[0])[1:] for line in map(str.strip, shown.splitlines())]
        assert len(commands) == 6
        for command in commands:
            done = run_kg(*command, cwd=place)
            assert (done.returncode, command[: len(folder)]) == (0, folder), done.stderr
