"""What each mode makes of a backend."""

from graphlet.backends.block import block
from graphlet.backends.eager import eager
from graphlet.backends.llvm import llvm
from graphlet.backends.llvm_tune import tuned
from graphlet.backends.modes import fast, in_mode
from graphlet.core.modes import DEFAULT, FAST, MAX_AUTOTUNE, MODES, REDUCE_OVERHEAD


def test_modes_of_the_backends() -> None:
    assert [in_mode(llvm, mode) for mode in (DEFAULT, REDUCE_OVERHEAD, MAX_AUTOTUNE, FAST)] == [llvm, llvm, tuned, fast]
    assert {in_mode(backend, mode) is backend for backend in (block, eager) for mode in MODES} == {True}
