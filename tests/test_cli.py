"""The command as its users meet it: what it prints where, and its exit codes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PREFIXES, RunKg


def test_kg_alone_says_what_is_there_and_what_to_try(run_kg: RunKg, letters: Path) -> None:
    done = run_kg(cwd=letters)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Letters\n")
    assert "2 passages of 1 source" in done.stdout
    assert "kg query who-wrote" in done.stdout


def test_an_answer_is_a_table_of_labels_when_piped_as_tsv(run_kg: RunKg, letters: Path) -> None:
    done = run_kg("query", "who-wrote", "--project", str(letters))
    assert done.stdout == "writer\treader\nAnna\tBoris\n"


def test_iris_are_shown_on_request(run_kg: RunKg, letters: Path) -> None:
    done = run_kg("query", "who-wrote", "--iris", cwd=letters)
    assert done.stdout == "writer\treader\nex:anna\tex:boris\n"


def test_parameters_fill_in_a_question(run_kg: RunKg, letters: Path) -> None:
    done = run_kg("query", "who-wrote", "--param", "writer=boris", "-f", "csv", cwd=letters)
    assert done.stdout.replace("\n", "\r\n").replace("\r\r", "\r") == "writer,reader\r\n"


def test_json_is_standard_and_alone_on_stdout(run_kg: RunKg, letters: Path) -> None:
    done = run_kg("query", "SELECT ?s { ?s ex:wroteTo ?o }", "-f", "json", cwd=letters)
    assert json.loads(done.stdout)["head"]["vars"] == ["s"]


def test_an_ask_says_yes_or_no(run_kg: RunKg, letters: Path) -> None:
    assert run_kg("query", "ASK { ex:anna ex:wroteTo ex:boris }", cwd=letters).stdout == "yes\n"
    assert run_kg("query", "ASK { ex:boris ex:wroteTo ex:anna }", cwd=letters).stdout == "no\n"


def test_a_query_comes_from_a_file_or_standard_input(run_kg: RunKg, letters: Path) -> None:
    file = letters / "mine.rq"
    file.write_text("ASK {}", encoding="utf-8")
    assert run_kg("query", "mine.rq", cwd=letters).stdout == "yes\n"
    assert run_kg("query", "-", stdin="ASK {}", cwd=letters).stdout == "yes\n"


def test_the_mark_that_windows_editors_put_before_a_text_is_no_part_of_it(
    run_kg: RunKg, letters: Path
) -> None:
    settings = letters / "facts" / "kg.toml"
    settings.write_text("\ufeff" + settings.read_text(encoding="utf-8"), encoding="utf-8")
    for place in ("mine.rq", "queries/saved.rq"):
        (letters / place).write_text(
            "\ufeff#+ title: Is it?\r\nASK { ex:anna ex:wroteTo ?b }\r\n", encoding="utf-8"
        )
    for question in ("mine.rq", "saved"):
        assert run_kg("query", question, cwd=letters).stdout == "yes\n"
    assert run_kg("query", "-", stdin="\ufeffASK {}", cwd=letters).stdout == "yes\n"


def test_plain_files_are_data_in_any_number(run_kg: RunKg, tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text(PREFIXES + "ex:a ex:b ex:c .", encoding="utf-8")
    (tmp_path / "b.trig").write_text(PREFIXES + "ex:g { ex:d ex:e ex:f }", encoding="utf-8")
    counted = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    after = run_kg("query", counted, "--data", "a.ttl", "b.trig", cwd=tmp_path)
    before = run_kg("query", "--data", "a.ttl", "b.trig", counted, cwd=tmp_path)
    assert (after.stdout, before.stdout) == ("n\n2\n", "n\n2\n")


def test_describe_shows_every_statement_with_the_words_behind_it(run_kg: RunKg, letters: Path) -> None:
    done = run_kg("describe", "anna", cwd=letters)
    assert "“Анна wrote to Борис in May 1901.” — A letter, characters 0–32" in done.stdout
    assert "alleged" in done.stdout


def test_describing_a_passage_shows_its_words_and_what_it_states(run_kg: RunKg, letters: Path) -> None:
    shown = run_kg("describe", "letter-2", cwd=letters).stdout
    assert "“Boris never answered 🙂” — A letter, characters 33–55 (alleged)" in shown
    assert "  Boris · ex:leftUnanswered · Anna\n" in shown


def test_a_graph_answer_is_shown_as_turtle(run_kg: RunKg, letters: Path) -> None:
    shown = run_kg("query", "CONSTRUCT { ?s ex:knows ?o } { ?s ex:wroteTo ?o }", cwd=letters).stdout
    assert shown.endswith("\nex:anna ex:knows ex:boris .\n")


def test_questions_lists_titles_and_parameters(run_kg: RunKg, letters: Path) -> None:
    done = run_kg("questions", cwd=letters)
    assert "who-wrote\tWho wrote to whom?\twriter (entity, default anna)" in done.stdout


def test_export_warns_on_stderr_what_a_format_drops(run_kg: RunKg, letters: Path) -> None:
    done = run_kg("export", "-o", "out.ttl", cwd=letters)
    assert (done.returncode, done.stdout) == (0, "")
    assert "does not say which passages" in done.stderr
    assert (letters / "out.ttl").read_text(encoding="utf-8").startswith("@prefix")


def test_check_exits_with_one_when_a_quotation_is_wrong(run_kg: RunKg, letters: Path) -> None:
    (letters / "facts" / "letter.txt").write_text("Another text.", encoding="utf-8")
    done = run_kg("check", cwd=letters)
    assert done.returncode == 1
    assert "letter-1" in done.stdout


def test_an_update_runs_only_when_allowed_and_into_a_file(run_kg: RunKg, letters: Path) -> None:
    insert = "INSERT DATA { GRAPH ex:letter-1 { ex:anna ex:likes ex:boris } }"
    assert run_kg("query", insert, cwd=letters).returncode == 2
    assert "-o" in run_kg("query", insert, "--allow-update", cwd=letters).stderr
    assert run_kg("query", insert, "--allow-update", "-o", "new.trig", cwd=letters).returncode == 0
    assert "ex:likes ex:boris" in (letters / "new.trig").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["query", "SELECT * { ?s ?p "], "line 1, column 18"),
        (["query", "who-wrot"], "Nearest: who-wrote"),
        (["query", "who-wrote", "--param", "writer"], "NAME=VALUE"),
        (["query", "who-wrote", "--param", "writer=nobody"], "No entity is called 'nobody'"),
        (["query", "who-wrote", "-f", "yaml"], "Known: json, xml, csv, tsv"),
        (["query", "nowhere.rq"], "nowhere.rq cannot be read"),
        (["query", "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }"], "--allow-service"),
        (["describe", "borris"], "Nearest: boris"),
        (["export", "-o", "nowhere/out.ttl"], "cannot be written"),
        (["export", "-o", "out.docx"], "No RDF format is called '.docx'"),
        (["export"], "Name a file with -o"),
        (["query", "ASK {}", "--data", "missing.ttl"], "missing.ttl is not a file"),
        (["query", "ASK {}", "--project", "/"], "has no folder facts/"),
        (["nonsense"], "No such command"),
    ],
)
def test_bad_input_is_one_clear_sentence_and_exit_code_two(
    run_kg: RunKg, letters: Path, arguments: list[str], says: str
) -> None:
    done = run_kg(*arguments, cwd=letters)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_full_disk_is_one_sentence(letters: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "kg", "query", "SELECT ?s { ?s ?p ?o }", "--project", str(letters)],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == "kg: The answer cannot be written: No space left on device.\n"


def test_a_question_that_is_not_text_is_named(run_kg: RunKg, letters: Path) -> None:
    (letters / "queries" / "bad.rq").write_bytes(b"\xff\xfe")
    assert "bad.rq is not UTF-8 text" in run_kg("questions", cwd=letters).stderr


def test_debug_shows_the_traceback(letters: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kg", "query", "nothing", "--project", str(letters)],
        env={**os.environ, "KG_DEBUG": "1"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Traceback" in done.stderr


def test_hostile_data_cannot_drive_the_terminal(run_kg: RunKg, tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text(
        PREFIXES + 'ex:a rdfs:label "\\u001b[31mred\\u001b]0;title\\u0007 [bold]x[/bold]" .', encoding="utf-8"
    )
    done = run_kg("query", "SELECT ?l { ?s rdfs:label ?l }", "--data", "a.ttl", cwd=tmp_path)
    assert "\x1b" not in done.stdout
    assert "[bold]x[/bold]" in done.stdout
