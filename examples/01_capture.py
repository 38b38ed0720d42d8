"""Capture: what a graph is, as a table, as Python code that runs, and as a picture.

``graphlet.capture(fn)(*args)`` follows the function with these arguments and gives its graph. Nothing is computed: the
sizes in the graph are names (s0, s1), and the same graph serves arrays of other sizes.
"""

import numpy as np

import graphlet


def standardise(rows: np.ndarray, floor: float) -> np.ndarray:
    """Each column with mean 0 and deviation 1."""
    centred = rows - rows.mean(axis=0)
    deviation = np.sqrt((centred * centred).mean(axis=0))
    return centred / np.maximum(deviation, floor)


def main() -> None:
    rng = np.random.default_rng(1)
    example = rng.normal(size=(6, 3))
    graph = graphlet.capture(standardise)(example, 1e-6)

    print("The graph as a table: one row for each array operation, with the line it comes from.\n")
    graph.print_tabular()

    print("\nThe same graph as Python code, which runs:\n")
    print(graph.code)
    namespace: dict[str, object] = {}
    exec(graph.code, namespace)

    print("\nA picture, in the language of Graphviz (the first lines; `dot -Tsvg` draws it):\n")
    print("\n".join(graph.to_dot().splitlines()[:6]))

    other = rng.normal(size=(50, 2))
    expected = standardise(other, 1e-6)
    (from_graph,) = graph.forward(other, 1e-6)
    (from_code,) = namespace["forward"](other, 1e-6)  # type: ignore[operator]
    assert from_graph.tobytes() == expected.tobytes()
    assert from_code.tobytes() == expected.tobytes()
    assert [node.op for node in graph.nodes].count("placeholder") == 2
    print("\nCaptured with a 6 x 3 array, run with a 50 x 2 array: graph, code and function agree bit for bit.")


if __name__ == "__main__":
    main()
