"""Live reload: a change of the project's files opens them anew."""

from __future__ import annotations

import asyncio
from pathlib import Path

from kg.server.pool import Pool
from kg.server.settings import Place

SECONDS = 1.0


def signature(place: Place, root: Path) -> tuple[tuple[str, int, int], ...]:
    """Return what changes whenever a file of the project does."""
    found = []
    for path in place.files(root):
        try:
            stat = path.stat()
        except FileNotFoundError:
            continue
        found.append((str(path), stat.st_mtime_ns, stat.st_size))
    return tuple(found)


async def watch(pool: Pool) -> None:
    """Open the facts anew whenever their files change, for as long as the server runs."""
    root = pool.place.root()
    seen = await asyncio.to_thread(signature, pool.place, root)
    while True:
        await asyncio.sleep(SECONDS)
        now = await asyncio.to_thread(signature, pool.place, root)
        if now != seen:
            seen = now
            await pool.reload()
