"""Arrays that break compilers: layouts, dtypes, overlaps, subclasses, limits. All must be as it is plainly."""

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.oracle.runner import differential

A = np.arange(12.0).reshape(3, 4)
NAN = np.array([np.nan, np.inf, -np.inf, -0.0, 0.0, 1e-310, 1e308])


def mixed(x: Any) -> Any:
    y = x * 2 + 1
    z = y.sum(axis=0) - x
    return z, y[..., ::-1], np.where(x > 1, x, y)


LAYOUTS = {
    "0-d": lambda: np.array(2.5),
    "empty": lambda: np.zeros((0, 3)),
    "empty last": lambda: np.zeros((3, 0)),
    "size 1": lambda: np.ones((1, 4)),
    "broadcast": lambda: np.broadcast_to(np.arange(3.0), (4, 3)),
    "negative": lambda: np.arange(12.0).reshape(3, 4)[::-1, ::-1],
    "stepped": lambda: np.arange(40.0).reshape(5, 8)[::2, 1::3],
    "transposed": lambda: np.arange(24.0).reshape(2, 3, 4).transpose(2, 0, 1),
    "fortran": lambda: np.asfortranarray(np.arange(12.0).reshape(3, 4)),
    "unaligned": lambda: np.zeros(41, np.uint8)[1:].view(np.float64),
    "read-only": lambda: np.frombuffer(np.arange(4.0).tobytes()),
    "big-endian": lambda: np.arange(4.0).astype(">f8"),
    "float16": lambda: np.arange(6, dtype=np.float16).reshape(2, 3),
    "longdouble": lambda: np.arange(4, dtype=np.longdouble) / 3,
    "complex64": lambda: np.arange(4, dtype=np.complex64) * (1 + 2j),
    "int8": lambda: np.array([127, -128, 100, 3], np.int8),
    "uint64": lambda: np.array([2**63 + 5, 1, 2**64 - 1], np.uint64),
    "bool": lambda: np.array([True, False, True]),
    "object": lambda: np.array([1, 2.5, 10**30], dtype=object),
    "datetime": lambda: np.array([1, 2, 5], "m8[s]"),
    "special": lambda: NAN.copy(),
    "64-d": lambda: np.ones((1,) * 31 + (2,)),
    "masked": lambda: np.ma.masked_array([1.0, 2.0, 3.0], [True, False, False]),
    "matrix": lambda: np.matrix([[1.0, 2.0], [3.0, 4.0]]),
    "large": lambda: np.arange(100_000.0).reshape(100, 1000),
}  # fmt: skip


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_layouts_and_dtypes(name: str) -> None:
    differential(mixed, lambda: (LAYOUTS[name](),), lambda: (np.ones((2, 2)),), lambda: (LAYOUTS[name](),))


class Shouting(np.ndarray):
    """A subclass that can be seen at work."""

    def __array_finalize__(self, obj: Any) -> None:
        self.tag = getattr(obj, "tag", "new")

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        print("ufunc", ufunc.__name__, method)
        return getattr(ufunc, method)(*(np.asarray(i) for i in inputs), **kwargs)


class Protocol:
    """Not an array, but NumPy asks it."""

    __array_priority__ = 100

    def __add__(self, other: Any) -> str:
        return f"add {type(other).__name__}"

    def __radd__(self, other: Any) -> str:
        return f"radd {type(other).__name__}"

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> str:
        return f"function {func.__name__}"

    __array_ufunc__ = None


def test_subclasses_and_protocols() -> None:
    def f(x: Any, y: Any) -> Any:
        return x + y, y + x

    def g(x: Any, y: Any) -> Any:
        return np.concatenate([x, y]), np.sum(y)

    plain = np.ones(3)
    differential(f, (plain, plain), (plain.view(Shouting), plain), (plain, plain.view(Shouting)), (plain, Protocol()))
    differential(g, (plain, plain), (plain, Protocol()))


def shift(x: Any) -> Any:
    x[1:] = x[:-1]
    return x


def add_transposed(x: Any) -> Any:
    x += x.T
    return x


def swap(x: Any) -> Any:
    x[0], x[-1] = x[-1], x[0]
    return x


def swap_rows(x: Any) -> Any:
    x[0], x[1] = x[1].copy(), x[0]
    return x


def reverse_into_self(x: Any) -> Any:
    x[:] = x[::-1]
    return x * 2


def write_through_view(x: Any) -> Any:
    v = x[1:]
    before = x.sum()
    v *= 10
    w = v[::2]
    w += 1
    return before, x.sum(), v, w


def write_then_read_view(x: Any) -> Any:
    v = x.reshape(-1)
    x[...] = 3
    y = v + 1
    v[0] = -1
    return x, y, v


