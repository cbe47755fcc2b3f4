"""The public interface is what `kg` lists, and starting it is light."""

import subprocess
import sys

import pytest

import kg

HEAVY = ["rdflib", "networkx", "pyvis", "pyshacl", "starlette", "numpy", "scipy", "rich", "IPython"]


def test_public_names_are_sorted_and_exist() -> None:
    assert sorted(kg.__all__, key=str.lower) == kg.__all__
    assert [name for name in kg.__all__ if not hasattr(kg, name)] == []


@pytest.mark.parametrize("arguments", [["--help"], ["query", "ASK {}"], ["questions"]])
def test_help_and_a_plain_query_load_no_heavy_library(arguments: list[str]) -> None:
    code = (
        "import sys, atexit\n"
        f"sys.argv = ['kg', *{arguments!r}]\n"
        f"atexit.register(lambda: print('LOADED', [m for m in {HEAVY!r} if m in sys.modules]))\n"
        "from kg.cli import main\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "LOADED []" in done.stdout, done.stdout + done.stderr
