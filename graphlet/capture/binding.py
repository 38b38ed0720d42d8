"""How attributes found on classes become values, by the rules of ``object.__getattribute__``; nothing runs."""

import types
from collections import namedtuple
from typing import Any

from graphlet.capture.breaks import Break
from graphlet.capture.machine import Machine
from graphlet.capture.pytypes import MISSING, lookup
from graphlet.sources import SlotAttr, Source
from graphlet.values.base import Value
from graphlet.values.objects import Method

NAMED_FIELD = type(namedtuple("_Named", "field").__dict__["field"])
_READ_PLAINLY = (object, tuple, list, dict, set, frozenset, int, float, complex, str, bytes, BaseException)


def reads_plainly(getter: Any) -> bool:
    """Whether a ``__getattribute__`` reads as that of ``object`` does: builtin types' do, in their own name."""
    return type(getter) is types.WrapperDescriptorType and getter.__objclass__ in _READ_PLAINLY


def has_dict(kind: type) -> bool:
    """Whether objects of a class have a dictionary of their own."""
    return type(lookup(kind, "__dict__")) is types.GetSetDescriptorType


def bind(m: Machine, source: Source, found: Any, obj: Value | None, owner: Value) -> Value:
    """What reading a class attribute gives: functions are bound to ``obj``, if there is one."""
    kind = type(found)
    if kind is types.FunctionType:
        function = m.reader.unread(source, found)
        return function if obj is None else Method(function, obj)
    if kind is staticmethod:
        m.read(m.reader.unread(source, found))
        return m.reader.unread(SlotAttr(source, "__func__"), found.__func__)
    if kind is classmethod:
        m.read(m.reader.unread(source, found))
        if type(found.__func__) is not types.FunctionType:
            raise Break("GL110", "a class method that is no Python function")
        return Method(m.reader.unread(SlotAttr(source, "__func__"), found.__func__), owner)
    if kind is types.ClassMethodDescriptorType:
        return Method(m.read(m.reader.unread(source, found)), owner)
    if kind is types.MethodDescriptorType or kind is types.WrapperDescriptorType:
        method = m.read(m.reader.unread(source, found))
        return method if obj is None else Method(method, obj)
    if lookup(kind, "__get__") is MISSING:
        return m.reader.unread(source, found)
    raise Break("GL110", f"`{source}` is computed by its class", str(source))
