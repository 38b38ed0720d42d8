"""``copy.copy`` and ``copy.deepcopy``."""

import pytest

from tests.capture.programs import same, whole_and_same

BEFORE = (
    "import copy\nF = np.asfortranarray(np.arange(12.0).reshape(3, 4))\nl = [X * 1, X * 2]\nl.append(l[0])\n"
    "d = {'a': X, 'b': [X * 3, 2.0], 'c': ('t', 1)}\nargs = (X, F, l, d)\ndef f(x, F, l, d):\n    "
)
FOLLOWED = {
    "array": "y = copy.copy(x)\n    y += 1\n    return y, x, copy.deepcopy(y) * 2",
    "layout": "return copy.copy(F), copy.deepcopy(F[:, ::2]), copy.copy(F[::-1]), copy.copy(F.T) + 1",
    "list": "a, b = copy.copy(l), copy.deepcopy(l)\n    b[0] += 1\n    a[1] = 0\n"
            "    return a, b, l, a[0] is l[0], b[0] is b[2]",
    "dict": "a, b = copy.copy(d), copy.deepcopy(d)\n    b['b'][0] *= 2\n    return b, a['b'] is d['b'], b['a'] + 1",
    "tuple": "t = (1, 'a', (2.0, None))\n    u = (x * 2, 3)\n    v = copy.deepcopy(u)\n"
             "    return copy.copy(t) is t, copy.deepcopy(t) is t, copy.copy(u) is u, v[0] + 1, v is u",
    "made here": "y = [x * 2]\n    z = copy.deepcopy([y, y])\n    z[0][0] += 1\n"
                 "    return z, y, z[0] is z[1], z[0] is y",
    "numbers": "return copy.copy(2.5) * x, copy.deepcopy(len(l)) * x, copy.copy(None), copy.deepcopy('a')",
}


@pytest.mark.parametrize("name", FOLLOWED)
def test_followed(name):
    whole_and_same(BEFORE + FOLLOWED[name])


@pytest.mark.parametrize(
    "change",
    [
        "l[0] = None", "d['b'] = 5", "args = (X.astype('O'), F, l, d)", "args = (X[::2], F.T, tuple(l), d)",
        "args = (np.ma.array(X), F, [l], d)", "l[2] = l[1]", "args = (X, F, l, __import__('collections').Counter(d))",
        "copy.copy = copy.deepcopy = lambda v: v",
    ],
)
@pytest.mark.parametrize("name", ["array", "list", "dict"])
def test_while_things_change(name, change):
    program = BEFORE.replace(
        "import copy\n", "import copy as c, types\ncopy = types.SimpleNamespace(copy=c.copy, deepcopy=c.deepcopy)\n"
    )
    same(program + FOLLOWED[name], change)


@pytest.mark.parametrize(
    "body",
    [
        "y = x + 1\n    l.append(l)\n    z = copy.deepcopy(l)\n    l.pop()\n    return z[-1] is z, y",
        "class A:\n        def __copy__(s): return 5\n        def __deepcopy__(s, memo): return len(memo)\n"
        "    y = x + 1\n    return copy.copy(A()), copy.deepcopy([A(), y]), y",
        "y = x + 1\n    return copy.deepcopy(y, {id(y): 3}), copy.copy(np.float64(2)), copy.deepcopy(np.sum)",
    ],
)
def test_left_to_python(body):
    same(BEFORE + body)
