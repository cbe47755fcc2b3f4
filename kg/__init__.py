"""A knowledge graph that shows its sources.

>>> import kg
>>> g = kg.open()
>>> bool(g.query("ASK { mt:nikolai-bukharin a kg:Person }"))
True
"""

from kg.errors import KgError
from kg.graph import Graph
from kg.graph import open_graph as open  # noqa: A004 - kg.open() reads as what it does

__all__ = ["Graph", "KgError", "open"]
