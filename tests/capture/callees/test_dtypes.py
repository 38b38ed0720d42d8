"""Questions about dtypes and shapes: answered while capturing, by the dtypes the guards fix."""

from typing import Any

import numpy as np

import graphlet
from tests.arrayops.cases import DTYPES
from tests.capture.playing import stopped
from tests.oracle.runner import differential

X = np.arange(1.0, 7.0)


def asked(x: Any, n: Any) -> Any:
    y = x + x
    if np.issubdtype(y.dtype, np.floating) and not np.iscomplexobj(x):
        y = y * 2
    return (
        y,
        y.astype(np.result_type(x, np.int8)),
        np.result_type(x, 3, np.float32),
        np.can_cast(x.dtype, np.float32),
        np.can_cast(np.int8, "i4", casting="safe"),
        np.promote_types(x.dtype, "f4"),
        np.isdtype(x.dtype, ("real floating", "integral")),
        np.min_scalar_type(300),
        np.broadcast_shapes((1, 3), (2, 1)),
        np.dtype("f4"),
        np.dtype(x.dtype) == x.dtype,
        np.isscalar(n),
        np.isscalar(x),
        np.isscalar(y.sum()),
        np.isscalar("a"),
        np.isrealobj(y),
    )


def test_dtypes() -> None:
    differential(asked, (X, 3), (X.astype("f4"), 2.5), (X[:3], 3), native=0.7)
    for dtype in DTYPES:
        differential(asked, (X.astype(dtype), 3), (X.astype(dtype), None), rounds=2)
    differential(asked, (X, np.float32(1)), (X, [1]), (X, (1,)), (X, "a"), (X, X))
    assert not graphlet.explain(asked)(X, 3).breaks


def test_wrong_questions_are_left_to_numpy() -> None:
    stopped(lambda a: np.dtype("no such type"), X, code="GL111")
    stopped(lambda a: np.promote_types(a.dtype, "q?"), X, code="GL111")
    stopped(lambda a: np.dtype([("a", int)]), X, code="GL102")


def doubted(x: Any) -> Any:
    try:
        return x * 2, np.dtype("no such type")
    except TypeError as error:
        return str(error)


def test_their_errors_are_the_same() -> None:
    differential(doubted, (X,))
