"""Exceptions that are certain to come: made, raised, caught in the region; and those that are seen from outside."""

import sys
from typing import Any

import numpy as np
import pytest

import graphlet
from tests.capture.playing import whole
from tests.oracle.runner import differential

X = np.arange(1.0, 7.0)


class Told(Exception):
    def __init__(self, k: Any, *rest: Any) -> None:
        super().__init__(k, *rest)
        self.k = k


class Narrow(ValueError):
    pass


TABLE = {"a": 1}


def own_class(x: Any) -> Any:
    y = x + 1
    try:
        raise Told(3, "t")
    except Told as e:
        y = y * e.k + len(e.args)
    return y


def narrow(x: Any) -> Any:
    y = x + 1
    try:
        raise Narrow
    except (TypeError, ValueError) as e:
        y = y * 2
        return y, str(e), f"{e}", e.args, isinstance(e, ValueError), type(e) is Narrow


def text(x: Any) -> Any:
    try:
        raise ValueError("abc")
    except KeyError:
        return x
    except ValueError as e:
        return x * 2, str(e), e.args, f"{e}!"


def again(x: Any) -> Any:
    y = x + 1
    try:
        try:
            raise ValueError("abc")
        except ValueError:
            y = y * 2
            raise
    except ValueError:
        y = y + 5
    return y


def looped(x: Any) -> Any:
    out = []
    for k in ("a", "b", "c"):
        try:
            v = {"a": 1, "b": 2}[k]
        except KeyError:
            out.append(x * 7)
            continue
        finally:
            x = x + 1
        out.append(x * v)
    for k in range(5):
        try:
            if k == 2:
                break
            x = x + k
        finally:
            x = x * 2
    else:
        x = x * 100
    return out, x


def in_callees(x: Any) -> Any:
    def plain(v: Any) -> Any:
        try:
            return v * 2
        finally:
            v = v + 1

    def caught(v: Any) -> Any:
        try:
            raise ValueError
        except ValueError:
            return v * 3
        finally:
            v = v - 1

    def deep(v: Any) -> Any:
        def deeper(w: Any) -> Any:
            if w.ndim == 1:
                raise LookupError(w * 2)
            return w

        try:
            return deeper(v)
        except IndexError:
            return v * 100

    def cleans(v: Any, seen: Any) -> Any:
        try:
            raise ValueError("a")
        finally:
            seen.append(v * 2)

    seen: list[Any] = []
    try:
        result = deep(x + 1)
    except LookupError as e:
        result = e.args[0] + 1
    try:
        cleans(x, seen)
    except ValueError as e:
        return plain(x) + caught(x), result, seen, e.args
    return x


def retried(x: Any) -> Any:
    n = 0
    while True:
        try:
            n += 1
            if n < 3:
                raise RuntimeError("again")
            return x * n
        except RuntimeError:
            x = x + 1


def of_builtins(x: Any) -> Any:
    found = []
    y = x * 2
    try:
        k = TABLE["zz"]
    except KeyError as e:
        k = e.args[0]
    found.append(k)
    try:
        n = x.shape[1]
    except IndexError:
        n = 1
    try:
        a, b = x.shape
    except ValueError:
        (a,), b = x.shape, 1
    try:
        k = int("q")
    except ValueError:
        k = 4
    try:
        k += "a".index("b")
    except ValueError:
        k += 1
    try:
        k = 3 // (x.ndim - 1)
    except ZeroDivisionError:
        k += 7
    try:
        y.foo()
    except AttributeError:
        y = y + 1
    try:
        next(iter([]))
    except StopIteration:
        y = y * 3
    try:
        {1, 2}.remove(3)
    except KeyError:
        y = y - 1
    try:
        [].pop()
    except IndexError:
        y = y - 2
    try:
        y = y + ("a" + 1)  # type: ignore[operator]
    except TypeError:
        y = y - 3
    return y * n * a * b * k, found


