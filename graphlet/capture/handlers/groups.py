"""``except*``: each clause takes its part of a group of exceptions; what is left at the end is raised again."""

from collections.abc import Callable

from graphlet.capture import grouping
from graphlet.capture.breaks import Break
from graphlet.capture.machine import Machine
from graphlet.capture.pytypes import is_none, mro
from graphlet.capture.raising import matches
from graphlet.opcodes.decode import Instr
from graphlet.values.base import Constant, Sequence, Value
from graphlet.values.objects import Error, Group

_BEFORE = ("GL111", "an exception is handled here that was raised before this region")
PARTS = "parts of exceptions that `except*` took"  # Error -> True


def check_match(m: Machine, instr: Instr) -> None:
    """What is left, and what a clause takes of it, which is being handled from now on."""
    frame = m.frame
    left, classes = frame.pops(2)
    left = m.read(left)
    if is_none(left):
        frame.stack += [left, Constant(None)]
        return
    if not isinstance(left, Error):
        raise Break(*_BEFORE)
    rest, match = taken(m, left, classes)
    frame.push(Constant(None) if rest is None else rest)
    frame.push(Constant(None) if match is None else match)
    for part in (rest, match):
        if part is not None:
            m.trail.put(m.table(PARTS), part, True)
    if match is not None:
        m.trail.set(frame, "handled", match)
        m.trail.set(m, "handling", match)


def taken(m: Machine, error: Error, classes: Value) -> tuple[Error | None, Error | None]:
    """The rest of an exception, and the group that a clause takes."""
    wanted = grouping.by_class(m, classes)
    read = m.read(classes)
    kinds = read.items if isinstance(read, Sequence) else (read,)
    if any(base is BaseExceptionGroup for kind in kinds for base in mro(m.known(kind))):
        raise Break("GL111", "`except*` with a class of groups")
    if not isinstance(error, Group):
        return (None, grouping.wrapped(m, error)) if matches(m, error, read) else (error, None)
    match, rest = grouping.split(m, error, wanted)
    return rest, match


def intrinsic_2(m: Machine, instr: Instr) -> None:
    """What is raised behind the last clause: what the clauses raised, and what is left of the group."""
    first, second = m.frame.pops(2)
    if instr.arg != "INTRINSIC_PREP_RERAISE_STAR":
        raise Break("GL103", "an internal operation of the interpreter")
    if not isinstance(first, Error) or not isinstance(second, Sequence):
        raise Break(*_BEFORE)
    raised = [error for error in map(m.read, second.items) if isinstance(error, Error)]
    result = to_raise(m, first, raised, raised[-1] if raised and raised[-1] is second.items[-1] else None)
    m.frame.push(Constant(None) if result is None else result)


def to_raise(m: Machine, error: Error, raised: list[Error], rest: Error | None) -> Error | None:
    """Of exceptions that clauses raised, and of the rest, which then comes last."""
    news = raised if rest is None else raised[:-1]
    if any(one in m.table(PARTS) for one in news):
        raise Break("GL111", "a part of a group is raised again")
    if not isinstance(error, Group):
        return raised[0] if raised else None
    if isinstance(rest, Group):
        news = [*news, grouping.anew(m, rest)]
    if not all(issubclass(one.type, Exception) for one in news):
        raise Break("GL111", "what is no Exception is raised in `except*`")
    if len(news) > 1:
        return grouping.group_of(Constant(""), tuple(news))
    return news[0] if news else None


HANDLERS: dict[str, Callable[[Machine, Instr], None]] = {
    "CHECK_EG_MATCH": check_match,
    "CALL_INTRINSIC_2": intrinsic_2,
}
