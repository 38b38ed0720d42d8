"""What a node is inside a group: a loop, a cast or a select, with the dtypes its operands are needed in.

The question "can this node be fused" is answered with the member, or None.
"""

import operator
import platform
from functools import lru_cache
from typing import Any, NamedTuple

from graphlet.core.pristine import np
from graphlet.ir.alias import has_own_effect, written_argument
from graphlet.ir.graph import CALL_FUNCTION, Node
from graphlet.ir.types import ArrayType, ScalarType
from graphlet.runtime import loops
from graphlet.runtime._block import scalar_bytes

# Since then the operator ** has short cuts for the Python numbers -1, 2 and 0.5 only.
KNOWS_POWER = np.lib.NumpyVersion(np.__version__) >= "2.3.0"
LOOP, CAST, WHERE = "loop", "cast", "where"
NUMBERS = frozenset("biufc")
MAX_NDIM = 16

# The element a loop computes may depend on where the run is cut or on strides: exponents that stand still have short
# cuts, the order of two zeros differs between vector body and tail.
CUT_SENSITIVE = {np.power, np.float_power, np.fmax, np.fmin}
if platform.machine() not in ("x86_64", "AMD64"):
    CUT_SENSITIVE |= {np.maximum, np.minimum}
# Which of two NaNs these keep depends on how rows lie. The strict ones are left to NumPy where rows are packed.
KEEPS_EITHER = (np.add, np.multiply)


class Member(NamedTuple):
    """A node as part of a group. ``dtypes``: what each operand has to be cast to first."""

    kind: str
    operands: tuple[Any, ...]
    dtypes: tuple[np.dtype[Any], ...]
    dtype: np.dtype[Any]
    loop: Any = None
    strict: bool = False
    ufunc: np.ufunc | None = None
    nans: str = ""


class Members(dict[Node, Member | None]):
    """The members of one graph, each looked up once."""

    def __missing__(self, node: Node) -> Member | None:
        found = self[node] = member_of(node)
        return found


def member_of(node: Node) -> Member | None:
    """The node as a member of a group; None when it has to be called."""
    if node.op != CALL_FUNCTION or not isinstance(node.type, ArrayType) or not 0 < node.type.ndim <= MAX_NDIM:
        return None
    if node.row is None or written_argument(node) is not None or has_own_effect(node) or node.kwargs:
        return None
    if isinstance(node.target, np.ufunc):
        return _of_ufunc(node.target, node.args, node.type, node.row.nans)
    rule = RULES.get(node.target)
    return None if rule is None else rule(node.args, node.type)


def _of_ufunc(ufunc: np.ufunc, args: tuple[Any, ...], type_: ArrayType, nans: str = "") -> Member | None:
    if ufunc.nout != 1 or len(args) != ufunc.nin or len(args) > 4:
        return None
    wanted = [_weak_dtype(arg) for arg in args]
    if any(kind is None for kind in wanted):
        return None
    found = _loop_of(ufunc, tuple([kind if isinstance(kind, type) else kind.char for kind in wanted]))
    if found is None:
        return None
    dtypes, loop, strict = found
    if dtypes[-1] != type_.dtype or not all(map(can_be, args, dtypes)):
        return None
    if ufunc in (np.power, np.float_power) and not _is_plain_exponent(args[1], dtypes[1]):
        return None
    if not nans and ufunc in KEEPS_EITHER and dtypes[-1].char in "fd":
        nans = "rows"
    return Member(LOOP, args, dtypes[:-1], dtypes[-1], loop, strict, ufunc, nans)


@lru_cache(4096)
def _loop_of(ufunc: np.ufunc, kinds: tuple[Any, ...]) -> tuple[tuple[np.dtype[Any], ...], Any, bool] | None:
    """Dtypes and loop for operands of these kinds (characters, types of Python numbers), and whether it is strict."""
    wanted = tuple(np.dtype(kind) if isinstance(kind, str) else kind for kind in kinds)
    try:
        dtypes = ufunc.resolve_dtypes((*wanted, None))
    except (TypeError, ValueError, OverflowError):
        return None
    loop = loops.find(ufunc, dtypes)
    if loop is None:
        return None
    strict = any(dtype.kind == "c" or dtype.char == "e" for dtype in dtypes)
    return dtypes, loop, strict or (ufunc in CUT_SENSITIVE and dtypes[-1].kind == "f")


