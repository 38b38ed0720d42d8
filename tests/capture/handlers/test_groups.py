"""``except*`` and groups of exceptions."""

import contextlib
import sys
from typing import Any

import numpy as np
import pytest

import graphlet
from tests.oracle.runner import differential

X = np.arange(1.0, 7.0)


class Own(ValueError):
    def __init__(self, x: Any) -> None:
        super().__init__("own")
        self.x = x


def taken_apart(x: Any) -> Any:
    z = x * 2
    try:
        raise ExceptionGroup("e", [ValueError(1), KeyError("k"), Own(x), ExceptionGroup("in", [Own(z), TypeError()])])
    except* ValueError as g:
        z = z + len(g.exceptions) + g.exceptions[1].x + g.exceptions[2].exceptions[0].x  # type: ignore[attr-defined]
        found: list[Any] = [g.message, [type(e) for e in g.exceptions], type(g), g.exceptions is g.exceptions]
    except* (KeyError, TypeError) as g:  # type: ignore[misc]
        found += [g.message, [type(e) for e in g.exceptions], len(g.args)]  # type: ignore[attr-defined]
    except* OSError:
        z = z * 100
    return z + x, found


def nothing_raised(x: Any) -> Any:
    try:
        z = x * 2
    except* ValueError:
        z = x
    else:
        z = z + 1
    finally:
        x = x + 1
    return z * x


def naked(x: Any) -> Any:
    try:
        z = x * 2
        raise KeyError("k")
    except* TypeError:
        z = x
    except* LookupError as g:
        z = z + len(g.exceptions)
        found = type(g), g.message, type(g.exceptions[0]), g.exceptions[0].args
    return z * 2, found


def what_is_left(x: Any) -> Any:
    z = x + 1
    inner = ExceptionGroup("in", [TypeError("t")])
    group = ExceptionGroup("g", [ValueError("v"), KeyError("k"), inner])
    try:
        try:
            raise group
        except* ValueError:
            z = z * 2
    except ExceptionGroup as left:
        found = left is group, [type(e) for e in left.exceptions], left.message, left.exceptions[1] is inner
    try:
        try:
            raise group
        except* OSError:
            z = z * 100
    except ExceptionGroup as left:
        found = (*found, left is group, left.exceptions[0] is group.exceptions[0], left.exceptions[2] is inner)
    try:
        try:
            raise KeyError("alone")
        except* OSError:
            z = z * 100
    except KeyError as error:
        found = (*found, error.args)
    return z + x, found


def raised_in_a_clause(x: Any) -> Any:
    z = x + 1
    found: list[Any] = []
    try:
        try:
            raise ExceptionGroup("g", [ValueError("v"), KeyError("k")])
        except* ValueError:
            z = z * 2
            raise TypeError("one")  # noqa: B904
    except ExceptionGroup as group:
        found += [group.message, [type(e) for e in group.exceptions], group.exceptions[1].message]  # type: ignore[attr-defined]
    try:
        try:
            raise ExceptionGroup("g", [ValueError("v")])
        except* ValueError:
            raise TypeError("one")  # noqa: B904
    except TypeError as error:
        found += [error.args]
    try:
        try:
            raise ValueError("alone")
        except* ValueError:
            raise EOFError("two")  # noqa: B904
    except EOFError as error:
        found += [type(error)]
    return z + x, found


def methods(x: Any, match: Any = None, rest: Any = None) -> Any:
    z = x * 2 + 1
    group = ExceptionGroup("g", [ValueError("v"), ExceptionGroup("h", [KeyError("k"), ValueError("w")])])
    match, rest = group.split(ValueError)
    none = group.split(OSError)
    whole = group.subgroup((ValueError, KeyError))
    found = [len(match.exceptions), rest.exceptions[0].message, none[0], none[1] is not None, whole is group]
    found += [group.subgroup(OSError), group.split(ExceptionGroup)[0] is group, isinstance(group, ExceptionGroup)]
    return z * len(group.exceptions) + len(match.exceptions[1].exceptions), found


