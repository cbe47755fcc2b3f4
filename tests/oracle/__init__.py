"""A second, slow and plain implementation of SPARQL 1.1 with evidence, which shares no code with `kg`.

`syntax` is a small abstract syntax that prints itself, `generate` makes random queries and data,
`evaluate` gives every solution with all its derivations, and `laws` compares both with `kg.evidence`.
"""
