"""`kg serve`: a SPARQL endpoint and a workbench page on one's own machine."""
