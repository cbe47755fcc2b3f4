"""The laws of evidence (O1 to O8) on random datasets and random queries that nest all operators.

`KG_LONG=1` tries 43 times as many pairs, afresh each time; `KG_PAIRS` sets how many of each shape.
Every run says how many of them put each law to the test, which only those with rows do.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from kg.evidence import explain
from tests.oracle.answer import engine_of, engine_on
from tests.oracle.derive import TooMany, Undetermined
from tests.oracle.generate import Data, datasets, queries
from tests.oracle.laws import LAWS
from tests.oracle.scope import visible
from tests.oracle.syntax import Query
from tests.oracle.trial import ALL, Trial, sets_of, told

LONG = bool(os.environ.get("KG_LONG"))
PAIRS = int(os.environ.get("KG_PAIRS", "3240" if LONG else "75"))
EVERYTHING = (
    "block group union optional minus filter bind values graph path select aggregate exists lacks from"
)
FORMS = ("SELECT", "SELECT", "SELECT", "ASK", "CONSTRUCT")
SHAPES: dict[str, tuple[str, tuple[str, ...]]] = {
    "monotone": ("block group union filter bind values graph exists", FORMS),
    "optional": ("block optional union filter group bind values", FORMS),
    "negation": ("optional minus exists lacks block union", FORMS),
    "graphs": ("block graph union filter optional exists lacks from", FORMS),
    "paths": ("path path path block union filter graph optional lacks", FORMS),
    "groups": ("aggregate block optional filter graph union", ("SELECT",)),
    "sub-selects": ("select block union optional filter minus bind", FORMS),
    "parameters": ("given block optional union filter exists lacks select graph path aggregate", FORMS),
    "functions": ("function function block optional union filter bind exists lacks aggregate", FORMS),
    "deep": ("deep minus lacks optional exists block", FORMS),
    "everything": (EVERYTHING + " function", FORMS),
}
tested: Counter[str] = Counter()
shapes_run: set[str] = set()


@pytest.fixture(scope="module", autouse=True)
def report(request: pytest.FixtureRequest) -> Iterator[None]:
    """Say how many pairs each law was really tested on; none may have been tested on nothing."""
    yield
    counts = ", ".join(f"{name} {tested[name]}" for name in ("pairs", "pairs with rows", *LAWS))
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print(f"\nPairs of a query and a dataset that put each law to the test: {counts}")
    if set(SHAPES) <= shapes_run and PAIRS >= 60:
        assert all(tested[name] for name in LAWS), tested


@pytest.mark.parametrize("shape", SHAPES)
def test_every_law_of_evidence_holds(shape: str) -> None:
    names, forms = SHAPES[shape]

    @settings(
        max_examples=PAIRS,
        deadline=None,
        derandomize=not LONG,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(datasets, queries(names.split(), forms), st.integers(0, 99))
    def hold(data: Data, query: Query, seed: int) -> None:
        trial = Trial(data, query, seed)
        try:
            _ = trial.reference
        except (TooMany, Undetermined):
            return
        tested["pairs"] += 1
        tested["pairs with rows"] += bool(trial.rows)
        note(f"{query!r}\n{told(data)}")
        for name, law in LAWS.items() if trial.rows else ():
            tested[name] += bool(law(trial))

    hold()
    shapes_run.add(shape)


@settings(
    max_examples=10 * PAIRS if LONG else 100,
    deadline=None,
    derandomize=not LONG,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(datasets, queries(EVERYTHING.replace("from", "").split(), ("ASK",)))
def test_each_triple_of_a_description_stands_on_its_witness_alone(data: Data, query: Query) -> None:
    """O1 for DESCRIBE, whose answer the engine defines: it goes on from blank nodes to what they have.

    Not with OFFSET, as everywhere, nor with SAMPLE: of the members of a group, which the witness has all, an
    engine may take any.
    """
    names = sorted(visible(query.select.where))[:2]
    if not names or any(word in str(query.select.where) for word in ("SAMPLE", "OFFSET")):
        return
    text = f"DESCRIBE {' '.join('?' + name for name in names)} WHERE {query.select.where}"
    explanation = explain(engine_of(data), text, options=ALL)
    first = range(min(8, len(explanation.rows)))
    for place, evidence in zip(first, explanation.for_rows(first), strict=True):
        assert evidence.witnesses
        for witness in sets_of(evidence):
            alone = explain(engine_on(witness), text).rows
            assert explanation.rows[place] in alone, (text, explanation.rows[place], witness)
