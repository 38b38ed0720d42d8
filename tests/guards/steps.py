"""Steps on the way to a value: each wraps what lies behind it, names the way in, and can put something else there."""

import types
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphlet import sources as s


@dataclass(frozen=True)
class Step:
    """``wrap(value)`` makes a holder of a value; ``source(base)`` is the way from the holder to the value.

    ``put(holder, value)`` replaces the value, None where the holder cannot change; ``touch(holder)`` changes something
    else about it.
    """

    wrap: Callable[[Any], Any]
    source: Callable[[s.Source], s.Source]
    put: Callable[[Any, Any], object] | None = None
    touch: Callable[[Any], object] = lambda holder: None


class Thing:
    def __init__(self, value: Any) -> None:
        self.name = value


class Slotted:
    __slots__ = ("name", "other")

    def __init__(self, value: Any) -> None:
        self.name = value


def class_with(value: Any) -> type:
    return type("Owner", (), {"name": value})


def derived_from(value: Any) -> type:
    return type("Derived", (class_with(value), Thing), {})


def module_with(value: Any) -> types.ModuleType:
    module = types.ModuleType("module_of_a_test")
    module.name = value  # type: ignore[attr-defined]
    return module


def function_with(value: Any = None, **names: Any) -> Any:
    def function(a: Any = value, *, b: Any = value) -> Any: ...

    return types.FunctionType(function.__code__, names, "function", (value,))


def keyword_function(value: Any) -> Any:
    def function(*, b: Any = value) -> Any: ...

    return function


def closure_of(value: Any) -> Any:
    return lambda: value


def set_of_base(holder: type, value: Any) -> None:
    holder.__bases__[0].name = value  # type: ignore[attr-defined]


STEPS: dict[str, Step] = {
    "dict": Step(
        lambda v: {"other": 1, "name": v},
        lambda base: s.DictItem(base, "name"),
        lambda h, v: h.__setitem__("name", v),
        lambda h: h.update(more=2),
    ),
    "OrderedDict": Step(
        lambda v: OrderedDict(other=1, name=v),
        lambda base: s.DictItem(base, "name"),
        lambda h, v: h.__setitem__("name", v),
        lambda h: h.move_to_end("name", last=False),
    ),
    "dictionary of an object": Step(
        Thing,
        lambda base: s.DictItem(s.OwnDict(base), "name"),
        lambda h, v: setattr(h, "name", v),
        lambda h: setattr(h, "other", 1),
    ),
    "deque": Step(
        lambda v: deque([0, v]),
        lambda base: s.Item(base, 1),
        lambda h, v: h.__setitem__(1, v),
        lambda h: h.append(3),
    ),
    "list": Step(
        lambda v: [0, v], lambda base: s.Item(base, 1), lambda h, v: h.__setitem__(1, v), lambda h: h.append(3)
    ),
    "tuple": Step(lambda v: (v, 1), lambda base: s.Item(base, 0)),
    "instance": Step(
        Thing,
        lambda base: s.InstanceAttr(base, "name"),
        lambda h, v: setattr(h, "name", v),
        lambda h: setattr(h, "other", 1),
    ),
    "slots": Step(
        Slotted,
        lambda base: s.SlotAttr(base, "name"),
        lambda h, v: setattr(h, "name", v),
        lambda h: setattr(h, "other", 1),
    ),
    "class": Step(
        class_with,
        lambda base: s.TypeAttr(base, "name"),
        lambda h, v: setattr(h, "name", v),
        lambda h: setattr(h, "other", 1),
    ),
    "base class": Step(
        derived_from, lambda base: s.TypeAttr(base, "name"), set_of_base, lambda h: setattr(h, "other", 1)
    ),
    "class of an object": Step(
        lambda v: class_with(v)(),
        lambda base: s.TypeAttr(s.TypeOf(base), "name"),
        lambda h, v: setattr(type(h), "name", v),
        lambda h: setattr(h, "name", 1),
    ),
    "class in the order of a class": Step(
        derived_from,
        lambda base: s.TypeAttr(s.Item(s.Mro(base), 1), "name"),
        set_of_base,
        lambda h: setattr(h, "name", 1),
    ),
    "module": Step(
        module_with,
        lambda base: s.ModuleAttr(base, "name"),
        lambda h, v: setattr(h, "name", v),
        lambda h: setattr(h, "other", 1),
    ),
    "global of a function": Step(
        lambda v: function_with(name=v),
        lambda base: s.FunctionGlobal(base, "name"),
        lambda h, v: h.__globals__.__setitem__("name", v),
        lambda h: h.__globals__.update(more=2),
    ),
    "default": Step(
        function_with,
        lambda base: s.Item(s.FunctionSlot(base, "__defaults__"), 0),
        lambda h, v: setattr(h, "__defaults__", (v,)),
        lambda h: setattr(h, "__kwdefaults__", {"b": 1}),
    ),
    "keyword default": Step(
        keyword_function,
        lambda base: s.DictItem(s.FunctionSlot(base, "__kwdefaults__"), "b"),
        lambda h, v: setattr(h, "__kwdefaults__", {"b": v}),
        lambda h: setattr(h, "__defaults__", (1,)),
    ),
    "closure": Step(
        closure_of,
        lambda base: s.CellContents(s.Item(s.FunctionSlot(base, "__closure__"), 0)),
        lambda h, v: setattr(h.__closure__[0], "cell_contents", v),
    ),
    "cell": Step(types.CellType, s.CellContents, lambda h, v: setattr(h, "cell_contents", v)),
    "method": Step(lambda v: types.MethodType(len, [v]), lambda base: s.Item(s.FunctionSlot(base, "__self__"), 0)),
    "static method": Step(staticmethod, lambda base: s.FunctionSlot(base, "__func__")),
    "property": Step(property, lambda base: s.SlotAttr(base, "fget")),
}
