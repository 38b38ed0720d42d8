"""Dead-code elimination: what nobody uses goes, what somebody could notice stays.

An unused operation that can neither raise nor warn is dropped, and equal operations are done once. An unused division
stays: it may warn, and the warning is part of what the program does. Writes to arguments stay.
"""

import contextlib
import io
import warnings

import numpy as np

import graphlet


def positive_part(x: np.ndarray, out: np.ndarray) -> np.ndarray:
    """Writes the positive part to ``out``; has some left-overs of earlier attempts in it."""
    odd = np.isnan(x) | np.isinf(x)
    unused_mask = ~odd & (x > 0)  # noqa: F841  nobody uses it
    ratio = 1.0 / x  # noqa: F841  unused as well, but it warns when there is a 0
    out[:] = np.maximum(x, 0)
    return np.abs(x[::2]) + np.abs(x[::2]) * 0.5


def main() -> None:
    x = np.array([-1.0, 2.0, 3.0])
    graph = graphlet.capture(positive_part)(x, np.empty(3))
    report = graphlet.explain(positive_part)(x, np.empty(3))
    print("The graph that is run:\n")
    graph.print_tabular()

    names = [node.row.name for node in graph.nodes if node.row is not None]
    print(f"\nWritten: {report.op_count} array operations. Run: {len(names)} ({', '.join(names)}).")
    assert len(names) < report.op_count
    assert not {"isnan", "isinf", "bitwise_or", "bitwise_and", "invert", "greater"} & set(names)
    assert names.count("absolute") == 1
    assert "divide" in names
    assert "maximum" in names

    fast = graphlet.optimize(positive_part)
    out = np.empty(3)
    assert fast(x, out).tolist() == [1.5, 4.5]
    assert out.tolist() == [0.0, 2.0, 3.0]
    print("The unused mask is gone with all it needed, the two abs(x[::2]) are one; the write to `out` happened.")

    with warnings.catch_warnings(record=True) as caught, contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("always")
        fast(np.array([1.0, 0.0]), np.empty(2))
    assert [str(w.message) for w in caught] == ["divide by zero encountered in divide"]
    assert caught[0].lineno == positive_part.__code__.co_firstlineno + 4
    print(f"The unused division still warns, from its own line: {caught[0].message} (line {caught[0].lineno}).")


if __name__ == "__main__":
    main()
