"""What the README shows is what the commands print."""

import os
import pty
import re
import shlex
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

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


def on_a_terminal(arguments: list[str], folder: Path) -> tuple[int, str]:
    """Run the command on a pseudo-terminal of 100 columns and return its exit code and what it shows."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(README.parent), "COLUMNS": "100", "TERM": "xterm"}
    done = subprocess.Popen(
        [sys.executable, "-m", "kg", *arguments], cwd=folder, env=environment, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    shown = b""
    with open(ours, "rb", buffering=0) as screen, suppress(OSError):  # noqa: PTH123 - a descriptor is no path
        while part := screen.read(4096):
            shown += part
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode())
    # A spinner says that work goes on; it erases itself, which text cannot show.
    return done.wait(), re.sub(r"[\u2800-\u28ff] [^…\r\n]*…\r?", "", text).replace("\r\n", "\n")


def tidy(text: str) -> str:
    """Drop spaces at line ends and empty lines around, which tables have and Markdown does not want."""
    return "\n".join(line.rstrip() for line in text.splitlines()).strip("\n")


@pytest.mark.parametrize(("command", "shown"), examples())
def test_a_command_of_the_readme_shows_what_is_printed_there(
    command: str, shown: str, tmp_path: Path
) -> None:
    program, *arguments = shlex.split(command, comments=True)
    assert program == "kg"
    code, printed = on_a_terminal(arguments, tmp_path)
    assert code == 0, printed
    pattern = "(?s:.*)".join(re.escape(tidy(part)) for part in re.split("^…$", shown, flags=re.MULTILINE))
    assert re.fullmatch(rf"\s*{pattern}\s*", tidy(printed)), printed
