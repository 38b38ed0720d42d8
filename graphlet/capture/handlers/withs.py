"""``with``: blocks whose context managers can be followed, as far as nothing is raised in them."""

from collections.abc import Callable

from numpy import errstate

from graphlet.capture.breaks import Break
from graphlet.capture.calls import call
from graphlet.capture.handlers.attributes import push_pair
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.capture.specials import special
from graphlet.opcodes.decode import Instr
from graphlet.values.base import Constant, Value
from graphlet.values.objects import Errstate, Method


def before_with(m: Machine, instr: Instr) -> None:
    """Leaves the bound ``__exit__``, and what ``__enter__`` returns."""
    frame = m.frame
    manager = m.read(frame.pop())
    enter, leave = methods(m, manager)
    frame.push(leave)
    frame.push(call(m, enter, (), {}))


def methods(
    m: Machine, manager: Value, entering: str = "__enter__", leaving: str = "__exit__"
) -> tuple[Value, Value]:
    """``__enter__`` and ``__exit__``, bound."""
    if isinstance(manager, Errstate) and entering == "__enter__":
        kind = errstate
        return Method(Constant(kind.__enter__), manager), Method(Constant(kind.__exit__), manager)
    enter, leave = special(m, manager, entering), special(m, manager, leaving)
    if enter is not None and leave is not None:
        return Method(enter, manager), Method(leave, manager)
    raise Break("GL103", f"a with block is entered: {describe(manager)} is not followed", name_of(manager))


def load_special(m: Machine, instr: Instr) -> None:
    """From 3.14 on the methods are looked up one by one, as function and object: ``__exit__`` comes first."""
    names = ("__aenter__", "__aexit__") if instr.arg in ("__aenter__", "__aexit__") else ("__enter__", "__exit__")
    enter, leave = methods(m, m.read(m.frame.pop()), *names)
    push_pair(m, leave if instr.arg == names[1] else enter)


HANDLERS: dict[str, Callable[[Machine, Instr], None]] = {"BEFORE_WITH": before_with, "LOAD_SPECIAL": load_special}