def copies_and_views(x: Any) -> Any:
    a = x.astype(x.dtype)
    b = x.flatten()
    c = x.ravel()
    d = x.reshape(x.shape)
    e = x.astype(x.dtype, copy=False)
    f = np.asarray(x)
    g = x[...]
    a += 1
    b += 2
    c += 4
    return a, b, c, d, e, f, g, e is x, f is x, g is x


def repeated_store(x: Any) -> Any:
    x[[0, 0, 1]] += 1
    np.add.at(x, [0, 0], 5)
    return x


def out_aliases_input(x: Any) -> Any:
    np.add(x[1:], x[:-1], out=x[1:])
    np.multiply(x, x[0], out=x)
    return x


def temporary_written(x: Any) -> Any:
    t = x * 2
    u = t
    t += 1
    v = t[1:]
    v[...] = 0
    return t, u, t is u, v


WRITES = [shift, add_transposed, swap, swap_rows, reverse_into_self, write_through_view, write_then_read_view,
          copies_and_views, repeated_store, out_aliases_input, temporary_written]  # fmt: skip


@pytest.mark.parametrize("fn", WRITES, ids=lambda f: f.__name__)
def test_writes(fn: Callable[..., Any]) -> None:
    square = np.arange(16.0).reshape(4, 4)
    differential(
        fn,
        (square,),
        (np.asfortranarray(square),),
        (square[::-1],),
        (np.arange(9).reshape(3, 3),),
        lambda: (np.broadcast_to(np.arange(3.0), (3, 3)),),
        (np.arange(10_000.0).reshape(100, 100),),
        native=0.7,
    )


def two(x: Any, y: Any) -> Any:
    x += 1
    z = x + y
    y[...] = z
    return x, y, z


def read_after_write(x: Any, y: Any) -> Any:
    s = y.sum()
    x[:] = s
    return y.sum(), y + x, s


def containers(items: Any) -> Any:
    for item in items:
        item *= 2
    items.append(items[0])
    return items, items[0] is items[-1], sum(items)


@pytest.mark.parametrize("fn", [two, read_after_write])
def test_overlap_changes_between_calls(fn: Callable[..., Any]) -> None:
    def separate() -> tuple[Any, ...]:
        return np.arange(5.0), np.ones(5)

    def same() -> tuple[Any, ...]:
        base = np.arange(5.0)
        return base, base

    def shifted() -> tuple[Any, ...]:
        base = np.arange(6.0)
        return base[1:], base[:-1]

    def reversed_() -> tuple[Any, ...]:
        base = np.arange(5.0)
        return base, base[::-1]

    def neighbours() -> tuple[Any, ...]:
        base = np.arange(10.0)
        return base[::2], base[1::2]

    differential(fn, separate, same, shifted, reversed_, neighbours, separate, native=0.7)


def test_same_object_in_containers() -> None:
    a, b = np.arange(3.0), np.ones(3)
    differential(containers, ([a, b],), ([a, a],), ([a, a[::-1]],), ([a],))


def special_values(x: Any, y: Any) -> Any:
    return x // y, x % y, np.sign(x), np.fmod(x, y), x**2, np.maximum(x, y), np.minimum(x, y), x == y


def test_special_values_warn_at_their_line() -> None:
    differential(special_values, (NAN, NAN[::-1]), (NAN, np.zeros(7)), (np.ones(7), np.ones(7)))
    differential(special_values, (np.array([-128, 5], np.int8), np.array([-1, 0], np.int8)))
    differential(special_values, (np.array([2**63], np.uint64), np.array([2], np.uint64)))
    differential(special_values, (np.array([1]), np.array([0])))


def reductions(x: Any) -> Any:
    return x.sum(), x.cumsum(), x.mean(), np.median(x), x.prod(), x.any(), x.std(), np.sum(x, dtype=np.float32)


def extremes(x: Any) -> Any:
    return x.max(), x.argmin()


def test_reductions_of_everything() -> None:
    differential(
        reductions,
        (np.arange(5, dtype=np.int8) * 60 % 127,),
        (np.array([2**63, 2**63], np.uint64),),
        (np.ones(100_003, np.float32) / 3,),
        (np.ones(8193, np.float16),),
        (np.array([True, True]),),
        (np.zeros(0),),
        (NAN,),
        (np.ones((7, 1001)).T / 3,),
    )
    differential(extremes, (np.arange(3.0),), (np.zeros(0),), (NAN,))


def changing(x: Any) -> Any:
    y = x + 1
    x.shape = (-1,)
    return y, x.shape, x


def test_shape_set_on_an_argument() -> None:
    differential(changing, (A,), (np.zeros((2, 2, 2)),), (A.T,))


def with_errstate(x: Any) -> Any:
    with np.errstate(divide="ignore"):
        a = 1.0 / x
    b = 2.0 / x
    with np.errstate(all="raise"):
        c = 3.0 / x
    return a, b, c


