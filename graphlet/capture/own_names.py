"""``vars(obj)`` and ``obj.__dict__`` of an object made in the region: its attributes, seen and set as items.

That of an object that was there before is a dict that was there before.
"""

from types import GetSetDescriptorType
from typing import Any

from graphlet.capture import objects
from graphlet.capture.binding import is_data, reads_as_object
from graphlet.capture.breaks import Break
from graphlet.capture.machine import Machine, describe
from graphlet.capture.pytypes import lookup
from graphlet.guards.kinds import TypeIs
from graphlet.sources import TypeAttr
from graphlet.values.base import Value
from graphlet.values.objects import Names, Object


def names_of(m: Machine, obj: Object) -> Names:
    """The dictionary of an object; the class must keep to the usual one."""
    usual = type(lookup(obj.type, "__dict__")) is GetSetDescriptorType
    if not usual or not reads_as_object(m, obj.at, obj.type):
        raise Break("GL110", f"the dictionary of {describe(obj)}")
    m.guard(TypeIs(TypeAttr(obj.at, "__dict__"), GetSetDescriptorType))
    return Names(obj)


def put(m: Machine, names: Names, key: Any, value: Value) -> None:
    """``vars(obj)[key] = value``: an attribute, where the class has nothing to say about setting it."""
    if type(key) is not str or is_data(lookup(names.obj.type, key)):
        raise Break("GL110", f"{key!r} is set in the dictionary of {describe(names.obj)}")
    objects.store_plainly(m, names.obj, key, value)
