"""Sums of the files of a generation, by which damage is found: once it is current nobody writes to them.

The engine meets a damaged file where a question of that kind reads it, and no question reads all of them.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path


def write_sums(place: Path, before: Path) -> None:
    """Keep the sums of a generation's files; those linked from the one `before` need no reading."""
    known, sums = _read(before), {}
    for file in sorted(place.iterdir()):
        old = before / file.name
        is_same = file.name in known and old.exists() and old.samefile(file)
        sums[file.name] = known[file.name] if is_same else _sum(file)
    with _place(place).open("w", encoding="utf-8") as output:
        json.dump(sums, output, indent=0)
        output.flush()
        os.fsync(output.fileno())


def damaged_files(place: Path) -> Iterator[str]:
    """Yield what is wrong with the files of a generation; nothing of one that has no sums."""
    for name, known in _read(place).items():
        file = place / name
        if not file.is_file():
            yield f"{file} is missing"
        elif _sum(file) != known:
            yield f"{file} is not as it was written"


def _read(place: Path) -> Mapping[str, str]:
    file = _place(place)
    found: dict[str, str] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return found


def _place(generation: Path) -> Path:
    return generation.with_suffix(".sums")


def _sum(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "blake2b").hexdigest()[:32]
