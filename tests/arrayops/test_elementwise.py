"""Every ufunc, ``**``, casts and np.where: what is inferred is what NumPy returns."""

import itertools

import numpy as np
import pytest

from graphlet.arrayops import elementwise
from graphlet.arrayops.elementwise import ASTYPE, CLIP, FILLED_0D, MASKED, OPERATORS, POWER, UFUNCS, WHERE
from graphlet.ir.op import InferenceError
from graphlet.ir.types import ArrayType, ScalarType, Sym
from tests.arrayops.cases import DTYPES, NUMBERS, abstract, check, count, every_array, filled, infer, layouts, run_time

ROWS = [row for ufunc, row in UFUNCS.items() if ufunc is not np.isnat]  # that is for dates only
BINARY = [row for row in ROWS if row.fn.nin == 2]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_dtypes(row):
    arrays = [filled((2, 3), dtype) for dtype in DTYPES]
    calls = [(args, {}) for args in itertools.product(arrays, repeat=row.fn.nin)]
    works = sum(not isinstance(real_or_error(row.fn, args), TypeError) for args, _ in calls)
    assert works > 0
    assert count(row, calls) == works  # nothing that works is refused


def real_or_error(fn, args):
    with np.errstate(all="ignore"):
        try:
            return fn(*args)
        except TypeError as error:
            return error


@pytest.mark.parametrize("row", BINARY, ids=lambda row: row.name)
def test_numbers_beside_arrays(row):
    for dtype, number in itertools.product(DTYPES, NUMBERS):
        for array in (filled((3,), dtype), filled((), dtype), dtype.type(1)):
            check(row, (array, number))
            check(row, (number, array))
            check(row, (array, number), view=run_time)
            check(row, (number, array), view=run_time)


@pytest.mark.parametrize("row", [r for r in ROWS if r.fn.nin == 1], ids=lambda row: row.name)
def test_one_number(row):
    for number in (*NUMBERS, *(dtype.type(1) for dtype in DTYPES)):
        check(row, (number,))
        check(row, (number,), view=run_time)


@pytest.mark.parametrize("name", ["+", "<", "&", "divmod"])
def test_layouts(name):
    row = OPERATORS[name]
    dtype = "?" if name == "&" else "d"
    arrays = list(every_array(dtype))
    compared = 0
    for left, right in itertools.product(arrays, repeat=2):
        try:
            np.broadcast_shapes(left.shape, right.shape)
        except ValueError:
            assert infer(row, (left, right)) is None
            continue
        compared += check(row, (left, right))
    assert compared > 2000


def test_three_operands_vote_on_the_layout():
    arrays = [a for shape in ((3, 4), (1, 4), (3, 1), (4,)) for a in layouts(shape)]
    assert count(CLIP, [(args, {}) for args in itertools.product(arrays, repeat=3)]) == len(arrays) ** 3


def test_slices_keep_the_order_of_their_axes():
    row = OPERATORS["+"]
    sliced = ArrayType(np.dtype("d"), (Sym("a", 3), Sym("b", 4)), "K", "C")
    assert row.infer((sliced, 1.0), {}).order == "C"
    assert row.infer((sliced, sliced), {}).order == "C"
    unknown = ArrayType(np.dtype("d"), (Sym("a", 3), Sym("b", 4)), "K")
    assert row.infer((unknown, 1.0), {}).order == "K"


def test_symbols_that_meet_become_one():
    left, right = Sym("a", 3), Sym("b", 3)
    row = OPERATORS["*"]
    shape = row.infer((ArrayType(np.dtype("d"), (left,)), ArrayType(np.dtype("d"), (right,))), {}).shape
    assert left.root() is right.root() and shape[0].root() is left.root()


def test_refused_sizes_leave_symbols_alone():
    a, b, c, d = Sym("a", 3), Sym("b", 3), Sym("c", 4), Sym("d", 5)
    with pytest.raises(InferenceError):
        OPERATORS["+"].infer((ArrayType(np.dtype("d"), (a, c)), ArrayType(np.dtype("d"), (b, d))), {})
    assert a.root() is not b.root()


@pytest.mark.parametrize("bad", ["O", "U3", "M8[s]", "V4", [("x", "f4")]])  # NumPy adds no two dates
def test_other_dtypes_are_left_to_numpy(bad):
    assert infer(OPERATORS["+"], (np.zeros(3, bad), np.zeros(3, bad))) is None


