"""The instructions of one stub, as items to insert."""

import opcode
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from graphlet.opcodes import versions
from graphlet.opcodes.flow import Flow
from graphlet.opcodes.items import Handler, Item
from graphlet.opcodes.tables import Position
from graphlet.rewrite.legal import spare_local
from graphlet.rewrite.stubs import Exit, Stub


class Consts:
    """``co_consts``, growing."""

    def __init__(self, values: tuple[Any, ...]) -> None:
        self.values = list(values)
        self._index = {id(value): index for index, value in enumerate(values)}

    def index(self, value: Any) -> int:
        """Where this very object stands; put at the end if it is new."""
        if id(value) not in self._index:
            self._index[id(value)] = len(self.values)
            self.values.append(value)
        return self._index[id(value)]


@dataclass(slots=True, eq=False)
class Writer:
    """Collects items, all at one position, and the deepest stack they need.

    pending   jumps to whatever is put next
    caught    the row of the exception table for reads of locals, where they may raise
    """

    flow: Flow
    consts: Consts
    position: Position
    depth: int
    deepest: int = 0
    items: list[Item] = field(default_factory=list)
    pending: list[Item] = field(default_factory=list)
    caught: Handler | None = None

    def put(self, name: str, arg: int = 0, grows: int = 0) -> Item:
        """Append one instruction, which makes the stack ``grows`` slots deeper."""
        item = Item(opcode.opmap[name], arg, self.position)
        for jump in self.pending:
            jump.target = item
        self.pending.clear()
        self.items.append(item)
        self.depth += grows
        self.deepest = max(self.deepest, self.depth)
        return item

    def const(self, value: Any) -> None:
        self.put("LOAD_CONST", self.consts.index(value), 1)

    def slot(self, name: str, variable: str, grows: int) -> Item:
        return self.put(name, self.flow.slot_of[variable], grows)


def stub_items(stub: Stub, flow: Flow, consts: Consts, position: Position, landing: dict[int, Item]) -> Writer:
    """All of a stub; ``landing`` says where a jump to an original offset goes.

    * Stack items are copied, not moved, so that a declined stub leaves everything as it was.
    * Reading a local that is bound by all rights raises on 3.11 if a debugger jumped over the assignment. The stub then
      counts as declined: the handler of its reads is its own last instruction, which drops what is on top.
    * Between the call and the jump to the exit nothing can raise or look for signals: the hit path lies inside the
      exception region of the entry, and half-way through it the state is neither the entry's nor the exit's.
    """
    depth = len(flow.stack(stub.offset))
    out = Writer(flow, consts, position, depth, depth)
    reads = _call(out, stub)
    if stub.exits:
        declined = _jump_if_declined(out, stub)
        _hits(out, stub, landing)
        out.depth = depth + 1
        out.pending.append(declined)
    dropped = out.put("POP_TOP", 0, -1)
    if reads and versions.current().checks_locals:
        behind = out.items[out.items.index(reads[-1]) + 1]
        out.caught = Handler(reads[0], behind, dropped, depth, lasti=False)
    return out


def _call(out: Writer, stub: Stub) -> list[Item]:
    """Puts the call; returns the reads of locals."""
    version = versions.current()
    depth = out.depth
    if version.null_below:
        out.put("PUSH_NULL", 0, 1)
    out.const(stub.region)
    if not version.null_below:
        out.put("PUSH_NULL", 0, 1)
    reads = [out.slot("LOAD_FAST", name, 1) for name in stub.locals_in]
    for name in stub.cells_in:
        out.slot(version.load_cell, name, 1)
    for index in stub.stack_in:
        out.put("COPY", out.depth - index, 1)
    n_live_ins = out.depth - depth - 2
    for name in version.call:
        out.put(name, n_live_ins)
    out.depth = depth + 1
    return reads


def _jump_if_declined(out: Writer, stub: Stub) -> Item:
    out.put("COPY", 1, 1)
    if not stub.bare:
        return _jump(out, versions.current().jump_if_none)
    out.const(stub.region)
    out.put("IS_OP", 0, -1)
    return _jump(out, versions.current().jump_if_true)


