"""A project: a folder with facts/, and beside it ontology/ and queries/, or the one that ships with kg."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kg.errors import InputError
from kg.files import read_code
from kg.formats import RDF_FORMATS
from kg.vocab import PREFIXES

_PACKAGE = Path(__file__).parent
RDF_ENDINGS = frozenset(f".{ending}" for entry in RDF_FORMATS for ending in entry.extensions)


@dataclass(frozen=True, slots=True)
class Project:
    """Where a project's files are, and its settings from `facts/kg.toml`."""

    root: Path
    title: str
    namespace: str
    """Where short names of things live: `nikolai-bukharin` means this namespace and that name."""
    prefixes: Mapping[str, str] = field(default_factory=lambda: dict(PREFIXES))
    language: str = "en"
    projection: str = "main"

    @property
    def is_bundled(self) -> bool:
        """Whether this is the project that ships with kg."""
        return self.root == bundled_root()

    def fact_files(self) -> list[Path]:
        """The files of facts, sorted; raises `InputError` where there is none."""
        files = _rdf_files(self.root / "facts")
        if not files:
            raise InputError(
                f"{self.root / 'facts'} holds no RDF file; put facts there, as .trig for instance."
            )
        return files

    def ontology_files(self) -> list[Path]:
        """The project's vocabulary, with ours where it brings none; shapes are rules, not statements."""
        files = [path for path in _rdf_files(self.root / "ontology") if path.stem != "shapes"]
        if not any(path.name == "kg.ttl" for path in files):
            files.insert(0, bundled_root() / "ontology" / "kg.ttl")
        return files

    def shape_files(self) -> list[Path]:
        """The project's SHACL shapes, ours where it brings none."""
        own = self.root / "ontology" / "shapes.ttl"
        return [own if own.is_file() else bundled_root() / "ontology" / "shapes.ttl"]

    def source_file(self, name: str) -> Path:
        """A source's text, whose name is relative to `facts/` or to the folder of a data set in it.

        Raises `InputError` where there is no such file inside `facts/`.
        """
        facts = (self.root / "facts").resolve()
        for folder in (facts, *sorted(path for path in facts.iterdir() if path.is_dir())):
            path = (folder / name).resolve()
            if path.is_file() and path.is_relative_to(facts):
                return path
        raise InputError(
            f"No text {name!r} is in {self.root / 'facts'}; put it there, or correct kg:textFile."
        )

    def query_files(self) -> list[Path]:
        """The saved questions, sorted by name."""
        return sorted((self.root / "queries").glob("*.rq"))

    def projection_files(self) -> list[Path]:
        """The saved projections, sorted by name; ours where the project brings none."""
        own = sorted((self.root / "queries" / "projections").glob("*.rq"))
        return own or sorted((bundled_root() / "queries" / "projections").glob("*.rq"))


def bundled_root() -> Path:
    """Where the project that ships with kg is: inside the wheel, or around the package in a checkout."""
    inside = _PACKAGE / "bundled"
    return inside if inside.is_dir() else _PACKAGE.parent


def find_project(folder: Path | None = None) -> Project:
    """Return the project in `folder`; without one, that of the working directory or else the bundled one.

    Raises `InputError` for a folder without `facts/` and for settings that do not parse.
    """
    if folder is None:
        here = Path.cwd()
        return read_project(here if (here / "facts").is_dir() else bundled_root())
    if not (folder / "facts").is_dir():
        raise InputError(f"{folder} is no project: it has no folder facts/. Make one with: kg init {folder}")
    return read_project(folder)


def read_project(root: Path) -> Project:
    """Read the settings of the project in `root`."""
    file = root / "facts" / "kg.toml"
    settings = _read_settings(file) if file.is_file() else {}
    namespace = str(settings.get("namespace", f"https://example.org/{root.resolve().name}/"))
    return Project(
        root=root,
        title=str(settings.get("title", root.resolve().name)),
        namespace=namespace,
        prefixes={**PREFIXES, **settings.get("prefixes", {})},
        language=str(settings.get("language", "en")),
        projection=str(settings.get("projection", "main")),
    )


def _read_settings(file: Path) -> dict[str, Any]:
    try:
        settings = tomllib.loads(read_code(file))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{file} is not TOML: {error}. Correct it and try again.") from error
    prefixes = settings.get("prefixes", {})
    if not isinstance(prefixes, dict) or not all(isinstance(base, str) for base in prefixes.values()):
        raise InputError(
            f'{file}: prefixes is no table of IRIs; write [prefixes] and lines like ex = "https://…".'
        )
    return settings


def _rdf_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in RDF_ENDINGS and path.is_file())
