"""A knowledge graph that shows its sources."""
