"""The module of a spec, as text in LLVM's language."""

from graphlet.backends.llvm_columns import ColumnWriter
from graphlet.backends.llvm_emit import StreamWriter, Writer
from graphlet.backends.llvm_rows import RowReducer
from graphlet.backends.llvm_spec import Spec
from graphlet.runtime._code import PAST_CACHE


def emit(spec: Spec, kinds: str, vector_bytes: int) -> str:
    """The module for these kinds of strides and a vector of so many bytes."""
    if kinds.endswith(PAST_CACHE):
        return StreamWriter(spec, kinds.removesuffix(PAST_CACHE), vector_bytes).module()
    writer = ColumnWriter if spec.columns else RowReducer if spec.reductions else Writer
    return writer(spec, kinds, vector_bytes).module()
