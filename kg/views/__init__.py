"""Views: what people see of an answer or of a graph."""
