"""Attributes of functions, methods and partials, read and set in a region."""

import functools
import types
from typing import Any

import numpy as np
import pytest

import graphlet
from tests.oracle.runner import differential

X = np.arange(1.0, 7.0)


def wrapped_here(x: Any) -> Any:
    def deco(fn: Any) -> Any:
        @functools.wraps(fn)
        def inner(*args: Any) -> Any:
            "inner's own"
            return fn(*args) * 2

        return inner

    @deco
    def scaled(v: Any) -> Any:
        "What it does."
        return v + 1

    names = scaled.__name__, scaled.__qualname__, scaled.__doc__, scaled.__module__, scaled.__wrapped__.__name__
    return scaled(x) - scaled.__wrapped__(x), names, [*scaled.__dict__]


def made(x: Any) -> Any:
    def f(a: Any) -> Any:
        return a * x

    def g() -> None:
        "doc"

    f.factor = 3.0  # type: ignore[attr-defined]
    f.__name__ = "other"
    setattr(f, "more", x + 1)  # noqa: B010
    f.__dict__["third"] = 1
    missing = getattr(f, "absent", "none"), hasattr(f, "factor"), hasattr(f, "nothing"), hasattr(f, "__get__")
    try:
        f.absent  # type: ignore[attr-defined]  # noqa: B018
    except AttributeError:
        missing = (*missing, "raised")
    named = f.__name__, f.__qualname__, f.__doc__, g.__doc__, (lambda: 0).__name__
    return f(x) * f.factor + f.more, missing, named, f.__dict__, [*f.__dict__]  # type: ignore[attr-defined]


def helper(a: Any) -> Any:
    "The doc."
    return a * helper.weight  # type: ignore[attr-defined]


helper.weight = 4.0  # type: ignore[attr-defined]


def existing(x: Any) -> Any:
    named = helper.__name__, helper.__qualname__, helper.__doc__, helper.__module__
    return helper(x) + helper.weight, named, hasattr(helper, "absent"), getattr(helper, "absent", 5)  # type: ignore[attr-defined]


class Model:
    def __init__(self, k: Any) -> None:
        self.k = k

    def scaled(self, x: Any, by: float = 1.0) -> Any:
        "Scales."
        return x * self.k * by

    twice = functools.partialmethod(scaled, by=2.0)
    of = functools.partialmethod(lambda self, a, b: a * self.k + b, 2.0)


def methods(x: Any) -> Any:
    model = Model(3.0)
    bound = model.scaled
    again = types.MethodType(Model.scaled, model)
    by_get = Model.scaled.__get__(model)
    same = bound.__self__ is model, bound.__func__ is Model.scaled, Model.scaled.__get__(None, Model) is Model.scaled
    names = bound.__name__, bound.__doc__, again.__qualname__
    return bound(x) + again(x) * by_get(x) + Model.scaled.__call__(model, x), same, names


def partial_methods(x: Any) -> Any:
    model = Model(x)
    return model.twice(x) + model.of(1.0) * model.of(b=x), model.twice.func.__name__


def partials(x: Any) -> Any:
    p = functools.partial(np.add, x)
    p.tag = "t"  # type: ignore[attr-defined]
    return p(x) * 2, p.tag, getattr(p, "none", 1), p.func is np.add, hasattr(p, "other")  # type: ignore[attr-defined]


FOLLOWED = [wrapped_here, made, existing, methods, partial_methods, partials]


@pytest.mark.parametrize("fn", FOLLOWED)
def test_callables_are_followed(fn: Any) -> None:
    differential(fn, (X,), (X[:4],), native=0.9)
    assert not graphlet.explain(fn)(X).breaks


MODEL = Model(2.0)


def of_an_existing_object(x: Any) -> Any:
    y = x + 1
    return MODEL.twice(y) * MODEL.of(3.0) - x


def test_partial_methods_of_an_object_that_was_there_before() -> None:
    differential(of_an_existing_object, (X,), (X[:4],), native=0.9)


def refused(x: Any) -> Any:
    found = []
    y = x * 2

    def f() -> Any:
        return y

    for name, value in (("__name__", 3), ("__defaults__", (1,)), ("__code__", 1), ("__globals__", {})):
        try:
            setattr(f, name, value)
        except (TypeError, AttributeError) as error:
            found.append(str(error))
    try:
        MODEL.scaled.tag = 1  # type: ignore[attr-defined]
    except AttributeError as error:
        found.append(str(error))
    try:
        types.MethodType(f, None)
    except TypeError as error:
        found.append(str(error))
    nested = functools.partial(functools.partial(max, 1), 2)
    return f() + 1, found, nested.func is max, nested.args


def counted(x: Any) -> Any:
    y = x + 1
    counted.calls = getattr(counted, "calls", 0) + 1  # type: ignore[attr-defined]
    return y * 2


def test_what_python_refuses_or_others_may_see() -> None:
    differential(refused, (X,), (X[:4],))
    differential(counted, (X,), (X[:4],))


def test_what_a_function_is_called_is_guarded() -> None:
    def renamed(x: Any) -> Any:
        y = x + 1
        return y * 2, helper.__name__, helper.weight  # type: ignore[attr-defined]

    fast = graphlet.optimize(renamed)
    for _ in range(4):
        fast(X)
    before = helper.__name__, helper.weight  # type: ignore[attr-defined]
    helper.__name__, helper.weight = "another", 9.0  # type: ignore[attr-defined]
    try:
        assert fast(X)[1:] == renamed(X)[1:] == ("another", 9.0)
    finally:
        helper.__name__, helper.weight = before  # type: ignore[attr-defined]
    assert fast(X)[1:] == before