def nested(x: Any) -> Any:
    z = x * 2
    for kind in (KeyError, ValueError):
        try:
            try:
                z = z + 1
                raise kind("k")
            except* KeyError:
                z = z * 2
        except ValueError:
            z = z * 3
    return z + x


FOLLOWED = [taken_apart, nothing_raised, naked, what_is_left, raised_in_a_clause, methods, nested]


@pytest.mark.parametrize("fn", FOLLOWED)
def test_groups_are_followed(fn: Any) -> None:
    differential(fn, (X,), (X[:4],), native=0.9)
    assert not graphlet.explain(fn)(X).breaks


def raised_again(x: Any) -> Any:
    z = x + 1
    try:
        try:
            raise ExceptionGroup("g", [ValueError("v"), KeyError("k"), TypeError("t")])
        except* ValueError:
            z = z * 2
            raise
        except* KeyError as group:
            raise group.exceptions[0]  # noqa: B904
    except ExceptionGroup as left:
        return z + x, repr(left)
    return z


def uncaught(x: Any) -> Any:
    z = x + 1
    try:
        raise ExceptionGroup("g", [ValueError("v"), KeyError("k")])
    except* ValueError:
        z = z * 2
    return z


def of_groups(x: Any) -> Any:
    z = x + 1
    try:
        raise ExceptionGroup("g", [ValueError("v")])
    except* ExceptionGroup:  # type: ignore[misc]
        z = z * 2
    return z


def odd(x: Any) -> Any:
    z = x * 2
    found: list[Any] = []
    for make in (
        lambda: ExceptionGroup("g", []),
        lambda: ExceptionGroup("g", [1]),  # type: ignore[list-item]
        lambda: ExceptionGroup(1, [ValueError()]),  # type: ignore[call-overload]
        lambda: ExceptionGroup("g", [KeyboardInterrupt()]),  # type: ignore[type-var]
        lambda: BaseExceptionGroup("g", [KeyboardInterrupt(), ValueError()]),
        lambda: BaseExceptionGroup("g", [ValueError()]),
        lambda: ExceptionGroup("g", (error for error in [ValueError()])),  # type: ignore[arg-type]
        lambda: ExceptionGroup("g", [ValueError(), TypeError()]).split(lambda e: isinstance(e, ValueError)),
    ):
        try:
            found.append(repr(make()))
        except (TypeError, ValueError) as error:
            found.append(str(error))
    try:
        raise ExceptionGroup("g", [ValueError("v")])
    except* ValueError as group:
        found.append((str(group), group.__traceback__ is None, sys.exception() is group))
    try:
        raise ValueError("alone")
    except* ValueError as group:
        found.append((str(group), group.exceptions[0].__traceback__ is None, sys.exception() is group))
    with contextlib.suppress(ValueError, BaseExceptionGroup):
        raise ExceptionGroup("g", [ValueError("v")])
    return z + 1, found


@pytest.mark.parametrize("fn", [raised_again, uncaught, of_groups, odd])
def test_others(fn: Any) -> None:
    differential(fn, (X,), (X[:4],), rounds=4)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="suppress looks into groups from 3.12 on")
def test_suppressed_in_groups() -> None:
    def suppressed(x: Any) -> Any:
        z = x * 2
        with contextlib.suppress(ValueError):
            raise ExceptionGroup("g", [ValueError("v"), ExceptionGroup("h", [Own(x)])])
        try:
            with contextlib.suppress(ValueError):
                raise ExceptionGroup("g", [ValueError("v"), KeyError("k")])
        except ExceptionGroup as left:
            z = z + len(left.exceptions)
        return z + x

    differential(suppressed, (X,), (X[:4],), native=0.9)
    assert not graphlet.explain(suppressed)(X).breaks
