"""Exceptions that the program certainly raises: made, raised, and what they say about themselves.

An exception is followed as long as somebody catches it in the region. Where nobody does, or where it would have to be
seen from outside, the region ends in front of it and the original instructions raise it.
"""

import builtins
from types import FunctionType
from typing import Any

from graphlet.capture.binding import guard_order
from graphlet.capture.breaks import Break
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.capture.pytypes import MISSING, is_plain, lookup, mro
from graphlet.guards.hold import is_heap_type
from graphlet.guards.kinds import ClassLacks
from graphlet.guards.names import type_name
from graphlet.sources import Known, TypeAttr
from graphlet.values.base import Constant, Sequence, Value
from graphlet.values.objects import Error, Group, Traceback

# Classes whose objects hold their arguments and nothing else worth asking about.
_PLAIN_NAMES = (
    *("BaseException", "Exception", "ArithmeticError", "AssertionError", "AttributeError", "BufferError", "EOFError"),
    *("FloatingPointError", "GeneratorExit", "IndexError", "KeyError", "KeyboardInterrupt", "LookupError", "NameError"),
    *("NotImplementedError", "OverflowError", "RecursionError", "ReferenceError", "RuntimeError", "StopAsyncIteration"),
    *("StopIteration", "SystemExit", "TypeError", "UnboundLocalError", "ValueError", "ZeroDivisionError", "Warning"),
    *("BytesWarning", "DeprecationWarning", "FutureWarning", "ImportWarning", "PendingDeprecationWarning"),
    *("ResourceWarning", "RuntimeWarning", "SyntaxWarning", "UnicodeWarning", "UserWarning"),
)
_PLAIN = tuple(getattr(builtins, name) for name in _PLAIN_NAMES)
_NEWS = frozenset(id(kind.__dict__["__new__"]) for kind in _PLAIN if "__new__" in kind.__dict__)
INITS = tuple(kind.__dict__["__init__"] for kind in _PLAIN if "__init__" in kind.__dict__)
_ARGS, _STOPPED_WITH = BaseException.__dict__["args"], StopIteration.__dict__["value"]
_TRACEBACK = BaseException.__dict__["__traceback__"]
_OF_GROUPS = tuple(BaseExceptionGroup.__dict__[name] for name in ("exceptions", "message"))
_STR = BaseException.__dict__["__str__"]
TRACEBACKS = "tracebacks of exceptions"  # Error -> value
_NOT_LOOKED_AT = ("__traceback__", "__context__", "__cause__", "__suppress_context__")


class Raised(Break):
    """The instruction at hand raises this exception. Where nobody catches it, this is a break like any other."""

    def __init__(self, error: Error, code: str, detail: str, variable: str = "") -> None:
        super().__init__(code, detail, variable)
        self.error = error


def left_to_python(raised: Raised) -> Break:
    """The break in place of an exception that Python itself would do something about here."""
    return Break(raised.code, raised.detail, raised.variable)


def raises(
    kind: type[BaseException], code: str, detail: str, variable: str = "", args: tuple[Value, ...] | None = None
) -> Break:
    """A break where Python raises an exception of exactly this builtin class."""
    if not any(kind is known for known in _PLAIN):
        return Break(code, detail, variable)
    return Raised(Error(kind, Known(kind), {}, args), code, detail, variable)


def raises_as(error: BaseException) -> Break:
    """A break for what an operation on known values raised; warnings and NumPy's own errors are not the program's."""
    detail = f"{type(error).__name__}: {error}"
    if isinstance(error, (Warning, FloatingPointError, MemoryError)):
        return Break("GL111", detail)
    args = tuple(map(Constant, error.args)) if all(type(arg) is str for arg in error.args) else None
    return raises(type(error), "GL111", detail, args=args)


def no_end(error: Error, asynchronous: bool = False) -> Raised | None:
    """What Python makes of a StopIteration out of a generator's body, which would be taken for its end; else None."""
    if not issubclass(error.type, StopIteration) and not (asynchronous and issubclass(error.type, StopAsyncIteration)):
        return None
    return Raised(Error(RuntimeError, Known(RuntimeError)), "GL111", "a generator raised StopIteration")


def is_exception(kind: Any) -> bool:
    """A class of exceptions; asking runs no code of the user's."""
    return isinstance(kind, type) and any(base is BaseException for base in mro(kind))


