"""What the README shows is what the commands print."""

import re
import shlex
from pathlib import Path

import pytest

from tests.conftest import RunKg

README = Path(__file__).parent.parent / "README.md"
CONSOLE = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)


def examples() -> list[tuple[str, str]]:
    """Return every `$ command` of the README with the output shown below it."""
    found = []
    for block in CONSOLE.findall(README.read_text(encoding="utf-8")):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            found.append((command, output.rstrip("\n")))
    return found


def test_the_readme_has_examples() -> None:
    assert len(examples()) >= 10


@pytest.mark.parametrize(("command", "shown"), examples())
def test_a_command_of_the_readme_prints_what_is_shown(command: str, shown: str, run_kg: RunKg) -> None:
    program, *arguments = shlex.split(command, comments=True)
    assert "kg" == program
    done = run_kg(*arguments)
    assert 0 == done.returncode, done.stderr
    pattern = "(?s:.*?)".join(re.escape(part.strip("\n")) for part in shown.split("…\n"))
    assert re.fullmatch(rf"\s*{pattern}\s*", (done.stdout + done.stderr).replace("\t", "  ")), done.stdout
