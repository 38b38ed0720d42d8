"""How instructions are written, for one element and for vectors."""

import pytest

from graphlet.backends.llvm_text import Body


@pytest.mark.parametrize(
    ("width", "type_", "suffix", "one"),
    [(1, "double", "f64", "0x3FF0000000000000"), (4, "<4 x double>", "v4f64", "splat (double 0x3FF0000000000000)")],
)
def test_types_and_constants(width, type_, suffix, one):
    body = Body("a", width, {})
    assert (body.type("f64"), body.suffix("f64"), body.constant("f64", 1)) == (type_, suffix, one)


def test_a_called_intrinsic_is_declared_with_its_types():
    declared = {}
    body = Body("a", 2, declared)
    body.call("llvm.umax.v2i16", "<2 x i16>", f"<2 x i16> %x, <2 x i16> {body.constant('u16', 7)}")
    body.call("llvm.abs.v2i16", "<2 x i16>", "<2 x i16> %x, i1 false")
    assert declared == {
        "llvm.umax.v2i16": "declare <2 x i16> @llvm.umax.v2i16(<2 x i16>, <2 x i16>)",
        "llvm.abs.v2i16": "declare <2 x i16> @llvm.abs.v2i16(<2 x i16>, i1)",
    }


def test_truth_values_are_bytes_in_memory():
    body = Body("a", 4, {})
    loaded = body.load("b8", "%p")
    body.store("b8", loaded, "%q")
    assert body.lines == [
        "  %a1 = load <4 x i8>, ptr %p, align 1",
        "  %a2 = icmp ne <4 x i8> %a1, zeroinitializer",
        "  %a3 = zext <4 x i1> %a2 to <4 x i8>",
        "  store <4 x i8> %a3, ptr %q, align 1",
    ]
