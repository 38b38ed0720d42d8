"""Graphs as Python text: it runs, gives what the graph gives, and drops values early."""

import gc
import linecache
import traceback
from collections.abc import Callable

import numpy as np
import pytest

from graphlet.ir import pycode
from tests.ir.rows import ADD, COPY, GET, MUL, SET, SQRT, STORE, with_vectors
from tests.ir.test_graph import looped, small
from tests.ir.test_printer import everything


def test_code_is_runnable_python(golden: Callable[[str, str], None]) -> None:
    g = small()
    golden("code", g.code)
    namespace: dict = {}
    exec(g.code, namespace)
    x, y = np.arange(4.0), np.ones(4)
    got, want = namespace["forward"](x, y), g.forward(x, y)
    np.testing.assert_array_equal(got[0], want[0])
    assert got[1][1] is x
    assert got[2] == 3


def test_code_of_everything(golden: Callable[[str, str], None]) -> None:
    golden("code_everything", everything().code)


def test_source_names_what_it_cannot_import() -> None:
    made = pycode.source(everything())
    (name,) = (name for name in made.namespace if name.startswith("_ndarray"))
    assert f"# {name} is given: <float64 array of shape (4,)>" in made.text


@pytest.mark.parametrize("store", [SET, STORE])
def test_compiled_agrees_with_forward(store: object) -> None:
    b, x, y = with_vectors("x", "y")
    fresh = b.call(COPY, (x,))
    view = b.call(GET, (fresh, slice(1, 3)))
    b.call(store, (view, slice(None), -1.5))
    g = b.finish((b.call(MUL, (fresh, y)), b.current(fresh), b.current(view)))
    function = pycode.compiled(g)
    given = np.arange(4.0), np.full(4, 3.0)
    got, want = function(*given), g.forward(*given)
    for left, right in zip(got, want, strict=True):
        np.testing.assert_array_equal(left, right)
    assert got[2].base is got[1]
    assert given[0].tolist() == [0.0, 1.0, 2.0, 3.0]


def test_sub_graphs_become_functions(golden: Callable[[str, str], None]) -> None:
    g = looped()
    golden("code_sub_graphs", g.code)
    assert pycode.compiled(g)(np.arange(3.0))[0].tolist() == [1.0, 9.0, 17.0]


def test_compiled_code_does_not_look_at_what_the_user_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    b, x = with_vectors("x")
    function = pycode.compiled(b.finish((b.call(ADD, (x, 1.0)),)))
    monkeypatch.setattr(np, "add", None)
    assert function(np.zeros(2))[0].tolist() == [1.0, 1.0]


def test_values_are_dropped_early() -> None:
    b, x = with_vectors("x")
    value = x
    for _ in range(3):
        value = b.call(SQRT, (value,))
    b.call(MUL, (x, 2.0))
    lines = b.finish((value,)).code.splitlines()
    assert "    sqrt_1 = np.sqrt(sqrt); del sqrt" in lines
    assert "    multiply = np.multiply(x, 2.0); del multiply" in lines
    assert "    sqrt_2 = np.sqrt(sqrt_1); del sqrt_1" in lines


def test_tracebacks_show_the_text_while_the_function_lives() -> None:
    b, x, y = with_vectors("x", "y")
    function = pycode.compiled(b.finish((b.call(ADD, (x, y)),)), "demo")
    filename = function.__code__.co_filename
    with pytest.raises(ValueError, match="operands") as caught:
        function(np.zeros(2), np.zeros(3))
    assert "add = _add(x, y)" in "".join(traceback.format_exception(caught.value))
    del function, caught
    gc.collect()
    assert filename not in linecache.cache
