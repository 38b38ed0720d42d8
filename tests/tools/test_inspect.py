"""inspect, dis, typing, traceback and the like say of an optimised function what they say of the plain one."""

import dis
import functools
import inspect
import pydoc
import sys
import typing
from collections.abc import Callable
from types import FunctionType
from typing import Any

import numpy as np
import pytest

import graphlet

X = np.arange(6.0)
SCALE = 2.0


def scaled(x: np.ndarray, k: float = 2.0, *rest: Any, bias: int = 0, **more: Any) -> np.ndarray:
    """Scale.

    >>> scaled(1.0)
    2.0
    """
    y = x * k * SCALE + bias
    for r in rest:
        y = y + r
    return y


def closed(k: float) -> Callable[[Any], Any]:
    def inner(x: Any) -> Any:
        """Inner."""
        return x * k + SCALE

    return inner


def generating(x: Any) -> Any:
    for i in range(3):
        yield x * i


async def waiting(x: Any) -> Any:
    return x * 2


class Model:
    @functools.cached_property
    def k(self) -> float:
        return 2.0

    def run(self, x: Any) -> Any:
        """Run."""
        return x * self.k

    @classmethod
    def made(cls, x: Any) -> Any:
        return x + 1

    @staticmethod
    def fixed(x: Any) -> Any:
        return x + 2


FUNCTIONS = [scaled, closed(2.0), generating, waiting, Model.run, Model.fixed]


def flags(fn: Any) -> list[bool]:
    kinds = ("function", "generatorfunction", "coroutinefunction", "asyncgenfunction", "method", "builtin", "routine")
    return [getattr(inspect, f"is{kind}")(fn) for kind in kinds]


def raised_from(fn: Any) -> list[Any]:
    """The traceback of a call that fails."""
    try:
        result = fn("a", object())
        list(result) if inspect.isgenerator(result) else result.send(None)
    except Exception as error:
        tb = error.__traceback__.tb_next if error.__traceback__ else None
        return [(frame.f_code.co_name, line, frame.f_code.co_qualname) for frame, line in _walk(tb)]
    return []


def _walk(tb: Any) -> Any:
    while tb is not None:
        yield tb.tb_frame, tb.tb_lineno
        tb = tb.tb_next


ASKED: dict[str, Callable[[Any], Any]] = {
    "source": inspect.getsource,
    "lines": inspect.getsourcelines,
    "file": inspect.getsourcefile,
    "module": lambda fn: inspect.getmodule(fn).__name__,  # type: ignore[union-attr]
    "comments": inspect.getcomments,
    "doc": inspect.getdoc,
    "signature": lambda fn: str(inspect.signature(fn)),
    "full argument spec": inspect.getfullargspec,
    "closure variables": lambda fn: sorted(inspect.getclosurevars(fn).nonlocals.items()),
    "kinds": flags,
    "names": lambda fn: (fn.__name__, fn.__qualname__, fn.__module__, fn.__doc__),
    "defaults": lambda fn: (fn.__defaults__, fn.__kwdefaults__, fn.__annotations__),
    "type hints": typing.get_type_hints,
    "help": lambda fn: pydoc.plain(pydoc.render_doc(fn)),
    "lines of the code": lambda fn: sorted({line for _, _, line in fn.__code__.co_lines() if line}),
    "lines of instructions": lambda fn: sorted({line for _, line in dis.findlinestarts(fn.__code__) if line}),
    "code": lambda fn: (
        fn.__code__.co_name, fn.__code__.co_filename, fn.__code__.co_firstlineno, fn.__code__.co_flags,
        fn.__code__.co_varnames, fn.__code__.co_freevars, fn.__code__.co_argcount, fn.__code__.co_cellvars,
    ),
    "traceback": raised_from,
}  # fmt: skip


def copied(fn: Any) -> Any:
    copy = FunctionType(fn.__code__.replace(), fn.__globals__, fn.__name__, fn.__defaults__, fn.__closure__)
    copy.__kwdefaults__, copy.__qualname__, copy.__doc__ = fn.__kwdefaults__, fn.__qualname__, fn.__doc__
    copy.__annotations__ = fn.__annotations__
    return copy


def called(fn: Any) -> Any:
    """The function, called a few times."""
    for _ in range(4):
        result = fn(*((Model(), X) if "self" in inspect.signature(fn).parameters else (X,)))
        if inspect.isgenerator(result):
            list(result)
        elif inspect.iscoroutine(result):
            with pytest.raises(StopIteration):
                result.send(None)
    return fn


@pytest.mark.parametrize("fn", FUNCTIONS, ids=lambda fn: fn.__name__)
@pytest.mark.parametrize("what", ASKED)
def test_same_answer(what: str, fn: Any) -> None:
    plain = ASKED[what](copied(fn))
    fast = called(graphlet.optimize(copied(fn)))
    assert ASKED[what](fast) == plain
    with graphlet.enable(include=__name__):
        found = called(copied(fn))
        assert ASKED[what](found) == plain
    assert ASKED[what](found) == plain


def test_bound_methods() -> None:
    class Fast:
        run = graphlet.optimize(Model.run)
        made = classmethod(graphlet.optimize(Model.__dict__["made"].__func__))
        k = 2.0

    for name in ("run", "made"):
        bound, plain = getattr(Fast(), name), getattr(Model(), name)
        assert flags(bound) == flags(plain)
        assert inspect.getsource(bound) == inspect.getsource(plain)
        assert str(inspect.signature(bound)) == str(inspect.signature(plain))


def test_frames_seen_from_a_callee() -> None:
    seen: list[Any] = []

    def look(x: Any) -> Any:
        frame = sys._getframe(1)
        inside = {name: type(value).__name__ for name, value in frame.f_locals.items()}
        seen.append((inspect.getframeinfo(frame)[1:4], inside, frame.f_code.co_name, len(inspect.stack())))
        return x

    def caller(x: Any) -> Any:
        y = x * 2 + 1
        z = look(y) * 3
        total = 0.0
        for v in (y, z):
            total = total + look(v).sum()
        return total + y + z  # what is never read again may be gone from a frame that is looked at

    for fn in (caller, caller, graphlet.optimize(caller)):
        for _ in range(4):
            fn(X)
    plain, fast = seen[:12], seen[-12:]
    assert fast == plain
