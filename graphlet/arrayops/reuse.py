"""NumPy's operators write into a large operand that nobody else holds; the result then lies in memory as that does."""

from collections.abc import Mapping
from typing import Any

from graphlet.core.pristine import np
from graphlet.ir.op import InferenceError, Op
from graphlet.ir.types import ArrayType, ScalarType, Type
from graphlet.runtime._block import broadcast_size

MIN_NBYTES = 256 * 1024  # NPY_MIN_ELIDE_BYTES


def lies_the_same(itemsize: int, n_whole: int, *arrays: np.ndarray) -> bool:
    """Raises ValueError unless a result made of these arrays lies as it would in any of their temporaries.

    The first ``n_whole`` arrays are the temporaries themselves, the others what they are computed from.
    """
    if 0 <= broadcast_size(*arrays) * itemsize < MIN_NBYTES:
        return True
    shape = np.broadcast_shapes(*(array.shape for array in arrays))
    whole = arrays[:n_whole]
    orders = {axes_by_stride(array) for array in arrays}
    is_open = 1 in shape and any(list(order) != sorted(order) for order in orders)  # where an axis of one element goes
    if len(orders) > 1 or is_open or any(array.shape != shape for array in arrays) or not all(map(is_dense, whole)):
        raise ValueError("where the result lies depends on whether an operand is reused")
    return True


def has_plain_strides(array: np.ndarray) -> bool:
    """Raises ValueError if a large array is not in C order, or has other strides where an axis has one element.

    What arithmetic makes of it may have others.
    """
    if array.nbytes >= MIN_NBYTES and array.strides != np.empty(array.shape, array.dtype).strides:
        raise ValueError("the strides of the result depend on whether an operand is reused")
    return True


def axes_by_stride(array: np.ndarray) -> tuple[int, ...]:
    """The axes that have more than one element, from the slowest to the fastest."""
    axes = [axis for axis, size in enumerate(array.shape) if size != 1]
    return tuple(sorted(axes, key=lambda axis: -abs(array.strides[axis])))


def is_dense(array: np.ndarray) -> bool:
    """Whether the elements fill the memory, in whatever order of axes, and strides of one element are as usual."""
    expected = array.itemsize
    for axis in reversed(axes_by_stride(array)):
        if array.strides[axis] != expected:
            return False
        expected *= array.shape[axis]
    return 1 not in array.shape


def infer_reuse(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
    if not all(isinstance(arg, (ArrayType, int)) for arg in args):
        raise InferenceError("operands that are no arrays")
    return ScalarType(bool)


PLAIN_STRIDES = Op("has_plain_strides", has_plain_strides, infer_reuse, "opaque", may_raise=True)
REUSE = Op("lies_the_same", lies_the_same, infer_reuse, "opaque", may_raise=True)
