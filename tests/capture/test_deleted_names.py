"""``del`` of global names and of variables that inner functions share."""

import pytest

from tests.capture.programs import same, share, whole_and_same

WHOLE = {
    "a cell": """
args = (X,)
def f(x):
    y = x * 2
    h = lambda: y + 1
    z = h()
    del y
    return z * 2
""",
    "a cell that is set again": """
args = (X,)
def f(x):
    y = x * 2
    h = lambda: y + 1
    del y
    y = x - 1
    return h() * 2
""",
    "an argument": """
args = (X, X * 3)
def f(x, y):
    h = lambda: y + 1
    z = h()
    del y
    w = z * x
    return w
""",
    "in a callee": """
args = (X,)
def g(x):
    y = x * 2
    z = [y for _ in (lambda: y)()[:1]]
    del y
    return x * 3
def f(x): return g(x) + 1
""",
    "by an inner function": """
args = (X,)
def f(x):
    y = x * 2
    def g():
        nonlocal y
        z = y + 1
        del y
        return z
    return g() * 2
""",
}


@pytest.mark.parametrize("name", WHOLE)
def test_whole(name: str) -> None:
    whole_and_same(WHOLE[name])


GLOBALS = {
    "deleted": """
n = 2.0
args = (X,)
def f(x):
    global n
    y = x * n
    del n
    return y + 1
""",
    "an array": """
w = X * 1
args = (X,)
def f(x):
    global w
    y = x * w
    del w
    return y + 1
""",
    "set and deleted": """
n = 2.0
args = (X,)
def f(x):
    global n
    n = n + 1
    y = x * n
    del n
    return y
""",
    "by a callee": """
n = 2.0
args = (X,)
def g(y):
    global n
    z = y * n
    del n
    return z
def f(x): return g(x) + 1
""",
}
AGAIN = """
f_ = f
def f(x):
    globals()['n'] = globals()['w'] = 3.0
    return f_(x), sorted(k for k in globals() if k in 'nw')
"""


@pytest.mark.parametrize("name", GLOBALS)
def test_globals(name: str) -> None:
    same(GLOBALS[name], "n = 2.0\nw = X * 1")
    assert share(GLOBALS[name])[1] == 1.0


@pytest.mark.parametrize("name", GLOBALS)
def test_globals_are_gone(name: str) -> None:
    """What deletes is optimised, too, where a plain function calls it."""
    source = "import graphlet\n" + GLOBALS[name].replace("def f(x)", "@graphlet.optimize\ndef f(x)") + AGAIN
    same(source, "n = w = 7.0")


LEFT = {
    "read behind it": """
n = 2.0
args = (X,)
def f(x):
    global n
    y = x * n
    del n
    try:
        y = y * n
    except NameError as e:
        y = y - 1, str(e)
    n = 3.0
    return y
""",
    "set behind it": """
n = 2.0
m = 1.0
args = (X,)
def f(x):
    global n
    y = x * n
    del n
    n = 4.0
    return y * n, list(globals())[-1]
""",
    "a builtin behind it": """
len = lambda x: 2.0
args = (X,)
def f(x):
    global len
    y = x * len(x)
    del len
    z = y * len(x)
    len = lambda x: 2.0
    return z
""",
    "what says goodbye": """
class Loud:
    def __del__(self): print('gone')
n = Loud()
args = (X,)
def f(x):
    global n
    y = x * 2
    del n
    y = y + 1
    n = Loud()
    return y
""",
    "a cell with nothing in it": """
args = (X, False)
def f(x, c):
    h = lambda: y
    if c: y = 1
    z = x * 2
    try:
        del y
    except NameError as e:
        return z, str(e)
    return z + 1
""",
    "a cell read behind it": """
args = (X,)
def f(x):
    y = x * 2
    h = lambda: y
    del y
    z = x + 1
    try:
        h()
    except NameError as e:
        return z, str(e)
""",
    "a cell of an enclosing function": """
args = (X,)
def outer():
    y = X * 2
    def inner(x):
        nonlocal y
        z = x * y
        del y
        w = z + 1
        y = x
        return w
    return inner
f = outer()
""",
    "a cell behind a break": """
args = (X,)
def f(x):
    y = x * 2
    h = lambda: y
    print('here')
    z = y * 3
    del y
    print('there')
    try:
        return z * h()
    except NameError as e:
        return z + 1, str(e)
""",
}


@pytest.mark.parametrize("name", LEFT)
def test_what_is_seen_of_it(name: str) -> None:
    same(LEFT[name])
    same(LEFT[name], "import builtins; builtins.n = 9.0; n = 2.0")


LOOKS = ("'n' in d", "len(d)", "d.get('n')", "[k for k in d if k == 'n']", "d.pop('n', 5)", "sorted(d)", "{**d}['f']")


@pytest.mark.parametrize("before", ["", "w = len(d)", "w = 'n' in d", "w = d['n']", "w = sorted(d)"])
@pytest.mark.parametrize("change", ["del n", "n = n + 1"])
def test_the_dict_of_the_names_is_looked_at(change: str, before: str) -> None:
    """Under another name it is the same dict."""
    for look in LOOKS:
        first = ("global n", "d = globals()", "y = x * n", before or "w = 0")
        lines = (*first, change, f"z = y + 1, {look}, w", "n = 2.0", "return z")
        same("n = 2.0\nargs = (X,)\ndef f(x):\n    " + "\n    ".join(lines))
