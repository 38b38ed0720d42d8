"""Objects as Python text: functions by the name a user would write, literals so that they come back bit for bit.

What cannot be written gets a private name, bound in ``Speller.bound``; node names never begin with an underscore.
"""

import math
import operator
import sys
from types import BuiltinFunctionType, FunctionType, MethodDescriptorType
from typing import Any

from graphlet.core.pristine import np
from graphlet.ir.node import Node

# Where functions are looked for, in this order: how the text begins, and the module.
PLACES = (
    ("np.", "numpy"),
    ("operator.", "operator"),
    ("math.", "math"),
    ("np.linalg.", "numpy.linalg"),
    ("np.fft.", "numpy.fft"),
    ("np.random.", "numpy.random"),
    ("", "builtins"),
)
OPERATORS = {
    operator.add: "{} + {}",
    operator.sub: "{} - {}",
    operator.mul: "{} * {}",
    operator.truediv: "{} / {}",
    operator.floordiv: "{} // {}",
    operator.mod: "{} % {}",
    operator.pow: "{} ** {}",
    operator.matmul: "{} @ {}",
    operator.lshift: "{} << {}",
    operator.rshift: "{} >> {}",
    operator.and_: "{} & {}",
    operator.or_: "{} | {}",
    operator.xor: "{} ^ {}",
    operator.lt: "{} < {}",
    operator.le: "{} <= {}",
    operator.eq: "{} == {}",
    operator.ne: "{} != {}",
    operator.gt: "{} > {}",
    operator.ge: "{} >= {}",
    operator.neg: "-{}",
    operator.pos: "+{}",
    operator.invert: "~{}",
}
ROOTS = {"np": np, "operator": operator, "math": math}


class Speller:
    """Writes the functions and literals of one text.

    With ``private`` everything that would be looked up by a public name when the text runs is bound instead, so that
    what the user does to ``np.add`` afterwards has no influence.

    ``roots``    the modules the text needs, by the name it uses
    ``imported`` functions from other modules: private name -> (module, name)
    ``bound``    everything the text takes from its namespace by a private name
    """

    def __init__(self, private: bool = False) -> None:
        self._keep_private = private
        self.roots: dict[str, Any] = {}
        self.imported: dict[str, tuple[str, str]] = {}
        self.bound: dict[str, Any] = {}
        self._private: dict[int, str] = {}

    @property
    def namespace(self) -> dict[str, Any]:
        """What the text needs to run."""
        return {**self.roots, **self.bound}

    def call(self, fn: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
        """The call of a function with nested arguments."""
        if not kwargs and fn is operator.getitem:
            return f"{self._operand(args[0])}[{self._subscript(args[1])}]"
        pattern = OPERATORS.get(fn) if not kwargs and _hashable(fn) else None
        if pattern is not None:
            return pattern.format(*map(self._operand, args))
        words = [self.value(arg) for arg in args] + [f"{name}={self.value(arg)}" for name, arg in kwargs.items()]
        return f"{self.function(fn)}({', '.join(words)})"

    def function(self, fn: Any) -> str:
        """A callable by its public name, or by a private one."""
        public = None if self._keep_private else public_name(fn)
        if public is not None:
            root = public.partition(".")[0]
            if root in ROOTS and root != public:
                self.roots[root] = ROOTS[root]
            return public
        name = self._bind(fn, getattr(fn, "__name__", ""))
        module, attribute = getattr(fn, "__module__", None), getattr(fn, "__qualname__", "")
        if isinstance(fn, FunctionType) and getattr(sys.modules.get(module or ""), attribute, None) is fn:
            self.imported[name] = (fn.__module__, attribute)
        return name

    def value(self, value: Any) -> str:
        """A nested argument: nodes by their names, literals exactly."""
        if isinstance(value, Node):
            return value.name
        if type(value) is tuple:
            return f"({', '.join(map(self.value, value))}{',' if len(value) == 1 else ''})"
        if type(value) is list:
            return f"[{', '.join(map(self.value, value))}]"
        if type(value) is dict:
            return "{" + ", ".join(f"{self.value(k)}: {self.value(v)}" for k, v in value.items()) + "}"
        if type(value) is slice:
            ends = ", ".join(map(self.value, (value.start, value.stop, value.step)))
            return f"{self.function(slice)}({ends})"
        return self._literal(value)

    def _literal(self, value: Any) -> str:
        text = literal(value)
        if text is not None and self._keep_private and text.endswith(")"):
            text = None
        if text is None and isinstance(value, (type, np.ufunc, BuiltinFunctionType, FunctionType)):
            return self.function(value)
        if text is None:
            return self._bind(value, type(value).__name__)
        if text.startswith("np."):
            self.roots["np"] = np
        return text

    def _operand(self, value: Any) -> str:
        text = self.value(value)
        return f"({text})" if text.startswith("-") else text

    def _subscript(self, key: Any) -> str:
        if type(key) is tuple and len(key) > 1:
            return ", ".join(map(self._subscript_item, key))
        return self._subscript_item(key)

    def _subscript_item(self, key: Any) -> str:
        if type(key) is not slice:
            return self.value(key)
        ends = ["" if end is None else self.value(end) for end in (key.start, key.stop, key.step)]
        return ":".join(ends if ends[2] else ends[:2])

    def _bind(self, value: Any, hint: str) -> str:
        name = self._private.get(id(value))
        if name is None:
            base = "_" + (hint if hint.isidentifier() else "object").strip("_")
            name, number = base, 1
            while name in self.bound:
                name, number = f"{base}_{number}", number + 1
            self._private[id(value)] = name
            self.bound[name] = value
        return name


def public_name(fn: Any) -> str | None:
    """``np.add``, ``operator.add``, ``np.ndarray.sum``, ``float``: a text that evaluates to this very object."""
    name = getattr(fn, "__name__", None)
    if not isinstance(name, str):
        return None
    if isinstance(fn, MethodDescriptorType):
        owner = public_name(fn.__objclass__)
        return f"{owner}.{name}" if owner is not None else None
    for prefix, module in PLACES:
        if vars(sys.modules[module]).get(name) is fn if module in sys.modules else False:
            return prefix + name
    return None


def literal(value: Any) -> str | None:
    """A text that evaluates to the same constant of the same type with the same bits, or None."""
    if value is None or value is Ellipsis or type(value) in (bool, int, str, bytes):
        return "..." if value is Ellipsis else repr(value)
    if type(value) is float:
        return _float(value)
    if type(value) is complex:
        parts = _float(value.real), _float(value.imag)
        return None if None in parts else f"complex({parts[0]}, {parts[1]})"
    if isinstance(value, np.dtype):
        return _dtype(value)
    if isinstance(value, np.generic):
        return _numpy_scalar(value)
    return None


def _float(value: float) -> str | None:
    if math.isnan(value):
        return None  # there are many of them
    return repr(value) if math.isfinite(value) else f"float('{value}')"


def _dtype(dtype: "np.dtype[Any]") -> str | None:
    if dtype.kind not in "biufcSUmM" or dtype.metadata is not None:
        return None
    return f"np.dtype({(dtype.name if dtype.isnative and dtype.kind in 'biufc' else dtype.str)!r})"


def _numpy_scalar(value: np.generic) -> str | None:
    name = public_name(type(value))
    item = value.item()
    if name is None or type(item) not in (bool, int, float, complex):
        return None
    text = literal(item)
    return None if text is None else f"{name}({text})"


def _hashable(fn: Any) -> bool:
    return type(fn).__hash__ is not None
