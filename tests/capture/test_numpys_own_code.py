"""Parts of NumPy that are written in Python: followed like the user's code, or left with a sentence that says why."""

from typing import Any

import numpy as np
import pytest
from numpy.polynomial import Chebyshev, Hermite, Legendre, Polynomial

from tests.capture.playing import stopped
from tests.oracle.runner import differential

X = np.linspace(-1.0, 1.0, 6)


@pytest.mark.parametrize("kind", [Polynomial, Chebyshev, Legendre, Hermite])
def test_polynomials_are_evaluated_in_graphs(kind: Any) -> None:
    def function(p: Any, x: Any) -> Any:
        y = x * 2
        return p(y) * y + p(0.5), p.coef * 2

    inputs = kind([1.0, 2.0, 3.0]), kind([3.0, 1.0], domain=[0, 2]), kind([1, 2, 3, 4])
    report = differential(function, *((p, x) for p in inputs for x in (X, X.reshape(2, 3))))
    assert report.last_share.native == 1.0, report.last_share


def test_polynomials_made_there() -> None:
    def function(x: Any, y: Any) -> Any:
        p = Polynomial([1.0, 2.0, 3.0])
        q = Polynomial.fit(x, y, 2)
        return p(x) + q(x), p.deriv()(x), (p * q).coef, p.roots()

    differential(function, (X, X * X), (X, X + 1))


def test_arrays_that_are_copied_only_if_they_have_to_be() -> None:
    def function(x: Any) -> Any:
        same = np.array(x, copy=None)
        y = np.array(x * 2, ndmin=1, copy=None)
        other = np.array(x, dtype="f4", copy=None)
        again = np.array(x, dtype=float, copy=None)
        again[0] = 9
        more = np.array([1.0, 2.0], ndmin=1), np.array(x, ndmin=2), np.array([3], ndmin=2)
        return same is x, again is x, y, other, more

    differential(function, (X.copy(),), (X[::-1],), (X.astype("f4"),), (X.astype(">f8"),))


def test_types_are_the_same_or_not() -> None:
    def function(x: Any) -> Any:
        y = x * 2
        if type(y) in (int, float) or type(x) != np.ndarray or type(x) == float or int == type(x):  # noqa: E721
            return y
        return y + (int == float) + (type(y) == type(x))  # noqa: E721

    assert differential(function, (X,), (2.0,), (X,), (np.float64(1),)).share.inside


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("np.seterrcall(None)", "GL101", "changes how NumPy treats errors"),
        ("np.geterrcall()", "GL102", "how NumPy treats errors"),
        ("np.vectorize(abs)", "GL102", "for each element"),
        ("np.apply_along_axis(lambda v: v.sum(), 0, np.ones((3, 40)))", "GL108", "calls a Python function 40 times"),
        ("np.savetxt('f', x)", "GL102", "a file"),
        ("np.array2string(x)", "GL102", "makes text"),
        ("np.nditer(x)", "GL102", "one by one"),
        ("np.einsum_path('i,i', x, x)", "GL102", "not followed"),
    ],
)
def test_why_functions_are_left(text: str, code: str, says: str) -> None:
    space: dict[str, Any] = {"np": np}
    exec(f"def function(x):\n    y = x * 2\n    r = {text}\n    return y, r", space)
    outcome = stopped(space["function"], X, code=code)
    assert outcome.break_ is not None and says in outcome.break_.detail
