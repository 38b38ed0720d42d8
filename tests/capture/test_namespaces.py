"""Global names: read, and set by several functions of one module or of several."""

import pytest

from graphlet.capture.breaks import Break
from graphlet.capture.namespaces import load_global
from graphlet.capture.state import Scope
from tests.capture.programs import same, share, whole_and_same
from tests.capture.test_machine import machine


def test_globals_come_before_builtins() -> None:
    m = machine()
    assert load_global(m, Scope({"len": 1}, {"len": 2}), "len").example == 1
    assert load_global(machine(), Scope({}, {"len": 2}), "len").example == 2
    with pytest.raises(Break, match="GL117"):
        load_global(m, Scope({}, {}), "len")


def test_globals_that_are_no_plain_dict() -> None:
    class Odd(dict):
        def get(self, *args):
            raise AssertionError("user code ran")

    with pytest.raises(Break, match="GL103"):
        load_global(machine(), Scope(Odd(), {}), "len")


COUNTED = {
    "a number": "n = 0\nargs = (X,)\ndef f(x):\n    global n\n    n += 1\n    return x * n",
    "an array": "w = X * 1\nargs = (X,)\ndef f(x):\n    global w\n    w = w * 0.5 + x\n    return w - 1, w",
    "set by a callee": "n = 1.0\nargs = (X,)\ndef step(v):\n    global n\n    n = n * 2\n    return v * n\n"
                       "def f(x):\n    y = step(x) + n\n    return step(y) * n",
    "read by a callee": "n = 1.0\nargs = (X,)\ndef read(v): return v * n\ndef f(x):\n    global n\n    y = read(x)\n"
                        "    n = n + 1\n    z = read(y)\n    n = 2.5\n    return z + read(x)",
    "two names": "a, b = X * 1, X * 2\nargs = (X,)\ndef f(x):\n    global a, b\n    a, b = b, a + x\n    return a * b",
    "of another module": "ns = {'n': 2.0}\nexec('def step(v):\\n    global n\\n    n = n + 1\\n    return v * n', ns)\n"
                         "step = ns['step']\nargs = (X,)\ndef f(x): return step(x) + step(x)",
    "a dict": "table = {'a': X * 1}\nargs = (X,)\ndef f(x):\n    global table\n    table = {**table, 'a': x * 2}\n"
              "    return table['a'] + 1",
}
CHANGES = (
    "n = w = a = table = 5.0", "n = w = a = table = None", "n = w = a = b = X", "n = 3\nw = a = 2",
    "import types\nf = types.FunctionType(f.__code__, {**globals()})",
    "import types\nstep = read = types.FunctionType((lambda v: v - n).__code__, {'n': 7.0})",
    "import types\nstep = read = types.FunctionType((lambda v: v - n).__code__, globals())",
    "class Loud:\n    def __add__(s, o): return o\n    __mul__ = __rmul__ = __add__\n"
    "    def __del__(s): print('gone')\nn = w = a = Loud()",
)


@pytest.mark.parametrize("name", COUNTED)
def test_set(name):
    whole_and_same(COUNTED[name])


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", COUNTED)
def test_set_while_the_world_changes(name, change):
    same(COUNTED[name], change)


def test_the_first_time_is_left_to_the_interpreter():
    source = "args = (X,)\ndef f(x):\n    global new\n    y = x + 1\n    new = y\n    return new * 2"
    same(source)
    breaks, _ = share(source)
    assert breaks == ["GL104 the global `new` is set for the first time"]


def test_behind_a_deletion_it_is_the_first_time_again():
    same(COUNTED["a number"], "global n\ndel n\nimport builtins; builtins.n = 3; n = 4; del builtins.n")


def test_two_functions_whose_globals_may_be_one_dict_or_two():
    source = (
        "import types\nn = 1.0\nother = {'n': 10.0}\nread = types.FunctionType((lambda v: v * n).__code__, other)\n"
        "args = (X,)\ndef f(x):\n    global n\n    y = read(x)\n    n = n + 1\n    z = x * n\n    return y, z, read(x)"
    )
    same(source)
    same(source, "read = types.FunctionType(read.__code__, globals())")


def test_a_module_or_a_dict_that_is_the_namespace():
    source = (
        "import types\nn = 1.0\nmod = types.ModuleType('m')\nmod.n = 10.0\nd = {'n': 5.0}\nargs = (X,)\n"
        "def f(x):\n    global n\n    y = x + 1\n    n = n + 1\n    return y * mod.n, y * d['n'], y * n"
    )
    same(source)
    same(source, "d = globals()")
    same(source, "exec('', mod.__dict__)\nf = types.FunctionType(f.__code__, mod.__dict__)\nmod.mod, mod.d = mod, d")


def test_the_statements_before_one_that_raises_are_done():
    same("n = 0\nargs = (X,)\ndef f(x):\n    global n\n    y = x + 1\n    n += 1\n    return y + x[:2]")
