"""Fields of arrays of records, and views that change the size of elements."""

from typing import Any

import numpy as np
import pytest

import graphlet
from tests.capture.array_programs import whole
from tests.oracle.runner import differential

PACKED = [("a", "f8"), ("b", "i4"), ("c", "f4"), ("d", "?")]
ALIGNED = np.dtype(PACKED, align=True)
X = np.array([3.0, -1.5, 2.0, 0.5, 7.0, -2.0])

READS = [
    "s['a'] * 2", "s['a'] * s['b']", "s['a'].sum()", "s['b'].sum()", "s['c'].mean()", "np.exp(s['c'])",
    "s['a'][1:4] + 1", "s['a'][::-1]", "s['a'] > s['c']", "s['a'][s['d']]", "s['d'] & (s['a'] > 0)", "s['b'][0]",
    "s['a'].copy()", "np.sort(s['a'])", "s['a'][np.argsort(s['b'])]", "s['a'].astype('f4')", "s['a'] + X",
    "s['a'].max() - s['a'].min()", "s['a'].reshape(2, 3).T", "s['b'].cumsum()", "len(s) * s['a']",
    "s.shape[0] + s['b']", "np.where(s['d'], s['a'], s['c'])", "s['a'].std()", "s['b'] // 2", "s['a'] @ s['a']",
    "s['b'].dtype", "s['a'].tolist()", "s['c'].reshape(-1)",
]  # fmt: skip
WRITES = [
    "s['a'] = X", "s['b'] = 7", "s['a'] += 1", "s['a'] *= X", "s['a'][1:] = s['c'][:-1]", "s['a'][0] = 5",
    "s['c'] = s['a']", "s['a'][[0, 2]] = 9", "s['a'][X > 0] = 0.0", "s['a'][X > 0] += 1",
    "np.add.at(s['a'], [0, 0], 1.0)", "s['d'] = X > 0", "np.multiply(s['a'], 2, out=s['a'])", "s['b'] //= 2",
    "s['a'].sort()", "s['a'].fill(3)", "np.exp(X, out=s['a'])", "s['a'] = s['a'][::-1]",
    "s['a'] = s['b'] * 0.5\n    s['b'] = 1", "s['c'] += s['a']",
]  # fmt: skip
LEFT = [
    "r = s[0]", "r = s[0]['a']", "r = s[['a', 'b']]", "r = s[1:]['a'] * 2", "r = s['x']", "s[0] = (1, 2, 3, True)",
    "r = s == s", "r = s.copy()", "r = np.sort(s, order='b')", "r = s['a'].flags.aligned", "r = s['a'].strides",
    "r = s.dtype.names", "r = s.T['a']", "s['b'] = 1.5j", "r = [row['a'] for row in s]", "s['a'] = X[:2]",
    "r = s['a'].flags", "r = s.itemsize", "r = s.conj()", "r = s.real", "r = s.imag",
]  # fmt: skip


def program(statement: str) -> Any:
    space: dict[str, Any] = {"np": np}
    exec(f"def function(s, X):\n    X = X * 2\n    r = 0\n    {statement}\n    return r, X + 1", space)
    return space["function"]


def records(kind: Any, order: int = 1) -> Any:
    s = np.zeros(6, kind)
    s["a"], s["b"], s["c"], s["d"] = X[::order], np.arange(6), X * 3, X > 1
    return s


def calls() -> list[tuple[Any, ...]]:
    return [(records(PACKED), X), (records(ALIGNED, -1), X[::-1]), (records(PACKED)[::-1], X), (records(PACKED, -1), X)]


@pytest.mark.parametrize("text", READS)
def test_read(text: str) -> None:
    report = differential(program(f"r = {text}"), *calls())
    assert report.last_share.native == 1.0, report.last_share


@pytest.mark.parametrize("statement", WRITES)
def test_written(statement: str) -> None:
    report = differential(program(statement), *calls())
    assert report.last_share.native > 0.4, report.last_share