def make(m: Machine, callee: Constant, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
    """An exception is made: ``kind(*args)``."""
    kind: Any = callee.value
    if any(kind is known for known in _PLAIN) and not kwargs:
        return Error(kind, Known(kind), {}, args)
    own = [base for base in mro(kind) if base is not object and not any(base is known for known in _PLAIN)]
    new, source = lookup(kind, "__new__"), callee.source
    if source is None or not all(map(is_heap_type, own)) or id(new) not in _NEWS or type(kind) is not type:
        raise Break("GL111", f"{type_name(kind)}(...): an exception of a class that is not followed", name_of(callee))
    if lookup(kind, "__del__") is not MISSING:
        raise Break("GL110", f"objects of {type_name(kind)} do something when they go", name_of(callee))
    m.guard(ClassLacks(source, "__del__"))
    guard_order(m, source, kind)
    m.read(m.reader.unread(TypeAttr(source, "__new__"), new))
    made = Error(kind, source, {}, args)
    initialise(m, made, args, kwargs)
    return made


def initialise(m: Machine, made: Error, args: tuple[Value, ...], kwargs: dict[str, Value]) -> None:
    """``__init__`` of a new exception."""
    init = lookup(made.type, "__init__")
    function = m.reader.unread(TypeAttr(made.at, "__init__"), init)
    if type(init) is FunctionType:
        result = m.read(m.call(m, function, (made, *args), kwargs))
        if not isinstance(result, Constant) or result.value is not None:
            raise Break("GL111", "__init__ returns something")
    elif any(init is known for known in INITS) and not kwargs:
        m.read(function)
    else:
        raise Break("GL111", f"{type_name(made.type)}(...): an exception that is made in its own way")


def given(m: Machine, value: Value) -> Error:
    """What ``raise value`` raises: an exception, or one made of a class."""
    value = m.read(value)
    if isinstance(value, Constant) and is_exception(value.value):
        value = m.read(m.call(m, value, (), {}))
    if not isinstance(value, Error):
        raise Break("GL111", f"{describe(value)} is raised", name_of(value))
    return value


def type_value(error: Error) -> Constant:
    """The class of an exception."""
    return Constant(error.type, source=error.at)


def matches(m: Machine, error: Error, classes: Value) -> bool:
    """``except classes``: by the order of classes alone."""
    classes = m.read(classes)
    kinds = classes.items if isinstance(classes, Sequence) and classes.kind == "tuple" else (classes,)
    wanted = [m.read(kind) for kind in kinds]
    if not all(isinstance(kind, Constant) and is_exception(kind.value) for kind in wanted):
        raise Break("GL111", f"`except` with {describe(classes)}", name_of(classes))
    guard_order(m, error.at, error.type)
    return any(base is kind.value for kind in wanted if isinstance(kind, Constant) for base in mro(error.type))


def traceback_of(m: Machine, error: Error) -> Value:
    """``error.__traceback__``: there is one when it has been raised."""
    found: Value = m.table(TRACEBACKS).get(error, Constant(None))
    return found


def set_field(m: Machine, error: Error, name: str, value: Value) -> None:
    """An attribute that ``may_be_set``."""
    if name == "__traceback__":
        m.trail.put(m.table(TRACEBACKS), error, value)


def field(m: Machine, error: Error, found: Any) -> Value | None:
    """An attribute that the class of an exception computes; None if it is not known."""
    if found is _TRACEBACK:
        return traceback_of(m, error)
    if error.args is None:
        return None
    if isinstance(error, Group) and found in _OF_GROUPS:
        return error.exceptions if found is _OF_GROUPS[0] else error.args[0]
    if found is _ARGS:
        return Sequence("tuple", error.args)
    if found is _STOPPED_WITH:
        return error.args[0] if error.args else Constant(None)
    return None


def may_be_set(name: str, value: Value) -> bool:
    """Attributes that only matter once an exception is seen from outside, which none is that was made in a region."""
    plain = isinstance(value, (Error, Traceback)) or (isinstance(value, Constant) and is_plain(value.value))
    return name in _NOT_LOOKED_AT and plain


def text(m: Machine, error: Error) -> str:
    """``str(error)``"""
    if error.args is None or len(error.args) > 1 or error.entries or lookup(error.type, "__str__") is not _STR:
        raise Break("GL114", f"the text of {describe(error)}")
    m.read(m.reader.unread(TypeAttr(error.at, "__str__"), _STR))
    values = [m.read(arg) for arg in error.args]
    if not all(isinstance(value, Constant) and type(value.value) in (str, int) for value in values):
        raise Break("GL114", f"the text of {describe(error)}")
    return str(m.known(values[0])) if values else ""
