"""From values to nodes and back."""

import numpy as np
import pytest

from graphlet.capture.arrays_nodes import hinted, is_literal, is_pinnable
from graphlet.ir.types import ArrayType, ScalarType, Sym
from graphlet.values.base import Array, Constant, Scalar, Sequence, Slice, Storage
from tests.arrayops.cases import filled
from tests.capture.array_programs import whole
from tests.capture.playing import captured, stopped

NUMBER = Scalar(ScalarType(int), hint=3)
ARRAY = Array(ArrayType(np.dtype("d"), (Sym("n", 4),)), Storage(None, existed=True))


def test_literals():
    for value in (1, 2.5, "f4", None, Ellipsis, slice(1, 2), (1, (2, None)), np.float32(1), np.dtype("d"), float):
        assert is_literal(value)
    assert not is_literal(object()) and not is_literal((1, object()))


def test_hints():
    assert hinted(NUMBER) == 3 and hinted(ARRAY) is ARRAY.type
    assert hinted(Scalar(ScalarType(int), hint=2**80)) == ScalarType(int)
    assert hinted(Scalar(ScalarType(float), hint=2.5)) == ScalarType(float)
    none = Constant(None)
    assert hinted(Sequence("tuple", (NUMBER, Slice(none, NUMBER, none)))) == (3, slice(None, 3, None))


def test_what_may_be_guarded_by_value():
    assert is_pinnable(NUMBER) and is_pinnable(Sequence("tuple", (Constant(1), NUMBER)))
    assert not is_pinnable(Scalar(ScalarType(float), hint=2.5)) and not is_pinnable(ARRAY)


def test_new_sizes_are_known_for_the_example():
    outcome = captured(lambda a, n: a[1:n] * np.zeros((n - 1, 1)), filled((4, 5)), 3)
    assert [node.type.shape_hint for node in outcome.graph.nodes if node.name == "getitem"] == [(2, 5)]


def test_sizes_that_do_not_fit_the_example_are_refused():
    stopped(lambda a, n: a[1:n] * 2 * np.zeros((n, 1)), filled((4, 5)), 3, code="GL107")
    stopped(lambda a, n: (a * 2).reshape(n, -1), filled((4, 5)), 3, code="GL107")


def test_several_results_become_a_tuple():
    whole(lambda a: np.modf(a)[0] + np.frexp(a)[1], filled((3,)))


@pytest.mark.parametrize("bad", [object(), "text", {1: 2}], ids=["object", "text", "dict"])
def test_arguments_that_are_no_numbers(bad):
    outcome = captured(lambda a, bad: np.maximum(a * 2, bad), filled((3,)), bad)
    assert outcome.break_ is not None
