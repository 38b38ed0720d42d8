"""Jumps, loops and return."""

import math
from collections.abc import Callable
from types import GeneratorType
from typing import Any

from graphlet.capture import containers, specials
from graphlet.capture.breaks import Break, RegionEnd
from graphlet.capture.identity import same_object
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.capture.state import Frame
from graphlet.capture.truth import truth
from graphlet.guards.hold import TypeSet
from graphlet.opcodes.decode import Instr
from graphlet.values.base import Constant, Value
from graphlet.values.objects import Generator, Instance, Iterator, Kept

# Types whose objects are their own iterators, and run no code of the user's to say so.
_COLLECTIONS: Any = ((), [], "", b"", {}, {}.values(), {}.items(), set(), reversed([]), range(0), range(2**70))
_ITERATORS = TypeSet(
    *(zip, enumerate, map, filter, reversed, GeneratorType),
    *(type(iter(given)) for given in _COLLECTIONS),
)


# Loops in loops are followed for so many times as many turns, taken together, as one alone may have.
NESTED = 2


def jump(m: Machine, instr: Instr) -> None:
    go(m, instr)


def go(m: Machine, instr: Instr) -> None:
    """Take a jump; a backward one closes a pass of a loop, of which only so many are followed."""
    frame = m.frame
    if frame.partial and instr.arg <= m.entry < instr.offset:
        raise RegionEnd
    if instr.arg <= instr.offset and not heads_for_loop(frame, instr.arg):
        count_pass(m, instr, m.options.unroll_limit)
    frame.jump(instr.arg)


def count_pass(m: Machine, instr: Instr, limit: int) -> None:
    """One more pass of a loop in this frame; only so many are followed."""
    passes = m.table("passes")
    key = (m.frame, instr.offset)
    count = passes.get(key, 0) + 1
    if count > limit:
        raise Break("GL108", "the loop runs many times", before=instr.arg if m.frame.partial else None)
    m.trail.put(passes, key, count)


def heads_for_loop(frame: Frame, offset: int) -> bool:
    """Whether the loop that begins here is a ``for``, whose passes were counted when its iterator was made."""
    return frame.decoded.instrs[frame.decoded.at[offset]].op == "FOR_ITER"


def pop_jump_if(wanted: bool) -> Callable[[Machine, Instr], None]:
    def handler(m: Machine, instr: Instr) -> None:
        if truth(m, m.frame.pop()) is wanted:
            go(m, instr)

    return handler


def pop_jump_if_none(wanted: bool) -> Callable[[Machine, Instr], None]:
    def handler(m: Machine, instr: Instr) -> None:
        if same_object(m, m.frame.pop(), Constant(None)) is wanted:
            go(m, instr)

    return handler


def jump_or_pop(wanted: bool) -> Callable[[Machine, Instr], None]:
    def handler(m: Machine, instr: Instr) -> None:
        frame = m.frame
        if truth(m, frame.stack[-1]) is wanted:
            go(m, instr)
        else:
            frame.pop()

    return handler


def get_iter(m: Machine, instr: Instr) -> None:
    frame = m.frame
    frame.push(iterate(m, frame.pop()))


def iterate(m: Machine, value: Value) -> Value:
    """``iter(value)`` for a loop that is followed item by item."""
    value = specials.contents(m, m.read(value), "__iter__")
    if isinstance(value, Iterator) and len(value.items) - value.position > m.options.unroll_limit:
        raise Break("GL108", f"the loop runs {len(value.items)} times")
    if isinstance(value, (Iterator, Generator)):
        return value
    if isinstance(value, Instance) and value.type in _ITERATORS:
        raise Break("GL108", "what it goes over was made before this region", name_of(value))
    given = specials.call_special(m, value, "__iter__")
    if given is not None:
        return iterate(m, given)
    known: Any = value.value if isinstance(value, Constant) else None
    if type(known) in (range, str, bytes) and len(known) > m.options.unroll_limit:
        raise Break("GL108", f"the loop runs {len(known)} times", name_of(value))
    items = containers.coming(m, value)
    if len(items) > m.options.unroll_limit:
        raise Break("GL108", f"the loop runs {len(items)} times over {describe(value)}", name_of(value))
    if len(items) * turns_around(m) > NESTED * m.options.unroll_limit:
        raise Break("GL108", f"the loop runs {len(items)} times in each turn of the loops around it", name_of(value))
    return Iterator(items, bases=containers.bases_of(m, value))


def turns_around(m: Machine) -> int:
    """How often the loops run, taken together, that are being followed: their iterators lie on the stacks."""
    iterators = (value for frame in m.frames for value in frame.stack if isinstance(value, Iterator))
    return math.prod(max(len(iterator.items), 1) for iterator in iterators)


def for_iter(m: Machine, instr: Instr) -> None:
    frame = m.frame
    iterator = frame.stack[-1]
    if isinstance(iterator, Kept):
        raise Break("GL108", "the loop began before this region")
    item = containers.next_item(m, m.read(iterator))
    if item is None:
        frame.pop()
        frame.jump(instr.arg)
    else:
        count_pass(m, instr, NESTED * m.options.unroll_limit)
        frame.push(item)


def pop_one(m: Machine, instr: Instr) -> None:
    m.frame.pop()


def return_value(m: Machine, instr: Instr) -> None:
    m.frame.result = m.frame.pop()


HANDLERS: dict[str, Callable[[Machine, Instr], None]] = {
    "JUMP": jump,
    "POP_JUMP_IF_TRUE": pop_jump_if(True),
    "POP_JUMP_IF_FALSE": pop_jump_if(False),
    "POP_JUMP_IF_NONE": pop_jump_if_none(True),
    "POP_JUMP_IF_NOT_NONE": pop_jump_if_none(False),
    "JUMP_IF_TRUE_OR_POP": jump_or_pop(True),
    "JUMP_IF_FALSE_OR_POP": jump_or_pop(False),
    "GET_ITER": get_iter,
    "FOR_ITER": for_iter,
    "END_FOR": pop_one,
    "POP_ITER": pop_one,
    "RETURN_VALUE": return_value,
}
