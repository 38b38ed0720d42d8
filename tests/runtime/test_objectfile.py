"""Object files: damage is found before anything runs."""

import struct

import pytest

from graphlet.backends.llvm_compile import compiled, text_of
from graphlet.backends.llvm_host import can_compile
from graphlet.backends.llvm_spec import Op, Spec
from graphlet.runtime.objectfile import BadObjectError, image_of

pytestmark = pytest.mark.skipif(not can_compile(), reason="no llvmlite for this machine")


@pytest.fixture(scope="module")
def data():
    ops = (Op("reciprocal", (0,), ("f64", "f64")), Op("absolute", (1,), ("f64", "f64")))
    return compiled(text_of(Spec(("f64",), ops, (2,)), "d"))


def test_code_and_constants_lie_in_one_image(data):
    image, entry = image_of(data, "stage")
    assert 0 <= entry < len(image)
    assert struct.pack("<d", 1.0) in image


def test_another_name_is_not_there(data):
    with pytest.raises(BadObjectError, match="there is no other"):
        image_of(data, "other")


@pytest.mark.parametrize("damage", ["", "not an object file at all", "cut"])
def test_what_is_no_object_file_is_refused(data, damage):
    with pytest.raises(BadObjectError):
        image_of(data[:200] if damage == "cut" else damage.encode(), "stage")


def test_wherever_it_is_cut_off_nothing_but_a_refusal_comes_of_it(data):
    for n in range(0, len(data), 7):
        with pytest.raises(BadObjectError):
            image_of(data[:n], "stage")
