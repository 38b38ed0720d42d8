"""Types of graph values as the block machine checks them; symbols become numbers."""

from typing import Any

from graphlet.ir.types import ArrayType, Dim, ObjectType, ScalarType, Sym, Type
from graphlet.runtime.plan import ArrayCheck, Check, TupleCheck, TypeCheck


class Checks:
    """Numbers the symbols of one graph: symbols known to be equal have one number."""

    def __init__(self) -> None:
        self._number: dict[Sym, int] = {}

    @property
    def n_syms(self) -> int:
        return len(self._number)

    def dim(self, dim: Dim) -> int:
        """A dimension as a plan writes it."""
        if isinstance(dim, Sym):
            return -1 - self._number.setdefault(dim.root(), len(self._number))
        return int(dim)

    def of(self, type_: Type | None) -> Check:
        """The check of a value of this type; None where nothing is known."""
        if isinstance(type_, ArrayType):
            return ArrayCheck(type_.dtype, tuple([self.dim(dim) for dim in type_.shape]))
        if isinstance(type_, ScalarType):
            return TypeCheck(type_.pytype)
        if isinstance(type_, ObjectType):
            return self._of_object(type_)
        return None

    def _of_object(self, type_: ObjectType) -> Check:
        if type_.items is not None and issubclass(type_.pytype, (tuple, list)):
            return TupleCheck(type_.pytype, tuple(map(self.of, type_.items)))
        return TypeCheck(type_.pytype)


def is_python_scalar(value: Any) -> bool:
    """Whether an argument (a node, or a literal) is a Python number, which no floating-point flag comes from."""
    type_ = getattr(value, "type", None)
    if isinstance(type_, ScalarType):
        return type_.dtype is None
    return type(value) in (bool, int, float, complex)
