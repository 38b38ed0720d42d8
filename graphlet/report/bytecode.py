"""The original and the rewritten bytecode of a function, side by side."""

import dis
from collections.abc import Iterator, Mapping
from itertools import pairwise
from types import CodeType

from graphlet._evalframe import StubHandle

_WIDTH = 36
_JUMPS = frozenset((*dis.hasjrel, *dis.hasjabs))


def side_by_side(original: CodeType, rewritten: CodeType, stubs: Mapping[int, str]) -> list[str]:
    """Two columns, each original instruction beside its copy; ``stubs``: original offset -> region of the stub there.

    Relies on what splicing does: stubs are inserted in front of instructions, a NOP may be behind a call.
    """
    rows = [f"  {'original':<{_WIDTH}} | rewritten (+ stub)"]
    for own, new in _pairs(_instructions(original), _instructions(rewritten), stubs):
        left = _shortened(_text(own)) if own is not None else ""
        rows.append(f"  {left:<{_WIDTH}} | {'+' if own is None else ' '} {_text(new)}")
    return rows


def _pairs(
    left: list[dis.Instruction], right: list[dis.Instruction], stubs: Mapping[int, str]
) -> Iterator[tuple[dis.Instruction | None, dis.Instruction]]:
    """Each original instruction with its copy, and None with each inserted one, in the order of the rewritten code."""
    starts = {number for number, instr in enumerate(left) if _start(instr) in stubs}
    behind_calls = {number for number, instr in enumerate(left[:-1], 1) if instr.opname.startswith("CALL")}
    done = 0
    for start, end in pairwise((0, *sorted(starts | behind_calls), len(left))):
        segment = left[start:end]
        copies = _find(segment, right, _behind_call(right, done) if start in starts else done)
        yield from ((None, instr) for instr in right[done:copies])
        done = copies + len(segment)
        yield from zip(segment, right[copies:done], strict=False)
    yield from ((None, instr) for instr in right[done:])


def _behind_call(right: list[dis.Instruction], done: int) -> int:
    """Behind the call a stub begins with."""
    at = done
    while at < len(right) and not callable(right[at].argval):
        at += 1
    while at < len(right) and right[at].opname != "CALL":
        at += 1
    return at


def _find(segment: list[dis.Instruction], right: list[dis.Instruction], first: int) -> int:
    """Where the copies of consecutive instructions begin, from ``first`` on; the end if they are not there."""
    names = [instr.opname for instr in segment]
    for at in range(first, len(right) - len(segment) + 1):
        if [instr.opname for instr in right[at : at + len(segment)]] == names:
            return at
    return len(right)


def _start(instr: dis.Instruction) -> int:
    """The byte offset in front of the prefixes that make a large argument: where a stub stands."""
    n_prefixes = 0 if instr.arg is None else max(0, (instr.arg.bit_length() - 1) // 8)
    return instr.offset - 2 * n_prefixes


def _instructions(code: CodeType) -> list[dis.Instruction]:
    """Without the prefixes of large arguments, of which the copies may have more."""
    return [instr for instr in dis.get_instructions(code) if instr.opname != "EXTENDED_ARG"]


def _text(instr: dis.Instruction) -> str:
    lineno = instr.positions.lineno if instr.starts_line and instr.positions is not None else None
    line = "" if lineno is None else lineno
    return f"{line:>4} {instr.offset:4} {instr.opname} {_argument(instr)}".rstrip()


def _shortened(text: str) -> str:
    return text if len(text) <= _WIDTH else text[: _WIDTH - 3] + "..."


def _argument(instr: dis.Instruction) -> str:
    if isinstance(instr.argval, StubHandle):
        return f"<{instr.argval.region.name}>"
    if isinstance(instr.argval, CodeType):
        return f"<code of {instr.argval.co_name}>"
    if instr.opcode in _JUMPS:
        return f"to {instr.argval}"
    return instr.argrepr or ("" if instr.arg is None else str(instr.arg))