def _jump(out: Writer, name: str) -> Item:
    """A conditional jump; its target is still to be told."""
    made = out.put(name, 0, -1)
    behind = versions.current().not_taken
    if behind is not None:
        out.put(behind)
    return made


def _hits(out: Writer, stub: Stub, landing: dict[int, Item]) -> None:
    """The result is on top of the stack; with several exits it is a pair with the number of the exit."""
    *others, last = stub.exits
    if others:
        out.put("UNPACK_SEQUENCE", 2, 1)
        out.put("SWAP", 2)
    depth = out.depth
    for number, exit_ in enumerate(others):
        out.put("COPY", 1, 1)
        out.const(number)
        out.put("IS_OP", 0, -1)
        other = _jump(out, versions.current().jump_if_false)
        out.put("POP_TOP", 0, -1)
        _hit(out, stub, exit_, landing)
        out.pending.append(other)
        out.depth = depth
    if others:
        out.put("POP_TOP", 0, -1)
    _hit(out, stub, last, landing)


def _hit(out: Writer, stub: Stub, exit_: Exit, landing: dict[int, Item]) -> None:
    """From a result on top of the entry's stack to the exit's state, and there."""
    for kind, _ in reversed(out.flow.stack_slots(stub.offset)[exit_.keep :]):
        out.put("SWAP", 2)
        if kind in "nm":
            _drop_null(out, stub)
        else:
            out.put("POP_TOP", 0, -1)
    n_values = len(exit_.stores) + sum(exit_.pushes)
    if n_values and not stub.bare:
        out.put("UNPACK_SEQUENCE", n_values, n_values - 1)
    elif not n_values:
        out.put("POP_TOP", 0, -1)
    cells = out.flow.decoded.cells
    for name in exit_.stores:
        out.slot("STORE_DEREF" if name in cells else "STORE_FAST", name, -1)
    _arrange(out, exit_.pushes)
    for name in exit_.deletes:
        _unbind(out, stub, name)
    # This jump does not look for signals.
    out.put("JUMP_FORWARD").target = landing[exit_.offset]


def _drop_null(out: Writer, stub: Stub) -> None:
    """POP_TOP takes no NULL, but storing one in a local leaves it unbound; the local gets back what it held.

    A local that is bound by all rights may have no value where nothing reads it any more: no region stored it.
    """
    flow = out.flow
    name = spare_local(flow, stub.offset)
    assert name is not None
    sure = versions.current().checks_locals or name in flow.certain(stub.offset)
    out.slot("LOAD_FAST" if sure else "LOAD_FAST_AND_CLEAR", name, 1)
    out.put("SWAP", 2)
    out.slot("STORE_FAST", name, -1)
    out.slot("STORE_FAST", name, -1)


def _arrange(out: Writer, pushes: tuple[bool, ...]) -> None:
    """The values lie on the stack with the first on top; put them in order, with NULLs between."""
    numbers = iter(range(len(pushes)))
    wanted = [next(numbers) if is_value else -1 for is_value in pushes]
    n_values = sum(pushes)
    now = list(range(n_values))[::-1]
    for _ in range(len(pushes) - n_values):
        out.put("PUSH_NULL", 0, 1)
        now.append(-1)
    for distance in _swaps(now, wanted):
        out.put("SWAP", distance)


def _swaps(now: list[int], wanted: list[int]) -> Iterator[int]:
    """SWAP arguments that turn ``now`` into ``wanted`` (bottom first, -1 a NULL like any other)."""
    top = len(now) - 1
    while now != wanted:
        wrong = (index for index in range(top) if now[index] != wanted[index])
        if now[top] == wanted[top]:
            index = next(index for index in wrong if now[index] != now[top])
        else:
            index = next(index for index in wrong if wanted[index] == now[top])
        now[index], now[top] = now[top], now[index]
        yield top - index + 1


def _unbind(out: Writer, stub: Stub, name: str) -> None:
    """DELETE raises for what is unbound already: bind it first where that may be, or nothing reads it any more."""
    kind = "DEREF" if name in out.flow.decoded.cells else "FAST"
    if kind == "DEREF" or name not in out.flow.certain(stub.offset):
        out.const(None)
        out.slot(f"STORE_{kind}", name, -1)
    out.slot(f"DELETE_{kind}", name, 0)