@pytest.mark.parametrize("statement", LEFT)
def test_left_to_numpy(statement: str) -> None:
    differential(program(statement), *calls())


@pytest.mark.parametrize("n", [3, 9000, 70_000])
def test_long_fields_that_are_not_aligned(n: int) -> None:
    def function(s: Any) -> Any:
        s["b"] += 1.5
        return s["a"].sum(), (s["a"] * 2 + 1).sum(), np.exp(s["b"]).mean(), s["a"].std()

    s = np.zeros(n, [("k", "i1"), ("a", "f8"), ("b", "f4")])
    s["a"], s["b"] = np.sin(np.arange(n)), np.cos(np.arange(n))
    differential(function, (s,), (s[::-1],))


def test_other_fields_are_guarded() -> None:
    def function(s: Any) -> Any:
        return s["a"] * 2

    kinds: list[Any] = [PACKED, [("b", "f8"), ("a", "f4")], [("a", "f8", (2,)), ("b", "i4")], [("a", [("x", "f8")])]]
    differential(function, *((np.zeros(3, kind),) for kind in kinds))


MADE = [
    "np.zeros(6, [('a', 'f8'), ('b', 'i4')])", "np.zeros((2, 3), dtype=[('a', float), ('b', 'i1')])",
    "np.empty(6, K)", "np.ones(6, dtype=K)", "np.zeros(len(X), dtype=[('a', 'f8', (2,)), ('b', '>i2')])",
    "np.zeros(6, [('a', 'O'), ('b', 'i4')])", "np.zeros(6, [('a', 'x'), ('b', 'i4')])",
    "np.zeros(6, [('a', 'f8'), ('a', 'f8')])", "np.zeros(6, 'f8,i4')",
]  # fmt: skip


@pytest.mark.parametrize("text", MADE)
def test_made_there(text: str) -> None:
    space: dict[str, Any] = {"np": np, "K": np.dtype([("a", "f4"), ("b", "i8")], align=True)}
    stores = "s['a'] = 2\n    s['b'] = 3\n    s['b'][1:] += 1"
    exec(f"def function(X):\n    s = {text}\n    {stores}\n    t = s['a'] * s['b']\n    return s, t, s['a']", space)
    differential(space["function"], (X,), (X * 2,))


VIEWS = [
    "X.view(complex) * 2", "X.view('f4')", "X.view(complex).real.sum()", "X.view('i4')[::2]", "X.view('u1')",
    "X.view('i8')", "(X + 1j * X).view(float)", "X.reshape(3, 2).view(complex)", "X.view(complex).view(float)",
    "X.view('f4').view('f8')", "X.reshape(3, 2).view(complex)[:, 0]", "np.zeros((6, 1)).view('f4')",
    "X.astype('>f8').view('>c16')",
]  # fmt: skip
BAD_VIEWS = [
    "X[::2].view(complex)", "X[:3].view(complex)", "X.reshape(2, 3).T.view(complex)", "X.view('?')", "X.view('O')",
]  # fmt: skip


@pytest.mark.parametrize("text", [*VIEWS, *BAD_VIEWS])
def test_views_of_another_size(text: str) -> None:
    report = differential(program(f"r = {text}\n    r = r, X.view(complex)"), (None, X), (None, X * 3), (None, X))
    assert text in BAD_VIEWS or report.last_share.native == 1.0, report.last_share


def test_views_of_another_size_share_memory() -> None:
    def function(X: Any) -> Any:
        y = X * 1
        z = y.view(complex)
        z[0] = 5 + 1j
        y[2] = 9
        X.view("f4")[0] = 1
        return y, z, z + 1

    differential(function, (X,), (X[::-1].copy(),))


