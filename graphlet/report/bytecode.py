"""The original and the rewritten bytecode of a function, side by side."""

import dis
from collections.abc import Iterator, Mapping
from types import CodeType

from graphlet._evalframe import StubHandle

_WIDTH = 36
_JUMPS = frozenset((*dis.hasjrel, *dis.hasjabs))


def side_by_side(original: CodeType, rewritten: CodeType, stubs: Mapping[int, str]) -> list[str]:
    """Two columns, each original instruction beside its copy; ``stubs``: original offset -> region of the stub there.

    Relies on what splicing does: stubs are inserted in front of instructions, and nothing else changes.
    """
    left, right = _instructions(original), _instructions(rewritten)
    rows = [f"  {'original':<{_WIDTH}} | rewritten (+ stub)"]
    for own, copy, stub in _pairs(left, right, stubs):
        rows.extend(f"  {'':<{_WIDTH}} | + {_text(instr)}" for instr in stub)
        rows.append(f"  {_shortened(_text(own)):<{_WIDTH}} |   {_text(copy)}")
    return rows


def _pairs(
    left: list[dis.Instruction], right: list[dis.Instruction], stubs: Mapping[int, str]
) -> Iterator[tuple[dis.Instruction, dis.Instruction, list[dis.Instruction]]]:
    """Each original instruction with its copy, and what was inserted in front of it."""
    starts = [number for number, instr in enumerate(left) if _start(instr) in stubs]
    if not starts:
        yield from ((own, copy, []) for own, copy in zip(left, right, strict=True))
        return
    ends = [*starts[1:], len(left)]
    handles = [number for number, instr in enumerate(right) if isinstance(instr.argval, StubHandle)]
    first = starts[0]
    lead = handles[0] - first  # instructions of a stub in front of the one that loads its handle
    yield from ((own, copy, []) for own, copy in zip(left[:first], right[:first], strict=True))
    after = [handle - lead for handle in handles[1:]] + [len(right)]
    for start, end, handle, stop in zip(starts, ends, handles, after, strict=True):
        copies = stop - (end - start)
        stub = right[handle - lead : copies]
        for own, copy in zip(left[start:end], right[copies:stop], strict=True):
            yield own, copy, stub
            stub = []


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
