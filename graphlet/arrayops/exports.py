"""What arrays become outside of NumPy: bytes, and lists of Python's numbers. Each result is an object of its own."""

from collections.abc import Callable, Mapping
from typing import Any

from graphlet.core.pristine import np
from graphlet.ir.op import InferenceError, Op
from graphlet.ir.types import ArrayType, ObjectType, Type


def made(name: str, kind: type) -> Op:
    """A method of arrays that makes an object of a builtin class; two equal ones are two objects."""
    fn: Callable[..., Any] = getattr(np.ndarray, name)

    def infer(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
        if not isinstance(args[0], ArrayType):
            raise InferenceError(f"{name} of something that is no array")
        return ObjectType(kind)

    return Op(name, fn, infer, "opaque", pure=False, may_raise=True)


TO_BYTES = made("tobytes", bytes)
DUMPS = made("dumps", bytes)
TO_LIST = made("tolist", list)
