"""Whether arrays are in sight of a call: near modules, arguments, closures; far from all, never."""

import functools
import gc
import subprocess
import sys
import types
from collections import OrderedDict
from xml.etree import ElementTree

import numpy as np
import pytest

import graphlet
from graphlet import _evalframe, discover
from graphlet._sight import arrays_at_hand, arrays_in_sight, is_near
from graphlet.cache import original_code
from tests.hooks import armed, fresh

X = np.linspace(0.0, 1.0, 5)
NUMPY = {"__name__": "with_numpy", "np": np}


def far(source: str = "def f(x=None, *rest, k=None, **more):\n    return x + 1\n", name: str = "f", **namespace):
    return fresh(source, name, **{"__name__": "far", "__builtins__": {}, **namespace})


def sees(function: types.FunctionType, *arguments: object) -> bool:
    return arrays_in_sight(function, function.__code__, arguments)


class Holder:
    def __init__(self, value: object) -> None:
        self.value = value

    def method(self) -> None:
        pass


# as of a class made far from NumPy
Stranger = type("Stranger", (), {"__module__": "far", "__init__": Holder.__init__})


class TestNamespaces:
    @pytest.mark.parametrize("value", [np, np.linalg, np.sin, np.sum, np.ndarray, np.float64(1.0), X, np.dtype("f4")])
    def test_something_of_numpys(self, value: object) -> None:
        assert is_near({"__name__": "far", "thing": value})

    def test_what_comes_from_where_something_of_numpys_is(self) -> None:
        near = fresh("def g(): pass", "g", **NUMPY)
        assert is_near({"g": near})
        assert is_near({"h": fresh("def h(): pass", "h", g=near)})
        assert is_near({"graphlet": graphlet})
        assert is_near({"Holder": Holder})
        assert is_near({"one": Holder(3)})

    @pytest.mark.parametrize("value", [3, "np", sys, len, functools, OrderedDict(), Exception("x"), print, subprocess])
    def test_nothing_of_it(self, value: object) -> None:
        assert not is_near({"__name__": "far", "thing": value})

    def test_a_module_that_imports_numpy_later(self, monkeypatch: pytest.MonkeyPatch) -> None:
        module = types.ModuleType("late_with_numpy")
        monkeypatch.setitem(sys.modules, "late_with_numpy", module)
        assert not is_near(vars(module))
        module.np = np  # type: ignore[attr-defined]
        assert is_near(vars(module))

    def test_a_function_that_imports_numpy_itself(self) -> None:
        assert sees(far("def f():\n    import numpy as np\n    return np.ones(3)\n"))


class TestArguments:
    @pytest.mark.parametrize(
        "argument",
        [X, np.float64(2.0), [1, X], {"a": (1, X)}, Holder(1), Holder(1).method, Stranger(X), Stranger([X]), np.add],
    )
    def test_with_arrays(self, argument: object) -> None:
        assert sees(far(), 1, argument)

    @pytest.mark.parametrize("argument", [3, "x", [1, 2], {"a": (1, "b")}, Stranger(1), Stranger([1]), len, sys])
    def test_without(self, argument: object) -> None:
        assert not sees(far(), 1, argument)

    def test_closures(self) -> None:
        make = far("def make(k):\n    return lambda x: x * k\n", "make")
        assert sees(make(X), 1)
        assert not sees(make(1), 1)

    def test_an_empty_cell(self) -> None:
        inner = far("def make():\n    def f(): return f\n    g = f\n    del f\n    return g\n", "make")()
        assert not sees(inner)

    def test_objects_get_no_dict_from_being_looked_at(self) -> None:
        one = Stranger([1])
        before = len(gc.get_referents(one))
        assert not sees(far(), one)
        assert len(gc.get_referents(one)) == before
        assert not any(type(item) is dict for item in gc.get_referents(one))

    def test_lists_that_are_being_filled(self) -> None:
        kind = type("Builder", (ElementTree.TreeBuilder,), {"__module__": "far"})  # keeps a list with empty places
        builder = kind()
        assert any(type(item) is list and len(item) > 2 for item in gc.get_referents(builder))
        assert not sees(far(), builder)
        builder.start("a", {})
        builder.x = X
        assert sees(far(), builder)

    def test_types_without_a_namespace(self) -> None:
        positions = far().__code__.co_positions()  # of a class that 3.11 never made ready
        assert not sees(far(), *(type(value) for value in (iter([]), zip(), positions)), positions, object())

    def test_no_code_of_the_program_runs(self) -> None:
        ran = []

        class Meta(type):
            __module__ = property(lambda cls: ran.append("module"))  # type: ignore[assignment]

            def __getattribute__(cls, name: str) -> object:
                ran.append(name)
                return super().__getattribute__(name)

        class Talkative(metaclass=Meta):
            def __getattribute__(self, name: str) -> object:
                ran.append(name)
                return super().__getattribute__(name)

            @property
            def __dict__(self):  # type: ignore[override]
                ran.append("dict")
                return {}

            def __len__(self) -> int:
                ran.append("len")
                return 1

        one = Talkative()
        ran.clear()
        sees(far(), one, Talkative, [one])
        assert ran == []


