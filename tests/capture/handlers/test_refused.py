"""Statements that end a region: each with its code, and the region in front of it kept."""

import numpy as np
import pytest

from tests.capture.playing import ops, stopped

X = np.linspace(0.1, 1.0, 5)


def with_block(x, lock):
    y = x + 1
    with lock:
        y = y * 2
    return y


def sets_global_for_the_first_time(x, lock):
    global never_there
    y = x + 1
    never_there = y
    return y


def deletes_item(x, lock):
    y = x + 1
    del lock["k"]
    return y


def deletes_attribute(x, lock):
    y = x + 1
    del lock.value
    return y


def imports(x, lock):
    y = x + 1
    import this_module_was_never_imported

    return y * this_module_was_never_imported.pi


def raises(x, lock):
    y = x + 1
    if y.ndim == 1:
        raise ValueError("one dimension")
    return y


def defines_class(x, lock):
    y = x + 1

    class Inner:
        pass

    return y, Inner


_namespace: dict = {}
# as text, since pytest rewrites asserts
exec("def asserts(x, lock):\n    y = x + 1\n    assert y.ndim == 2\n    return y", _namespace)
asserts = _namespace["asserts"]


@pytest.mark.parametrize(
    ("function", "code"),
    [
        (with_block, "GL103"),
        (sets_global_for_the_first_time, "GL104"),
        (deletes_item, "GL104"),
        (deletes_attribute, "GL104"),
        (imports, "GL103"),
        (raises, "GL111"),
        (asserts, "GL111"),
        (defines_class, "GL103"),
    ],
    ids=lambda v: getattr(v, "__name__", v),
)
def test_statement_ends_the_region(function, code: str) -> None:
    assert ops(stopped(function, X, object(), code=code)) == ["add"]
