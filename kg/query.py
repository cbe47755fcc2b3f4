"""Running SPARQL: one text in, one result out, of any of the four forms."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import IO, TYPE_CHECKING, Literal, TypeAlias, overload

import pyoxigraph as ox

from kg.engine import Answer, Engine, Term
from kg.engine.loading import OX_FORMATS
from kg.errors import EngineError, LimitError, QuerySyntaxError
from kg.formats import RDF_FORMATS, RESULT_FORMATS, Format, find
from kg.notebook import SHOWN, html_table
from kg.sorting import sort_lines
from kg.turtle import Writer

if TYPE_CHECKING:
    from kg.evidence import Explanation
    from kg.model import Evidence

RESULTS = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}
Form = Literal["select", "ask", "graph"]
Naming: TypeAlias = Callable[[Iterable[ox.NamedNode]], Mapping[ox.NamedNode, str]]
"""What gives things their labels."""
_FORMS: dict[str, Form] = {"SELECT": "select", "ASK": "ask", "CONSTRUCT": "graph", "DESCRIBE": "graph"}


class Row(Sequence[Term | None]):
    """One solution: its terms in order, None where a variable is unbound, also by the variable's name."""

    __slots__ = ("_values", "_variables")

    def __init__(self, variables: Sequence[str], values: Sequence[Term | None]) -> None:
        self._variables, self._values = variables, tuple(values)

    @overload
    def __getitem__(self, key: int | str) -> Term | None: ...
    @overload
    def __getitem__(self, key: slice) -> Sequence[Term | None]: ...
    def __getitem__(self, key: int | str | slice) -> Term | Sequence[Term | None] | None:
        if isinstance(key, str):
            return self._values[self._variables.index(key)] if key in self._variables else _missing(key)
        return self._values[key]

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Row({', '.join(f'{name}={term}' for name, term in self.as_dict().items())})"

    def as_dict(self) -> dict[str, Term]:
        """Return the bound variables with their terms."""
        return {
            name: term for name, term in zip(self._variables, self._values, strict=True) if term is not None
        }


def _missing(name: str) -> Term:
    raise KeyError(f"The answer has no variable {name!r}.")


def write_answer(answer: Answer, output: IO[bytes], kind: str, prefixes: Mapping[str, str]) -> None:
    """Write an engine's answer in a standard format as it comes, holding none of it."""
    if isinstance(answer, ox.QueryTriples):
        if kind == "turtle":
            ox.serialize(answer, output, ox.RdfFormat.TURTLE, prefixes=dict(prefixes))
        else:
            answer.serialize(output, OX_FORMATS[kind])
    elif isinstance(answer, ox.QueryBoolean) and kind in {"csv", "tsv"}:
        output.write(b"true\n" if answer else b"false\n")
    else:
        answer.serialize(output, RESULTS[kind])


