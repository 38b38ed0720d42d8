"""``np.poly1d`` beside NumPy: made in a graph, handed out of it, and what its methods make."""

from typing import Any

import numpy as np
import pytest

from tests.oracle.runner import differential

X, Y = np.linspace(0.0, 2.0, 7), np.array([1.0, 2.0, 0.5, 4.0, 3.0, 2.5, -1.0])

FOLLOWED = [
    "np.poly1d([1.0, 2.0, 3.0])(x)", "np.poly1d(np.polyfit(x, y, 2))(x + 1)", "np.poly1d(y)(0.5)",
    "np.poly1d([1.0, -3.0, 2.0]).deriv()(x)", "np.poly1d(y).integ()(x)",
    "np.poly1d([1, 2], True)(x)", "np.poly1d([1, 2], variable='z').variable", "np.poly1d(y).coeffs * 2",
    "(np.poly1d(y) * 2)(x)", "(-np.poly1d(y)).c", "np.poly1d(y).order", "np.poly1d(y).coef",
]  # fmt: skip
OTHERS = [
    "np.poly1d(y[:3]).roots", "np.poly1d(y)", "[np.poly1d([1.0, 2.0]), np.poly1d(y).deriv()]",
    "(np.poly1d(y) * np.poly1d([1.0, 2.0])).c",
    "np.poly1d([0.0, 0.0, 1.0])", "np.poly1d(y * 0)", "np.poly1d(np.poly1d([1.0, 2.0]))", "np.poly1d(2.0)",
    "np.poly1d([[1.0]])", "np.poly1d([])", "str(np.poly1d(y))", "np.poly1d(y)[1]", "len(np.poly1d(y))",
    "np.poly1d(y)(np.poly1d([1.0, 1.0]))", "np.poly1d(y) == np.poly1d(y)", "vars(np.poly1d(y))", "np.poly1d(y)(x[0])",
]  # fmt: skip


def program(text: str) -> Any:
    space: dict[str, Any] = {"np": np}
    exec(f"def function(x, y):\n    t = x * 2\n    r = {text}\n    return r, t + 1", space)
    return space["function"]


def seen(text: str) -> Any:
    """The same with what can be seen of a polynomial in place of it."""
    inner = program(text)

    def shown(x: Any, y: Any) -> Any:
        found, rest = inner(x, y)
        several = found if isinstance(found, list) else [found]
        return [(vars(p), type(p)) if isinstance(p, np.poly1d) else p for p in several], rest

    return shown


@pytest.mark.parametrize("text", [*FOLLOWED, *OTHERS])
def test_same_as_numpy(text: str) -> None:
    zeros = np.array([0.0, 0.0, 1.0, 2.0, 0.0, 1.0, 2.0])
    calls = [(X, Y), (X[::-1], Y[::-1]), (X, zeros), (X, Y * 0), (X, Y + 1j), (X.astype("f4"), Y.astype(int)), (X, Y)]
    differential(seen(text), *calls)


@pytest.mark.parametrize("text", FOLLOWED)
def test_in_graphs(text: str) -> None:
    report = differential(program(text), (X, Y), (X + 0.1, Y * 2))
    assert report.last_share.native == 1.0, report.last_share


def test_coefficients_are_those_that_were_given() -> None:
    def function(c: Any) -> Any:
        p = np.poly1d(c)
        p.coeffs[1] = 5
        return p, c * 2, p.coeffs is p.coeffs

    def shown(c: Any) -> Any:
        p, doubled, same = function(c)
        c[2] = 7
        return p.coeffs, doubled, same, np.shares_memory(p.coeffs, c)

    differential(function, (Y[:0],))
    differential(shown, (Y.copy(),), (Y.astype("f4"),), (np.array([0, 1.0, 2.0, 3.0]),))
