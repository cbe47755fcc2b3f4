"""Which variables stand in a pattern, which it binds, and putting terms in their place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace

from tests.oracle import syntax as sx
from tests.oracle.derive import Undetermined
from tests.oracle.syntax import Expr
from tests.oracle.terms import Term, Var


def walk(node: object) -> Iterator[object]:
    """Yield a node of a tree and all below it."""
    if isinstance(node, tuple):
        for part in node:
            yield from walk(part)
    elif is_dataclass(node):
        yield node
        for field in fields(node):
            yield from walk(getattr(node, field.name))


def mentioned(node: object) -> set[str]:
    """Return the names of all variables in a tree."""
    return {part.name for part in walk(node) if isinstance(part, Var) and not part.blank}


def visible(node: sx.Element) -> set[str]:
    """Return the names of the variables that an element may bind outside itself."""
    if isinstance(node, sx.Select):
        if node.shown:
            return {var.name for var in node.shown}
        return visible(node.where) | (visible(node.values) if node.values else set())
    if isinstance(node, sx.Group):
        return {n for e in node.elements if not isinstance(e, sx.Minus | sx.Filter) for n in visible(e)}
    if isinstance(node, sx.Union):
        return {name for arm in node.arms for name in visible(arm)}
    if isinstance(node, sx.Optional | sx.Graph):
        own = mentioned(node.name) if isinstance(node, sx.Graph) else set[str]()
        return own | visible(node.group)
    if isinstance(node, sx.Bind):
        return {node.var.name}
    if isinstance(node, sx.Values):
        return {var.name for var in node.vars}
    return mentioned(node) if isinstance(node, sx.Block) else set()


def certain(elements: Iterable[sx.Element]) -> set[str]:
    """Return names that every solution of these elements binds: those of their triples."""
    return {name for element in elements if isinstance(element, sx.Block) for name in mentioned(element)}


def substituted(group: sx.Group, binding: Mapping[str, Term]) -> sx.Group:
    """Put terms in the place of variables.

    Raises `Undetermined` where SPARQL 1.1 does not say what that means: in MINUS, in sub-SELECT, and where
    the variable is one that BIND or VALUES binds.
    """
    done = _put(group, binding)
    assert isinstance(done, sx.Group)
    return done


def _put(node: object, binding: Mapping[str, Term]) -> object:
    if isinstance(node, tuple):
        return tuple(_put(part, binding) for part in node)
    if isinstance(node, Var):
        return node if node.blank else binding.get(node.name, node)
    if isinstance(node, Expr) and node.op == "var":
        assert isinstance(node.node, Var)
        known = binding.get(node.node.name)
        return node if known is None else Expr("term", node=known)
    bound = {
        sx.Minus: lambda: mentioned(node),
        sx.Select: lambda: mentioned(node),
        sx.Bind: lambda: mentioned(getattr(node, "var", None)),
        sx.Values: lambda: mentioned(node),
    }.get(type(node), set)()
    if bound & binding.keys():
        raise Undetermined
    if is_dataclass(node) and not isinstance(node, type | sx.Path):
        return replace(node, **{f.name: _put(getattr(node, f.name), binding) for f in fields(node)})
    return node