def _of_where(args: tuple[Any, ...], type_: ArrayType) -> Member | None:
    dtypes = (np.dtype(bool), type_.dtype, type_.dtype)
    if len(args) != 3 or _weak_dtype(args[0]) != np.dtype(bool) or not isinstance(args[0], Node):
        return None
    if not is_number(type_.dtype) or any(_weak_dtype(arg) is None for arg in args):
        return None
    if not all(map(can_be, args, dtypes)):
        return None
    return Member(WHERE, args, dtypes, type_.dtype)


def _of_astype(args: tuple[Any, ...], type_: ArrayType) -> Member | None:
    if len(args) != 2 or not isinstance(args[0], Node) or not isinstance(args[0].type, ArrayType):
        return None
    source = args[0].type.dtype
    if not is_number(source) or not is_number(type_.dtype) or not cast_is_exact(source, type_.dtype):
        return None
    return Member(CAST, args[:1], (source,), type_.dtype)


def _of_pow(args: tuple[Any, ...], type_: ArrayType) -> Member | None:
    """``a ** b``: NumPy's operator takes another ufunc for some exponents that are Python numbers."""
    base, exponent = args
    if isinstance(getattr(exponent, "type", None), ArrayType):
        return _of_ufunc(np.power, args, type_) if type_.dtype.kind == "f" else None
    kind = _weak_dtype(base)
    if not KNOWS_POWER or not isinstance(getattr(base, "type", None), ArrayType) or kind is None:
        return None
    if kind.kind not in "iufc":
        return None
    if type(exponent) is int and exponent == 2:
        return _of_ufunc(np.square, (base,), type_)
    if type(exponent) is int and exponent == -1 and kind.kind in "fc":
        return _of_ufunc(np.reciprocal, (base,), type_)
    if type(exponent) is float and exponent == 0.5 and kind.kind in "fc":
        return _of_ufunc(np.sqrt, (base,), type_)
    is_fixed = type(exponent) in (int, float) or isinstance(_weak_dtype(exponent), np.dtype)
    return _of_ufunc(np.power, args, type_) if is_fixed and kind.kind == "f" else None


RULES: dict[Any, Any] = {np.where: _of_where, np.ndarray.astype: _of_astype, operator.pow: _of_pow}


def is_number(dtype: np.dtype[Any]) -> bool:
    """Whether elements of this dtype are plain numbers in native byte order."""
    return dtype.kind in NUMBERS and dtype.isnative


def _weak_dtype(argument: Any) -> Any:
    """What ``resolve_dtypes`` takes for an argument: a dtype, or the type of a Python number. None: cannot be fused."""
    if isinstance(argument, Node):
        type_ = argument.type
        if isinstance(type_, ArrayType):
            return type_.dtype if is_number(type_.dtype) else None
        if not isinstance(type_, ScalarType):
            return None
        if type_.dtype is not None:
            return type_.dtype if is_number(type_.dtype) else None
        return _python_kind(type_.pytype)
    if isinstance(argument, np.generic):
        return argument.dtype if is_number(argument.dtype) else None
    return _python_kind(type(argument))


def _python_kind(pytype: type) -> Any:
    if pytype is bool:
        return np.dtype(bool)
    return pytype if pytype in (int, float, complex) else None


def can_be(argument: Any, dtype: np.dtype[Any]) -> bool:
    """Whether an operand can be brought to a dtype exactly as NumPy brings it there."""
    if not isinstance(argument, Node):
        return scalar_bytes(argument, dtype) is not None
    if isinstance(argument.type, ArrayType):
        source = argument.type.dtype
        return source == dtype or (bool(np.can_cast(source, dtype)) and cast_is_exact(source, dtype))
    if isinstance(argument.type, ScalarType) and argument.type.dtype is not None:
        return bool(np.can_cast(argument.type.dtype, dtype))
    return True


def cast_is_exact(source: np.dtype[Any], target: np.dtype[Any]) -> bool:
    """Whether one C cast per element is all there is to a cast, with the same result from any compiler."""
    if "e" in (source.char, target.char):
        return False
    if target.kind == "b" or source.kind in "biu" or source == target:
        return True
    return target.kind in "fc" and (source.kind == "f" or target.kind == "c")


def _is_plain_exponent(argument: Any, dtype: np.dtype[Any]) -> bool:
    """An exponent that reaches the loop as it is, so that the short cuts for exponents that stand still are NumPy's."""
    type_ = getattr(argument, "type", None)
    return not isinstance(type_, ArrayType) or type_.ndim == 0 or type_.dtype == dtype
