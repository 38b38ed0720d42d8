"""Dates, times, and numbers in the other byte order: nodes that NumPy runs."""

from typing import Any

import numpy as np
import pytest

import graphlet
from tests.oracle.runner import differential

D, T = np.array(["2020-01-01", "2020-03-05", "NaT", "2021-01-01"], "M8[D]"), np.array([1, 5, -3, 7], "m8[s]")
B, BI = np.array([1.0, 2.5, -3, 4], ">f8"), np.array([1, 2, -3, 4], ">i4")
X = np.array([1.0, 2.0, 3.0, 4.0])

DATES = [
    "D - D[0]", "D + T", "T * 2", "T / 2", "T // T", "T * X", "T / np.timedelta64(1,'h')", "D > D[1]", "np.isnat(D)",
    "D.max()", "D.min()", "np.sort(D)", "D[::-1].copy()", "D[~np.isnat(D)]", "T.sum()", "T.mean()", "T.astype(float)",
    "D.astype('M8[M]')", "D.astype('i8')", "np.diff(D)", "np.arange('2020-01-01','2020-01-05',dtype='M8[D]') + T[0]",
    "np.array(['2020-01-01','2021-01-01'],dtype='M8[D]') - D[0]", "np.where(D > D[0], D, D[1])", "D == D",
    "np.datetime64('2020-02-01') - D", "D + np.timedelta64(3,'D')", "T.cumsum()", "abs(T)", "-T",
    "np.maximum(T,T[0])", "np.unique(D)", "np.searchsorted(D[:2], D[1])", "D.argmax()", "np.concatenate([D,D])",
    "T % np.timedelta64(3,'s')", "(D - D[0]) / np.timedelta64(1,'D')", "np.clip(T,T[2],T[1])", "D[0] + T[1]",
    "D[0] - D[1] > T[0]", "np.stack([T,T]).T", "T[T > T[0]]", "np.isin(D, D[:1])", "D.view('i8')",
    "np.zeros(4,'m8[s]') + T", "D.tolist()", "T.item(0)", "np.median(T)", "D.reshape(2,2).max(axis=0)",
    "np.full(3, np.datetime64('2020-01-01'))", "np.isfinite(D)", "np.sign(T)", "np.quantile(T, 0.5)", "D.dtype",
    "np.datetime_as_string(D)", "np.minimum.accumulate(T)", "np.add.reduce(T)", "D[1:] - D[:-1]",
    "T.astype('m8[ms]') + T", "B.T.flatten()", "np.datetime64('2024-01-01') + np.timedelta64(3, 'D')",
    "np.datetime64('2024-01-01') - np.datetime64('2023-01-01')", "abs(np.timedelta64(-3, 'D')) * 2",
]  # fmt: skip
SWAPPED = [
    "np.std(X)", "np.digitize(X, X)", "np.interp(X, X, X)", "B + 1", "B * X", "B.sum()", "np.exp(B)", "B[0]",
    "B[1:] - B[:-1]", "B.astype('f8')", "X.astype('>f4') + X", "BI // 2", "BI + BI", "BI.sum()", "B.mean(axis=0)",
    "np.sort(B)", "B @ X", "B.reshape(2,2) @ B.reshape(2,2)", "np.concatenate([B,X])", "B.copy()",
    "np.where(B>1,B,X)", "B.max()", "np.cumsum(BI)", "B > 1", "BI << 2", "BI.byteswap()", "BI.view('<i4')",
    "np.linalg.norm(B)", "np.fft.fft(B)", "np.zeros(4,'>i2') + BI", "np.stack([B,B])", "B[B>1]", "BI.astype('>i2')",
    "np.einsum('i,i->', B, X)", "np.clip(B,0,2)", "B.round(1)", "np.dot(B,B)", "np.unique(BI)", "np.argsort(B)",
    "B.real", "B.tolist()", "B.item(1)", "(B + 1j).astype('>c16') * 2", "B.var()", "np.ones(3,'>f8').dtype",
    "BI.max(axis=0)", "np.median(B)", "np.histogram(B, bins=3)", "B.std()", "BI.prod()", "B.sum(keepdims=True)",
    "np.isnan(B)", "BI.astype(bool)", "np.roll(B, 1)", "np.full(3, 2, '>i4') * BI[:3]",
]  # fmt: skip
# What NumPy warns of or refuses, and what changes from call to call.
LEFT = [
    "D + 1", "T + 1", "D + D", "D * 2", "np.busday_count(D[:2], D[1])", "np.datetime64('today') > D", "D.mean()",
    "T * T", "np.take(B, BI)", "X[BI]", "B // 0", "BI // 0", "BI.astype('>i8') ** -1", "T // np.timedelta64(0, 's')",
    "T % 0", "np.array(['today'], 'M8[D]') > D[:1]", "np.datetime64('2020-13-01')", "np.sqrt(B)",
    "np.arange('2020', D[0])", "T.astype('m8[as]')", "D.astype(object)", "X.astype('M8[s]')",
    "np.array(['x'], 'M8[D]')", "np.exp(B * 1000)", "np.timedelta64(len(X), 'D') + D", "D[0].item()", "f'{D[0]}'",
    "D.conj()", "T.conjugate()", "np.conjugate(T)", "str(T[0])", "bool(T[0])", "int(T[0])", "D.tolist()",
]  # fmt: skip
STORES = [
    "D[0] = D[1]", "D[1:] = np.datetime64('2020-01-01')", "D[D > D[0]] = D[0]", "T += T[0]", "T *= 2", "B += 1",
    "B[0] = 7", "B[B > 1] = X[0]", "BI[1:] = BI[:-1]", "BI[[0, 1]] += 1", "np.add(B, X, out=B)", "X += B", "B[:] = X",
    "BI -= BI[0]", "np.add.at(B, [0, 0], X[:2])", "D += T[:4].astype('m8[D]')", "T[[0, 2]] = T[[2, 0]]",
    "np.exp(B, out=B)", "B.sort()", "B.fill(2)", "np.copyto(B, X, where=X > 1)", "T[0] = 3", "D[0] = '2020-01-01'",
    "B[0] = BI[1]", "BI[0] = 2.5",
]  # fmt: skip


