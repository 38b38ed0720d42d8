"""What happens when a value is called."""

import types
from collections import OrderedDict
from functools import lru_cache
from typing import Any

from graphlet.capture import arrays, dispatching, objects, raising, specials
from graphlet.capture.breaks import Break
from graphlet.capture.callees import errstate, table
from graphlet.capture.callees.methods import fold_method
from graphlet.capture.callees.operators import call_getter
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.capture.payloads import plain_of
from graphlet.capture.pytypes import exact_type, lookup, mro, type_of
from graphlet.core.pristine import np
from graphlet.guards.hold import TypeSet
from graphlet.guards.kinds import IdentityIs
from graphlet.guards.names import type_name
from graphlet.values.base import Array, Constant, Scalar, Value
from graphlet.values.objects import ArrayMethod, Function, Getter, Instance, Method, Object, Partial, Unread

_METHODS = TypeSet(types.MethodDescriptorType, types.WrapperDescriptorType)
REMEMBERS = type(lru_cache(len))
Args = tuple[Value, ...]
Kwargs = dict[str, Value]


def call(m: Machine, callee: Value, args: Args, kwargs: Kwargs) -> Value:
    """Follow a call to its end; the result. Raises Break if the callee cannot be followed."""
    callee = m.read(callee)
    if isinstance(callee, Method):
        return call(m, callee.callee, (callee.self, *args), kwargs)
    if isinstance(callee, Partial):
        return call(m, callee.callee, (*callee.args, *args), {**callee.kwargs, **kwargs})
    if isinstance(callee, Getter):
        return call_getter(m, callee, args, kwargs)
    if isinstance(callee, ArrayMethod):
        return call_method(m, callee.self, callee.name, args, kwargs)
    if isinstance(callee, Function):
        return call_function(m, callee, args, kwargs)
    if isinstance(callee, Constant):
        return call_constant(m, callee, args, kwargs)
    if isinstance(callee, (Instance, Object)):
        return call_instance(m, callee, args, kwargs)
    raise Break("GL102", f"{describe(callee)} is called", name_of(callee))


def call_function(m: Machine, callee: Function, args: Args, kwargs: Kwargs) -> Value:
    """A Python function: known by name, or followed."""
    fn = callee.fn
    if callee.code is errstate.DECORATED:
        return errstate.call_decorated(m, callee, args, kwargs)
    if callee.code is dispatching.DISPATCH:
        return dispatching.call(m, callee, args, kwargs)
    if callee.code is dispatching.GET:
        return dispatching.get(m, args, kwargs)
    name = str(dict.get(callee.scope.names, "__name__"))
    if fn is not None and not knows(m, fn) and is_numpys(name) and callee.code not in table.FOLLOWED_CODE:
        raise left(Constant(fn, source=callee.source))
    if fn is not None and knows(m, fn):
        assert callee.source is not None
        m.guard(IdentityIs(callee.source, fn))
        return call_constant(m, Constant(fn, source=callee.source), args, kwargs)
    return m.run(m, callee, args, kwargs)


def knows(m: Machine, fn: Any) -> bool:
    """Whether there is a rule for calling this very function."""
    return id(fn) in m.special or id(fn) in table.CALLEES or arrays.is_array_function(fn)


def call_constant(m: Machine, callee: Constant, args: Args, kwargs: Kwargs) -> Value:
    """A known function or type: by table, by the array rules, or not at all."""
    fn = callee.value
    special = m.special.get(id(fn))
    if special is not None:
        return call_special(m, special, args, kwargs)
    if args and type(fn) in _METHODS:
        require_own(fn, m.read(args[0]) if fn.__objclass__ is dict else args[0])
    rule = table.CALLEES.get(id(fn))
    if rule is not None:
        return rule(m, args, kwargs)
    if isinstance(fn, types.MethodDescriptorType) and args:
        first = m.read(args[0])
        if isinstance(first, (Array, Scalar)) and lookup(type_of(m, first), fn.__name__) is fn:
            return call_method(m, first, fn.__name__, args[1:], kwargs)
        if isinstance(first, Constant):
            return fold_method(m, fn, first, args[1:], kwargs)
    if arrays.is_array_function(fn):
        return arrays.call_function(m, fn, read_all(m, args), read_named(m, kwargs))
    if raising.is_exception(fn):
        return raising.make(m, callee, args, kwargs)
    if isinstance(fn, type) and objects.is_followed(fn):
        return objects.make(m, callee, args, kwargs)
    raise left(callee)


