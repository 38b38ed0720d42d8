"""Exceptions that come from outside while graphlet is at work, and what handlers and finalisers do meanwhile."""

import contextvars
import ctypes
import functools
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import numpy as np
import pytest

import graphlet
from graphlet import discover
from graphlet.core import outside
from graphlet.passes import pipeline
from graphlet.rewrite import install

X = np.linspace(0.5, 1.5, 9)
SECONDS = 10
pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="no such signals here")


class Stop(Exception):
    pass


def new(text: str = "x * 2.0 + 1.0") -> Callable[..., object]:
    """A function with code of its own, which nobody has compiled."""
    namespace: dict[str, Callable[..., object]] = {"np": np}  # type: ignore[dict-item]
    exec(f"def f(x):\n    return {text}\n", namespace)
    return namespace["f"]


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """``happens`` is called in the middle of learning, and where a function found by the hook gets its stubs."""
    found = SimpleNamespace(happens=lambda: None)

    def between(fn: Callable[..., object]) -> Callable[..., object]:
        def called(*args: object, **kwargs: object) -> object:
            found.happens()
            return fn(*args, **kwargs)

        return called

    monkeypatch.setattr(pipeline, "run", between(pipeline.run))
    monkeypatch.setitem(vars(discover.install), "attach", between(install.attach))  # loaded lazily, it keeps that
    return found


@pytest.fixture
def alarm() -> Iterator[Callable[[Callable[..., None]], Callable[[], None]]]:
    """Installs a handler; gives what makes the signal come."""
    before = signal.getsignal(signal.SIGALRM)

    def use(handler: Callable[..., None]) -> Callable[[], None]:
        signal.signal(signal.SIGALRM, handler)
        return lambda: signal.raise_signal(signal.SIGALRM)

    yield use
    signal.signal(signal.SIGALRM, before)


class Handlers:
    def method(self, *_: object) -> None:
        raise TimeoutError("too late")

    def __call__(self, *_: object) -> None:
        raise TimeoutError("too late")


def timeout(*_: object) -> None:
    raise TimeoutError("too late")


HANDLERS = [timeout, Handlers().method, Handlers(), functools.partial(timeout, 1), lambda *_: timeout()]


@pytest.mark.parametrize("handler", HANDLERS, ids=["function", "method", "object", "partial", "deeper"])
def test_what_a_signal_handler_raises_while_graphlet_learns_is_raised(meanwhile, alarm, handler) -> None:
    failures = graphlet.counters()["failures"]
    meanwhile.happens = alarm(handler)
    fast = graphlet.optimize(new())
    with pytest.raises(TimeoutError, match="too late") as caught:
        fast(X)
    files = {frame.filename for frame in traceback.extract_tb(caught.value.__traceback__)}
    assert files <= {__file__, "<string>"}
    assert caught.value.__context__ is None
    meanwhile.happens = lambda: None
    assert fast(X).tobytes() == (X * 2.0 + 1.0).tobytes()
    assert fast.graphlet.stats()["graphs"] == 1
    assert graphlet.counters()["failures"] == failures


def test_the_same_where_the_hook_finds_a_function(meanwhile, alarm) -> None:
    meanwhile.happens = alarm(timeout)
    fn = new()
    with graphlet.enable(), pytest.raises(TimeoutError, match="too late"):
        fn(X)


def test_the_same_in_a_backend(alarm) -> None:
    ring = alarm(timeout)

    def backend(graph, example_inputs):
        ring()
        return graph.forward

    with pytest.raises(TimeoutError, match="too late"):
        graphlet.optimize(new(), backend=backend)(X)


@pytest.mark.provokes_failures
def test_what_graphlet_raises_itself_is_a_failure(meanwhile) -> None:
    def fails() -> None:
        raise TimeoutError("its own")

    meanwhile.happens = fails
    with pytest.warns(graphlet.PerformanceWarning, match="GL901 .*TimeoutError: its own"):
        assert graphlet.optimize(new())(X).tobytes() == (X * 2.0 + 1.0).tobytes()


def test_whose_exceptions_are_whose() -> None:
    assert outside.is_of_the_program(Stop)
    for kind in (KeyError, np.linalg.LinAlgError, graphlet.GraphBreakError, graphlet.MismatchError):
        assert not outside.is_of_the_program(kind)
    assert outside.is_from_outside(KeyboardInterrupt())


def test_what_a_handler_sets_is_set(meanwhile, alarm) -> None:
    variable = contextvars.ContextVar("variable", default=0)
    meanwhile.happens = alarm(lambda *_: variable.set(7) and None)
    state = np.geterr()
    graphlet.optimize(new())(X)
    assert variable.get() == 7
    assert np.geterr() == state


def test_another_thread_does_not_wait_for_one_that_learns(meanwhile) -> None:
    """What runs in the first one meanwhile, a finaliser say, may wait for the second."""
    first, done, results = threading.current_thread(), threading.Event(), []

    def work() -> None:
        fast = graphlet.optimize(new("np.sqrt(x) * 3.0"))
        results.append(fast(X))
        done.set()

    def happens() -> None:
        if threading.current_thread() is first:
            second.start()
            assert done.wait(SECONDS)

    second = threading.Thread(target=work)
    meanwhile.happens = happens
    graphlet.optimize(new())(X)
    second.join()
    assert results[0].tobytes() == (np.sqrt(X) * 3.0).tobytes()


@pytest.mark.parametrize("kind", [Stop, SystemExit])
def test_what_is_thrown_into_a_thread_arrives_there(kind: type[BaseException]) -> None:
    """NumPy's functions in Python run inside the graph; that of an exception without a handler's frame is NumPy's."""
    fast = graphlet.optimize(new("np.median(x) + np.cross(x[:3], x[1:4]).sum()"))
    for _ in range(5):
        fast(X)
    ended: list[type[BaseException]] = []

    def work() -> None:
        try:
            while True:
                fast(X)
        except BaseException as error:
            ended.append(type(error))

    for _ in range(10):
        ended.clear()
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        for _ in range(20):  # one that lands where CPython or a region swallows it is thrown again
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(kind))
            thread.join(0.1)
            if not thread.is_alive():
                break
        assert ended == [kind]
    assert sys.exc_info() == (None, None, None)