def program(statement: str) -> Any:
    space: dict[str, Any] = {"np": np}
    exec(f"def function(D, T, B, BI, X):\n    X = X * 2\n    r = 0\n    {statement}\n    return r, X + 1", space)
    return space["function"]


def calls() -> list[tuple[Any, ...]]:
    return [(D, T, B, BI, X), (D[::-1], T * 2, B + 0, BI[::-1], X)]


@pytest.mark.parametrize("text", [*DATES, *SWAPPED])
def test_in_graphs(text: str) -> None:
    report = differential(program(f"r = {text}"), *calls())
    assert report.last_share.native == 1.0, report.last_share


@pytest.mark.parametrize("text", LEFT)
def test_left_to_numpy(text: str) -> None:
    differential(program(f"r = {text}"), *calls())


@pytest.mark.parametrize("statement", STORES)
def test_stores(statement: str) -> None:
    differential(program(statement), *calls())


@pytest.mark.parametrize("dtype", [">f4", ">f2", ">c8", ">c16", ">i2", ">u8", ">g", "M8[ns]", "m8", "M8[M]", "M8"])
def test_all_kinds(dtype: str) -> None:
    def function(a: Any, b: Any) -> Any:
        c = np.where(a > b, a, b)
        d = np.sort(a)[::-1].copy()
        joined = np.concatenate([a, b]), np.stack([a, b])
        return c, d, a == b, a[1:], a.reshape(2, 2).T, joined, a[0], a[a != b], a.copy()

    values = np.array([5, 1, 7, 3]).astype("i8").astype(dtype)
    for order in (1, -1):
        differential(function, (values[::order], values), (values, values[::order]))


