"""Syntactic entry points: where stubs go before anything is known about a function."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from types import CodeType

from graphlet.opcodes import versions
from graphlet.opcodes.canon import CANON, pops, pushes
from graphlet.opcodes.decode import Instr
from graphlet.opcodes.flow import Flow, analyse

# Best first: where a place has several kinds, or there are too many places, the first ones stay.
KINDS = ("start", "loop_body", "after_call", "loop_exit", "branch")

MOST = 32  # more stubs than this in one function cost more than they bring

# Calls by these names, or of attributes of them, are likely to end a region.
BREAKING_NAMES = frozenset(
    {
        "print",
        "input",
        "open",
        "exec",
        "eval",
        "breakpoint",
        "display",
        "time",
        "sleep",
        "logging",
        "log",
        "logger",
        "LOG",
        "LOGGER",
        "_log",
        "_logger",
        "warnings",
        "sys",
        "os",
        "plt",
        "random",
        "pickle",
        "json",
        "csv",
        "subprocess",
        "tqdm",
        "gc",
        "threading",
        "socket",
        "requests",
        "traceback",
        "pdb",
    }
)
BREAKING_METHODS = frozenset(
    {
        "write",
        "writelines",
        "flush",
        "close",
        "read",
        "readline",
        "readlines",
        "info",
        "debug",
        "warning",
        "error",
        "exception",
        "critical",
        "log",
        "sleep",
        "put",
        "get",
        "send",
        "recv",
        "save",
        "savetxt",
        "dump",
        "show",
        "plot",
        "update_one",
        "execute",
        "commit",
        "record",
        "report",
        "notify",
        "callback",
    }
)

_CALLS = frozenset({"CALL", "CALL_KW", "CALL_FUNCTION_EX"})
_BREAKING = {
    **dict.fromkeys(("LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF", "LOAD_FAST"), BREAKING_NAMES),
    **dict.fromkeys(("LOAD_METHOD", "LOAD_ATTR"), BREAKING_METHODS),
}
_TRIFLES = frozenset({"NOP", "POP_TOP", "LOAD_FAST", "LOAD_CONST", "POP_ITER"})
_TESTS = frozenset({"POP_JUMP_IF_TRUE", "POP_JUMP_IF_FALSE", "POP_JUMP_IF_NONE", "POP_JUMP_IF_NOT_NONE"})
_WORK = _CALLS | {"BINARY_OP", "BINARY_SUBSCR", "LOAD_METHOD"}
_PAUSES = frozenset({"YIELD_VALUE", "END_SEND", "SEND_POP", "BEFORE_WITH", "BEFORE_ASYNC_WITH", "IMPORT_NAME"})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A legal entry; ``kind`` is one of KINDS."""

    offset: int
    kind: str


def candidates(code: CodeType, flow: Flow | None = None, most: int = MOST) -> tuple[Candidate, ...]:
    """At most ``most`` entries of ``code``, by offset."""
    flow = analyse(code) if flow is None else flow
    chosen: dict[int, str] = {}
    for kind in KINDS:
        for offset in sorted(set(_FINDERS[kind](flow))):
            if len(chosen) < most and _worth_it(flow, offset):
                chosen.setdefault(offset, kind)
    return tuple(Candidate(offset, chosen[offset]) for offset in sorted(chosen))


def _worth_it(flow: Flow, offset: int) -> bool:
    if flow.illegal_entry(offset) is not None or flow.poor_entry(offset) is not None:
        return False
    return not _is_over_at_once(flow, offset)


def _is_over_at_once(flow: Flow, offset: int) -> bool:
    """From here to the next jump or return nothing happens, or it only makes an exception to raise."""
    instrs = flow.decoded.instrs
    first = last = flow.decoded.at[offset]
    while not CANON[instrs[last].op].ends and not CANON[instrs[last].op].jumps:
        last += 1
    if instrs[last].op in {"RERAISE", "RAISE_VARARGS"}:
        return instrs[last].offset not in flow.raises_to  # what is caught here is followed
    return CANON[instrs[last].op].ends and all(instr.op in _TRIFLES for instr in instrs[first:last])


def _start(flow: Flow) -> Iterator[int]:
    for instr in flow.decoded.instrs:
        if instr.raw == "RESUME":
            yield flow.decoded.next_offset(instr.offset)
            return


def _loop_bodies(flow: Flow) -> Iterator[int]:
    for instr in flow.decoded.instrs:
        if not flow.reachable(instr.offset):
            continue
        if instr.op == "FOR_ITER":
            yield _behind_loop_targets(flow, instr)
        elif CANON[instr.op].jumps and instr.arg <= instr.offset and _is_while_body(flow, instr):
            yield from _behind_test(flow, instr)


