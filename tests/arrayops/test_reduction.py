"""Reductions and scans: dtype, shape, layout and scalar type as NumPy has them."""

import itertools

import numpy as np
import pytest

from graphlet.arrayops import catalogue, reduction
from tests.arrayops.cases import DTYPES, check, every_array, filled, infer

ROWS = [*reduction.FUNCTIONS, *reduction.METHODS.values()]
AXIS_ROWS = [row for row in ROWS if row.name not in ("quantile", "percentile")]
SHAPES = ((), (4,), (1,), (3, 4), (3, 1), (1, 4), (2, 3, 4), (2, 1, 4))
SCANS = ("cumsum", "cumprod", "nancumsum", "nancumprod")


def axes_of(ndim, several):
    yield {}
    yield {"axis": None}
    for axis in range(-ndim, ndim):
        yield {"axis": axis}
    if several:
        yield {"axis": ()}
        for pair in itertools.combinations(range(ndim), 2):
            yield {"axis": pair}


def identified(row):
    return f"{row.name}-{type(row.fn).__name__}"


@pytest.mark.parametrize("row", AXIS_ROWS, ids=identified)
def test_axes_and_layouts(row):
    compared = 0
    several = row.name not in ("argmin", "argmax", *SCANS)
    for array in every_array(shapes=SHAPES):
        for kwargs in axes_of(array.ndim, several and row.name not in ("ptp", "median")):
            compared += check(row, (array,), kwargs)
            if row.name not in SCANS:
                compared += check(row, (array,), {**kwargs, "keepdims": True})
                compared += check(row, (array,), {**kwargs, "keepdims": False})
    assert compared > 150


@pytest.mark.parametrize("row", AXIS_ROWS, ids=identified)
def test_dtypes(row):
    for dtype in DTYPES:
        for array in (filled((3, 4), dtype), filled((), dtype)):
            check(row, (array,))
            check(row, (array,), {"axis": 0} if array.ndim else {})
    assert check(row, (filled((3, 4)),))


@pytest.mark.parametrize("name", ["sum", "prod", "mean", "std", "var", "cumsum", "cumprod"])
def test_dtype_argument(name):
    for row in (catalogue.method(name), catalogue.lookup(getattr(np, name))):
        for array, dtype in itertools.product((filled((3, 4), "f"), filled((4,), "b")), ("d", "f", np.complex128, "l")):
            check(row, (array, 0, dtype))
            check(row, (array,), {"dtype": dtype})
        assert infer(row, (filled((3,)),), {"dtype": "O"}) is None


def test_empty_axes():
    for row in (catalogue.method("sum"), catalogue.method("all"), catalogue.method("prod")):
        for array in every_array(shapes=((0,), (0, 4), (3, 0))):
            for kwargs in axes_of(array.ndim, True):
                assert check(row, (array,), kwargs)


def test_degrees_of_freedom():
    assert check(catalogue.method("var"), (filled((3, 4)),), {"ddof": 1, "axis": 0})


def test_quantiles():
    for name in ("quantile", "percentile"):
        row = catalogue.lookup(getattr(np, name))
        for array in every_array(shapes=((4,), (3, 4))):
            for axis in (None, 0, -1):
                assert check(row, (array, 0.5), {"axis": axis})
                assert check(row, (array, 0.5), {"axis": axis, "keepdims": True})
        assert infer(row, (filled((4,)), [0.1, 0.2])) is None


def test_what_is_refused():
    row = catalogue.method("sum")
    array = filled((3, 4))
    refused = ({"axis": 2}, {"axis": (0, 0)}, {"out": array}, {"where": array}, {"initial": 1}, {"keepdims": 1})
    for kwargs in refused:
        assert infer(row, (array,), kwargs) is None
    assert infer(row, (3.0,)) is None
    assert infer(row, (np.array(["a"]),)) is None


@pytest.mark.parametrize("ufunc", [np.add, np.multiply, np.maximum, np.logical_and, np.hypot], ids=lambda u: u.__name__)
def test_methods_of_ufuncs(ufunc):
    reduce, accumulate, outer = (catalogue.ufunc_method(ufunc, name) for name in ("reduce", "accumulate", "outer"))
    for array in every_array(shapes=((4,), (3, 4), (2, 3, 4))):
        for axis in range(array.ndim):
            assert check(reduce, (array, axis))
            assert check(accumulate, (array, axis))
        assert check(reduce, (array,))
        assert check(outer, (array, array))
    for dtype in DTYPES:
        check(reduce, (filled((3, 4), dtype),))
        check(accumulate, (filled((3, 4), dtype),))
    assert catalogue.ufunc_method(np.sin, "reduce") is None
    assert catalogue.ufunc_method(np.add, "at") is None
