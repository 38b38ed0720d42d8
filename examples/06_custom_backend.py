"""Custom backend: a function of your own that is given each graph and says how to run it.

``backend(graph, example_inputs) -> callable`` is called once for each specialisation, not for each call. A backend that
fails is no disaster: graphlet says so once, and results are right.
"""

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import graphlet

compiled: list[graphlet.Graph] = []


@graphlet.register_backend("printing")
def printing(graph: graphlet.Graph, example_inputs: Sequence[Any]) -> Callable[..., Sequence[Any]]:
    """Shows the graph, and runs it node by node with NumPy."""
    compiled.append(graph)
    print(f"backend called: {len(graph.nodes)} nodes, inputs like {[type(x).__name__ for x in example_inputs]}")
    graph.print_tabular()
    return graph.forward


@graphlet.register_backend("broken")
def broken(graph: graphlet.Graph, example_inputs: Sequence[Any]) -> Callable[..., Sequence[Any]]:
    """Cannot compile anything."""
    raise RuntimeError("this backend cannot do it")


def wave(x: np.ndarray, amplitude: float) -> np.ndarray:
    """A damped wave."""
    return amplitude * np.sin(x) * np.exp(-0.1 * x)


def main() -> None:
    x = np.linspace(0.0, 10.0, 1000)
    expected = wave(x, 2.0)
    fast = graphlet.optimize(wave, backend="printing")
    for n in (1000, 1000, 10, 500):
        assert fast(x[:n], 2.0).tobytes() == expected[:n].tobytes()
    assert len(compiled) == 1
    assert "printing" in graphlet.list_backends()
    print("\nFour calls, three different sizes, one compilation.\n")

    fast(x.astype(np.float32), 2.0)
    assert len(compiled) == 2
    print("\nAnother dtype is another specialisation: two compilations.\n")

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        careful = graphlet.optimize(wave, backend="broken")
        for _ in range(3):
            assert careful(x, 2.0).tobytes() == expected.tobytes()
    about = [str(w.message) for w in caught]
    assert len(about) == 1
    assert "broken" in about[0]
    print(f"A backend that fails: one warning, right results.\n  {about[0]}")


if __name__ == "__main__":
    main()