# One element of an array of records: an object that shares the memory of the array.
RECORDS = [
    "r = s[3]['a'] * 2", "r = s[k]['b'] + s[-1]['a']",
    "t = s[1:4]\n    r = t['a'] * 2, t", "r = s[::-1][k]['c']", "t = s.copy()\n    t['a'] *= 2\n    r = t",
    "t = s[s['d']]\n    r = t['b'] * 2.0", "t = s[[0, 2]]\n    t['a'] = 1\n    r = t, t['a'] + 1", "s[3]['a'] = 9",
    "t = s.copy()\n    t[2]['b'] = 5\n    r = t", "r = [row['a'] * 2 for row in s]", "t = s[2:]\n    t['a'] = 7",
    "r = s[1], s['a'] * 2", "t = s[1]\n    r = [t, t], {'k': t}",
    "t = s.copy()\n    u = t[0]\n    t['a'] = 3\n    r = u, t",
    "t = s.copy()[2]\n    r = t['a'], t", "t = s[k]\n    t['a'] = X[0]\n    r = t",
]  # fmt: skip
LEFT_RECORDS = [
    "t = s[3]\n    s['a'] += 1\n    r = t['a'] * 2",
    "r = s.reshape(2, 3)[1, k % 3]['a']",
    "r = s[9]['a']", "r = s[k + 9]", "r = s[3][0]", "r = s[3]['x']", "s[0] = s[3]", "t = s[1]\n    r = t == t",
    "t = s[1]\n    r = t is t, t is s[1]", "r = len(s[0])", "r = tuple(s[2])", "r = s[0].item()",
    "r = s[1].dtype.names",
    "r = s[3] if s[3] else 1", "r = sorted(s['a'])[0], s[1:2][0]", "s[0]['b'] = 1.5j", "r = np.sort(s, order='a')[0]",
    "r = type(s[0]), isinstance(s[0], np.void)", "r = s[[True] * 6]", "r = s[..., None]", "r = s + s", "r = -s[0]",
    "r = f'{s[0]}'", "r = hash(s[0])", "s[1:3] = s[0]",
]  # fmt: skip


def with_a_number(statement: str) -> Any:
    space: dict[str, Any] = {"np": np}
    exec(f"def function(s, X, k):\n    X = X * 2\n    r = 0\n    {statement}\n    return r, X + 1, s", space)
    return space["function"]


@pytest.mark.parametrize("statement", [*RECORDS, *LEFT_RECORDS])
def test_records(statement: str) -> None:
    given = [(s, x, k) for (s, x), k in zip(calls(), (2, 0, -1, 5), strict=True)]
    differential(with_a_number(statement), *given)


@pytest.mark.parametrize("statement", RECORDS)
def test_records_in_one_graph(statement: str) -> None:
    function = with_a_number(statement)
    assert differential(function, (records(PACKED), X, 2), (records(PACKED, -1), X, 1)).last_share.native == 1.0
    whole(function, records(PACKED), X, 2)


def test_a_record_shares_the_memory_of_its_array() -> None:
    def function(s: Any) -> Any:
        t = s.copy()
        return s[1], t[2], t, s["a"] * 2

    fast = graphlet.optimize(function)
    for _ in range(3):
        s = records(PACKED)
        existing, new, t, _ = fast(s)
        assert type(existing) is type(new) is np.void
        existing["a"], new["b"] = 77.0, 99
        assert s["a"][1] == 77.0 and t["b"][2] == 99
    assert fast.graphlet.stats()["hits"] >= 1


def test_nested_records() -> None:
    kind = np.dtype([("k", "f4", (2,)), ("p", [("x", "f8"), ("y", "i2")]), ("z", "f8")])

    def function(s: Any, k: Any) -> Any:
        r = s[k]["p"]
        s["p"]["x"] += 1
        return r["x"] * 2, s[k]["z"], r, s[0]["p"]["y"], s[k]

    s = np.zeros(4, kind)
    s["p"]["x"], s["z"] = np.arange(4.0), np.arange(4) * 2.0
    differential(function, (s, 1), (s[::-1], 2), (s, -1), (s, 7))
    differential(lambda s: s[1]["k"] * 2, (s,))
