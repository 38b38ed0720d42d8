"""Running functions with hand-made stubs beside the untouched ones. Regions are Python functions here."""

from collections.abc import Callable
from dataclasses import dataclass
from types import CodeType, FunctionType, TracebackType
from typing import Any

from graphlet.opcodes.flow import Flow, analyse
from graphlet.rewrite.splice import splice
from graphlet.rewrite.stubs import Exit, Stub

log: list[Any] = []


class Manager:
    """Logs what happens to it; swallows KeyError."""

    def __enter__(self) -> "Manager":
        log.append("enter")
        return self

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> bool:
        log.append(("exit", kind))
        return kind is KeyError


def note(*values: Any) -> None:
    log.append(values)


class Counted:
    """A region that counts its hits and can be told to decline."""

    hits = 0
    declines = False

    def __init__(self, region: Callable[..., Any]) -> None:
        self.region = region

    def __call__(self, *live_ins: Any) -> Any:
        if Counted.declines:
            return None
        result = self.region(*live_ins)
        Counted.hits += result is not None
        return result


@dataclass(frozen=True)
class Shape:
    """``stubs(flow)`` makes the stubs of ``function``; ``calls`` are arguments to try; ``run`` consumes the result."""

    function: Callable[..., Any]
    stubs: Callable[[Flow], list[Stub]]
    calls: tuple[tuple[Any, ...], ...]
    run: Callable[[Any], Any] = lambda result: result

    @property
    def name(self) -> str:
        return self.function.__name__


def line(flow: Flow, number: int, nth: int = 0) -> int:
    """The nth time, by address, that control comes to a line, counted from the ``def``."""
    wanted = flow.code.co_firstlineno + number
    firsts = [instr for instr in flow.decoded.instrs if not instr.part and flow.reachable(instr.offset)]
    before = [None, *(instr.line for instr in firsts)]
    starts = [i.offset for i, last in zip(firsts, before, strict=False) if i.line == wanted and last != wanted]
    return starts[nth]


def op(flow: Flow, name: str, arg: Any = ..., nth: int = 0) -> int:
    """Offset of the nth canonical instruction of this name and argument."""
    instrs = [instr for instr in flow.decoded.instrs if instr.op == name and flow.reachable(instr.offset)]
    return [instr.offset for instr in instrs if arg is ... or instr.arg == arg][nth]


def behind(flow: Flow, name: str, arg: Any = ..., nth: int = 0) -> int:
    return flow.decoded.next_offset(op(flow, name, arg, nth))


def exit_call(flow: Flow) -> int:
    """Where a with block calls its ``__exit__``: with three times None."""
    instrs = flow.decoded.instrs
    is_none = [instr.op == "LOAD_CONST" and instr.arg is None for instr in instrs]
    return next(instr.offset for n, instr in enumerate(instrs) if is_none[n : n + 3] == [True] * 3)


def back_edge(flow: Flow, nth: int = 0) -> int:
    jumps = [instr for instr in flow.decoded.instrs if instr.op == "JUMP" and instr.arg <= instr.offset]
    return [instr.offset for instr in jumps if instr.raw == "JUMP_BACKWARD"][nth]


def pair(flow: Flow) -> tuple[bool, bool]:
    """What lies below the arguments of a call of a plain function."""
    return (False, True) if flow.decoded.null_below else (True, False)


def leaving(flow: Flow) -> tuple[bool, ...]:
    """What lies on the stack for the end of a with block: its exit, from 3.14 on as a function and its object."""
    return (True, True) if any(instr.op == "LOAD_SPECIAL" for instr in flow.decoded.instrs) else (True,)


def one(
    entry: int,
    exit_: int,
    region: Callable[..., Any],
    ins: str = "",
    stores: str = "",
    *,
    keep: int = 0,
    pushes: tuple[bool, ...] = (),
    stack_in: tuple[int, ...] = (),
    cells: str = "",
    deletes: str = "",
) -> list[Stub]:
    """A list of one stub with one exit; names are separated by blanks."""
    out = Exit(exit_, keep, pushes, tuple(stores.split()), tuple(deletes.split()))
    return [Stub(entry, Counted(region), tuple(ins.split()), tuple(cells.split()), stack_in, (out,))]


def with_stubs(function: Callable[..., Any], stubs: Callable[[Flow], list[Stub]]) -> FunctionType:
    """A new function with the stubs, sharing globals and cells with the old one."""
    assert isinstance(function, FunctionType)
    flow = analyse(function.__code__)
    code = splice(function.__code__, stubs(flow), flow)
    new = FunctionType(code, function.__globals__, function.__name__, function.__defaults__, function.__closure__)
    new.__kwdefaults__ = function.__kwdefaults__
    return new


def outcome(function: Callable[..., Any], arguments: tuple[Any, ...], run: Callable[[Any], Any]) -> Any:
    """What a call returns or raises, with the lines of the function's own frames, and what was logged."""
    log.clear()
    assert isinstance(function, FunctionType)
    value: Any
    try:
        value = run(function(*arguments))
    except Exception as error:
        context = type(error.__context__).__name__
        value = type(error).__name__, str(error), context, lines_of(error.__traceback__, function.__code__)
    return value, list(log)


def lines_of(traceback: TracebackType | None, code: CodeType) -> list[int]:
    """Lines of the traceback's frames that run ``code``."""
    found = []
    while traceback is not None:
        if traceback.tb_frame.f_code is code:
            found.append(traceback.tb_lineno)
        traceback = traceback.tb_next
    return found