def require_own(method: Any, self: Value) -> None:
    """A method is of the object's class or a base of it, as in ``list.append(items, 1)``.

    One of ``dict`` may be called of an ``OrderedDict`` only if that has no other: it knows nothing of order.
    """
    kind = type(self.example) if isinstance(self, Unread) else exact_type(self)
    if kind is not None and not any(base is method.__objclass__ for base in mro(kind)):
        raise Break("GL111", f"TypeError: {method.__objclass__.__name__}.{method.__name__} of {describe(self)}")
    if kind is OrderedDict and method.__objclass__ is dict and lookup(OrderedDict, method.__name__) is not method:
        raise Break("GL102", f"dict.{method.__name__} of {describe(self)}, an OrderedDict", name_of(self))


def is_numpys(module: str) -> bool:
    """Whether functions of a module are NumPy's own, and not followed unless there is a rule for them."""
    return (module == "numpy" or module.startswith("numpy.")) and module not in table.FOLLOWED_MODULES


def left(callee: Constant) -> Break:
    """Why a function is left to the interpreter."""
    effect = table.EFFECTS.get(id(callee.value))
    reason = table.REASONS.get(id(callee.value)) or reason_of_module(callee)
    code = "GL102" if effect is None else "GL101"
    return Break(code, f"{_spelled(callee)}(...): {effect or reason}", name_of(callee))


def reason_of_module(callee: Constant) -> str:
    """Why what a module of NumPy's has is left to the interpreter."""
    if isinstance(callee.value, np.ufunc) and "O" in "".join(callee.value.types[:1]):
        return "it calls a Python function for each element (np.frompyfunc)"
    module = str(getattr(callee.value, "__module__", None))
    found = (text for name, text in table.MODULE_REASONS.items() if f"{module}.".startswith(f"{name}."))
    return next(found, "not followed")


def call_special(m: Machine, special: tuple[str, Any], args: Args, kwargs: Kwargs) -> Value:
    """Functions the driver has said something about."""
    kind, payload = special
    if kind == "break":
        reason = m.read(args[0] if args else kwargs.get("reason", Constant("")))
        text = reason.value if isinstance(reason, Constant) and reason.value else "graph_break() was called"
        raise Break("GL113", str(text))
    if kind == "constant":
        return Constant(payload)
    return arrays.call_opaque(m, payload, read_all(m, args), read_named(m, kwargs))


def call_method(m: Machine, self: Value, name: str, args: Args, kwargs: Kwargs) -> Value:
    """A method of an array, number, ufunc or dtype."""
    return arrays.call_method(m, m.read(self), name, read_all(m, args), read_named(m, kwargs))


def call_instance(m: Machine, callee: Instance | Object, args: Args, kwargs: Kwargs) -> Value:
    """An object with a ``__call__`` of its class."""
    found = lookup(callee.type, "__call__")
    effect = effect_of(callee)
    if effect is not None:
        raise Break("GL101", f"{name_of(callee) or describe(callee)}(...): {effect}", name_of(callee))
    reason = table.REASONS.get(id(found), "not followed")
    if type(found) is not types.FunctionType or id(found) in table.REASONS:
        raise Break("GL102", f"{name_of(callee) or describe(callee)}(...): {reason}", name_of(callee))
    function = m.reader.unread(specials.attribute(callee, "__call__"), found)
    return call(m, function, (callee, *args), kwargs)


def effect_of(callee: Instance | Object) -> str | None:
    """What calling an object is known to do, beside giving a result."""
    if callee.type is REMEMBERS:
        return "counts its calls and keeps what it returned (functools.lru_cache)"
    return table.EFFECTS.get(id(callee.example)) if isinstance(callee, Instance) else None


def read_all(m: Machine, args: Args) -> Args:
    return tuple(m.read_deep(arg) for arg in args)


def read_named(m: Machine, kwargs: Kwargs) -> Kwargs:
    """Members of an ``IntEnum`` name an axis as numbers do."""
    read = {name: m.read_deep(value) for name, value in kwargs.items()}
    return {name: plain_of(m, value, "__index__") if name == "axis" else value for name, value in read.items()}


def _spelled(callee: Constant) -> str:
    """A callee as the user wrote it, or by its own name."""
    kind = type(callee.value)
    if name_of(callee) or issubclass(kind, type):
        return name_of(callee) or type_name(callee.value)
    return getattr(callee.value, "__qualname__", None) or type_name(kind)
