"""Neither learning nor guards run code of the user's that the plain program does not run."""

import contextlib
from typing import Any

import numpy as np
import pytest

import graphlet
from tests.guards.hostile import Hostile, Impostor, hostile_class

X = np.arange(6.0) + 1

# Each defines f and args; ``h`` is hostile, as is its class H. The plain function asks nothing of either.
PROGRAMS = {
    "argument": "def f(x, h): return x * 2, h\nargs = (X, h)",
    "unused argument": "def f(x, h): return x * 2\nargs = (X, h)",
    "class as argument": "def f(x, h): return x * 2, h\nargs = (X, H)",
    "global": "def f(x): return x * 2, h\nargs = (X,)",
    "global class": "def f(x): return x * 2, H\nargs = (X,)",
    "identity": "def f(x, a): return x * 2 if a is h else x, a is H, h is not None, a is None\nargs = (X, h)",
    "branch on identity": "def f(x, a):\n    if a is not None:\n        x = x * 2\n    return x + 1\nargs = (X, h)",
    "type": "def f(x, a): return x * 2, type(a), type(a) is H\nargs = (X, h)",
    "tuple": "def f(x, t): return t[0] * 2, t[1]\nargs = (X, (X, h))",
    "unpacked": "def f(x, t):\n    a, b = t\n    return x * 2, a * 2, b\nargs = (X, [X, h])",
    "list": "def f(x, t): return x * t[0], t, len(t)\nargs = (X, [2.0, h, H])",
    "loop": "def f(x, t):\n    for a in t:\n        x = x + 1\n    return x, a\nargs = (X, [h, H, h])",
    "dict": "def f(x, d): return x * d['k'], d['h']\nargs = (X, {'k': 2.0, 'h': h})",
    "items of a dict": "def f(x, d):\n    for k, v in d.items():\n        x = x * 2\n    return x, v\n"
        "args = (X, {'h': h})",
    "made containers": "def f(x, h): return [x * 2, h], (h, h), {'h': h, 1: H}\nargs = (X, h)",
    "cell": "def make(k):\n    def f(x): return x * 2, k\n    return f\nf = make(h)\nargs = (X,)",
    "default": "def f(x, k=h, *, j=H): return x * 2, k, j\nargs = (X,)",
    "default of a callee": "def g(x, k=h): return x * 2, k\ndef f(x): return g(x)\nargs = (X,)",
    "passed to a callee": "def g(x, k): return x * 2, k\ndef f(x, h): return g(x, h)\nargs = (X, h)",
    "keywords": "def g(x, **k): return x * 2, k\ndef f(x, h): return g(x, k=h)\nargs = (X, h)",
    "instance attribute": "class C: pass\nc = C()\nc.k = 2.0\nc.h = h\ndef f(x, c): return x * c.k, c.h\nargs = (X, c)",
    "class attribute": "class C:\n    k = 2.0\nC.h = H\nc = C()\ndef f(x, c): return x * c.k\nargs = (X, c)",
    "made object": "class C:\n    def __init__(s, v): s.v = v\ndef f(x, h):\n    c = C(h)\n"
        "    return x * 2, c.v\nargs = (X, h)",
    "module": "import types\nm = types.ModuleType('m')\nm.h = h\nm.k = 2.0\ndef f(x): return x * m.k, m.h\nargs = (X,)",
    "object array": "def f(x, a): return x * 2, a\na = np.empty(2, object)\na[0] = h\nargs = (X, a)",
    "partial": "import functools\ndef g(x, h): return x * 2, h\np = functools.partial(g, h=h)\n"
        "def f(x): return p(x)\nargs = (X,)",
    "behind a break": "def f(x, h):\n    y = x * 2\n    graphlet.graph_break()\n    return y + 1, h\nargs = (X, h)",
    "stack": "def f(x, h): return [h, graphlet.graph_break(), x * 2, h]\nargs = (X, h)",
    "generator": "def g(x, h):\n    yield x * 2\n    yield h\ndef f(x, h): return list(g(x, h))\nargs = (X, h)",
    "conditional": "def f(x, h): return x * 2, (h if x.ndim == 1 else H), (h, 1)[0]\nargs = (X, h)",
    "swapped": "def f(x, h):\n    h, x = x * 2, h\n    return h, x\nargs = (X, h)",
    "star": "def g(*a): return a\ndef f(x, h): return g(x * 2, *[h, H])\nargs = (X, h)",
    "comprehension": "def f(x, h): return [(x * i, h) for i in (1, 2)], {i: h for i in (1, 2)}\nargs = (X, h)",
    "nonlocal": "def make():\n    k = None\n    def f(x, h):\n        nonlocal k\n        k = h\n"
        "        return x * 2, k\n"
                "    return f\nf = make()\nargs = (X, h)",
    "equal hash": "d = {Impostor('kk'): 1}\ndef f(x, d): return x * 2, d\nargs = (X, d)",
    "hostile next to what is read": "d = {'k': 2.0, Impostor('other'): 1}\ndef f(x, d): return x * d['k']\n"
        "args = (X, d)",
    "hostile among attributes": "class C: pass\nc = C()\nc.k = 2.0\nvars(c)[Impostor('other')] = 1\n"
                                "def f(x, c): return x * c.k\nargs = (X, c)",
    "hostile among globals": "globals()[Impostor('other')] = 1\nk = 2.0\ndef f(x): return x * k\nargs = (X,)",
}  # fmt: skip
WATCHED = ("nothing", "logs", "explain", "enable")


class Asked(Impostor):
    """An impostor that counts for all of its kind, questions after its hash included."""

    asked_at_all = 0

    def __hash__(self) -> int:
        Asked.asked_at_all += 1
        return super().__hash__()

    def __eq__(self, other: object) -> bool:
        Asked.asked_at_all += 1
        return super().__eq__(other)


def asked(source: str, watched: str) -> tuple[list[str], int, int]:
    """What a program asks of hostile objects when it runs optimised, if ``watched`` by some tool; hits."""
    kind = hostile_class()
    names: dict[str, Any] = {"np": np, "X": X, "H": kind, "h": object.__new__(kind), "graphlet": graphlet}
    names.update(Impostor=Asked, __name__="hostile")
    exec(source, names)
    function, args = names["f"], names["args"]
    other = [(X.astype("f4"), *args[1:]), (X[::-1], *args[1:]), (X.reshape(2, 3), *args[1:]), (1.0, *args[1:])]
    Hostile.calls.clear()
    Asked.asked_at_all = 0
    fast = function if watched in ("plain", "enable") else graphlet.optimize(function)
    before = graphlet.counters()["hits"]
    with graphlet.enable(include="hostile") if watched == "enable" else contextlib.nullcontext():
        for values in [args, args, args, *other[:3], args]:
            fast(*values)
    if watched == "explain":
        str(graphlet.explain(function)(*args))
    return Hostile.calls[:], Asked.asked_at_all, graphlet.counters()["hits"] - before


@pytest.mark.filterwarnings("ignore:non-string key")
@pytest.mark.parametrize("watched", WATCHED)
@pytest.mark.parametrize("name", PROGRAMS)
def test_nothing_is_asked(name: str, watched: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(PROGRAMS[name], "plain")[:2] == ([], 0)
    logs = "all" if watched == "logs" else ""
    with graphlet.config.patch(logs=logs, debug=2 if logs else 0):
        calls, n_asked, hits = asked(PROGRAMS[name], watched)
    assert (calls, n_asked) == ([], 0)
    assert hits > 0