@pytest.mark.skipif(not _evalframe.SUPPORTED, reason="frames of this CPython are not known")
class TestTheHook:
    def test_tells_the_arguments(self) -> None:
        told = []
        with armed(lambda _, code: (code.co_filename == "<string>" and told.append(_evalframe.arguments())) or None):
            far()(1, 2, k=3, z=4)
            list(far("def g(a, b=2):\n    c = lambda: a\n    yield b\n", "g")("x"))
        assert told[0] == (1, 3, (2,), {"z": 4})
        assert told[1] == ("x", 2)
        assert _evalframe.arguments() == ()

    def test_asks_again_so_often(self) -> None:
        f = far()
        with armed(lambda function, code: _evalframe.ask_later(code, 2) and None) as hook:
            for _ in range(5):
                f(1)
            assert hook.names == ["f"] * 3
        with armed(lambda function, code: None) as hook:
            _evalframe.forget_seen()
            f(1), f(1)
            assert _evalframe.ask_later(f.__code__, 1)
            assert not _evalframe.ask_later(f.__code__, 1)

    def test_after_some_calls_it_asks_more_rarely(self) -> None:
        f = far()
        asked = []
        with armed(lambda function, code: _evalframe.ask_later(code, discover.MAX_FURTHER_LOOKS) and None) as hook:
            for call in range(200):
                f(1)
                asked += [call] * (len(hook.names) > len(asked))
        assert asked == [0, 1, 3, 7, 15, 31, 63, 127]

    @pytest.mark.parametrize(("calls", "found"), [(1, True), (3, True), (15, True), (127, True), (128, False)])
    def test_functions_far_from_arrays_are_left_alone_until_they_get_some(self, calls: int, found: bool) -> None:
        f = far()
        with graphlet.enable():
            for _ in range(calls):
                f(1)
            assert f.__code__ is original_code(f.__code__)
            assert np.array_equal(f(X), X + 1)
            assert (f.__code__ is not original_code(f.__code__)) == found
            assert found or _evalframe.is_seen(f.__code__)


class TestAtHand:
    """Arrays themselves, which a loop may work on for hours; a module near NumPy is none."""

    @pytest.mark.parametrize("argument", [X, np.float64(2.0), [1, X], {"a": (1, X)}, Stranger([X]), Holder(X), np.add])
    def test_with_arrays(self, argument: object) -> None:
        assert arrays_at_hand(far(), far().__code__, (1, argument))

    @pytest.mark.parametrize("argument", [3, [1, 2], Holder(1), Stranger(1), arrays_at_hand, graphlet, len])
    def test_without(self, argument: object) -> None:
        f = far(near=Holder)
        assert sees(f)
        assert not arrays_at_hand(f, f.__code__, (1, argument))

    @pytest.mark.parametrize("source", ["def f(): return np.ones(3)", "def f():\n    import numpy as n\n    return n"])
    def test_what_names_numpy_itself(self, source: str) -> None:
        f = far(source, np=np)
        assert arrays_at_hand(f, f.__code__, ())

    def test_cells(self) -> None:
        def outer(value: object) -> types.FunctionType:
            return lambda: value

        assert arrays_at_hand(outer(X), outer(X).__code__, ())
        assert not arrays_at_hand(outer(1), outer(1).__code__, ())
