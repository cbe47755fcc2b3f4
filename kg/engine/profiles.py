"""Profiles of engines elsewhere, kept in the user's cache folder.

Each is kept for a week, or until the service calls itself by another name.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from kg.engine.probe import Profile

WEEK = 7 * 24 * 3600.0


def remembered(url: str, server: str) -> Profile | None:
    """Return what was found out of an endpoint within a week, if it still calls itself the same."""
    try:
        found = json.loads(_place(url).read_text(encoding="utf-8"))
        profile = Profile(**found["profile"])
        is_fresh = time.time() < found["until"]
    except (OSError, ValueError, KeyError, TypeError):
        # Nothing is kept, or something that another version has written.
        return None
    return profile if is_fresh and profile.server == server else None


def remember(url: str, profile: Profile) -> None:
    """Keep what was found out of an endpoint for a week; where nothing can be written, nothing is kept."""
    place = _place(url)
    content = json.dumps({"url": url, "until": time.time() + WEEK, "profile": asdict(profile)}, indent=1)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=place.parent, delete=False, encoding="utf-8") as file:
            file.write(content)
        Path(file.name).replace(place)
    except OSError:
        return


def forget(url: str) -> None:
    """Find out anew the next time."""
    _place(url).unlink(missing_ok=True)


def _place(url: str) -> Path:
    """Where an endpoint's profile is kept."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return folder / "kg-footnote" / f"{hashlib.sha256(url.encode()).hexdigest()[:20]}.json"
