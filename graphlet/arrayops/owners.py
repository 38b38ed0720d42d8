"""Rows whose new arrays own their memory: some of NumPy's functions return views of an array that nobody else holds."""

from graphlet.ir.op import FRESH, Op

_KINDS = frozenset({"elementwise", "creation", "reduction"})
_NAMES = frozenset(
    (
        *("arange", "argsort", "array", "astype", "column_stack", "concatenate", "convolve", "copy", "cumprod"),
        *("cumsum", "diff", "dot", "dstack", "empty", "empty_like", "eye", "flatten", "full", "full_like", "hstack"),
        *("identity", "inner", "interp", "matmul", "ones", "ones_like", "outer", "partition", "power", "repeat"),
        *("round", "sort", "stack", "tril", "triu", "vstack", "where", "zeros", "zeros_like"),
    )
)


def owns(row: Op) -> bool:
    """Whether every array this row makes has no base and owns its data."""
    if row.kind == "scalar":
        return False
    return row.alias == FRESH and row.mutates is None and (row.kind in _KINDS or row.name in _NAMES)