def test_dtype_argument():
    for dtype in DTYPES:
        check(UFUNCS[np.add], (filled((3,), "f"), filled((3,), "i")), {"dtype": dtype})
    assert infer(UFUNCS[np.add], (filled((3,)), 1.0), {"dtype": "f"}) is not None
    assert infer(UFUNCS[np.add], (filled((3,)), 1.0), {"casting": "unsafe"}) is None


def test_integers_that_do_not_fit_are_refused():
    assert infer(UFUNCS[np.add], (filled((3,), "b"), 300)) is None
    assert infer(UFUNCS[np.add], (filled((3,), "B"), -1)) is None
    assert infer(UFUNCS[np.sqrt], (2**70,)) is None


def test_dtypes_that_depend_on_an_integer_are_refused():
    for ufunc in (np.negative, np.floor, np.conjugate, np.isfinite, np.logical_not, np.bitwise_count):
        assert infer(UFUNCS[ufunc], (3,), view=run_time) is None
    for ufunc in (np.sqrt, np.exp, np.cbrt):  # float64 for all that have a result
        assert infer(UFUNCS[ufunc], (3,), view=run_time) == ScalarType(np.float64, np.dtype("d"))
    assert infer(UFUNCS[np.hypot], (3, 4), view=run_time) is None


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_power(dtype):
    exponents = (0, 1, 2, 3, -1, 0.0, 0.5, -0.5, 1.0, 2.0, -1.0, 2.5, 1j, True)
    exponents += (np.float32(2), np.int8(2), np.float64(0.5))
    for base in (filled((3,), dtype), filled((2, 3), dtype, "F"), filled((), dtype)):
        assert count(POWER, [((base, e), {}) for e in exponents]) > 8
        for exponent in exponents:
            check(POWER, (base, exponent), view=run_time)
            check(POWER, (exponent, base), view=run_time)
            check(POWER, (exponent, base))
        for other in DTYPES:
            check(POWER, (base, filled((3,), other)))


def test_power_with_an_exponent_that_decides_the_dtype_is_refused():
    base, half = filled((3,), "l"), 0.5
    whole = infer(POWER, (base, ScalarType(float)))
    assert whole is None or whole.dtype == (base**half).dtype == (base**2.0).dtype


def test_where():
    masks = [filled(shape, "?") for shape in ((), (4,), (3, 1), (3, 4))]
    arrays = [*every_array("d", ((), (4,), (3, 4))), filled((4,), "f"), filled((3, 4), "b")]
    calls = [((m, x, y), {}) for m, x, y in itertools.product(masks, [*arrays, *NUMBERS], [*arrays, *NUMBERS])]
    assert count(WHERE, calls) > 500
    for dtype, number in itertools.product(DTYPES, NUMBERS):
        check(WHERE, (masks[3], filled((3, 4), dtype), number))
        check(WHERE, (masks[3], filled((3, 4), dtype), number), view=run_time)


def test_casts_and_copies():
    for array in every_array():
        for dtype in ("f", "l", "D", "?", "d", float, np.int16):
            assert check(ASTYPE, (array, dtype))
        for order in "CFAK":
            assert check(ASTYPE, (array, "f"), {"order": order})
            assert check(elementwise.METHODS["copy"], (array, order))
            assert check(elementwise.FUNCTIONS[1], (array, order))
        assert check(elementwise.METHODS["copy"], (array,))
        assert check(elementwise.FUNCTIONS[1], (array,))
    assert infer(ASTYPE, (filled((3,)), "f", "K", "unsafe", True, False)) is None
    assert infer(ASTYPE, (filled((3,)), "l"), {"casting": "safe"}) is None
    assert infer(ASTYPE, (filled((3,)), "l"), {"casting": "same_value"}) is None
    assert infer(ASTYPE, (filled((3,)), "l"), {"casting": 4}) is None
    assert infer(ASTYPE, (filled((3,)), "O")) is None


def test_numbers_stored_and_masked_writes():
    for dtype, number in itertools.product(DTYPES, NUMBERS):
        check(FILLED_0D, (number, dtype))
    out, mask = filled((3, 4)), filled((3, 4), "?")
    assert check(MASKED, (out, np.divide, mask, filled((3, 4)), 2.0))
    assert infer(MASKED, (filled((3,), "l"), np.divide, filled((3,), "?"), filled((3,)), 2.0)) is None
    assert infer(MASKED, (out, np.divide, filled((5, 4), "?"), 1.0, 2.0)) is None


def test_ufuncs_are_complete():
    named = {u for u in vars(np).values() if isinstance(u, np.ufunc)}
    assert named - set(UFUNCS) == {np.matmul, np.vecdot, np.matvec, np.vecmat} & named
    assert abstract(filled((1, 3))).shape[0] == 1
