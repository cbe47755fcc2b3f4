"""Writing out triples with paths and blank nodes as patterns in which everything has a name (R2, R9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kg.evidence import tree
from kg.evidence.paths import PathResolver
from kg.evidence.rewrite import write, write_path
from kg.evidence.steps import Atoms, Marked, Need, Slot, Step

if TYPE_CHECKING:
    from kg.evidence.compile import Compiler


def is_plain(block: tree.Block) -> bool:
    """Tell whether a block has neither paths nor blank nodes, so that its text can stay."""
    return not any(
        isinstance(node, tree.Path) or (isinstance(node, tree.Var) and node.blank)
        for triple in block.triples
        for node in (triple.subject, triple.verb, triple.object)
    )


class BlockWriter:
    """Writes one block; `steps` are what its solutions rest on."""

    def __init__(self, compiler: Compiler, env: Mapping[str, Slot], graph: Slot) -> None:
        self.compiler, self.env, self.graph = compiler, env, graph
        self.steps: list[Step] = []
        self.blanks: dict[str, str] = {}

    def write(self, block: tree.Block) -> str:
        """Write the block's triples one by one."""
        parts = []
        for triple in block.triples:
            text, steps = self.pattern(self.node(triple.subject), triple.verb, self.node(triple.object))
            parts.append(text)
            self.steps += steps
        return "".join(parts)

    def node(self, node: tree.Node) -> Slot:
        """Find the slot of a node; a blank node gets a name."""
        if isinstance(node, tree.Var) and node.blank:
            if node.name not in self.blanks:
                self.blanks[node.name] = self.compiler.fresh("b")
            return self.blanks[node.name]
        return self.compiler.slot(node, self.env)

    def pattern(self, subject: Slot, verb: tree.Node | tree.Path, target: Slot) -> tuple[str, list[Step]]:
        """Write one triple or path pattern."""
        if isinstance(verb, tree.Path):
            return self.path(subject, verb, target)
        return self._triple(subject, self.compiler.slot(verb, self.env), target)

    def _triple(self, subject: Slot, verb: Slot, target: Slot) -> tuple[str, list[Step]]:
        text = f"{write(subject)} {write(verb)} {write(target)} . "
        return text, [Atoms(((subject, verb, target, self.graph),))]

    def path(self, subject: Slot, path: tree.Path, target: Slot) -> tuple[str, list[Step]]:
        """Write a path so that every triple on it has a name, but for walks of unknown length."""
        match path.kind:
            case "link":
                return self._triple(subject, path.iri, target)
            case "^":
                return self.path(target, path.parts[0], subject)
            case "/":
                return self._sequence(subject, path.parts, target)
            case "|":
                return self._arms([self.path(subject, part, target) for part in path.parts])
            case "!":
                return self._negated(subject, path, target)
            case _:
                resolver = PathResolver(self.compiler.context, path, subject, target)
                text = f"{write(subject)} {write_path(path)} {write(target)} . "
                return text, [Need(resolver, (subject, target, self.graph))]

    def _sequence(self, subject: Slot, parts: tuple[tree.Path, ...], target: Slot) -> tuple[str, list[Step]]:
        texts, steps, here = [], [], subject
        for place, part in enumerate(parts):
            there = target if place == len(parts) - 1 else self.compiler.fresh("j")
            text, more = self.path(here, part, there)
            texts.append(text)
            steps += more
            here = there
        return "".join(texts), steps

    def _arms(self, arms: list[tuple[str, list[Step]]]) -> tuple[str, list[Step]]:
        texts, steps = [], []
        for text, inner in arms:
            marker = self.compiler.fresh("u")
            texts.append(f"{{ {text}BIND(1 AS ?{marker}) }}")
            steps.append(Marked(marker, tuple(inner)))
        return " UNION ".join(texts) + " ", list(steps)

    def _negated(self, subject: Slot, path: tree.Path, target: Slot) -> tuple[str, list[Step]]:
        arms = []
        for iris, start, end in ((path.forward, subject, target), (path.backward, target, subject)):
            if iris or not path.backward:
                verb = self.compiler.fresh("n")
                text, steps = self._triple(start, verb, end)
                excluded = f"FILTER(?{verb} NOT IN ({', '.join(map(str, iris))})) " if iris else ""
                arms.append((f"{{ {text}{excluded}}} ", steps))
            if not path.backward:
                break
        return arms[0] if len(arms) == 1 else self._arms(arms)
