"""Variances taken apart: the same bits, dtypes, layouts and warnings as NumPy's own functions, whatever the numbers."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import graphlet
from graphlet.arrayops import catalogue
from graphlet.core.location import Location
from graphlet.ir.build import Builder
from graphlet.ir.types import ArrayType, Sym
from graphlet.passes import pipeline, variance

PROGRAMS: dict[str, Callable[[Any], Any]] = {
    "std": lambda x: x.std(),
    "var": lambda x: np.var(x),
    "rows": lambda x: x.var(axis=-1),
    "rows kept": lambda x: np.std(x, axis=-1, keepdims=True),
    "columns": lambda x: x.std(0),
    "columns kept": lambda x: np.var(x, axis=0, keepdims=True),
    "all axes": lambda x: x.var(axis=tuple(range(x.ndim))),
    "all kept": lambda x: x.std(keepdims=True),
    "of differences": lambda x: (x * 2 - 1).std(axis=-1),
    "standardised": lambda x: (x - x.mean()) / x.std(),
    "rows standardised": lambda x: (x - x.mean(axis=-1, keepdims=True)) / x.std(axis=-1, keepdims=True),
    "named": lambda x: np.var(x, axis=0, dtype=None, out=None, ddof=0),
}
AS_THEY_ARE: dict[str, Callable[[Any], Any]] = {
    "ddof": lambda x: x.var(ddof=1),
    "another dtype": lambda x: x.var(dtype="f8"),
    "with ddof by rows": lambda x: np.std(x, axis=-1, ddof=1),
}
SHAPES = ((7,), (1,), (300,), (5000,), (40, 30), (30, 1), (1, 30), (3, 50, 20), (0,), (0, 4), (4, 0))
LAYOUTS: dict[str, Callable[[Any], Any]] = {
    "C": lambda x: x,
    "F": np.asfortranarray,
    "transposed": lambda x: x.T,
    "every other": lambda x: np.repeat(x, 2, axis=-1)[..., ::2],
    "backwards": lambda x: x[..., ::-1],
}


def seen(fn: Callable[[Any], Any], x: Any) -> Any:
    """What a call gives, and what it warns of, where."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            result = fn(x)
        except (FloatingPointError, ValueError) as error:
            return type(error), str(error), [str(one.message) for one in told]
    array = np.asarray(result)
    return type(result), array.dtype, array.shape, array.strides, array.tobytes(), [
        (str(one.message), one.category, one.lineno) for one in told
    ]


def check(fn: Callable[[Any], Any], *arrays: Any) -> None:
    fast = graphlet.optimize(fn)
    with graphlet.config.patch(recompile_limit=100):
        for x in arrays:
            for _ in range(3):
                assert seen(fast, x) == seen(fn, x), (x.shape, x.dtype, x.strides)


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
@pytest.mark.parametrize("name", sorted(PROGRAMS | AS_THEY_ARE))
def test_shapes_and_layouts(name: str, layout: str) -> None:
    rng = np.random.default_rng(1)
    fn = (PROGRAMS | AS_THEY_ARE)[name]
    check(fn, *(LAYOUTS[layout](rng.normal(size=shape).astype(dtype)) for dtype in "df" for shape in SHAPES))


@pytest.mark.parametrize("name", sorted(PROGRAMS))
@pytest.mark.parametrize("mode", ["warn", "ignore", "raise"])
def test_special_numbers_in_every_error_state(name: str, mode: str) -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=(30, 40))
    arrays = [x * 1e160, x * 1e300, x * 1e-170, x * 0, x * 0 + 5, -x * 0]
    for number in (np.inf, -np.inf, np.nan, -np.nan, 1e308):
        arrays.append(x.copy())
        arrays[-1][3, 7] = number
        arrays.append(arrays[-1].copy())
        arrays[-1][29, 39] = -number
    with np.errstate(all="ignore"):
        arrays += [array.astype("f") for array in arrays]
    with np.errstate(all=mode):  # type: ignore[call-overload]
        check(PROGRAMS[name], *arrays)


@pytest.mark.parametrize("dtype", ["e", "g", "l", "?", "D", ">d", "u1"])
def test_other_dtypes_stay(dtype: str) -> None:
    x = np.arange(60).reshape(6, 10).astype(dtype)
    for name in ("std", "rows", "columns kept"):
        check(PROGRAMS[name], x)
        assert names(PROGRAMS[name], x) & {"std", "var"}


def names(fn: Callable[[Any], Any], x: Any) -> set[str]:
    """Names of the operations of the program's graph behind the passes."""
    graph = pipeline.run(graphlet.capture(fn)(x), verify=True)
    return {node.row.name for node in graph.nodes if node.row is not None}


@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_taken_apart(name: str) -> None:
    x = np.random.rand(6, 10)
    assert bool(names(PROGRAMS[name], x) & {"std", "var"}) == (name == "all kept")


@pytest.mark.parametrize("name", sorted(AS_THEY_ARE))
def test_left_as_they_are(name: str) -> None:
    assert names(AS_THEY_ARE[name], np.random.rand(6, 10)) & {"std", "var"}


def test_axes_of_columns_first_are_left() -> None:
    x = np.asfortranarray(np.random.rand(6, 10))
    assert names(PROGRAMS["columns"], x) & {"std", "var"}
    assert not names(PROGRAMS["std"], x) & {"std", "var"}


def test_the_mean_is_shared() -> None:
    graph = pipeline.run(graphlet.capture(PROGRAMS["standardised"])(np.random.rand(9)))
    rows = [node.row.name for node in graph.nodes if node.row is not None]
    assert rows.count("mean") == 2  # of the array, of the squares


def test_modes_and_places_stay() -> None:
    b = Builder()
    x = b.placeholder("x", ArrayType(np.dtype("d"), (Sym("n", 9),)))
    b.modes = (("over", "ignore"),)
    std = catalogue.method("std")
    assert std is not None
    node = b.call(std, (x,), loc=Location("file.py", 7, "f"))
    steps = variance.steps_of(node)
    assert len(steps) == 5
    assert all((step.modes, step.loc) == (node.modes, node.loc) for step in steps)


def test_errors_ignored_in_the_function() -> None:
    def quiet(x: Any) -> Any:
        with np.errstate(over="ignore"):
            return x.std()

    check(quiet, np.arange(9) * 1e200)
