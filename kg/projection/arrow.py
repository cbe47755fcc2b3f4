"""A projection as Arrow tables, in memory or as Parquet files; needs the extra `kg-footnote[arrow]`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kg.errors import InputError
from kg.projection.model import Node, Projection

if TYPE_CHECKING:
    import pyarrow as pa


def to_arrow(projection: Projection) -> tuple[pa.Table, pa.Table]:
    """Return the things and the relations as two tables; a relation's ends are terms of a dictionary.

    Raises `InputError` where pyarrow is not installed.
    """
    pa = _pyarrow()
    links = projection.links
    edges = [(edge.label, *edge[4:-1]) for edge in projection.edges()]
    names = ("label", "date", "earliest", "latest", "standing", "families", "conflict")
    passages = pa.ListArray.from_arrays(
        pa.array(links.first.astype(np.int32)), _terms(links.behind, links.passages)
    )
    relations = {
        "source": _terms(links.source, links.things),
        "target": _terms(links.target, links.things),
        "relation": _terms(links.relation, links.relations),
        **_columns(names, edges),
        "passages": passages,
    }
    return pa.table(_columns(Node._fields, list(projection.nodes()))), pa.table(relations)


def _terms(numbers: Any, names: list[str]) -> Any:
    pa = _pyarrow()
    return pa.DictionaryArray.from_arrays(pa.array(numbers.astype(np.int32)), pa.array(names, pa.string()))


def _columns(names: tuple[str, ...], rows: list[Any]) -> dict[str, Any]:
    columns = zip(*rows, strict=True) if rows else ((),) * len(names)
    return {name: list(column) for name, column in zip(names, columns, strict=True)}


def _pyarrow() -> Any:
    try:
        import pyarrow as pa
    except ImportError as error:
        raise InputError("Arrow and Parquet need pyarrow: pip install 'kg-footnote[arrow]'.") from error
    return pa
