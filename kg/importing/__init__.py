"""Bringing in facts and texts: sheets become statements, texts become sources with passages."""
