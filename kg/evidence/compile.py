"""Compiling a pattern so that each of its solutions tells how it came about."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set

from kg.evidence import tree
from kg.evidence.blocks import BlockWriter, is_plain
from kg.evidence.context import Context
from kg.evidence.copies import Env, Outer, here
from kg.evidence.presence import Presence, has_statement
from kg.evidence.rewrite import Edits, write
from kg.evidence.scope import certain, projected, visible, visible_in_elements
from kg.evidence.steps import GRAPH, Atoms, External, Layout, Marked, Need, Present, Resolver, Slot, Step
from kg.evidence.unit import Unit, link
from kg.evidence.volatile import service_name, volatile_calls


class Compiler:
    """Compiles one pattern of a query, to be run on its own.

    `env` gives other names, or constants, to variables of the pattern; elements of `without` are left out;
    of a `collective` pattern all solutions together make a row.
    """

    def __init__(
        self,
        context: Context,
        env: Env | None = None,
        without: Sequence[tree.Element] = (),
        *,
        collective: bool = False,
    ) -> None:
        self.context, self.collective = context, collective
        self.edits = Edits(context.query.text)
        for element in without:
            self.edits.replace(element.start, element.end, " ")
        self.columns: dict[str, None] = {}
        self.env: Env = dict(env or {})
        self.untouched = True

    def unit(
        self,
        group: tree.Group,
        first: Sequence[str] = (),
        inherited: Sequence[str] = (),
        more: Sequence[Step] = (),
    ) -> Unit:
        """Compile a group; `first` are columns to come first, `inherited` names seen from outside."""
        self._rename(group.start, group.end, group.start, self.env)
        steps = [*self.group(group, self.env, GRAPH, inherited), *more]
        names = [self.env.get(name, name) for name in visible(group)]
        columns = list(dict.fromkeys([*first, *(n for n in names if isinstance(n, str)), *self.columns]))
        body = self.edits.render(group.start + 1, group.end - 1)
        if group.elements and isinstance(group.elements[0], tree.Select):
            body = f"{{ {body} }}"
        layout = Layout(columns, self.context.bindings, self.context.statements)
        return link(steps, columns, layout, body)

    def _rename(self, start: int, end: int, root: int, env: Env) -> None:
        for var in self.context.homes.within(start, end, root) if env else ():
            if var.name in env:
                self.edits.rename(var, write(env[var.name]))

    def fresh(self, hint: str) -> str:
        """Make a new column."""
        name = self.context.fresh_name(hint)
        self.columns[name] = None
        return name

    def slot(self, node: tree.Node, env: Env) -> Slot:
        """Find where the value of a node comes from."""
        if isinstance(node, tree.Constant):
            return node.term
        return env.get(node.name, node.name)

    def slots(self, names: Sequence[str], env: Env) -> tuple[Slot, ...]:
        """Find where the values of variables come from."""
        return tuple(env.get(name, name) for name in names)

    def mentioned(self, start: int, end: int, names: Sequence[str]) -> list[str]:
        """List which of these variables, or of the user's parameters, stand in a stretch of the query."""
        known = {*names, *self.context.bindings}
        found = (var.name for var in self.context.homes.within(start, end, start))
        return list(dict.fromkeys(name for name in found if name in known))

    def group(
        self,
        group: tree.Group,
        env: Env,
        graph: Slot,
        inherited: Sequence[str],
        outer: Outer | None = None,
    ) -> list[Step]:
        """Compile the elements of a group in order.

        `inherited` names have their terms everywhere in the group, those of `outer`, which stand before an
        OPTIONAL, only in the FILTER of its group.
        """
        steps: list[Step] = []
        outer = outer or Outer((), frozenset(), group.end - 1)
        for place, element in enumerate(group.elements):
            if not isinstance(element, _READING):
                steps += _HANDLERS[type(element)](self, element, env, graph, inherited)
                continue
            earlier = group.elements[:place]
            before = [*inherited, *visible_in_elements(earlier)]
            sure = {*inherited, *certain(earlier)}
            if isinstance(element, tree.Optional):
                steps += self.optional(element, env, graph, before, inherited, sure=sure)
            elif isinstance(element, tree.Filter):
                names = [*inherited, *outer.names, *visible(group)]
                sure = {*inherited, *outer.sure, *certain(group.elements)}
                copied = here(self, element, names, env, sure=sure, offset=outer.end)
                steps += self.condition(element.expression, copied, graph, names)
            else:
                copied = here(self, element, before, env, sure=sure, offset=element.start)
                steps += _HANDLERS[type(element)](self, element, copied, graph, before)
        return steps

    def block(self, block: tree.Block, env: Env, graph: Slot, _names: Sequence[str]) -> list[Step]:
        """Compile triples; those with paths or blank nodes are written out."""
        if is_plain(block):
            slots = [
                (self.slot(t.subject, env), self.slot(t.verb, env), self.slot(t.object, env), graph)
                for t in block.triples
                if not isinstance(t.verb, tree.Path)
            ]
            return [Atoms(tuple(slots))]
        self.untouched = False
        writer = BlockWriter(self, env, graph)
        self.edits.replace(block.start, block.end, writer.write(block))
        return writer.steps

    def condition(
        self, expression: tree.Expression, env: Env, graph: Slot, names: Sequence[str]
    ) -> list[Step]:
        """Compile a condition that holds: only EXISTS and what is not repeatable leave a trace."""
        from kg.evidence.conditions import resolvers_of

        steps: list[Step] = [External(name) for name in volatile_calls(expression)]
        for resolver, used in resolvers_of(self.context, expression, names, self.mentioned):
            steps.append(self.need(resolver, used, env, graph))
        return steps

    def need(self, resolver: Resolver, names: Sequence[str], env: Env, graph: Slot) -> Need:
        """Make the step that asks a resolver about the values of these names in the active graph."""
        return Need(resolver, (*self.slots(names, env), graph))

    def optional(
        self,
        element: tree.Optional,
        env: Env,
        graph: Slot,
        names: Sequence[str],
        inherited: Sequence[str],
        *,
        sure: Set[str],
    ) -> list[Step]:
        """Compile an OPTIONAL: a marker beside its FILTER tells whether it matched (R3)."""
        from kg.evidence.absence import AbsenceResolver

        marker = self.mark(element.group, "o")
        outer = Outer(tuple(names), frozenset(sure), element.end)
        steps = self.group(element.group, env, graph, inherited, outer)
        used = self.mentioned(element.group.start, element.group.end, names)
        absence = AbsenceResolver(self.context, "optional", element.group, used)
        copied = here(self, element, names, env, sure=sure, offset=element.start)
        return [Marked(marker, tuple(steps), (self.need(absence, used, copied, graph),))]

    def mark(self, group: tree.Group, hint: str) -> str:
        """Add a marker to a group; it is bound where the group matched."""
        marker = self.fresh(hint)
        if group.elements and isinstance(group.elements[0], tree.Select):
            self.edits.insert(group.start + 1, "{ ")
            self.edits.insert(group.end - 1, f" }} BIND(1 AS ?{marker}) ")
        else:
            self.edits.insert(group.end - 1, f" BIND(1 AS ?{marker}) ")
        return marker

    def minus(self, element: tree.Minus, env: Env, graph: Slot, names: Sequence[str]) -> list[Step]:
        """Compile a MINUS: its text stays as it is (R4)."""
        from kg.evidence.absence import AbsenceResolver

        inner = set(visible(element.group))
        used = [name for name in dict.fromkeys(names) if name in inner]
        if not used:
            return []
        absence = AbsenceResolver(self.context, "minus", element.group, used)
        return [self.need(absence, used, env, graph)]

    def union(self, element: tree.Union, env: Env, graph: Slot, names: Sequence[str]) -> list[Step]:
        """Compile a UNION: a marker in each arm tells which one fired."""
        return [
            Marked(self.mark(arm, "u"), tuple(self.group(arm, env, graph, names))) for arm in element.arms
        ]

    def graph(self, element: tree.GraphPattern, env: Env, _graph: Slot, names: Sequence[str]) -> list[Step]:
        """Compile a GRAPH: its statements are wanted in that graph, at least one."""
        slot = self.slot(element.name, env)
        steps = self.group(element.group, env, slot, names)
        return steps if has_statement(element.group) else [*steps, Present(Presence(self.context), slot)]

    def service(self, element: tree.Service, *_: object) -> list[Step]:
        """Compile a SERVICE: what it gives comes from elsewhere."""
        return [External(service_name(element))]

    def bind(self, element: tree.Bind, env: Env, graph: Slot, names: Sequence[str]) -> list[Step]:
        """Compile a BIND: its value is a function of the solution."""
        return self.value(element.expression, env, graph, names)

    def value(self, expression: tree.Expression, env: Env, graph: Slot, names: Sequence[str]) -> list[Step]:
        """Compile an expression whose value is wanted."""
        from kg.evidence.conditions import value_resolver

        steps: list[Step] = [External(name) for name in volatile_calls(expression)]
        found = value_resolver(self.context, expression, names, self.mentioned)
        return steps if found is None else [*steps, self.need(*found, env, graph)]

    def values(self, *_: object) -> list[Step]:
        """Compile VALUES: constants of the query."""
        return []

    def nested(self, element: tree.Group, env: Env, graph: Slot, names: Sequence[str]) -> list[Step]:
        """Compile a group in a group."""
        return self.group(element, env, graph, names)

    def subselect(self, select: tree.Select, env: Env, graph: Slot, _names: Sequence[str]) -> list[Step]:
        """Compile a sub-SELECT: spelled out where it only projects, else explained on its own."""
        from kg.evidence.subselects import SelectResolver, only_projects

        self.untouched = False
        if only_projects(select):
            return self._inline(select, env, graph)
        names = projected(select)
        resolver = SelectResolver(self.context, select, collective=self.collective)
        return [Need(resolver, (*self._own_columns(select, names, env), graph))]

    def _own_columns(self, select: tree.Select, names: Sequence[str], env: Env) -> list[Slot]:
        """Find the values that the sub-SELECT itself gives; others may bind what it leaves unbound."""
        sure = certain([select])
        slots: dict[str, Slot] = {name: env.get(name, name) for name in names}
        copies = {name: self.fresh("c") for name in names if name not in sure}
        if copies:
            self.edits.insert(select.start, "{ ")
            binds = " ".join(f"BIND({write(slots[name])} AS ?{copy})" for name, copy in copies.items())
            self.edits.insert(select.end, f" }} {binds} ")
        return [copies.get(name, slots[name]) for name in names]

    def _inline(self, select: tree.Select, env: Env, graph: Slot) -> list[Step]:
        shown = projected(select)
        root = select.where.start
        used = {var.name for var in self.context.homes.within(select.start, select.end, root)}
        inner: dict[str, Slot] = {name: env[name] for name in shown if name in env}
        before = list(self.columns)
        for name in sorted(used - set(shown)):
            inner[name] = self.context.fresh_name(name)
        self._rename(select.start, select.end, root, inner)
        steps = self.group(select.where, inner, graph, ())
        seen = visible(select.where)
        for column in select.columns:
            if column.expression:
                steps += self.value(column.expression, inner, graph, seen)
        self.columns.update(dict.fromkeys(str(inner[n]) for n in seen if n not in shown))
        added = [f"?{name}" for name in self.columns if name not in before]
        if select.columns:
            self.edits.insert(select.where_start, " " + " ".join(added) + " ")
        else:
            known = [write(inner.get(name, name)) for name in shown]
            start = select.start + len("SELECT")
            self.edits.replace(start, select.where_start, f" {' '.join([*known, *added]) or '*'} ")
        return steps


_READING = (tree.Optional, tree.Filter, tree.Minus, tree.Bind)
"""Elements to which it matters what stands before them."""

_HANDLERS: dict[type, Callable[..., list[Step]]] = {
    tree.Block: Compiler.block,
    tree.Minus: Compiler.minus,
    tree.Union: Compiler.union,
    tree.GraphPattern: Compiler.graph,
    tree.Service: Compiler.service,
    tree.Bind: Compiler.bind,
    tree.Values: Compiler.values,
    tree.Group: Compiler.nested,
    tree.Select: Compiler.subselect,
}
