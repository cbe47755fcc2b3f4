"""The second step: asking every resolver once for all solutions, then joining what holds together."""

from __future__ import annotations

from collections.abc import Sequence

from kg.evidence.steps import Draft, Key, Resolver
from kg.evidence.witness import Part, Ways, both


def settle(drafts: Sequence[Draft], most: int) -> list[Ways]:
    """Find the ways in which each draft holds; keeps the `most` smallest of each."""
    wanted: dict[Resolver, dict[Key, None]] = {}
    for draft in drafts:
        for resolver, key in draft.needs:
            wanted.setdefault(resolver, {})[key] = None
    found = {resolver: resolver.resolve(list(keys)) for resolver, keys in wanted.items()}
    return [_join(draft, found, most) for draft in drafts]


def _join(draft: Draft, found: dict[Resolver, dict[Key, Ways]], most: int) -> Ways:
    ways = Ways([Part(tuple(dict.fromkeys(draft.atoms)), external=frozenset(draft.external))], 1)
    for resolver, key in draft.needs:
        ways = both(ways, found[resolver].get(key, Ways()), most)
    return ways
