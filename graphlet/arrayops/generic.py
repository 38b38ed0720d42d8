"""Methods of NumPy's scalars, which have those of arrays: nodes that call them."""

from collections.abc import Callable, Mapping
from typing import Any

from graphlet.arrayops.promotion import probe
from graphlet.core.pristine import np
from graphlet.ir.op import InferenceError, Op
from graphlet.ir.types import ArrayType, ScalarType, Type

_NAMES = (
    *("sum", "prod", "mean", "std", "var", "max", "min", "any", "all", "argmax", "argmin", "cumsum", "cumprod"),
    *("copy", "reshape", "ravel", "flatten", "squeeze", "transpose", "repeat", "take", "round", "clip"),
    *("conj", "conjugate", "tolist"),
)


def _row(name: str) -> Op:
    fn: Callable[..., Any] = getattr(np.generic, name)

    def infer(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
        number, *others = args
        if not isinstance(number, ScalarType) or number.dtype is None:
            raise InferenceError("no NumPy scalar")
        if any(isinstance(value, (ScalarType, ArrayType)) for value in (*others, *kwargs.values())):
            raise InferenceError("an argument is not known during capture")
        kind = probe(fn, args, kwargs)
        if isinstance(kind, ScalarType) or (isinstance(kind, ArrayType) and all(dim == 1 for dim in kind.shape)):
            return kind
        raise InferenceError(f"the result is {kind}")

    return Op(f"generic.{name}", fn, infer, "opaque", may_raise=True)


METHODS: dict[str, Op] = {name: _row(name) for name in _NAMES}