def test_errstate_and_warnings() -> None:
    differential(with_errstate, (np.array([1.0, 2.0]),), (np.array([1.0, 0.0]),))
    differential(with_errstate, (np.array([1.0, 0.0]),), warn="error")


def failing(x: Any, n: Any) -> Any:
    try:
        y = x.reshape(n)
    except ValueError as error:
        return "value", str(error)
    try:
        z = y[n]
    except IndexError as error:
        return "index", str(error)
    return np.linalg.inv(z + y)


def test_exceptions_reach_the_users_except() -> None:
    differential(failing, (np.arange(4.0), 5), (np.arange(4.0), 4), (np.arange(4.0), (2, 2)), (np.arange(1.0), 1))


def test_dtypes_change_between_calls() -> None:
    kinds = "bBhHiIlLefdgFD?"
    differential(mixed, *[(np.arange(6).astype(k),) for k in kinds], rounds=2)


def over_array(a: Any) -> Any:
    a = a * 1
    for q in a:
        a[:2] = a + q
    return a


def over_argument(a: Any) -> Any:
    out = []
    for p, q in zip((1, 2, 3), a):  # noqa: B905
        out.append(p * q)
        a[:] = a * 2
    return out, a


def numbered(a: Any) -> Any:
    a = a * 1
    total = 0
    for i, (p, q) in enumerate(zip(a, map(abs, a))):  # noqa: B905
        total = total * 3 + p * q + i
        a[:] = total
    return total, a


def items(a: Any) -> Any:
    for i in range(2):
        yield a[i] + 1


def joined(a: Any) -> Any:
    a = a * 1
    total = 0
    for q in itertools.chain((5.0,), items(a), a):
        total = total * 3 + q
        a[:] = total
    for p, q in zip(items(a), (1, 2)):  # noqa: B905
        total = total * 3 + p * q
        a[:] = total
    return total, a


def in_step(a: Any) -> Any:
    a = a * 1
    out = []
    for p in map(lambda q, r: q * r, items(a), items(a * 2)):
        out.append(p)
        a[:] = p
    for p, q in zip(items(a), items(a), strict=True):
        out.append(p * q)
        a[:] = p
    return out, a


def kept_iterator(a: Any) -> Any:
    a = a * 1
    it = iter(a)
    first = next(it)
    a[:] = 7
    return first, list(it)


@pytest.mark.parametrize("fn", [over_array, over_argument, numbered, joined, in_step, kept_iterator])
def test_array_written_while_it_is_gone_over(fn: Callable[..., Any]) -> None:
    differential(fn, (np.array([3.0, -2.0]),), (np.array([3.0, -2.0, 0.5]),), native=0.5)


# NumPy's vector code takes some strides only: in place, these give another last bit over memory that runs backwards.
IN_PLACE = ("x **= 5", "x **= y", "np.exp(x, out=x)", "np.log10(x, out=x)", "np.arctan2(x, y, out=x)", "x *= y")


def backwards(dtype: str, shape: tuple[int, ...]) -> np.ndarray:
    values = np.random.default_rng(7).normal(0, 4, shape).round(3).astype(dtype)
    return values[(slice(None, None, -1),) * len(shape)]


@pytest.mark.parametrize("dtype", ["float64", "float32", "complex64"])
@pytest.mark.parametrize("statement", IN_PLACE)
def test_last_bit_of_what_is_written_backwards(statement: str, dtype: str) -> None:
    if dtype == "complex64" and "arctan2" in statement:
        statement = "x **= 2"
    space: dict[str, Any] = {"np": np}
    exec(f"def f(x, y):\n    {statement}\n    return x, y", space)
    calls = [(backwards(dtype, shape), backwards(dtype, shape)[::-1]) for shape in [(5,), (37,), (5, 37)]]
    differential(space["f"], *calls)
    exec(f"def f(x, y):\n    x = x.copy()[::-1]\n    {statement}\n    return x, y", space)
    differential(space["f"], *calls)


@pytest.mark.parametrize("made_here", [False, True])
@pytest.mark.parametrize("statement", ["x *= y", "x *= x", "np.square(x, out=x)", "np.multiply(x, y, out=x)"])
def test_last_bit_of_one_complex_number_in_place(statement: str, made_here: bool) -> None:
    space: dict[str, Any] = {"np": np}
    exec(f"def f(x, y):\n    {'x = x[1:] + 0' if made_here else 'pass'}\n    {statement}\n    return x", space)
    rng = np.random.default_rng(5)
    for shape in [(1,), (2,), (1, 1), (3,)]:
        pairs = [(rng.normal(0, 1, shape) + 1j * rng.normal(0, 1, shape), rng.normal() + 0.5j) for _ in range(12)]
        differential(space["f"], *pairs, *[(x, np.complex128(y)) for x, y in pairs], rounds=2)


