"""`python -m tests.w3c_report`: write `docs/evidence-conformance.md` from a run over the W3C tests."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

from kg.engine.embedded import Embedded
from kg.errors import NotAllowedError
from kg.evidence import Options, explain
from tests.w3c import query_tests
from tests.w3c_laws import LAWS, tried

PAGE = Path(__file__).parent.parent / "docs" / "evidence-conformance.md"
LAWS_TOLD = """\
`alone` counts the witnesses on which alone the query, asked as it stands, gives their row (O1). The
reference evaluator of `tests/oracle` covers the tests counted as `covered` and gives the engine's rows
on those `agreed`; it leaves out LIMIT, HAVING, GROUP_CONCAT, calls inside aggregates, DESCRIBE and
SERVICE, and differs where Oxigraph departs from SPARQL 1.1. The other columns count rows or witnesses
that put a law to the test there (see [Evidence](evidence.md)); no law is broken."""
STATUSES = ("supported", "supported+absence", "constant", "external", "partial")


def main() -> None:
    """Explain every row of every test and count the statuses by category."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for test in query_tests():
        count = counts[test.category]
        count["tests"] += 1
        text = f"BASE <{test.query.as_uri()}>\n{test.query.read_text(encoding='utf-8')}"
        try:
            explanation = explain(Embedded(test.store()), text, options=Options(max_witnesses=1000))
            found = explanation.for_rows(range(len(explanation.rows)))
        except NotAllowedError:
            count["refused"] += 1
            continue
        count += tried(test)
        count["rows"] += len(found)
        count.update(evidence.status for evidence in found)
    PAGE.write_text(page(counts), encoding="utf-8")


def page(counts: dict[str, Counter[str]]) -> str:
    """Return the report as Markdown."""
    columns = ("tests", "refused", "rows", *STATUSES)
    lines = [
        "# Evidence over the W3C SPARQL 1.1 evaluation tests",
        "",
        "Every row of every query evaluation test is explained; `refused` are queries with SERVICE, which",
        "is off. The one `partial` row is `agg-empty-group-count-graph`: Oxigraph counts over all graphs at",
        "once there, and the evidence says that this is not SPARQL 1.1.",
        "`external` rows depend on a function such as `NOW`, `RAND` or `BNODE`, named in their evidence.",
        "Written by `python -m tests.w3c_report`; `tests/test_evidence_w3c.py` holds the rows to the plain.",
        "",
        f"| category | {' | '.join(columns)} |",
        f"|---|{'---:|' * len(columns)}",
    ]
    total: Counter[str] = Counter()
    for category, count in sorted(counts.items()):
        total.update(count)
        lines.append(f"| {category} | {' | '.join(str(count[name]) for name in columns)} |")
    lines.append(f"| **all** | {' | '.join(str(total[name]) for name in columns)} |")
    return "\n".join([*lines, *_laws(counts, total)]) + "\n"


def _laws(counts: dict[str, Counter[str]], total: Counter[str]) -> list[str]:
    """Return the table of how often each law of evidence was put to the test."""
    columns = ("tests", "covered", "agreed", "alone", *LAWS)
    return [
        "",
        "## The laws of evidence on these tests",
        "",
        LAWS_TOLD,
        "",
        f"| category | {' | '.join(columns)} |",
        f"|---|{'---:|' * len(columns)}",
        *(
            f"| {category} | {' | '.join(str(count[name]) for name in columns)} |"
            for category, count in [*sorted(counts.items()), ("**all**", total)]
        ),
    ]


if __name__ == "__main__":
    main()