def wrong_calls(x: Any) -> Any:
    def f(a: Any, b: Any) -> Any:
        return a + b

    y = x + 1
    try:
        return f(y)  # type: ignore[call-arg]
    except TypeError:
        pass
    try:
        return f(y, c=1, b=2)  # type: ignore[call-arg]
    except TypeError:
        y = y * 2
    try:
        return f(y, 1, 2)  # type: ignore[call-arg]
    except TypeError:
        return y * 3


ASSERTED: dict[str, Any] = {}  # compiled here: pytest rewrites the assertions of this file
exec(
    "def asserted(x):\n    y = x + 1\n    try:\n        assert x.ndim == 2, 'bad'\n"
    "    except AssertionError as e:\n        return y * 2, str(e)\n",
    ASSERTED,
)


FOLLOWED = [own_class, narrow, text, again, looped, in_callees, retried, of_builtins, wrong_calls, ASSERTED["asserted"]]


@pytest.mark.parametrize("fn", FOLLOWED)
def test_caught_in_the_region(fn: Any) -> None:
    assert differential(fn, (X,), (X[:4],), rounds=4).last_share.native > 0.9
    whole(fn, X)


def escapes(x: Any) -> Any:
    y = x + 1
    try:
        raise ValueError("abc")
    except ValueError as e:
        kept = e
    return y * 2, str(kept), kept.__traceback__ is not None, repr(kept)


def in_context(x: Any) -> Any:
    y = x + 1
    try:
        try:
            raise ValueError("abc")
        except ValueError as v:
            raise KeyError("q") from v
    except KeyError as e:
        return y * 2, repr(e.__context__), repr(e.__cause__), e.__suppress_context__


def told_by_sys(x: Any) -> Any:
    y = x + 1
    try:
        raise ValueError("abc")
    except ValueError:
        kind = sys.exc_info()[0]
    return y * 2, kind


def uncaught(x: Any) -> Any:
    y = x + 1
    try:
        y = y * 2
        if x.shape[0] > 4:
            raise ValueError(f"out {x.shape[0]}")
    finally:
        y = y + 1
    assert y.ndim == 2, f"bad {x.ndim}"
    return y


def replaced_by_finally(x: Any) -> Any:
    def h(v: Any) -> Any:
        try:
            raise ValueError
        finally:
            return v * 4  # noqa: B012

    return h(x)


def unbound_behind(x: Any) -> Any:
    y = x + 1
    e = 5
    try:
        raise KeyError
    except KeyError as e:  # noqa: F841
        pass
    try:
        return y, e
    except UnboundLocalError:
        return y * 2


def of_stop_iteration(x: Any) -> Any:
    import functools

    def f(v: Any) -> Any:
        raise StopIteration

    y = x + 1
    found = [list(map(f, [1, 2]))]
    try:
        functools.reduce(lambda a, b: a + b, [])
    except TypeError:
        return y * 2, found
    except StopIteration:
        return y * 100


def group(x: Any) -> Any:
    y = x + 1
    try:
        raise ExceptionGroup("g", [ValueError(1)])
    except* ValueError:
        y = y * 2
    return y + 1


def odd_classes(x: Any) -> Any:
    y = x * 2
    found = []
    for kind in (OSError, UnicodeError, ImportError, np.exceptions.AxisError):
        try:
            raise kind(2, "no")
        except Exception as e:
            found.append(type(e).__name__)
    try:
        raise len(found)  # type: ignore[misc]
    except TypeError:
        pass
    try:
        try:
            raise KeyError
        except found:  # type: ignore[misc]
            pass
    except TypeError:
        y = y + 1
    return y, found


SEEN = [
    escapes, in_context, told_by_sys, uncaught, replaced_by_finally, unbound_behind, of_stop_iteration, group,
    odd_classes,
]  # fmt: skip


@pytest.mark.parametrize("fn", SEEN)
def test_seen_from_outside(fn: Any) -> None:
    differential(fn, (X,), (X[:4],), rounds=4)


