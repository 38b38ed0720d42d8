"""Modules: what depends on layouts and registers, and what does not."""

import pytest

from graphlet.backends.llvm_module import emit
from graphlet.backends.llvm_spec import Op, Spec

SUM = Spec(("f64", "f64"), (Op("add", (0, 1), ("f64",) * 3),), (2,))
LESS = Spec(("f32", "f64"), (Op("cast", (0,), ("f32", "f64")), Op("less", (2, 1), ("f64", "f64", "b8"))), (3,))


@pytest.mark.parametrize(("size", "width"), [(16, 2), (32, 4), (64, 8)])
def test_vectors_hold_as_many_as_the_widest_type_allows(size, width):
    assert f"<{width} x double>" in emit(SUM, "dd", size)
    assert f"<{width} x float>" in emit(LESS, "dd", size)


def test_what_stands_still_is_read_once_and_what_has_strides_one_by_one():
    assert emit(SUM, "0d", 32).count("load double") == 2
    assert emit(SUM, "sd", 32).count("load double") == 5 + 1


def test_arithmetic_keeps_its_flags_and_is_never_contracted():
    text = emit(SUM, "dd", 32)
    assert "constrained.fadd" in text
    assert "fast" not in text
    assert " fadd " not in text


def test_only_stored_results_whose_nan_may_be_another_are_looked_at():
    assert "is.fpclass" in emit(SUM, "dd", 32)
    assert "is.fpclass" not in emit(LESS, "dd", 32)
    assert "is.fpclass" not in emit(Spec(("f64",) * 2, (Op("divide", (0, 1), ("f64",) * 3),), (2,)), "dd", 32)


def test_stores_past_the_cache_are_of_whole_aligned_vectors():
    text = emit(SUM, "dd+", 64)
    assert text.count("align 64, !nontemporal !0") == 1
    assert text.count("!nontemporal") == 1
    assert "nontemporal" not in emit(SUM, "dd", 64)
