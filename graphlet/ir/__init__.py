"""The graph: types, nodes, building, printing, checking."""
