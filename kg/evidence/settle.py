"""The second step: asking every resolver once for all solutions, then joining what holds together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from kg.evidence.steps import Draft, Key, Resolver
from kg.evidence.witness import Part, Ways, both

Found: TypeAlias = Mapping[Resolver, Mapping[Key, Ways]]


def settle(drafts: Sequence[Draft], most: int) -> list[Ways]:
    """Find the ways in which each draft holds; keeps the `most` smallest of each."""
    found = resolved(drafts)
    return [joined(draft, found, most) for draft in drafts]


def resolved(drafts: Sequence[Draft]) -> Found:
    """Ask every resolver once for all drafts."""
    wanted: dict[Resolver, dict[Key, None]] = {}
    for draft in drafts:
        for resolver, key in draft.needs:
            wanted.setdefault(resolver, {})[key] = None
    return {resolver: resolver.resolve(list(keys)) for resolver, keys in wanted.items()}


def first(draft: Draft) -> Part:
    """Return what a draft rests on before the second step."""
    atoms = tuple(dict.fromkeys(draft.atoms))
    return Part(atoms, external=frozenset(draft.external)) if draft.external else Part(atoms)


def joined(draft: Draft, found: Found, most: int) -> Ways:
    """Join what a draft rests on with the ways in which its needs hold."""
    ways = Ways([first(draft)], 1)
    for resolver, key in draft.needs:
        ways = both(ways, found[resolver].get(key, Ways()), most)
    return ways
