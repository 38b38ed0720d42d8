"""``match``: patterns over values whose type and structure are known."""

from abc import ABCMeta
from collections.abc import Callable

from graphlet.capture import containers, dicts
from graphlet.capture.breaks import Break
from graphlet.capture.callees.types_ import classes_of, is_instance
from graphlet.capture.handlers.attributes import get_attribute
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.capture.pytypes import type_of
from graphlet.capture.raising import Raised, left_to_python
from graphlet.guards.hold import is_heap_type
from graphlet.opcodes.decode import Instr
from graphlet.values.base import Constant, Mapping, Sequence, Value
from graphlet.values.objects import Instance, Object

SEQUENCE, MAPPING = 1 << 5, 1 << 6  # flags of a type
# A class pattern with one positional part takes the subject itself.
_SELF = (bool, bytes, dict, float, frozenset, int, list, set, str, tuple)
_FLAGS = type.__dict__["__flags__"].__get__


def has_flag(flag: int) -> Callable[[Machine, Instr], None]:
    def handler(m: Machine, instr: Instr) -> None:
        frame = m.frame
        subject = frame.stack[-1]
        kind = type_of(m, subject)
        if is_heap_type(kind):  # registering a class with an abstract one changes its flag
            raise Break("GL103", f"a pattern over {describe(subject)}", name_of(subject))
        frame.push(Constant(bool(_FLAGS(kind) & flag)))

    return handler


def get_len(m: Machine, instr: Instr) -> None:
    frame = m.frame
    frame.push(containers.length(m, frame.stack[-1]))


def match_keys(m: Machine, instr: Instr) -> None:
    """The values under some keys as a tuple, or None."""
    frame = m.frame
    keys = m.known(frame.stack[-1])
    dicts.require(m, m.read(frame.stack[-2]), "get")
    subject = containers.as_mapping(m, frame.stack[-2])
    if not isinstance(subject, Mapping) or not all(map(containers.is_key, keys)) or len(set(keys)) < len(keys):
        raise Break("GL103", f"a pattern over {describe(subject)}", name_of(subject))
    found = all(key in subject.items for key in keys)
    frame.push(Sequence("tuple", tuple(subject.items[key] for key in keys)) if found else Constant(None))


def match_class(m: Machine, instr: Instr) -> None:
    """The parts of an object as a tuple, or None where it is of another class."""
    frame = m.frame
    subject, cls, names = frame.pops(3)
    kind = classes_of(m, cls)[0].value
    if type(kind) not in (type, ABCMeta):
        raise Break("GL103", f"a pattern of {describe(cls)}", name_of(cls))
    if not is_instance(m, subject, cls):
        frame.push(Constant(None))
        return
    parts = [*positional(m, subject, cls, kind, instr.arg), *(part(m, subject, name) for name in m.known(names))]
    frame.push(Sequence("tuple", tuple(parts)))


def positional(m: Machine, subject: Value, cls: Value, kind: type, count: int) -> list[Value]:
    """What the positional parts of a class pattern are matched with."""
    if not count:
        return []
    if any(kind is known for known in _SELF):
        if count > 1:
            raise Break("GL111", "too many positional parts of a pattern")
        return [subject]
    names = m.known(get_attribute(m, cls, "__match_args__"))
    if type(names) is not tuple or len(names) < count or len(set(names[:count])) < count:
        raise Break("GL111", f"the positional parts of a pattern of {describe(cls)}", name_of(cls))
    return [part(m, subject, name) for name in names[:count]]


def part(m: Machine, subject: Value, name: str) -> Value:
    """An attribute; one that is not there ends the region, though the pattern would only not match."""
    if not isinstance(m.read(subject), (Object, Instance, Sequence)):
        raise Break("GL103", f"a pattern over {describe(subject)}", name_of(subject))
    try:
        return get_attribute(m, subject, name)
    except Raised as raised:  # an AttributeError says that the pattern does not match
        raise left_to_python(raised) from None


HANDLERS: dict[str, Callable[[Machine, Instr], None]] = {
    "GET_LEN": get_len,
    "MATCH_SEQUENCE": has_flag(SEQUENCE),
    "MATCH_MAPPING": has_flag(MAPPING),
    "MATCH_KEYS": match_keys,
    "MATCH_CLASS": match_class,
}
