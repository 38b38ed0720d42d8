"""Objects that were there before and are changed: nothing that is read may be the same thing in another guise.

What is read is loaded when the region begins, so a read of what was stored since would be stale. Two sources may lead
to one object, and a dict may be the namespace of an object or module. The first is guarded; where the second is
possible, because a key and an attribute have one name, the region ends.
"""

from collections import deque
from collections.abc import Callable, Set
from typing import Any

from graphlet.capture.breaks import Break
from graphlet.capture.state import Trail
from graphlet.guards.hold import TypeSet
from graphlet.guards.kinds import Guard, SameObject, TypeIs, ValueIs
from graphlet.sources import DictItem, FunctionGlobal, Global, InstanceAttr, Limit, ModuleAttr, Source
from graphlet.values.base import Sequence, Value
from graphlet.values.objects import Instance, Partial, Unread, is_dict

GROWING = TypeSet(list, deque)
_NAMES = (InstanceAttr, ModuleAttr, Global, FunctionGlobal)


class Changes:
    """What has been changed, beside what the reader has read."""

    def __init__(
        self,
        trail: Trail,
        guard: Callable[[Guard], None],
        unread: dict[Source, Unread],
        values: dict[Source, Value],
        by_id: dict[int, Value],
    ) -> None:
        self._trail = trail
        self._guard = guard
        self._unread = unread
        self._values = values
        self._by_id = by_id
        self._objects: dict[int, Instance] = {}  # by the identity of the object
        self._attributes: dict[str, bool] = {}  # names of attributes -> whether one was added
        self._keys: dict[Any, bool] = {}
        self._lists: list[Value] = []  # those that were changed

    # ---- reading

    def met(self, obj: Instance) -> None:
        """An object is read: whether it is one of those changed is guarded."""
        for changed in self._objects.values():
            self._guard_same(changed, obj)
        if issubclass(obj.type, dict) and any(self._attributes.values()):
            raise Break("GL104", f"the dict `{obj.source}` is read behind a new attribute, which it may hold")

    def named(self, source: Source) -> None:
        """Something is read by its name, or by a key."""
        if isinstance(source, _NAMES):
            known: Any = self._keys
            name = source.name
        elif isinstance(source, DictItem) and type(source.key) is str:
            known, name = self._attributes, source.key
        else:
            return
        if name in known:
            raise Break("GL104", f"`{source}` is read behind a store under that name", str(source))

    def list_read(self, source: Source, example: Any) -> None:
        """A list or deque is read: that it is none of those that were changed is guarded."""
        for changed in self._lists:
            assert changed.source is not None
            if isinstance(changed, Unread) and changed.example is example:
                raise Break("GL104", f"`{source}` is read after it was changed", str(source))
            self._guard(SameObject(changed.source, source, False))

    def lacking(self, source: Source, name: str) -> None:
        """An object's own dictionary has no such entry: no dict may have got one that could be this dictionary."""
        if name in self._keys:
            raise Break("GL104", f"`{source}.{name}` is read behind a store under that name", str(source))

    def keywords_read(self, source: Source) -> None:
        """The keyword arguments of a ``partial`` are read, which are a dict."""
        if self._keys:
            raise Break("GL104", f"`{source}` is read behind a store in a dict", str(source))

    # ---- changing

    def object(self, obj: Instance) -> None:
        """An object is changed: whether others of its class that were read are the same is guarded."""
        if id(obj.example) in self._objects:
            return
        for other in self._values.values():
            if isinstance(other, Instance):
                self._guard_same(obj, other)
        self._trail.put(self._objects, id(obj.example), obj)

    def attribute(self, obj: Instance, name: str, new: bool) -> None:
        """An attribute is set: no dict that was read may be the object's own."""
        self.object(obj)
        dicts = new and any(map(is_dict, self._values.values()))
        if dicts or any(isinstance(source, DictItem) and source.key == name for source in self._unread):
            raise Break("GL104", f"the attribute `{name}` of `{obj.source}` is set, which a dict may hold")
        self._trail.put(self._attributes, name, new or self._attributes.get(name, False))

    def item(self, obj: Instance, key: Any, names_lacking: set[str], same: Set[Source] = frozenset()) -> None:
        """An item of a dict is set: the dict may be no namespace in which this name was looked up, but for ``same``."""
        self.object(obj)
        dicts = {value.source for value in self._values.values() if is_dict(value)}
        for source in self._unread.keys() - same:
            by_name = isinstance(source, _NAMES) and source.name == key
            if by_name or (isinstance(source, DictItem) and source.key == key and source.base not in dicts):
                raise Break("GL104", f"the item {key!r} of `{obj.source}` is set, which `{source}` may be")
        partials = any(isinstance(value, Partial) for value in self._values.values())
        if key in names_lacking or key in self._attributes or partials:
            raise Break("GL104", f"the item {key!r} of `{obj.source}` is set, which may be a namespace")
        self._trail.put(self._keys, key, True)

    def lengthen(self, value: Unread) -> None:
        """A list or deque gets another item. It is not read, so that its length is not guarded."""
        assert value.source is not None
        self._guard(TypeIs(value.source, type(value.example)))
        if type(value.example) is deque:  # one that is full drops an item
            self._guard(ValueIs(Limit(value.source), None))
        self.list(value)

    def list(self, value: Value) -> None:
        """A list or deque is changed: that no other one that was read is the same is guarded."""
        assert value.source is not None
        if value in self._lists:
            return
        for other in self._by_id.values():
            if other is not value and is_list(other):
                assert other.source is not None
                self._guard(SameObject(other.source, value.source, False))
        for changed in self._lists:
            if type(changed) is not type(value):
                assert changed.source is not None
                self._guard(SameObject(changed.source, value.source, False))
        self._trail.append(self._lists, value)

    def _guard_same(self, one: Instance, other: Instance) -> None:
        if one is not other and one.type is other.type:
            assert one.source is not None and other.source is not None
            self._guard(SameObject(one.source, other.source, one.example is other.example))


def is_list(value: Value) -> bool:
    """Whether a value that was there before is a list or deque, also one too long to be looked at whole."""
    if isinstance(value, Sequence):
        return value.kind in ("list", "deque")
    return isinstance(value, Instance) and value.type in GROWING
