"""A real Virtuoso for tests: the packaged configuration with directories and ports of its own."""

from __future__ import annotations

import configparser
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

INI = Path("/etc/virtuoso-opensource-7/virtuoso.ini")


def is_installed() -> bool:
    """Whether Debian's virtuoso-opensource-7 is here."""
    return shutil.which("virtuoso-t") is not None and shutil.which("isql-vt") is not None and INI.is_file()


@dataclass(frozen=True, slots=True)
class Virtuoso:
    """A Virtuoso that runs."""

    endpoint: str
    sql: int
    pid: int

    def tell(self, statement: str) -> None:
        """Run a statement as its administrator."""
        command = ["isql-vt", f"127.0.0.1:{self.sql}", "dba", "dba", f"EXEC={statement}"]
        subprocess.run(command, check=True, capture_output=True)


@contextmanager
def virtuoso(folder: Path) -> Iterator[str]:
    """Run a Virtuoso in `folder` and yield its SPARQL endpoint, which anybody may update."""
    with running(folder, {}) as server:
        # The anonymous web user may only read until it is told otherwise.
        server.tell('GRANT SPARQL_UPDATE TO "SPARQL";')
        yield server.endpoint


@contextmanager
def running(folder: Path, settings: Mapping[tuple[str, str], str]) -> Iterator[Virtuoso]:
    """Run a Virtuoso in `folder` with other settings, by section and key, than the packaged ones."""
    sql, http = free_port(), free_port()
    config = write_config(folder, sql, http, settings)
    command = ["virtuoso-t", "+foreground", "+configfile", str(config)]
    log = (folder / "output.log").open("wb")
    with log, subprocess.Popen(command, cwd=folder, stdout=log, stderr=log) as server:
        try:
            endpoint = f"http://127.0.0.1:{http}/sparql"
            wait_for(f"{endpoint}?query=ASK%7B%7D", server)
            yield Virtuoso(endpoint, sql, server.pid)
        finally:
            server.kill()


def write_config(folder: Path, sql: int, http: int, settings: Mapping[tuple[str, str], str]) -> Path:
    """Write the packaged ini with all its places moved into `folder`."""
    config = configparser.ConfigParser(inline_comment_prefixes=(";",), strict=False, interpolation=None)
    config.optionxform = str  # type: ignore[method-assign, assignment]  # keys are case-sensitive
    config.read(INI, encoding="utf-8")
    for section in ("Database", "TempDatabase"):
        for key, value in config[section].items():
            if value.startswith("/var/"):
                config[section][key] = str(folder / Path(value).name)
    config["Parameters"]["ServerPort"] = f"127.0.0.1:{sql}"
    config["HTTPServer"]["ServerPort"] = f"127.0.0.1:{http}"
    config["HTTPServer"]["ServerRoot"] = str(folder)
    # Its estimates are wrong by orders of magnitude: 1,900 s for what takes 20 ms.
    config["SPARQL"].pop("MaxQueryCostEstimationTime", None)
    config["URIQA"]["DefaultHost"] = f"127.0.0.1:{http}"
    for (section, key), value in settings.items():
        config[section][key] = value
    file = folder / "virtuoso.ini"
    with file.open("w", encoding="utf-8") as output:
        config.write(output)
    return file


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert isinstance(port, int)
    return port


def wait_for(url: str, server: subprocess.Popen[bytes], seconds: float = 90) -> None:
    """Wait until a server answers at `url`; fails when it has ended or the time is up."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        assert server.poll() is None, f"{server.args!r} ended with {server.returncode}"
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own server
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise TimeoutError(url)
