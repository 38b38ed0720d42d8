"""What is kept per code object."""

import functools
import gc
import weakref

import pytest

from graphlet import _evalframe
from tests.hooks import fresh


class TestState:
    def test_kept_per_code_object(self):
        f = fresh("def f(): return 1")
        assert _evalframe.get_state(f.__code__) is None
        state = ["x"]
        _evalframe.set_state(f.__code__, state)
        assert _evalframe.get_state(f.__code__) is state
        assert _evalframe.get_state(f.__code__.replace()) is None
        _evalframe.set_state(f.__code__, None)
        assert _evalframe.get_state(f.__code__) is None

    def test_dies_with_the_code_object(self):
        class State:
            pass

        f = fresh("def f(): return 1")
        state = State()
        gone = weakref.ref(state)
        _evalframe.set_state(f.__code__, state)
        del state
        assert gone() is not None
        del f
        gc.collect()
        assert gone() is None

    def test_goes_when_replaced(self):
        class State:
            pass

        f = fresh("def f(): return 1")
        first = State()
        gone = weakref.ref(first)
        _evalframe.set_state(f.__code__, first)
        del first
        _evalframe.set_state(f.__code__, "second")
        assert gone() is None

    def test_a_state_that_looks_at_itself_when_dropped(self):
        code = fresh("def f(): return 1").__code__
        found = []

        class State:
            def __del__(self):
                found.append(_evalframe.get_state(code))
                _evalframe.set_state(code, "from del")

        _evalframe.set_state(code, State())
        _evalframe.set_state(code, "next")
        assert found == ["next"]
        assert _evalframe.get_state(code) == "from del"

    def test_a_state_with_a_finalizer_dies_while_an_exception_is_on_its_way(self):
        log = []

        class State:
            def __del__(self):
                log.append("gone")

        def f():
            code = fresh("def g(): return 1", "g").__code__
            _evalframe.set_state(code, State())
            raise KeyError("x")

        with pytest.raises(KeyError) as caught:
            f()
        del caught
        gc.collect()
        assert log == ["gone"]

    @pytest.mark.parametrize(
        "call", [_evalframe.get_state, _evalframe.skip, functools.partial(_evalframe.set_state, state=1)]
    )
    def test_belongs_to_code_objects(self, call):
        with pytest.raises(TypeError, match="expected a code object, got function"):
            call(fresh("def f(): return 1"))
