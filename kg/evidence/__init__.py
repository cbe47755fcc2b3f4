"""Evidence: which statements, and which passages, made each row of an answer."""

from kg.evidence.context import Dataset
from kg.evidence.explanation import Explanation, explain
from kg.evidence.options import Options

__all__ = ["Dataset", "Explanation", "Options", "explain"]
