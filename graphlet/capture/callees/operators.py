"""The ``operator`` module: operators as functions, and what makes functions of items, attributes and methods."""

import operator
from collections.abc import Callable
from typing import Any

from graphlet.capture import equality, subscripts
from graphlet.capture.breaks import Break
from graphlet.capture.callees.arguments import Args, Kwargs, check
from graphlet.capture.callees.methods import count, index
from graphlet.capture.folding import fold
from graphlet.capture.handlers.attributes import get_attribute
from graphlet.capture.handlers.operators import BINARY, UNARY, binary, compare, unary
from graphlet.capture.identity import same_object
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.capture.truth import truth
from graphlet.core.comparisons import COMPARISONS
from graphlet.values.base import Constant, Sequence, Value
from graphlet.values.objects import Getter

Rule = Callable[[Machine, Args, Kwargs], Value]

_IN_PLACE = {
    f"{symbol}=": getattr(operator, "i" + fn.__name__.rstrip("_"))
    for symbol, fn in BINARY.items()
}


def _operator(symbol: str) -> Rule:
    apply = compare if symbol in COMPARISONS else binary

    def rule(m: Machine, args: Args, kwargs: Kwargs) -> Value:
        check(symbol, args, kwargs, 2)
        return apply(m, symbol, args[0], args[1])

    return rule


def _unary_operator(symbol: str) -> Rule:
    def rule(m: Machine, args: Args, kwargs: Kwargs) -> Value:
        check(symbol, args, kwargs, 1)
        return unary(m, symbol, args[0])

    return rule


def getitem(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("getitem", args, kwargs, 2)
    return subscripts.getitem(m, args[0], args[1])


def is_same(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("is_", args, kwargs, 2)
    return Constant(same_object(m, args[0], args[1]))


def is_not_same(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("is_not", args, kwargs, 2)
    return Constant(not same_object(m, args[0], args[1]))


def setitem(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("setitem", args, kwargs, 3)
    subscripts.setitem(m, *args)
    return Constant(None)


def delitem(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("delitem", args, kwargs, 2)
    subscripts.delete(m, *args)
    return Constant(None)


def truth_(wanted: bool) -> Rule:
    def rule(m: Machine, args: Args, kwargs: Kwargs) -> Value:
        check("truth", args, kwargs, 1)
        return Constant(truth(m, args[0]) is wanted)

    return rule


def contains(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("contains", args, kwargs, 2)
    return Constant(equality.contains(m, args[1], args[0], compare))


def concat(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``a + b`` of sequences."""
    check("concat", args, kwargs, 2)
    if not all(isinstance(m.read(arg), Sequence) for arg in args):
        raise Break("GL102", f"operator.concat of {describe(args[0])}", name_of(args[0]))
    return binary(m, "+", args[0], args[1])


def as_index(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``operator.index`` of an int"""
    check("index", args, kwargs, 1)
    value = m.read(args[0])
    if isinstance(value, Constant):
        return Constant(fold(operator.index, value.value))
    raise Break("GL102", f"operator.index of {describe(value)}", name_of(value))


def called(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``operator.call(fn, ...)``"""
    if not args:
        raise Break("GL111", "operator.call of nothing")
    return m.call(m, args[0], args[1:], kwargs)


def getter(kind: type, named: bool = False) -> Rule:
    """``itemgetter``, ``attrgetter`` and ``methodcaller``"""

    def rule(m: Machine, args: Args, kwargs: Kwargs) -> Value:
        check(kind.__name__, args, kwargs, 1, 20, tuple(kwargs) if named else ())
        names = () if kind is operator.itemgetter else args[:1] if named else args
        if not all(type(m.known(name)) is str for name in names):
            raise Break("GL111", f"{kind.__name__} of what is no name")
        return Getter(kind, args, kwargs)

    return rule


def call_getter(m: Machine, callee: Getter, args: Args, kwargs: Kwargs) -> Value:
    """What such an object gives for a value."""
    check(callee.type.__name__, args, kwargs, 1)
    if callee.type is operator.methodcaller:
        return m.call(m, get_attribute(m, args[0], m.known(callee.args[0])), callee.args[1:], callee.kwargs)
    one = subscripts.getitem if callee.type is operator.itemgetter else dotted
    found = tuple(one(m, args[0], part) for part in callee.args)
    return found[0] if len(found) == 1 else Sequence("tuple", found)


def dotted(m: Machine, value: Value, names: Value) -> Value:
    """``value.a.b``"""
    for name in m.known(names).split("."):
        value = get_attribute(m, value, name)
    return value


RULES: dict[Any, Rule] = {
    **{fn: _operator(symbol) for symbol, fn in (*BINARY.items(), *COMPARISONS.items(), *_IN_PLACE.items())},
    **{fn: _unary_operator(symbol) for symbol, fn in UNARY.items()},
    operator.inv: _unary_operator("~"),
    operator.getitem: getitem,
    operator.setitem: setitem,
    operator.delitem: delitem,
    operator.is_: is_same,
    operator.is_not: is_not_same,
    operator.truth: truth_(True),
    operator.not_: truth_(False),
    operator.contains: contains,
    operator.concat: concat,
    operator.index: as_index,
    operator.call: called,
    operator.countOf: count,
    operator.indexOf: index,
    operator.itemgetter: getter(operator.itemgetter),
    operator.attrgetter: getter(operator.attrgetter),
    operator.methodcaller: getter(operator.methodcaller, named=True),
}
