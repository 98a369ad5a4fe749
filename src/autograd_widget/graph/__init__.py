"""Computations as flat columns: the graph, its tape, its document."""
