"""Building, filling, unpacking and indexing containers."""

from collections.abc import Callable

from graphlet.capture import arrays, containers, sets, subscripts
from graphlet.capture.breaks import Break
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.capture.raising import raises
from graphlet.guards.names import type_name
from graphlet.opcodes.decode import Instr
from graphlet.values.base import Array, Constant, Mapping, Sequence, Slice, Value
from graphlet.values.objects import Instance, Set
from graphlet.values.steps import step


def build(kind: str) -> Callable[[Machine, Instr], None]:
    def handler(m: Machine, instr: Instr) -> None:
        m.frame.push(Sequence(kind, m.frame.pops(instr.arg)))

    return handler


def build_set(m: Machine, instr: Instr) -> None:
    made = sets.made(step(set))
    for item in m.frame.pops(instr.arg):
        sets.add(m, made, item)
    m.frame.push(made)


def build_map(m: Machine, instr: Instr) -> None:
    flat = m.frame.pops(2 * instr.arg)
    pairs = zip(flat[::2], flat[1::2], strict=True)
    m.frame.push(Mapping({containers.key_of(m, key): value for key, value in pairs}))


def build_const_key_map(m: Machine, instr: Instr) -> None:
    keys = m.known(m.frame.pop())
    m.frame.push(Mapping(dict(zip(keys, m.frame.pops(instr.arg), strict=True))))


def build_string(m: Machine, instr: Instr) -> None:
    parts = [containers.plain(m, part) for part in m.frame.pops(instr.arg)]
    m.frame.push(Constant("".join(parts)))


def build_slice(m: Machine, instr: Instr) -> None:
    start, stop, step = (*m.frame.pops(instr.arg), Constant(None))[:3]
    m.frame.push(Slice(start, stop, step))


def list_extend(m: Machine, instr: Instr) -> None:
    frame = m.frame
    items = containers.items_of(m, frame.pop())
    target = new_sequence(m, frame.stack[-instr.arg])
    m.trail.set(target, "items", target.items + items)


def list_append(m: Machine, instr: Instr) -> None:
    frame = m.frame
    item = frame.pop()
    target = new_sequence(m, frame.stack[-instr.arg])
    m.trail.set(target, "items", (*target.items, item))


def set_add(m: Machine, instr: Instr) -> None:
    frame = m.frame
    item = frame.pop()
    sets.add(m, new_set(m, frame.stack[-instr.arg]), item)


def set_update(m: Machine, instr: Instr) -> None:
    frame = m.frame
    other = m.read(frame.pop())
    sets.change(m, new_set(m, frame.stack[-instr.arg]), set.update, sets.operand(m, other))


def map_add(m: Machine, instr: Instr) -> None:
    frame = m.frame
    key, value = frame.pops(2)
    subscripts.setitem(m, frame.stack[-instr.arg], key, value)


def dict_update(m: Machine, instr: Instr) -> None:
    frame = m.frame
    other = containers.as_mapping(m, frame.pop())
    target = m.read(frame.stack[-instr.arg])
    if not isinstance(other, Mapping) or not isinstance(target, Mapping):
        raise Break("GL110", f"** of {describe(other)}", name_of(other))
    containers.require_new(target)
    m.trail.set(target, "items", {**target.items, **other.items})


def dict_merge(m: Machine, instr: Instr) -> None:
    """``f(**a, **b)``: a key that comes twice raises."""
    frame = m.frame
    other = containers.as_mapping(m, frame.stack[-1])
    target = m.read(frame.stack[-instr.arg - 1])
    if isinstance(other, Mapping) and isinstance(target, Mapping) and other.items.keys() & target.items.keys():
        raise Break("GL111", "a keyword argument is given twice")
    dict_update(m, instr)


def new_set(m: Machine, value: Value) -> Set:
    """A set made in the region."""
    value = m.read(value)
    if not isinstance(value, Set):
        raise Break("GL110", f"{describe(value)} is filled", name_of(value))
    return value


def new_sequence(m: Machine, value: Value) -> Sequence:
    """A list made in the region."""
    value = m.read(value)
    if not isinstance(value, Sequence):
        raise Break("GL110", f"{describe(value)} is filled", name_of(value))
    containers.require_new(value)
    return value


def unpack_sequence(m: Machine, instr: Instr) -> None:
    frame = m.frame
    value = m.read(frame.pop())
    items = unpackable(m, value, instr.arg)
    if len(items) != instr.arg:
        raise raises(ValueError, "GL111", f"{describe(value)} has {len(items)} items, not {instr.arg}", name_of(value))
    frame.stack.extend(reversed(items))


def unpackable(m: Machine, value: Value, count: int) -> tuple[Value, ...]:
    """The items of a value to be unpacked."""
    if isinstance(value, Array) and value.type.ndim:
        return arrays.unpacked(m, value, count)
    if isinstance(value, Instance) and value.type is not dict:
        raise Break("GL110", f"unpacking {describe(value)}, a {type_name(value.type)}", name_of(value))
    return containers.items_of(m, value)


def unpack_ex(m: Machine, instr: Instr) -> None:
    frame = m.frame
    before, after = instr.arg
    value = m.read(frame.pop())
    items = containers.items_of(m, value)
    if len(items) < before + after:
        raise raises(ValueError, "GL111", f"{describe(value)} has too few items", name_of(value))
    stop = len(items) - after
    parts = [*items[:before], Sequence("list", items[before:stop]), *items[stop:]]
    frame.stack.extend(reversed(parts))


def binary_subscr(m: Machine, instr: Instr) -> None:
    frame = m.frame
    obj, key = frame.pops(2)
    frame.push(subscripts.getitem(m, obj, key))


def binary_slice(m: Machine, instr: Instr) -> None:
    frame = m.frame
    obj, start, stop = frame.pops(3)
    frame.push(subscripts.getitem(m, obj, Slice(start, stop, Constant(None))))


def store_subscr(m: Machine, instr: Instr) -> None:
    value, obj, key = m.frame.pops(3)
    subscripts.setitem(m, obj, key, value)


def store_slice(m: Machine, instr: Instr) -> None:
    value, obj, start, stop = m.frame.pops(4)
    subscripts.setitem(m, obj, Slice(start, stop, Constant(None)), value)


def delete_subscr(m: Machine, instr: Instr) -> None:
    obj, key = m.frame.pops(2)
    subscripts.delete(m, obj, key)


HANDLERS: dict[str, Callable[[Machine, Instr], None]] = {
    "BUILD_TUPLE": build("tuple"),
    "BUILD_LIST": build("list"),
    "BUILD_SET": build_set,
    "BUILD_MAP": build_map,
    "BUILD_CONST_KEY_MAP": build_const_key_map,
    "BUILD_STRING": build_string,
    "BUILD_SLICE": build_slice,
    "LIST_EXTEND": list_extend,
    "LIST_APPEND": list_append,
    "SET_ADD": set_add,
    "SET_UPDATE": set_update,
    "MAP_ADD": map_add,
    "DICT_UPDATE": dict_update,
    "DICT_MERGE": dict_merge,
    "UNPACK_SEQUENCE": unpack_sequence,
    "UNPACK_EX": unpack_ex,
    "BINARY_SUBSCR": binary_subscr,
    "BINARY_SLICE": binary_slice,
    "STORE_SUBSCR": store_subscr,
    "STORE_SLICE": store_slice,
    "DELETE_SUBSCR": delete_subscr,
}