def _behind_loop_targets(flow: Flow, for_iter: Instr) -> int:
    """Behind the instruction that stores the last of what the loop assigns to."""
    decoded = flow.decoded
    index = decoded.at[for_iter.offset] + 1
    excess = 1
    stores_last = False
    while not stores_last:
        instr = decoded.instrs[index]
        row = CANON[instr.op]
        if row.ends or row.jumps:
            break
        excess -= pops(row, instr.arg)
        stores_last = excess <= 0 and not pushes(row, instr.arg)
        excess += len(pushes(row, instr.arg)) + (instr.op == "COPY")
        index += not stores_last
    return decoded.next_offset(decoded.instrs[index].offset)


def _is_while_body(flow: Flow, jump: Instr) -> bool:
    target = flow.decoded.instrs[flow.decoded.at[jump.arg]]
    return jump.raw != "JUMP_BACKWARD_NO_INTERRUPT" and target.op not in {"FOR_ITER", "GET_ANEXT"}


def _behind_test(flow: Flow, jump: Instr) -> Iterator[int]:
    """Where the body of a ``while`` begins, and its test, if the jump goes there and arrays may be at work in it."""
    decoded = flow.decoded
    body = jump.arg
    if not versions.current().tests_on_top:
        yield body
        return
    for instr in takewhile(lambda one: one.offset < jump.offset, decoded.instrs[decoded.at[body] :]):
        if instr.line != decoded.instrs[decoded.at[jump.arg]].line:
            break
        if instr.op in _TESTS and instr.arg > jump.offset:
            body = decoded.behind_jump(instr.offset)
    test = decoded.instrs[decoded.at[jump.arg] : decoded.at[body]]
    if body == jump.arg or not _WORK.isdisjoint(instr.op for instr in test):
        yield jump.arg
    yield body


def _loop_exits(flow: Flow) -> Iterator[int]:
    return (instr.arg for instr in flow.decoded.instrs if instr.op == "FOR_ITER")


def _behind_calls(flow: Flow) -> Iterator[int]:
    """Behind statements that are likely to end a region: calls with effects, yields, entering a with block."""
    instrs = flow.decoded.instrs
    for index, instr in enumerate(instrs):
        if not flow.reachable(instr.offset):
            continue
        if instr.op in _PAUSES:
            yield from _behind_pause(flow, index)
        elif instr.op == "LOAD_SPECIAL" and instrs[index + 1].op == "CALL":
            yield from _behind_pause(flow, index + 1)
        elif instr.op in _BREAKING and instr.arg in _BREAKING[instr.op]:
            yield from _behind_call(flow, index)


def _behind_pause(flow: Flow, index: int) -> Iterator[int]:
    """Behind the statement that suspends, imports, or enters a block with what the instruction leaves on top."""
    instr = flow.decoded.instrs[index]
    if instr.op == "SEND_POP":
        yield from _statement_end(flow, flow.decoded.at[instr.arg], _depth(flow, instr) - 2)
        return
    row = CANON[instr.op]
    level = _depth(flow, instr) - pops(row, instr.arg) + len(pushes(row, instr.arg)) - 1
    yield from _statement_end(flow, index, level)


def _depth(flow: Flow, instr: Instr) -> int:
    return len(flow.stack(instr.offset))


def _behind_call(flow: Flow, index: int) -> Iterator[int]:
    """Behind the statement whose callable is loaded at ``index``; nothing if it is not called before the line's end."""
    instrs = flow.decoded.instrs
    level = _depth(flow, instrs[index]) - (instrs[index].op in {"LOAD_METHOD", "LOAD_ATTR"})
    for at in range(index + 1, len(instrs)):
        instr = instrs[at]
        if not flow.reachable(instr.offset) or (not instr.part and _depth(flow, instr) <= level):
            return
        n_below = _depth(flow, instr) - pops(CANON[instr.op], instr.arg) if instr.op in _CALLS else level + 1
        if n_below <= level:
            yield from _statement_end(flow, at, level)
            return


def _statement_end(flow: Flow, index: int, level: int) -> Iterator[int]:
    """The first place behind ``index``, in a straight line, where the stack is no deeper than ``level``."""
    instrs = flow.decoded.instrs
    for at in range(index, len(instrs) - 1):
        if CANON[instrs[at].op].ends:
            return
        behind = instrs[at + 1]
        if behind.part or not flow.reachable(behind.offset) or behind.raw == "RESUME":
            continue
        if _depth(flow, behind) <= level:
            yield behind.offset
            return


def _branches(flow: Flow) -> Iterator[int]:
    for instr in flow.decoded.instrs:
        if not CANON[instr.op].jumps or instr.op in {"JUMP", "FOR_ITER", "SEND", "SEND_POP"}:
            continue
        if flow.reachable(instr.offset) and not flow.states[instr.offset].nest:
            yield instr.arg
            yield flow.decoded.behind_jump(instr.offset)


_FINDERS = {
    "start": _start,
    "loop_body": _loop_bodies,
    "after_call": _behind_calls,
    "loop_exit": _loop_exits,
    "branch": _branches,
}
