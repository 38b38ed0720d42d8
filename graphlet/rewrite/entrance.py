"""Which stub may serve a call from beginning to end: then the function is entered without a frame."""

import inspect
from dataclasses import dataclass
from types import CodeType

from graphlet.opcodes.flow import Flow
from graphlet.rewrite.stubs import Exit, Stub

# What stands in front of a function's first instruction and shows nowhere.
_PREFIX = frozenset({"RESUME", "COPY_FREE_VARS", "NOP"})
_GATHERS = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS
_SUSPENDS = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR


@dataclass(frozen=True, slots=True)
class Entrance:
    """Of a call with all its positional arguments.

    live_ins  what the stub passes: numbers of arguments, or -1 - number of the free variable whose cell it is
    returns   numbers of the stub's exits that return the one value they get
    """

    live_ins: tuple[int, ...]
    returns: tuple[int, ...]


# What can tell how many references there are: the caller's stack keeps its own while a call comes this way.
_COUNTING = frozenset({"resize", "getrefcount"})


def entrance_of(stub: Stub, flow: Flow) -> Entrance | None:
    """How the function of ``flow`` is entered by this stub; None if only with a frame."""
    code = flow.code
    if code.co_flags & (_GATHERS | _SUSPENDS) or code.co_kwonlyargcount or code.co_cellvars:
        return None
    if _COUNTING.intersection(code.co_names):
        return None
    returns = tuple(number for number, exit_ in enumerate(stub.exits) if _returns(exit_, flow))
    if not returns or stub.region.n_slots or not _is_first(stub, flow):
        return None
    arguments = code.co_varnames[: code.co_argcount]
    return Entrance((*map(arguments.index, stub.locals_in), *_cells(stub, code)), returns)


def _cells(stub: Stub, code: CodeType) -> list[int]:
    return [-1 - code.co_freevars.index(name) for name in stub.cells_in]


def _is_first(stub: Stub, flow: Flow) -> bool:
    decoded = flow.decoded
    before = decoded.instrs[: decoded.at[stub.offset]]
    return all(instr.raw in _PREFIX for instr in before) and not stub.stack_in


def _returns(exit_: Exit, flow: Flow) -> bool:
    decoded = flow.decoded
    is_return = decoded.instrs[decoded.at[exit_.offset]].op == "RETURN_VALUE"
    return is_return and exit_.keep == 0 and exit_.pushes == (True,) and not exit_.stores