class Result:
    """The answer to one query: rows for SELECT, a truth for ASK, triples for CONSTRUCT and DESCRIBE.

    It is read once from the engine; what is written in a standard format is written by the engine, without
    passing through Python, as long as nobody has looked at the rows before.
    """

    naming: Naming | None = None

    def __init__(self, ask: Callable[[], Answer], prefixes: Mapping[str, str] | None = None) -> None:
        self._ask = ask
        self._prefixes = prefixes or {}
        self._answer: Answer | None = ask()
        self._rows: list[Row] | None = None
        answer = self._answer
        self.form: Form
        if isinstance(answer, ox.QuerySolutions):
            self.form, self.variables = "select", tuple(v.value for v in answer.variables)
        elif isinstance(answer, ox.QueryTriples):
            self.form, self.variables = "graph", ("subject", "predicate", "object")
        else:
            self.form, self.variables = "ask", ()
            self._truth = bool(answer)

    def __bool__(self) -> bool:
        """Return the truth of an ASK, or whether there is any row."""
        return self._truth if self.form == "ask" else bool(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    @property
    def rows(self) -> list[Row]:
        """All rows; none for an ASK."""
        if self._rows is None:
            self._rows = [Row(self.variables, values) for values in self.stream()]
        return self._rows

    def stream(self) -> Iterator[Sequence[Term | None]]:
        """Yield the values of each row, holding none of them."""
        return _values(self._take())

    def _take(self) -> Answer:
        """Hand out the engine's answer, asking again if it was taken before."""
        answer, self._answer = self._answer or self._ask(), None
        return answer

    def formats(self) -> tuple[Format, ...]:
        """The standard formats that this form of answer has."""
        return RDF_FORMATS if self.form == "graph" else RESULT_FORMATS

    def write(self, output: IO[bytes], format: str, *, is_sorted: bool = True) -> None:  # noqa: A002 - the word that users know
        """Write the answer in a standard format; raises `UnknownNameError` for a format it does not have.

        Turtle is sorted for people, which holds it in memory; with `is_sorted` false it is streamed.
        """
        kind = find(format, self.formats()).name
        try:
            self._write(self._take(), output, kind, is_sorted=is_sorted)
        except SyntaxError as error:
            raise _unparsed(error) from error

    def _write(self, answer: Answer, output: IO[bytes], kind: str, *, is_sorted: bool) -> None:
        if isinstance(answer, ox.QueryTriples) and kind == "turtle" and is_sorted:
            self._write_turtle(answer, output)
        else:
            write_answer(answer, output, kind, self._prefixes)

    def _write_turtle(self, answer: ox.QueryTriples, output: IO[bytes]) -> None:
        """Write triples as Turtle for people: with prefixes, sorted; the engine's own has neither."""
        lines = io.BytesIO()
        answer.serialize(lines, ox.RdfFormat.N_TRIPLES)
        lines.seek(0)
        writer = Writer(self._prefixes)
        output.write(writer.header().encode())
        output.writelines(block.encode() for block in writer.blocks(sort_lines(lines)))

    def to(self, format: str) -> str:  # noqa: A002 - the word that users know
        """Return the answer as text in a standard format."""
        output = io.BytesIO()
        self.write(output, format)
        return output.getvalue().decode()

    def _repr_html_(self) -> str:
        """Show the first rows in a notebook, with the labels that `naming` knows."""
        if self.form == "ask":
            return f"<p>{'yes' if self else 'no'}</p>"
        shown = self.rows[:SHOWN]
        things = {term for row in shown for term in row if isinstance(term, ox.NamedNode)}
        names = self.naming(things) if self.naming else {}
        return html_table(self.variables, self.rows, names, self._prefixes)


def _values(answer: Answer) -> Iterator[Sequence[Term | None]]:
    try:
        if isinstance(answer, ox.QueryTriples):
            yield from map(_parts, answer)
        elif isinstance(answer, ox.QuerySolutions):
            yield from map(tuple, answer)
    except SyntaxError as error:
        raise _unparsed(error) from error
    finally:
        # An answer belongs to its thread, but the traceback of a failure could carry it into another.
        del answer


_parts = attrgetter("subject", "predicate", "object")


def _unparsed(error: SyntaxError) -> EngineError:
    """Put into words that an answer from elsewhere, parsed while it is read, does not parse further on."""
    return EngineError(f"The engine's answer does not parse: {error}; do not use what came of it.")


def run(engine: Engine, text: str, bindings: Mapping[str, Term] | None = None) -> Result:
    """Ask an engine; raises what `Engine.query` raises."""
    try:
        return Result(lambda: engine.query(text, bindings=bindings), engine.prefixes)
    except QuerySyntaxError as error:
        raise placed(error, text, engine.prefixes) from error


def placed(error: QuerySyntaxError, text: str, prefixes: Mapping[str, str]) -> QuerySyntaxError:
    """Say where a mistake is: our parser stops at it, an engine's may report a point behind it."""
    from kg.evidence.parse import parse

    try:
        parse(text, prefixes)
    except QuerySyntaxError as ours:
        return ours
    except LimitError:
        pass
    return error


class ExplainedRow(Row):
    """A row that can say what it rests on."""

    __slots__ = ("_explanation", "_number")

    def __init__(
        self,
        variables: Sequence[str],
        values: tuple[Term | None, ...],
        explanation: Explanation,
        number: int,
    ) -> None:
        # Not by way of Row, which copies: this is done for each row of each answer.
        self._variables, self._values = variables, values
        self._explanation, self._number = explanation, number

    @property
    def evidence(self) -> Evidence:
        """Why this row is there; computed when one looks, together with the rows that follow."""
        return self._explanation.evidence(self._number)


class ExplainedResult(Result):
    """An answer whose rows have evidence, and whose truth, for an ASK, has it too."""

    def __init__(self, explanation: Explanation) -> None:
        # The explanation asks the engine itself, so it is asked again only for what it writes.
        self._ask, self._prefixes = explanation.context.plain, explanation.context.engine.prefixes
        self._answer, self._rows = None, None
        self.explanation = explanation
        self.form = _FORMS[explanation.form]
        self.variables = explanation.variables
        self._truth = self.form == "ask" and bool(explanation.rows[0])

    @property
    def rows(self) -> list[Row]:
        """All rows; none for an ASK."""
        if self._rows is None:
            # Of its iterator, as list(self) would ask for its length, which is that of the rows.
            self._rows = list(iter(self))
        return self._rows

    def __iter__(self) -> Iterator[ExplainedRow]:
        """Yield the rows, read from the engine only as far as one goes."""
        names, explanation = self.variables, self.explanation
        found = enumerate(explanation.rows)
        return (ExplainedRow(names, row, explanation, n) for n, row in found if not isinstance(row, bool))

    @property
    def evidence(self) -> Evidence:
        """Why an ASK answers as it does; of other forms, why the first row is there."""
        return self.explanation.evidence(0)
