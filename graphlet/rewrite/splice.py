"""Stubs into a code object. The original instructions, their exception table and their positions stay as they are."""

import opcode
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from types import CodeType

from graphlet.opcodes import items, versions
from graphlet.opcodes.flow import Flow, analyse
from graphlet.opcodes.items import Body, Handler, Item
from graphlet.rewrite.emit import Consts, Writer, stub_items
from graphlet.rewrite.errors import RewriteError
from graphlet.rewrite.legal import why_not_stub
from graphlet.rewrite.stubs import Stub


def splice(code: CodeType, stubs: Sequence[Stub], flow: Flow | None = None) -> CodeType:
    """``code`` with ``stubs``; without any, byte for byte the same. ``flow`` saves the analysis if it is at hand.

    Raises RewriteError for a stub that does not fit, and names it.
    """
    flow = analyse(code) if flow is None and stubs else flow
    body = items.read(code)
    if flow is None:
        return items.assemble(code, body, code.co_consts, code.co_stacksize)
    _check(code, stubs, flow)
    consts = Consts(code.co_consts)
    written = _write(body, stubs, flow, consts)
    _insert(body, written)
    deepest = max((writer.deepest for writer in written.values()), default=0)
    return items.assemble(code, body, tuple(consts.values), max(code.co_stacksize, deepest))


def _check(code: CodeType, stubs: Sequence[Stub], flow: Flow) -> None:
    seen: set[int] = set()
    for stub in stubs:
        reason = "there is another stub" if stub.offset in seen else why_not_stub(stub, flow)
        if reason is not None:
            raise RewriteError(f"no stub in {code.co_qualname} at offset {stub.offset}: {reason}")
        seen.add(stub.offset)


def _write(body: Body, stubs: Sequence[Stub], flow: Flow, consts: Consts) -> dict[int, Writer]:
    """The items of each stub, by offset. A jump to an entry lands on its stub; exits lie behind entries."""
    landing = {item.offset: item for item in body.items}
    written = {}
    for stub in sorted(stubs, key=lambda stub: stub.offset, reverse=True):
        writer = stub_items(stub, flow, consts, landing[stub.offset].position, landing)
        landing[stub.offset] = writer.items[0]
        written[stub.offset] = writer
    return written


def _insert(body: Body, written: dict[int, Writer]) -> None:
    """Put the stubs in front of their instructions; whatever pointed at an instruction points at its stub."""
    new_items: list[Item] = []
    door = {item: written[item.offset].items[0] for item in body.items if item.offset in written}
    arrivals = _arrivals(written)
    for item in body.items:
        if item.target is not None:
            item.target = door.get(item.target, item.target)
        if door.get(item, item) in arrivals and _forgets_line(new_items[-1], item):
            new_items.append(Item(opcode.opmap["NOP"], 0, new_items[-1].position))
        if item.offset in written:
            new_items += written[item.offset].items
        new_items.append(item)
    for handler in body.handlers:
        handler.start = door.get(handler.start, handler.start)
        handler.end = door.get(handler.end, handler.end)
    body.items = new_items
    caught = [writer.caught for _, writer in sorted(written.items()) if writer.caught is not None]
    if caught:
        body.handlers = _cut(body, caught)


def _arrivals(written: dict[int, Writer]) -> frozenset[Item]:
    """Where stubs jump to."""
    return frozenset(item.target for writer in written.values() for item in writer.items if item.target is not None)


def _forgets_line(before: Item, item: Item) -> bool:
    """Whether tracers would see the line of ``before`` twice if a stub jumped to ``item`` behind it."""
    name = opcode.opname[before.op]
    return name in versions.current().forgets_line and before.position[0] == item.position[0]


def _cut(body: Body, inner: list[Handler]) -> list[Handler]:
    """The rows of the exception table, cut where ``inner`` ones, given in code order, lie inside them.

    CPython takes the first row that covers an instruction, and wants rows in order.
    """
    at = {item: number for number, item in enumerate((*body.items, body.end))}
    begins = [at[row.start] for row in inner]
    rows = list(inner)
    for outer in body.handlers:
        start = outer.start
        for row in inner[bisect_left(begins, at[start]) : bisect_left(begins, at[outer.end])]:
            rows.append(replace(outer, start=start, end=row.start))
            start = row.end
        rows.append(replace(outer, start=start))
    return sorted(rows, key=lambda row: at[row.start])
