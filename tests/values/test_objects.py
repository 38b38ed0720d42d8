"""Defaults of the values of functions, cells and iterators."""

from graphlet.values.base import Constant
from graphlet.values.objects import Cell, Function, Iterator

CODE = compile("1", "<here>", "eval")


def test_a_new_function_has_nothing() -> None:
    function = Function(CODE, None)
    assert (function.fn, function.defaults, function.kwdefaults, function.closure) == (None, (), {}, ())


def test_a_new_cell_is_empty() -> None:
    assert Cell().contents is None and not Cell().existed


def test_an_iterator_begins_at_the_first_item() -> None:
    assert Iterator((Constant(1),)).position == 0
