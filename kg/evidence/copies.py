"""Copies of the values that variables have where an element stands, for something later may bind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from kg.evidence import tree
from kg.evidence.scope import has_exists
from kg.evidence.steps import Slot

if TYPE_CHECKING:
    from kg.evidence.compile import Compiler

Env: TypeAlias = Mapping[str, Slot]


class Outer(NamedTuple):
    """What the FILTER of an OPTIONAL's group sees of what stands before it, and where that group ends."""

    names: tuple[str, ...]
    sure: frozenset[str]
    end: int


def here(
    compiler: Compiler,
    element: tree.Filter | tree.Bind | tree.Minus | tree.Optional,
    names: Sequence[str],
    env: Env,
    *,
    sure: Set[str],
    offset: int,
) -> Env:
    """Copy, at an offset of the text, what an element reads and may find unbound.

    What is said about absence is about the values that the element itself finds.
    """
    if isinstance(element, tree.Filter | tree.Bind) and not has_exists(element.expression):
        return env
    used = compiler.mentioned(element.start, element.end, names)
    # A parameter of the user's has its value everywhere.
    known = {*sure, *compiler.context.bindings}
    unsure = [name for name in used if name not in known and env.get(name, name) == name]
    copies = {name: compiler.fresh("c") for name in unsure}
    for name, copy in copies.items():
        compiler.edits.insert(offset, f" BIND(?{name} AS ?{copy}) ")
    return {**env, **copies} if copies else env
