"""What a worker can be asked to do, as a table: each job reads its fields and writes one answer."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

from kg.errors import QuerySyntaxError
from kg.evidence import Options, explain
from kg.graph import Graph
from kg.query import Result, placed, run
from kg.server.asking import Asked, cell, language_of, passages_of, question_data, read_term, term_names
from kg.server.capping import cap
from kg.server.dataset import dataset
from kg.server.drawing import around, expanded
from kg.server.faults import Fault
from kg.server.looking import check, cite, conflicts, languages, search, vocabulary, write_json
from kg.server.negotiate import choose
from kg.server.things import question, thing
from kg.server.worker import Output, with_charset

Job = Callable[[Graph, dict[str, Any], Output], None]
BASE = "BASE <http://127.0.0.1/sparql> "
MOST_COUNTED = 100_000


def sparql(graph: Graph, fields: dict[str, Any], output: Output) -> None:
    """Answer a query of the protocol, streaming, in the format that the Accept header wants."""
    query = fields["query"]
    engine = graph.engine
    default, named = dataset(fields["default_graph"], fields["named_graphs"])

    capped = cap(query, output.rows)

    def ask(text: str) -> Result:
        return Result(lambda: engine.query(text, default_graph=default, named_graphs=named), engine.prefixes)

    try:
        result = ask(capped)
    except QuerySyntaxError as first:
        # Relative IRIs are resolved against the endpoint; only such a query parses the second time.
        try:
            result = ask(BASE + capped)
        except QuerySyntaxError:
            raise placed(first, query, engine.prefixes) from None
    _write(result, fields["accept"], output, is_limited=capped != query)


def answer(graph: Graph, fields: dict[str, Any], output: Output) -> None:
    """Answer a saved question, with its parameters, as `sparql` answers a query."""
    asked = Asked.read(graph, fields)
    capped = cap(asked.text, output.rows)
    result = run(graph.engine, capped, asked.bindings)
    _write(result, fields["accept"], output, is_limited=capped != asked.text)


def _write(result: Result, accept: str | None, output: Output, *, is_limited: bool) -> None:
    formats = result.formats()
    kind = choose(accept, formats)
    if kind is None:
        names = ", ".join(entry.media_type for entry in formats)
        raise Fault(406, f"This answer can be given as {names}.")
    output.head(with_charset(kind.media_type))
    if is_limited:
        output.limited(kind.name)
    result.write(output, kind.name, is_sorted=False)  # type: ignore[arg-type]  # it is only written to


def ask(graph: Graph, fields: dict[str, Any], output: Output) -> None:
    """Answer a query or a saved question for the page: some rows, with labels, and how many there are."""
    asked = Asked.read(graph, fields)
    result = graph.query(fields["question"], **fields.get("values") or {})
    if result.form == "ask":
        write_json(output, {"form": "ask", "truth": bool(result), "query": asked.text})
        return
    values = iter(result.stream())
    skipped = sum(1 for _ in islice(values, fields["offset"]))
    shown = list(islice(values, fields["limit"]))
    rest = sum(1 for _ in islice(values, MOST_COUNTED))
    names = term_names(graph, shown, language_of(graph, fields))
    answer = {
        "form": result.form, "query": asked.text, "variables": list(result.variables),
        "rows": [[cell(term, names, graph) for term in row] for row in shown],
        "offset": skipped, "total": skipped + len(shown) + rest, "is_exact": rest < MOST_COUNTED,
    }  # fmt: skip
    write_json(output, answer)


def evidence(graph: Graph, fields: dict[str, Any], output: Output) -> None:
    """Say which statements and passages made one row, which is named by its terms."""
    asked = Asked.read(graph, fields)
    options = Options(max_seconds=20)
    explanation = explain(graph.engine, asked.text, asked.bindings, options=options)
    wanted = [None if text is None else str(read_term(text)) for text in fields["row"]]
    number = -1
    for number, row in enumerate(explanation.rows):  # noqa: B007 - used below, where the loop broke off
        values = [] if isinstance(row, bool) else [None if term is None else str(term) for term in row]
        if values == wanted:
            break
    else:
        raise Fault(409, "The answer has no such row now; ask again.")
    found = explanation.evidence(number)
    triples = [tuple(s.triple) for w in found.witnesses for s in w.statements]
    names = term_names(graph, triples, language_of(graph, fields))
    passages = passages_of(graph, (p for w in found.witnesses for s in w.statements for p in s.passages))
    witnesses = [
        {
            "statements": [
                {
                    "terms": [cell(term, names, graph) for term in statement.triple],
                    "curated": statement.curated,
                    "passages": [passages[passage.value] for passage in statement.passages],
                }
                for statement in witness.statements
            ],
            "absences": [
                {"kind": a.kind, "pattern": a.pattern, "ask": a.ask_query} for a in witness.absences
            ],
        }
        for witness in found.witnesses
    ]
    reasons = list(found.reasons)
    write_json(output, {"status": str(found.status), "witnesses": witnesses, "reasons": reasons})


def questions(graph: Graph, fields: dict[str, Any], output: Output) -> None:  # noqa: ARG001 - the shape of a job
    """List the saved questions and projections."""
    listed = [question_data(saved) for saved in graph.questions().values()]
    projections = [path.stem for path in graph.project.projection_files()]
    project = graph.project
    write_json(
        output,
        {
            "title": project.title, "questions": listed, "projections": projections,
            "projection": project.projection, "prefixes": dict(graph.engine.prefixes),
        },
    )  # fmt: skip


def view(graph: Graph, fields: dict[str, Any], output: Output) -> None:
    """Draw a projection, or what ties the things of an answer, as a page."""
    projection = fields["projection"] or None
    if fields.get("question"):
        projection = around(graph, fields)
    if fields.get("expand"):
        projection = expanded(graph, projection, fields["expand"])
    output.head("text/html; charset=utf-8")
    output.write(graph.view(projection).encode())


def void(graph: Graph, fields: dict[str, Any], output: Output) -> None:
    """Describe the endpoint and the data set as Turtle."""
    from kg.server.description import describe_service

    output.head("text/turtle; charset=utf-8")
    output.write(describe_service(graph, fields["base"], updates=fields["updates"]).encode())


JOBS: dict[str, Job] = {
    "sparql": sparql,
    "answer": answer,
    "ask": ask,
    "evidence": evidence,
    "questions": questions,
    "search": search,
    "vocabulary": vocabulary,
    "languages": languages,
    "check": check,
    "conflicts": conflicts,
    "cite": cite,
    "thing": thing,
    "question": question,
    "view": view,
    "void": void,
}