def test_units_and_byte_orders_are_guarded() -> None:
    def function(a: Any) -> Any:
        return a + a, a[0], a.max()

    kinds = ["m8[s]", "m8[ms]", "m8[D]", ">f8", "<f8", ">m8[s]"]
    differential(function, *((np.array([1, 2, 3]).astype(kind),) for kind in kinds))


# A date u and a time difference t that were there before.
GIVEN = [
    "D - u, D[0] + t", "D[D > u]", "(D - u) / t", "D + t * 2", "T // t", "u - t, t + t, -t, abs(t)", "T[0] + t",
    "t / 2", "np.where(D > u, D, u)", "np.maximum(T, t)",
    "(D - u).astype('m8[h]') * X", "t * X", "np.full(3, u)", "u, t",
    "[u, D[0]], T * 2", "D - np.array([u, u, u, u])", "np.isnat(u), D == u", "u - D[0] > t", "T.astype('m8[us]') + t",
]  # fmt: skip
GIVEN_LEFT = [
    "str(u)", "u.astype(int) + X", "u.item()", "int(t)", "1 if u > D[0] else 2", "{u: 1}, T * 2", "t * t", "u + u",
    "t % 0 * X", "t == t", "u is u", "np.arange(u, u + 3) - D[:3]", "X[t.astype(int)]", "hash(t)", "t.dtype",
    "u.dtype", "np.unique(t)",
    "np.append(T, t)", "D ** u", "X ** t", "D.item(t)", "np.angle(X, t)", "X[t]", "np.zeros(t)", "X.sum(t)",
    "D.searchsorted(u)", "f'{t}'", "[t for _ in range(3)]", "(T + t).sum() > t and X", "np.timedelta64(t, 's')",
]  # fmt: skip


def with_dates(text: str) -> Any:
    space: dict[str, Any] = {"np": np}
    exec(f"def function(D, T, X, u, t):\n    X = X * 2\n    r = {text}\n    return r, X + 1", space)
    return space["function"]


def dates() -> list[tuple[Any, ...]]:
    day, hour = np.datetime64("2020-02-02"), np.timedelta64(36, "h")
    given = [(day, hour), (day + 9, hour * 2), (day.astype("M8[s]"), hour), (day, np.timedelta64(90, "25m"))]
    given += [(np.datetime64("NaT"), np.timedelta64("NaT")), (day, np.timedelta64(3)), (day, 3), (hour, day)]
    return [(D, T, X, u, t) for u, t in given]


@pytest.mark.parametrize("text", [*GIVEN, *GIVEN_LEFT])
@pytest.mark.filterwarnings("ignore:The .generic. unit")
def test_dates_that_were_there_before(text: str) -> None:
    differential(with_dates(text), *dates())


@pytest.mark.parametrize("text", GIVEN)
@pytest.mark.filterwarnings("ignore:The .generic. unit")
def test_dates_that_were_there_before_are_inputs(text: str) -> None:
    function = with_dates(text)
    assert differential(function, dates()[0], dates()[1]).last_share.native == 1.0
    fast = graphlet.optimize(function)
    for u, t in ((D[0] + i, np.timedelta64(i + 1, "h")) for i in range(6)):
        fast(D, T, X, u, t)
    assert fast.graphlet.stats()["misses"] <= 1 and fast.graphlet.stats()["hits"] >= 4


@pytest.mark.filterwarnings("ignore:The .generic. unit", "ignore:GL202")
def test_the_unit_of_a_date_is_guarded() -> None:
    def function(t: Any, x: Any) -> Any:
        return t * 2, x + 1

    fast = graphlet.optimize(function)
    for unit in ("Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "as", "3h", "generic") * 2:
        t = np.timedelta64(5, unit) if unit != "generic" else np.timedelta64(5)
        got, want = fast(t, X)[0], function(t, X)[0]
        assert got == want and got.dtype == want.dtype == t.dtype
