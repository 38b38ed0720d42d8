"""What a called function of NumPy's may signal besides exceptions: floating-point flags it asks for, and warnings.

Calls that may are guarded from them, which takes longer than many a small call itself.
"""

from collections.abc import Iterator
from typing import Any

from graphlet.arrayops.indexing import SETITEM, is_fancy
from graphlet.backends.block_checks import is_python_scalar
from graphlet.core.pristine import np
from graphlet.ir.graph import CALL_FUNCTION, Node
from graphlet.ir.node import map_nodes
from graphlet.ir.types import ArrayType, ObjectType, ScalarType

NUMBERS = (bool, int, float, complex)
QUIET = (np.empty, np.zeros, np.ones, np.empty_like, np.zeros_like, np.ones_like, np.eye, np.identity)
OWN = frozenset({"lies_the_same", "has_plain_strides"})  # look at where arrays lie
# Elements are moved or compared: nobody asks for flags, unless there is a cast.
FLAGLESS = frozenset(
    {
        *("copy", "reshape", "ravel", "flatten", "repeat", "tile", "roll", "rot90", "diag", "tril", "triu"),
        *("concatenate", "stack", "hstack", "vstack", "dstack", "column_stack", "append"),
        *("take", "getitem_fancy", "compress", "extract", "take_along_axis"),
        *("sort", "argsort", "lexsort", "partition", "argpartition", "searchsorted"),
        *("nonzero", "flatnonzero", "argwhere", "count_nonzero", "where"),
    }
)
# Issue no warning besides those about floating point.
SILENT = FLAGLESS | OWN | {
    *("sum", "prod", "max", "min", "any", "all", "argmax", "argmin", "cumsum", "cumprod", "matmul", "diff"),
    *("empty", "zeros", "ones", "empty_like", "zeros_like", "ones_like", "arange", "array", "eye", "identity"),
    *("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "power", "neg", "pos", "abs", "divmod", "round"),
    *("eq", "ne", "lt", "le", "gt", "ge", "and", "or", "xor", "size", "total_size"),
    *("any_linalg_solve", "solve", "inv", "det", "norm", "outer", "trace", "dot", "inner", "vdot"),
}


def needs_errstate(node: Node) -> bool:
    """Whether NumPy may find a floating-point flag that running the node raised."""
    if node.row is None or node.op != CALL_FUNCTION:
        return True
    if node.row.kind == "view" or node.target in QUIET or node.row.name in OWN:
        return False
    if node.row is SETITEM:
        return may_cast_stored(node.args[0].type.dtype, node.args[2])
    if node.row.name in FLAGLESS:
        return may_cast(node)
    return node.row.kind != "scalar" or not all(map(is_python_scalar, node.args))


def may_warn(node: Node) -> bool:
    """Whether running the node may issue a warning that is not about floating point."""
    if node.row is None:
        return True
    if node.row.kind == "view":
        return False
    is_silent = node.row.kind == "elementwise" or node.row.name in SILENT or has_basic_index(node)
    return not is_silent or any(map(is_date, (node, *node.inputs)))


def has_basic_index(node: Node) -> bool:
    """Whether a node is a store that goes where integers and slices say."""
    return node.row is SETITEM and not is_fancy(map_nodes(lambda part: part.type, node.args[1]))


def is_date(node: Node) -> bool:
    """Whether a node gives dates or times: NumPy has warnings of its own about those."""
    dtype = getattr(node.type, "dtype", None)
    return dtype is not None and dtype.kind in "mM"


def may_cast(node: Node) -> bool:
    """Whether numbers on their way through a node may be cast so that a flag is raised.

    Not if all that have a fraction are of one dtype, and that is no half: integers are exact in the others, or rounded.
    """
    dtypes = set(dtypes_in((node, node.args, node.kwargs)))
    fractions = [dtype for dtype in dtypes if dtype.kind not in "biu"]
    return len(fractions) > 1 or any(dtype.kind not in "fc" or dtype.char == "e" for dtype in fractions)


def may_cast_stored(dtype: np.dtype[Any], value: Any) -> bool:
    """Whether a value that is stored in an array of this dtype may be cast so that a flag is raised."""
    others = [other for other in dtypes_in(value) if other.kind not in "biu" and other != dtype]
    return bool(others) or dtype.kind not in "biufc" or dtype.char == "e"


def dtypes_in(value: Any) -> Iterator[np.dtype[Any]]:
    """The dtypes of all arrays and numbers in an argument, or in its type; object stands for what has none."""
    if isinstance(value, (tuple, list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from dtypes_in(item)
    elif isinstance(value, ObjectType) and value.items is not None:
        yield from dtypes_in(value.items)
    elif isinstance(value, Node):
        yield from dtypes_in(value.type)
    elif isinstance(value, ArrayType):
        yield value.dtype
    elif isinstance(value, (ScalarType, np.generic, *NUMBERS)):
        yield np.dtype(value.pytype if isinstance(value, ScalarType) else type(value))
    elif value is not None and not isinstance(value, (slice, str)):
        yield np.dtype(object)
