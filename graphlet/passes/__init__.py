"""Graph passes: one pass, one file, one run(graph)."""
