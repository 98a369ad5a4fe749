"""A computation as flat arrays: the graph, its tape, its document."""