def emptied(x: Any, part: Any) -> Any:
    x[:] = 0.5
    return x


def flipped(x: Any, axis: Any) -> Any:
    np.flip(x, axis=-1)
    return x


def without_axis(x: Any, part: Any) -> Any:
    np.expand_dims(x, None)
    return x


def viewed(x: Any, part: Any) -> Any:
    return x.view(None), x.view(), x.view(dtype=None) + 0  # None is a dtype here: float64


@pytest.mark.parametrize("fn", [emptied, flipped, without_axis, viewed])
def test_a_single_number_has_no_axis(fn: Callable[..., Any]) -> None:
    differential(fn, (np.array(2.5), 0), (np.arange(3.0), 0), (np.array(1.5j), 0), (np.arange(3), 0))


def test_axes_that_numpy_takes_of_a_single_number() -> None:
    def function(x: Any) -> Any:
        return x.sum(axis=0), np.cumsum(x * 2, axis=-1), np.squeeze(x, axis=0) + 1, np.max(x, axis=-1)

    differential(function, (np.array(2.5),), (np.array(3),), native=0.6)


def of_vectors(x: Any, y: Any) -> Any:
    bins = np.sort(y)
    a = np.gradient(x, 0.5) + np.correlate(x, y, "same")
    b = np.kron(x, y) * 2
    return a, b, np.digitize(x * 2, bins), np.linalg.pinv(np.outer(x, y)) + 1


def test_functions_of_numpys_that_are_called_whole() -> None:
    rng = np.random.default_rng(3)
    vectors = [rng.normal(0, 1, n) for n in (5, 3, 8, 2)]
    differential(of_vectors, *[(x, y) for x in vectors for y in vectors[:2]], native=0.8)
    differential(of_vectors, (vectors[0][::-1], vectors[1]), (vectors[0].astype("f"), vectors[0]), native=0.4)
    differential(of_vectors, (np.ones(1), vectors[1]), (np.zeros(0), vectors[1]), (np.full(4, np.nan), vectors[0]))


def too_deep(x: Any, index: Any) -> Any:
    x[index]
    return x + 1


def test_more_dimensions_than_numpy_has() -> None:
    for n in (63, 64, 65, 70):
        differential(too_deep, (A, (np.newaxis,) * n), (A, (np.newaxis,) * (n - 2)), rounds=2)


def test_an_output_that_is_not_named() -> None:
    """NumPy warns of it for two ufuncs from 2.5 on."""

    def function(x: Any, out: Any) -> Any:
        np.maximum(x, 0.5, out)
        np.add(out, x, out)
        return out * 2

    differential(function, (np.arange(4.0), np.zeros(4)), (np.arange(5.0), np.zeros(5)))


def of_arrays(a: Any, b: Any) -> Any:
    return np.array([a, b]), np.array((a * 2,)), np.array([a, b], dtype=np.float32)


def test_arrays_of_arrays() -> None:
    """In C order, where ``np.stack`` keeps that of its arguments."""
    f = np.asfortranarray(A)
    pairs = [(A, A + 1), (f, f), (f.T, A.T), (A, A.astype(int)), (A[0], A[1]), (A[:0], A[:0])]
    pairs.append((np.array(1.0), np.array(2)))
    differential(of_arrays, *pairs, native=0.9)
    differential(of_arrays, (A, A[:1]), (A, A[None]), (A * 1e300, A), (A.astype("F"), A))


@pytest.mark.parametrize("shape", [(), (1,), (1, 1), (1, 1, 1)], ids=str)
@pytest.mark.parametrize("z", [complex(np.inf, np.nan), complex(np.nan, np.inf), complex(np.inf, 0.0)], ids=str)
def test_one_complex_element_that_numpy_casts_on_the_way(shape: tuple[int, ...], z: complex) -> None:
    """Its loops have two ways to multiply, of which one raises a flag."""

    def function(x: Any, k: Any) -> Any:
        return x * k, x + x * k

    differential(function, (np.full(shape, z, np.complex64), np.full(shape, 3)))


def test_clip_leaves_out_bounds_beyond_the_dtype_whatever_they_come_from() -> None:
    def function(x: Any, low: Any, high: Any) -> Any:
        return np.clip(x, low, high) + 1, x.clip(low, high)

    def in_a_call(x: Any) -> Any:
        x[1] = 1
        clipped = np.clip(x, np.uint64(2**63), 2**40)
        total = 0
        for _ in range(3):
            total = clipped.sum()
        return clipped, total

    x = np.array([1, 200, 7], np.uint8)
    differential(function, *((x, low, high) for high in (100, 300, 255, 254) for low in (5, 0, -1)))
    differential(in_a_call, *[(np.ones(2, np.uint32),)] * 6)