def looked_up(x: Any, table: Any) -> Any:
    y = x + 1
    try:
        return y * table["k"]
    except KeyError:
        return y - 1


def test_whether_a_key_is_there_is_guarded() -> None:
    differential(looked_up, (X, {}), (X, {"k": 2}), (X, {"j": 2}), (X, {"k": 3, "j": 1}), native=0.5)


def narrowed(x: Any) -> Any:
    y = x + 1
    try:
        raise Narrow("q")
    except KeyError:
        return y * 2
    except ValueError:
        return y * 3


def test_the_order_of_classes_is_guarded() -> None:
    fast = graphlet.optimize(narrowed)
    for _ in range(3):
        assert np.array_equal(fast(X), (X + 1) * 3)
    Narrow.__bases__ = (KeyError,)
    try:
        assert np.array_equal(fast(X), (X + 1) * 2)
    finally:
        Narrow.__bases__ = (ValueError,)
    assert np.array_equal(fast(X), (X + 1) * 3)


class Partly:
    @property
    def wrong(self) -> Any:
        raise AttributeError("wrong")

    @property
    def bad(self) -> Any:
        raise ValueError("bad")


class Asking(Partly):
    def __getattr__(self, name: str) -> Any:
        return 5


def by_python(x: Any) -> Any:
    def failing() -> Any:
        yield 1
        yield 2
        raise ValueError("in between")

    @np.errstate(divide="ignore")
    def quietly(v: Any) -> Any:
        raise KeyError(len(v))

    def key(v: Any) -> Any:
        if v == 2:
            raise KeyError
        return v

    y = x * 2
    found: list[Any] = [0]
    numbers = [3, 2, 1]
    names: dict[Any, Any] = {}
    kept: set[Any] = set()
    for attempt in (
        lambda: found.extend(failing()),
        lambda: numbers.sort(key=key),
        lambda: quietly(x),
        lambda: kept.update(failing()),
        lambda: names.update((k, k) for k in failing()),
        lambda: found.append(getattr(Partly(), "wrong", 7)),
        lambda: found.append(hasattr(Partly(), "wrong")),
        lambda: found.append(Asking().wrong),
        lambda: found.append(Asking().bad),
        lambda: found.append(Partly().wrong),
    ):
        try:
            attempt()
        except (KeyError, ValueError, AttributeError) as error:
            found.append(type(error).__name__)
    match Partly():
        case Partly(wrong=3):
            y = y * 100
        case _:
            y = y + 1
    return y / (x - 1), found, numbers, names, sorted(kept)


def test_what_python_does_about_exceptions_by_itself() -> None:
    differential(by_python, (X,), (X[:3],), rounds=4)


def sorted_badly(x: Any) -> Any:
    numbers = [3, 2, 1]
    y = x * 2
    try:
        numbers.sort(key=lambda v: {3: 1}[v])
    except KeyError:
        y = y + len(numbers)
    return y, numbers


def extended_badly(x: Any) -> Any:
    def failing() -> Any:
        yield 1
        raise ValueError("in between")

    found: list[Any] = []
    y = x * 2
    try:
        found.extend(failing())
    except ValueError:
        y = y + len(found)
    return y, found


def asked_for(x: Any) -> Any:
    y = x * 2
    try:
        y = y + Asking().wrong
    except AttributeError:
        y = y * 100
    try:
        y = y + getattr(Partly(), "wrong", 7)
    except AttributeError:
        y = y * 100
    return y


def ended_by_a_function(x: Any) -> Any:
    def f(v: Any) -> Any:
        raise StopIteration

    y = x * 2
    try:
        for v in map(f, [1, 2]):
            y = y + v
        return y * 3
    except RuntimeError:
        return y * 100


@pytest.mark.parametrize("fn", [sorted_badly, extended_badly, asked_for, ended_by_a_function])
def test_one_by_one(fn: Any) -> None:
    differential(fn, (X,), (X[:3],), rounds=4)
